"""Engines and the few ways in which the hub talks to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text

from hub.statements import statement


def make_engine(url: str | URL, *, pool_size: int = 4) -> Engine:
    """Return an engine on psycopg 3 whose sessions run in UTC and never wait forever on a lock."""
    target = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(
        target,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": "-c timezone=UTC -c lock_timeout=30s",
            "connect_timeout": 10,
            "application_name": "renovatiehub",
        },
    )


def fetch_all(
    connection: Connection, path: str, name: str, **parameters: object
) -> list[dict[str, Any]]:
    """Run a named statement of ``sql/<path>.sql`` and return its rows as dictionaries."""
    rows = connection.execute(text(statement(path, name)), parameters).mappings()
    return [dict(row) for row in rows]


def fetch_one(
    connection: Connection, path: str, name: str, **parameters: object
) -> dict[str, Any] | None:
    """Run a named statement and return its only row, or None."""
    row = connection.execute(text(statement(path, name)), parameters).mappings().one_or_none()
    return None if row is None else dict(row)


def execute(connection: Connection, path: str, name: str, **parameters: object) -> int:
    """Run a named statement and return the number of rows it touched."""
    return connection.execute(text(statement(path, name)), parameters).rowcount


def copy_rows(
    connection: Connection, path: str, rows: Iterable[Sequence[object]], name: str = "copy"
) -> int:
    """Stream rows through COPY into the table the named statement says; return how many."""
    copied = 0
    raw = connection.connection.driver_connection
    assert raw is not None, "a checked-out connection always has its driver connection"
    with raw.cursor() as cursor, cursor.copy(sql.SQL(statement(path, name))) as copy:
        for row in rows:
            copy.write_row(row)
            copied += 1
    return copied
