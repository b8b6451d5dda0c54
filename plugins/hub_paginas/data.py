"""The database as the pages see it: one role that reads, one that acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, Engine

READ, ACT = "HUB_LEZER", "HUB_OPERATOR"
# A page that takes longer is a page that nobody waits for.
_STATEMENT_SECONDS = 10


@cache
def _engine(conn_id: str) -> Engine:
    from hub_access import hub_engine

    return hub_engine(conn_id)


@contextmanager
def reading() -> Iterator[Connection]:
    """Hand out a transaction that can only read."""
    with _engine(READ).begin() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_STATEMENT_SECONDS}s'")
        yield connection


@contextmanager
def acting() -> Iterator[Connection]:
    """Hand out a transaction of the operator's role."""
    with _engine(ACT).begin() as connection:
        yield connection
