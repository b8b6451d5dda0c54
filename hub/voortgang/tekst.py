"""Plain Dutch about progress: for the consultant in the CRM, and the names that texts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hub.config import load_config
from hub.partners import load_partners

_BRUSSELS = ZoneInfo("Europe/Brussels")
_MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
    "oktober", "november", "december",
)  # fmt: skip
_STATUSSEN = {
    "ontvangen": "{partner} heeft de aanmelding voor {soort} ontvangen.",
    "ingepland": "{partner} heeft voor {soort} een {afspraak} gepland op {moment}.",
    "plaatsbezoek": "{partner} heeft voor {soort} het plaatsbezoek gedaan.",
    "advies_opgemaakt": "{partner} heeft voor {soort} het advies opgemaakt.",
    "afgerond": "{partner} heeft de aanmelding voor {soort} afgerond.",
    "geweigerd": "{partner} gaat niet in op de aanmelding voor {soort}. Bekijk met de bewoner wat "
    "dan kan.",
}
_ADVIEZEN = {
    "dubo": "Het is een duurzaam bouwadvies (DuBo).",
    "erfgoed": "Er is advies over erfgoed nodig.",
    "ruimtelijke_ordening": "Er is advies over ruimtelijke ordening nodig.",
    "architect_nodig": "Voor de werken is een architect nodig.",
}


def describe(row: Mapping[str, Any]) -> str:
    """Return what happened, for the consultant: partner, kind of aanmelding, status, advice."""
    sentences = [
        _STATUSSEN[row["status"]].format(
            partner=name_partner(row["partner"]),
            soort=name_soort(row["soort"]),
            afspraak="gesprek" if row["soort"] == "energielening" else "plaatsbezoek",
            moment=write_moment(row["tijdstip"]),
        )
    ]
    if row["advies_soort"] in _ADVIEZEN:
        sentences.append(_ADVIEZEN[row["advies_soort"]])
    if row["ingetrokken"]:
        sentences.append("De aanmelding is ingetrokken: dit is enkel om te weten.")
    return " ".join(sentences)


def name_partner(code: str) -> str:
    """Return how people call a partner; its code when the table does not know it any more."""
    partner = load_partners().get(code)
    return code if partner is None else partner.naam


def name_soort(soort: str | None) -> str:
    """Return how people call a kind of aanmelding."""
    return str(load_config("voortgang")["namen"].get(soort, (soort or "hulp").replace("_", " ")))


def name_soorten(soorten: Sequence[str]) -> str:
    """Return the names of kinds as one enumeration: ``a, b en c``."""
    names = sorted({name_soort(soort) for soort in soorten})
    if not names:
        return ""
    *first, last = names
    return f"{', '.join(first)} en {last}" if first else last


def write_moment(moment: datetime) -> str:
    """Write a moment as people say it in Brussels: ``25 november 2026 om 10.15 uur``."""
    local = moment.astimezone(_BRUSSELS)
    return f"{write_day(moment)} om {local.hour}.{local.minute:02d} uur"


def write_day(moment: datetime) -> str:
    """Write a day as people say it in Brussels: ``25 november 2026``."""
    return write_date(moment.astimezone(_BRUSSELS).date())


def write_date(day: date) -> str:
    """Write a day as people say it: ``25 november 2026``."""
    return f"{day.day} {_MAANDEN[day.month - 1]} {day.year}"
