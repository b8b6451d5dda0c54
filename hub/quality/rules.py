"""The rules of a model, read from the ``.yml`` beside its SQL, or of a content."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.statements import SQL_ROOT

CONTENTS = Path(__file__).resolve().parent / "inhoud"
# What each kind needs beside name, severity and reasons.
_NEEDS: dict[str, tuple[str, ...]] = {
    "not_null": ("kolom",),
    "is_true": ("kolom",),
    "in_set": ("kolom", "waarden"),
    "match": ("kolom", "patroon"),
    "between": ("kolom", "minimum|maximum"),
    "length": ("kolom", "minimum|maximum"),
    "type": ("kolom", "als"),
    "date_between": ("kolom", "vanaf|tot"),
    "not_in_future": ("kolom",),
    "unique": ("kolom",),
    "reference": ("kolom", "naar"),
    "row_condition": ("voorwaarde",),
    "completeness": ("kolom", "maximum"),
    "volume": ("laatste", "minimum|maximum"),
    "freshness": ("kolom", "hoogstens_uur"),
    "equality": ("links", "rechts"),
}
OVER_TABLE = frozenset({"completeness", "volume", "freshness", "equality"})
OVER_ROWS = frozenset(_NEEDS) - OVER_TABLE
# Their verdict on a row can change because another row did.
OVER_OTHER_ROWS = frozenset({"unique", "reference"})
# What a content (a message, a certificate) can be held against: it has no other rows, and no SQL.
ON_CONTENT = OVER_ROWS - OVER_OTHER_ROWS - {"row_condition"}
# What PostgreSQL and Python read alike: anchors at the ends only, classes spelled out.
_SHARED_PATTERN = re.compile(r"\^?[^\\$^]*(?:\[\^[^\\$^]*)*\$?")


class Check(BaseModel):
    """One rule; a null passes every rule over rows but ``not_null`` and ``is_true``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    naam: str = Field(pattern=r"^[a-z_]+$")
    kolom: str = ""
    soort: Literal[
        "not_null", "is_true", "in_set", "match", "between", "length", "type", "date_between",
        "not_in_future", "unique", "reference", "row_condition",
        "completeness", "volume", "freshness", "equality",
    ]  # fmt: skip
    ernst: Literal["fail", "warn"]
    reden: str
    waarom: str
    waarden: tuple[str, ...] = ()
    patroon: str = ""
    minimum: float | None = None
    maximum: float | None = None
    als: Literal["geheel_getal", "getal", "datum", "moment", ""] = ""
    vanaf: date | None = None
    tot: date | None = None
    speling_uur: int = 0
    naar: str = Field(default="", pattern=r"^([a-z_]+\.[a-z_]+\.[a-z_]+)?$")
    voorwaarde: str = ""
    laatste: int | None = Field(default=None, ge=1)
    hoogstens_uur: float | None = Field(default=None, gt=0)
    links: str = ""
    rechts: str = ""

    @property
    def over_rows(self) -> bool:
        """Tell whether the rule judges each row; else it judges the table."""
        return self.soort in OVER_ROWS

    @model_validator(mode="after")
    def _has_its_arguments(self) -> Check:
        for need in _NEEDS[self.soort]:
            if not any(getattr(self, name) not in ("", (), None) for name in need.split("|")):
                raise ValueError(f"check {self.naam}: {self.soort} lacks its argument {need}")
        if not _SHARED_PATTERN.fullmatch(self.patroon):
            raise ValueError(
                f"check {self.naam}: write the pattern with classes like [0-9], without backslash "
                "and with anchors at its ends only: PostgreSQL and Python must read it alike"
            )
        return self


class Kolom(BaseModel):
    """What a column holds and whether it is personal data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    persoonsgegeven: bool
    beschrijving: str


class Model(BaseModel):
    """A model of the hub: one row per what, who owns it, how long it lives, and its rules.

    ``tabel`` is the table or view that holds it all, ``versie`` the column with the version of the
    source, ``herkomst`` the source in words; ``steunt_op`` names the models it is made of.
    ``publicatie`` says what of a mart may be published (``hub.publicatie.declaratie``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    tabel: str = Field(default="", pattern=r"^([a-z]+\.[a-z_]+)?$")
    beschrijving: str
    eigenaar: str
    sleutel: str
    sleuteltype: Literal["uuid", "text"] = "uuid"
    versie: str = ""
    herkomst: str = ""
    steunt_op: tuple[str, ...] = ()
    bewaring: str
    kolommen: dict[str, Kolom]
    checks: tuple[Check, ...]
    publicatie: dict[str, Any] = {}

    @property
    def row_checks(self) -> tuple[Check, ...]:
        """The rules that judge each row."""
        return tuple(check for check in self.checks if check.over_rows)

    @property
    def table_checks(self) -> tuple[Check, ...]:
        """The rules that judge the table as a whole."""
        return tuple(check for check in self.checks if not check.over_rows)

    @model_validator(mode="after")
    def _checks_name_known_columns(self) -> Model:
        unknown = {check.kolom for check in self.checks if check.kolom} - set(self.kolommen)
        if unknown:
            raise ValueError(f"model {self.model}: checks on unknown columns {sorted(unknown)}")
        names = [check.naam for check in self.checks]
        if len(names) != len(set(names)):
            raise ValueError(f"model {self.model}: two checks have one name")
        return self


@cache
def load_model(path: str) -> Model:
    """Read ``sql/<path>.yml``.

    Raises:
        pydantic.ValidationError: the file breaks the shape above.
    """
    document = yaml.safe_load((SQL_ROOT / f"{path}.yml").read_text(encoding="utf-8"))
    return Model.model_validate(document)


@cache
def load_contents() -> dict[str, Model]:
    """Return the models of contents by name: the ``soort`` of a message, or a source.

    Raises:
        pydantic.ValidationError: a file breaks the shape above.
        ValueError: a rule needs other rows or SQL, which a content does not have, or would only be
            counted, for which there is nothing to count.
    """
    models = {}
    for path in sorted(CONTENTS.glob("*.yml")):
        model = Model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for check in model.checks:
            if check.soort not in ON_CONTENT:
                raise ValueError(
                    f"{path.name}: {check.naam} is of kind {check.soort}, which cannot be held "
                    f"against a content; choose from {', '.join(sorted(ON_CONTENT))}"
                )
            if check.ernst != "fail":
                raise ValueError(
                    f"{path.name}: {check.naam} is of severity {check.ernst}, and contents are not "
                    "counted; make it fail, or leave it out"
                )
        models[path.stem] = model
    return models


def model_paths() -> list[str]:
    """Return the path, below sql/ and without suffix, of every model that has rules."""
    return sorted(
        path.relative_to(SQL_ROOT).with_suffix("").as_posix() for path in SQL_ROOT.rglob("*.yml")
    )


def is_staging(path: str) -> bool:
    """Tell whether the bad rows of a model are split off: it stages what came from outside."""
    return path.startswith("staging/")


def check_sql_path(path: str) -> Path:
    """Return where the generated statements of a model live."""
    return SQL_ROOT / f"{path}_check.sql"
