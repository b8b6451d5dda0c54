"""Read the access log from the database, in one view of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, text

from hub.database import fetch_all, fetch_one
from hub.statements import statement
from hub.toegang.chain import COLUMNS, START, LogRij, Segment, Slot, write_moment
from hub.toegang.verify import Anker

_PATH = "ops/toegangslog"
_FETCHED = 5_000


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hand out one view of the log: what is appended or closed meanwhile is not in it."""
    snapshot = engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with snapshot as connection, connection.begin():
        yield connection


def list_segments(connection: Connection) -> Iterator[Segment]:
    """Yield every segment of the log in order; rows stream, so use each before the next."""
    slots = {row["maand"]: _slot(row) for row in fetch_all(connection, _PATH, "segments")}
    with_rows = {row["maand"] for row in fetch_all(connection, _PATH, "months")}
    previous = START
    for maand in sorted({*slots, *with_rows}):
        slot = slots.get(maand)
        rows = _rows(connection, maand) if maand in with_rows else None
        yield Segment(f"{maand:%Y-%m}", slot.vorige_hash if slot else previous, rows, slot)
        previous = slot.slot_hash if slot else previous


def read_head(connection: Connection) -> Anker | None:
    """Return the end of the log, to keep elsewhere; None of an empty log."""
    row = fetch_one(connection, _PATH, "head")
    if row is None:
        return None
    return Anker(f"{row['maand']:%Y-%m}", row["volgnummer"], bytes(row["keten_hash"]))


def _slot(row: dict[str, Any]) -> Slot:
    return Slot(
        maand=f"{row['maand']:%Y-%m}",
        vorige_hash=bytes(row["vorige_hash"]),
        eerste=row["eerste"],
        laatste=row["laatste"],
        aantal=row["aantal"],
        keten_hash=bytes(row["keten_hash"]),
        slot_hash=bytes(row["slot_hash"]),
        verwijderd_op=row["verwijderd_op"],
    )


def _rows(connection: Connection, maand: date) -> Iterator[LogRij]:
    streamed = connection.execute(
        text(statement(_PATH, "rows")),
        {"maand": maand},
        execution_options={"yield_per": _FETCHED},
    )
    for row in streamed.mappings():
        told = {name: str(row[name]) for name in COLUMNS[2:]}
        yield LogRij(
            (row["volgnummer"], write_moment(row["gelogd_op"]), *told.values()),
            bytes(row["rij_hash"]),
            None if row["keten_hash"] is None else bytes(row["keten_hash"]),
        )
