"""Every status that a resident can read, as ``hub/config/dossierstatus.yml`` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hub.config import load_config

# The tables of the CRM whose rows have a status.
STAP, AANVRAAG = "stap", "aanvraag"
# How a step stands in the CRM.
OPEN, GEDAAN = "open", "gedaan"
_DAG = "{dag}"


@dataclass(frozen=True, slots=True)
class Lezing:
    """How one status reads. ``naam`` is the one under which the ledger knows it (``kenmerk``).

    ``actie`` is what is asked of the resident. ``tabel``, ``soort`` and ``stand`` are those of a
    step or an application in the CRM; other statuses have none. Texts have places for ``{soort}``,
    ``{partner}`` and ``{dag}``; those of an application for ``{regeling}``, whose product counts.
    """

    naam: str
    code: str
    fase: str
    detail: str
    melden: bool
    product: int
    actie: str | None = None
    per_soort: Mapping[str, str] = field(default_factory=dict)
    tabel: str | None = None
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
                found.append(_read(naam, standen[stand], config["product"], STAP, soort, stand))
    for soort, told in config["aanvragen"].items():
        product = next(iter(told["regelingen"].values()))
        for stand, shown in told["statussen"].items():
            found.append(_read(f"{soort}_{stand}", shown, product, AANVRAAG, soort, stand))
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


def list_regelingen(soort: str) -> dict[str, int]:
    """Return the schemes of a kind of application, each with its product; none for another kind."""
    told = load_config("dossierstatus")["aanvragen"].get(soort)
    return dict(told["regelingen"]) if told else {}


def list_aanvraag_parameters() -> dict[str, list[str]]:
    """Return what the hub knows of applications, in columns: as statements take it."""
    known = [lezing for lezing in load_lezingen().values() if lezing.tabel == AANVRAAG]
    schemes = [
        (soort, naam)
        for soort in load_config("dossierstatus")["aanvragen"]
        for naam in list_regelingen(soort)
    ]
    return {
        "namen": [lezing.naam for lezing in known],
        "soorten": [str(lezing.soort) for lezing in known],
        "standen": [str(lezing.stand) for lezing in known],
        "regeling_soorten": [soort for soort, _ in schemes],
        "regelingen": [naam for _, naam in schemes],
    }


def _read(
    naam: str,
    told: Mapping[str, Any],
    product: int,
    tabel: str | None = None,
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
        tabel=tabel,
        soort=soort,
        stand=stand,
    )
