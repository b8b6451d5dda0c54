"""The rules of a model, read from the ``.yml`` beside its SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from hub.statements import SQL_ROOT


class Check(BaseModel):
    """One rule on one column; a null passes every rule but ``not_null`` and ``is_true``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    naam: str
    kolom: str
    soort: Literal["not_null", "is_true", "in_set", "match", "between"]
    ernst: Literal["fail", "warn"]
    reden: str
    waarom: str
    waarden: tuple[str, ...] = ()
    patroon: str = ""
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _has_its_arguments(self) -> Check:
        needed = {
            "in_set": bool(self.waarden),
            "match": bool(self.patroon),
            "between": self.minimum is not None or self.maximum is not None,
        }
        if not needed.get(self.soort, True):
            raise ValueError(f"check {self.naam}: {self.soort} lacks its argument")
        return self


class Kolom(BaseModel):
    """What a column holds and whether it is personal data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    persoonsgegeven: bool
    beschrijving: str


class Model(BaseModel):
    """A model of the hub: one row per what, who owns it, how long it lives, and its rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    beschrijving: str
    eigenaar: str
    sleutel: str
    bewaring: str
    kolommen: dict[str, Kolom]
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _checks_name_known_columns(self) -> Model:
        unknown = {check.kolom for check in self.checks} - set(self.kolommen)
        if unknown:
            raise ValueError(f"model {self.model}: checks on unknown columns {sorted(unknown)}")
        return self


def load_model(path: str) -> Model:
    """Read ``sql/<path>.yml``.

    Raises:
        pydantic.ValidationError: the file breaks the shape above.
    """
    document = yaml.safe_load((SQL_ROOT / f"{path}.yml").read_text(encoding="utf-8"))
    return Model.model_validate(document)


def model_paths() -> list[str]:
    """Return the path, below sql/ and without suffix, of every model that has rules."""
    return sorted(
        path.relative_to(SQL_ROOT).with_suffix("").as_posix() for path in SQL_ROOT.rglob("*.yml")
    )


def split_paths() -> list[str]:
    """Return the models whose bad rows are split off: those that stage what came from outside."""
    return [path for path in model_paths() if path.startswith("staging/")]


def split_sql_path(path: str) -> Path:
    """Return where the generated statement that splits a model lives."""
    return SQL_ROOT / f"{path}_check.sql"
