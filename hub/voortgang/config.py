"""The city's choices about progress: ``hub/config/voortgang.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hub.config import load_config


@dataclass(frozen=True, slots=True)
class Documentregel:
    """How often a wrong document is asked for in all, and how long the hub waits in between."""

    pogingen: int
    wachttijd: timedelta


def read_overlap() -> timedelta:
    """Return how far before the newest event the hub asks again."""
    return timedelta(minutes=float(load_config("voortgang")["overlap_minuten"]))


def read_documentregel() -> Documentregel:
    """Return what happens with a document that is not what its reference says."""
    config = load_config("voortgang")
    return Documentregel(
        int(config["document_pogingen"]), timedelta(hours=float(config["document_opnieuw_uren"]))
    )


def read_stil_na_dagen(partner: str, soort: str) -> int:
    """Return after how many days without news an aanmelding of this kind there is an incident."""
    terms = load_config("voortgang")["stil_na_dagen"]
    return int(terms["per_partner"].get(partner, terms["per_soort"].get(soort, terms["standaard"])))
