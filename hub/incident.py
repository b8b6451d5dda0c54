"""What a person must look at: one open incident per kind and subject."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.database import execute


def report(connection: Connection, soort: str, onderwerp: str, tekst: str) -> None:
    """Open an incident, or note that it is still there; the text holds identifiers only."""
    execute(connection, "ops/incident", "report", soort=soort, onderwerp=onderwerp, tekst=tekst)
