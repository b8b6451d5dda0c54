"""Feeds that a test writes, and dwellings that the hub knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from connectors.woningpas.basisregisters.wijzigingen import (
    Attribuut,
    GeweigerdeWijziging,
    Transformatie,
    Wijziging,
    WijzigingenPagina,
)
from hub.woning.wijzigingen import WijzigingenLanded, pull_wijzigingen
from tests.postgres_cluster import HubDatabase

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ID = "https://data.vlaanderen.be/id"
WORDS = {
    "adressen": "address", "gebouwen": "building", "gebouweenheden": "buildingunit",
    "percelen": "parcel",
}  # fmt: skip
Item = Wijziging | GeweigerdeWijziging


def wijziging(
    number: int,
    object_id: str | None,
    *,
    feed: str = "gebouweenheden",
    soort: str = "update",
    oorzaak: str | None = None,
    days: float = 0,
    naar: tuple[tuple[str, str], ...] = (),
    **attributen: tuple[Any, Any],
) -> Wijziging:
    """Write an event; each property is (old, new), status and functie by their last word."""
    return Wijziging(
        gebeurtenis_id=str(number),
        tijd=NOW + timedelta(days=days),
        type=f"basisregisters.{WORDS[feed]}.{soort}.v1",
        soort=soort,
        subject=None if object_id is None else f"{ID}/x/{object_id}",
        object_id=object_id,
        versie_id=NOW,
        nis_codes=("24062",),
        attributen=tuple(Attribuut(naam, *_uris(naam, v)) for naam, v in attributen.items()),
        transformaties=tuple(Transformatie(van, to) for van, to in naar),
        oorzaak=oorzaak,
    )


def einde(number: int, unit: str, **options: Any) -> Wijziging:
    """Write that a unit ended."""
    return wijziging(number, unit, status=("gerealiseerd", "gehistoreerd"), **options)


def begin(number: int, unit: str, gebouw: str, *adres_ids: str, **options: Any) -> Wijziging:
    """Write that a unit began."""
    return wijziging(
        number, unit, soort="create", status=(None, "gerealiseerd"), isDeelVan=(None, gebouw),
        toegekendAdres=(None, list(adres_ids)), **options,
    )  # fmt: skip


def _uris(naam: str, values: tuple[Any, Any]) -> tuple[Any, Any]:
    def uri(value: Any) -> Any:
        if isinstance(value, list):
            return [f"{ID}/{naam}/{item}" for item in value]
        return f"{ID}/{naam}/{value}" if isinstance(value, str) else value

    return uri(values[0]), uri(values[1])


class Feeds:
    """Pages of a fixed size over events that a test adds to."""

    def __init__(self, *items: Item, size: int = 3) -> None:
        self.items: list[Item] = list(items)
        self.size = size
        self.asked: list[int] = []

    def get_pagina(self, *, feed: str, nummer: int) -> WijzigingenPagina:
        self.asked.append(nummer)
        first = (nummer - 1) * self.size
        items = tuple(self.items[first : first + self.size])
        return WijzigingenPagina(feed, nummer, items, len(items) == self.size)


class House:
    """A hub database with dwellings and dossiers, and the role that pulls."""

    def __init__(self, database: HubDatabase) -> None:
        self.engine = database.engine("hub_pull")
        self.owner = database.engine("hub_eigenaar")

    def pull(self, feeds: Feeds, feed: str = "gebouweenheden") -> WijzigingenLanded:
        return pull_wijzigingen(self.engine, feeds, feed=feed)

    def rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        with self.owner.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def plant_woning(
        self, *, eenheid: str | None, adres: str = "7", gebouw: str | None = None
    ) -> UUID:
        """Let the hub know a dwelling, asked about lately."""
        woning_id = uuid4()
        self.rows(
            "INSERT INTO hub.woning (woning_id, gebouweenheid_id, adres_id, gebouw_id) "
            "VALUES (:w, :e, :a, :g)",
            w=woning_id, e=eenheid, a=adres, g=gebouw,
        )  # fmt: skip
        self.rows(
            "INSERT INTO hub.bronstand (woning_id, bron, uitkomst, gevraagd_op, opnieuw_na) "
            "SELECT :w, b, 'gevonden', now(), now() + interval '30 days' "
            "FROM unnest(ARRAY['ligging', 'epc']) AS b",
            w=woning_id,
        )
        return woning_id

    def plant_dossier(self, woning_id: UUID, *, status: str = "lopend") -> UUID:
        """Let a dossier be about a dwelling."""
        dossier_id = uuid4()
        self.rows(
            "INSERT INTO bron.crm_dossier (dossier_id, status, start_akkoord, voorinvulling, "
            "pseudoniem, etag, inhoud_hash, gewijzigd_op) "
            "VALUES (:d, :s, TRUE, '{}', 'p', '1', 'h', now())",
            d=dossier_id, s=status,
        )  # fmt: skip
        self.rows(
            "INSERT INTO hub.dossier_woning "
            "(dossier_id, woning_id, uitkomst, pad, adres_hash, gezocht_op) "
            "VALUES (:d, :w, 'gevonden', 'x', 'h', now())",
            d=dossier_id, w=woning_id,
        )  # fmt: skip
        return dossier_id

    def rung(self) -> list[tuple[str, str]]:
        """Return the dossiers in the inbox with why."""
        return self.rows(
            "SELECT object_id, versie FROM hub.inbox "
            "WHERE bron = 'hub' AND soort = 'dossier' ORDER BY inbox_id"
        )

    def begin_at(self, link: str) -> None:
        """Let the feed of the units be read from here: page/events read of it."""
        self.rows(
            "INSERT INTO hub.cursor (bron, soort, link) "
            "VALUES ('basisregisters', 'gebouweenheden', :l) "
            "ON CONFLICT (bron, soort) DO UPDATE SET link = :l",
            l=link,
        )

    def cursor(self, feed: str = "gebouweenheden") -> str | None:
        found = self.rows("SELECT link FROM hub.cursor WHERE soort = :f", f=feed)
        return found[0][0] if found else None

    def opvolging(self) -> list[tuple[Any, ...]]:
        """Return who followed which dwelling, and why."""
        return self.rows(
            "SELECT woning_id, opvolger, reden, gebeurtenis FROM hub.woning_opvolging "
            "ORDER BY gebeurtenis, opvolger NULLS FIRST"
        )
