"""The extract of the access log for one citizen, dwelling or dossier; making it is an act."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from hub.database import execute, fetch_all
from hub.ledger.acts import check_words

_PATH = "ops/uittreksel"
Soort = Literal["profiel", "woning", "dossier"]
COLUMNS = (
    "gelogd_op",
    "dossiernummer",
    "bron",
    "operatie",
    "object",
    "doel",
    "rechtsgrond",
    "hoedanigheid",
    "namens",
    "correlatie_id",
)


def make_uittreksel(
    connection: Connection, soort: Soort, object_id: UUID, *, reden: str, wie: str
) -> list[dict[str, Any]]:
    """Return every look for this profile, dwelling or dossier, the oldest first (times in UTC).

    The act is written down in the same transaction, also when nothing was found.

    Raises:
        HandelingError: no reason or name, or a reason that tells of a person; nothing was read.
    """
    note_reading(connection, "uittreksel", f"{soort} {object_id}", reden=reden, wie=wie)
    return fetch_all(connection, _PATH, soort, object_id=object_id)


def note_reading(
    connection: Connection,
    soort: Literal["uittreksel", "uitvoer"],
    onderwerp: str,
    *,
    reden: str,
    wie: str,
) -> None:
    """Write down that somebody took the log, or a part of it, out of the database.

    Raises:
        HandelingError: no reason or name, or a reason that tells of a person.
    """
    check_words(reden, wie)
    execute(
        connection,
        _PATH,
        "note",
        soort=soort,
        onderwerp=onderwerp,
        reden=reden.strip(),
        wie=wie.strip(),
    )
