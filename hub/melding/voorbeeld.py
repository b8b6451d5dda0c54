"""How messages would read: every status, about nobody, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.config import load_config
from hub.dossierstatus import load_lezingen
from hub.melding.compose import make_inhoud
from hub.melding.regels import load_regels
from hub.melding.sjabloon import FOLDER, SjabloonError
from hub.melding.status import make_sample

DOSSIERNUMMER = "RD-0000-000000"


@dataclass(frozen=True, slots=True)
class Voorbeeld:
    """A message of a status as it would leave now, or why there is none.

    ``sjabloon`` is its file. ``fout`` says what must be mended: then it is not sent.
    """

    status: str
    melden: bool
    sjabloon: str
    titel: str = ""
    tekst: str = ""
    fout: str | None = None
    inhoud: dict[str, Any] | None = None


def list_statussen() -> list[str]:
    """Return the names of the statuses, in their order."""
    return list(load_lezingen())


def make_voorbeeld(naam: str, nu: datetime) -> Voorbeeld:
    """Return how the message of a status reads; ``nu`` with an offset.

    Raises:
        KeyError: there is no such status.
    """
    lezing, melding = load_lezingen()[naam], load_config("melding")
    file = f"{naam}.j2" if (FOLDER / f"{naam}.j2").exists() else "standaard.j2"
    try:
        inhoud = make_inhoud(make_sample(lezing), DOSSIERNUMMER, nu)
    except SjabloonError as error:
        return Voorbeeld(naam, lezing.melden, file, fout=str(error))
    titel = inhoud["waarden"][melding["titel_sleutel"]]
    tekst = inhoud["waarden"][melding["tekst_sleutel"]]
    regels = load_regels()
    faults = [
        f"{what} telt {len(words)} tekens, hoogstens {limit} mogen"
        for what, words, limit in (
            ("de titel", titel, regels.titel_lengte),
            ("de tekst", tekst, regels.tekst_lengte),
        )
        if len(words) > limit
    ]
    return Voorbeeld(naam, lezing.melden, file, titel, tekst, "; ".join(faults) or None, inhoud)
