"""What a person must look at: one open incident per kind and subject."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.database import execute


def report(connection: Connection, soort: str, onderwerp: str, tekst: str) -> None:
    """Open an incident, or note that it is still there; the text holds identifiers only."""
    execute(connection, "ops/incident", "report", soort=soort, onderwerp=onderwerp, tekst=tekst)


def close(connection: Connection, soort: str, onderwerp: str) -> None:
    """Close an incident; one that is not open stays as it is."""
    execute(connection, "ops/incident", "close", soort=soort, onderwerp=onderwerp)


def refresh_ledger_incidents(connection: Connection) -> None:
    """Tell how many messages wait for a person, per destination and state; none closes it.

    Call it in the transaction that settles or acts, after the messages moved.
    """
    execute(connection, "ops/incident", "refresh_ledger")
    execute(connection, "ops/incident", "close_ledger")
