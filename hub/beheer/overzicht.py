"""How the hub is: its channels, what waits, and what a person must look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from hub.database import fetch_all

_PATH = "ops/beheer"


def list_kanalen(connection: Connection) -> list[dict[str, Any]]:
    """Return every destination: open or stopped and why, what waits per state, since when."""
    return fetch_all(connection, _PATH, "kanalen")


def list_incidenten(connection: Connection, *, limit: int = 200) -> list[dict[str, Any]]:
    """Return open incidents, the latest first, each with what is proposed."""
    return fetch_all(connection, _PATH, "incidenten", aantal=limit)


def list_regels(connection: Connection) -> list[dict[str, Any]]:
    """Return how each rule of data quality ended last: model, rule, severity, rows, broken.

    ``verloop`` is how many rows broke it in its last ten runs, the latest last. What is broken
    comes first, the gravest before the others.
    """
    return fetch_all(connection, _PATH, "regels")
