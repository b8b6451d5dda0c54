"""Records that wait for a person: messages given up or in doubt, and rows in quarantine."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.database import fetch_all

_PATH = "ops/beheer"
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Keuze:
    """Which failed messages are meant: all of them, or those of a destination, kind, state, reason.

    ``reden`` is the fingerprint of a reason as `count_redenen` tells it.
    """

    bestemming: str | None = None
    soort: str | None = None
    stand: str | None = None
    reden: str | None = None


def list_berichten(
    connection: Connection, keuze: Keuze, *, na: int = 0, limit: int = PAGE_SIZE
) -> list[dict[str, Any]]:
    """Return a page of failed messages, the oldest first, from the one after ``na`` (volgorde)."""
    return fetch_all(connection, _PATH, "berichten", **asdict(keuze), na=na, aantal=limit)


def list_ids(connection: Connection, keuze: Keuze, limit: int) -> list[UUID]:
    """Return the messages that are meant, at most ``limit``."""
    rows = fetch_all(connection, _PATH, "bericht_ids", **asdict(keuze), aantal=limit)
    return [row["bericht_id"] for row in rows]


def count_redenen(connection: Connection) -> list[dict[str, Any]]:
    """Return why messages failed: destination, kind, state, reason, its fingerprint and number."""
    return fetch_all(connection, _PATH, "redenen")


def find(connection: Connection, verwijzing: str) -> list[UUID]:
    """Return the messages of a reference: their own number, that of a dossier, or a dossiernummer.

    At most a hundred, the latest first; none for a text that is no reference.
    """
    try:
        number: UUID | None = UUID(verwijzing.strip())
    except ValueError:
        number = None
    rows = fetch_all(
        connection, _PATH, "zoek", nummer=number, dossiernummer=verwijzing.strip()[:40]
    )
    return [row["bericht_id"] for row in rows]


def list_quarantaine(
    connection: Connection, *, model: str | None, na: UUID | None, limit: int = PAGE_SIZE
) -> list[dict[str, Any]]:
    """Return a page of rows in quarantine, the oldest first, with their reasons."""
    return fetch_all(connection, _PATH, "quarantaine", model=model, na=na, aantal=limit)


def count_quarantaine(connection: Connection) -> list[dict[str, Any]]:
    """Return how many rows of each model are in quarantine, and since when."""
    return fetch_all(connection, _PATH, "quarantaine_telling")
