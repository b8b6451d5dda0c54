"""Every status that a resident can read, as ``hub/config/dossierstatus.yml`` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hub.config import load_config

# How a step stands in the CRM.
OPEN, GEDAAN = "open", "gedaan"
_DAG = "{dag}"


@dataclass(frozen=True, slots=True)
class Lezing:
    """How one status reads. ``naam`` is the one under which the ledger knows it (``kenmerk``).

    ``actie`` is what is asked of the resident. ``soort`` and ``stand`` are those of a step of the
    CRM; other statuses have none. Texts have places for ``{soort}``, ``{partner}`` and ``{dag}``.
    """

    naam: str
    code: str
    fase: str
    detail: str
    melden: bool
    product: int
    actie: str | None = None
    per_soort: Mapping[str, str] = field(default_factory=dict)
    soort: str | None = None
    stand: str | None = None

    @property
    def noemt_dag(self) -> bool:
        """Whether the resident reads a day: another day is other news."""
        return _DAG in self.detail or _DAG in (self.actie or "")


@cache
def load_lezingen() -> dict[str, Lezing]:
    """Return every status by its name, in the order in which they count.

    Raises:
        ValueError: two statuses have one name.
    """
    config = load_config("dossierstatus")
    found = [_read(naam, told, config["product"]) for naam, told in config["statussen"].items()]
    for soort, standen in config["stappen"].items():
        for stand in (OPEN, GEDAAN):
            if stand in standen:
                naam = f"{soort}_open" if stand == OPEN else soort
                found.append(_read(naam, standen[stand], config["product"], soort, stand))
    lezingen = {lezing.naam: lezing for lezing in found}
    if len(lezingen) < len(found):
        raise ValueError(
            "hub/config/dossierstatus.yml has two statuses of one name. No status was decided. "
            "Give one of them another name."
        )
    return lezingen


def list_known_soorten() -> list[str]:
    """Return the kinds of steps and tasks in the CRM that the configuration knows."""
    config = load_config("dossierstatus")
    return [*config["stappen"], *config["taken"]]


def _read(
    naam: str,
    told: Mapping[str, Any],
    product: int,
    soort: str | None = None,
    stand: str | None = None,
) -> Lezing:
    return Lezing(
        naam=naam,
        code=told["code"],
        fase=told["fase"],
        detail=told["detail"],
        melden=told["melden"] == "ja",
        product=told.get("product", product),
        actie=told.get("actie"),
        per_soort=told.get("per_soort", {}),
        soort=soort,
        stand=stand,
    )
