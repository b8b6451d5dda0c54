"""What is sent to Notificaties, and what a receiver tells that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NotificatieBundel:
    """One message to one or more residents.

    ``bestemmelingen`` are their INSZ. ``waarden`` are the key/value pairs that the category asks;
    ``datum`` has an offset; after midnight (Belgian time) of ``vervaldatum`` the receiver no longer
    handles it. ``transactie_id`` groups the messages of one dossier.
    """

    bundel_id: UUID
    aanbieder_uri: str
    bestemmelingen: tuple[str, ...] = field(repr=False)
    categorie: str
    datum: datetime
    kanalen: tuple[str, ...]
    product_id: int
    merk_code: str
    waarden: Mapping[str, str] = field(repr=False)
    transactie_id: str | None = None
    vervaldatum: date | None = None


@dataclass(frozen=True, slots=True)
class Ontvangen:
    """One bundle that the receiver holds, and how many times it took it in."""

    bundel_id: UUID
    aantal: int


@dataclass(frozen=True, slots=True)
class OntvangenBladzijde:
    """A page of what the receiver holds; ``volgende`` asks for the next one."""

    items: tuple[Ontvangen, ...]
    volgende: str | None
