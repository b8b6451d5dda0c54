"""The dwelling that a consultant chose on the task in the CRM: read, and held against the register.

What was chosen is an address or a building unit by its number in the register; whatever cannot be
this dossier's dwelling is refused with a reason that a consultant understands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from connectors.woningpas.basisregisters.models import Adres, Gebouweenheid
from hub.config import load_config
from hub.woning.adres import GezochtAdres
from hub.woning.choose import ENDED_ADRES, GEMEENSCHAPPELIJK

Soort = Literal["adres", "gebouweenheid"]
PAD = "gekozen door de consulent"
_NUMBER = re.compile(
    r"(?:\W*\b(?P<soort>adres|gebouweenheid)\b\W*)?(?P<nummer>[0-9]{1,12})\W*", re.IGNORECASE
)
_URI = re.compile(
    r"https?://data\.vlaanderen\.be/id/(?P<soort>adres|gebouweenheid)/(?P<nummer>[0-9]{1,12})/?"
)


@dataclass(frozen=True, slots=True)
class Gekozen:
    """One choice: on which task it was made, and the object; without object it is unreadable."""

    stap_id: UUID
    soort: Soort | None
    object_id: str | None

    @property
    def keuze(self) -> str:
        """The choice in the form in which the hub remembers it; never what a person typed."""
        return f"{self.soort} {self.object_id}" if self.soort else "onleesbaar"


def read_keuze(stap_id: UUID, typed: str, kandidaten: Sequence[Mapping[str, str]]) -> Gekozen:
    """Read what a consultant filled in: ``adres 123``, ``gebouweenheid 456``, a URI or a number.

    A number alone is the candidate with that number, else a building unit.
    """
    match = _URI.fullmatch(typed.strip()) or _NUMBER.fullmatch(typed.strip())
    if match is None:
        return Gekozen(stap_id, None, None)
    number = match["nummer"]
    named = (match["soort"] or "").lower()
    addresses = {candidate.get("adres_id") for candidate in kandidaten}
    units = {candidate.get("gebouweenheid_id") for candidate in kandidaten}
    is_adres = named == "adres" or (not named and number in addresses - units)
    return Gekozen(stap_id, "adres" if is_adres else "gebouweenheid", number)


def refuse_adres(adres: Adres | None, gezocht: GezochtAdres) -> str | None:
    """Say why a chosen address cannot be the dwelling's; None when it can. None is removed."""
    if adres is None:
        return "dit adres is uit het register verwijderd"
    if adres.status in ENDED_ADRES:
        return f"dit adres is niet in gebruik ({adres.status})"
    if adres.nis_code != load_config("bronnen")["nis_code"]:
        return f"dit adres ligt in {adres.gemeente} en niet in {load_config('bronnen')['gemeente']}"
    if gezocht.postcodes and adres.postcode not in gezocht.postcodes:
        return f"dit adres ligt in {adres.postcode}; pas eerst het adres van het dossier aan"
    return None


def refuse_eenheid(eenheid: Gebouweenheid | None) -> str | None:
    """Say why a chosen unit cannot be the dwelling; None when it can. None is removed."""
    if eenheid is None:
        return "deze gebouweenheid is uit het register verwijderd"
    if eenheid.functie == GEMEENSCHAPPELIJK:
        return "dit is een gemeenschappelijk deel van een gebouw en geen woning"
    if eenheid.status not in ("gerealiseerd", "gepland"):
        return f"deze gebouweenheid bestaat niet meer of kwam er nooit ({eenheid.status})"
    if not eenheid.adres_ids:
        return "deze gebouweenheid heeft geen adres in het register"
    return None
