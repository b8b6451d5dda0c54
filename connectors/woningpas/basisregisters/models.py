"""Addresses, buildings, units and parcels as the register tells them; the rest is ignored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from connectors.transport.geometrie import Ligging

Waarde = TypeVar("Waarde")


@dataclass(frozen=True, slots=True)
class AdresMatch:
    """One candidate for a written address; `score` runs from 0 to 100.

    Without `adres_id` only a street or a municipality was recognised.
    """

    adres_id: str | None
    score: Decimal
    straatnaam: str | None
    huisnummer: str | None
    busnummer: str | None
    postcode: str | None
    gemeente: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class AdresMatches:
    """All candidates, best first, and the codes of what the register remarked."""

    matches: tuple[AdresMatch, ...]
    waarschuwingen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adres:
    """One address; `versie_id` is the moment of its version, in UTC."""

    adres_id: str
    versie_id: datetime
    straatnaam: str
    huisnummer: str
    busnummer: str | None
    postcode: str
    gemeente: str
    nis_code: str
    status: str
    volledig_adres: str
    positie: Ligging | None


@dataclass(frozen=True, slots=True)
class Gebouw:
    """One building with its outline, its units and the parcels it stands on (by cadastral key)."""

    gebouw_id: str
    versie_id: datetime
    status: str
    geometrie: Ligging
    gebouweenheid_ids: tuple[str, ...]
    capakeys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gebouweenheid:
    """One building unit, its building and its addresses."""

    gebouweenheid_id: str
    versie_id: datetime
    gebouw_id: str
    status: str
    functie: str
    adres_ids: tuple[str, ...]
    positie: Ligging | None


@dataclass(frozen=True, slots=True)
class Perceel:
    """One parcel by its cadastral key, as written (``24126B0031/00V005``), and its addresses."""

    capakey: str
    versie_id: datetime
    status: str
    adres_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PerceelVlak:
    """Where a parcel lies, as the GRB draws it."""

    capakey: str
    nis_code: str
    geometrie: Ligging


@dataclass(frozen=True, slots=True)
class Detail(Generic[Waarde]):
    """The answer about one object: its value, unchanged since `etag`, or removed for good."""

    waarde: Waarde | None
    etag: str | None
    ongewijzigd: bool = False
    verwijderd: bool = False
