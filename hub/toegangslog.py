"""The access log: every look at an authentic source is written down before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from connectors.transport.errors import GeenRechtError
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from hub.bronrecht import refuse
from hub.database import copy_rows, fetch_all, fetch_one
from hub.toegang.chain import batch_hash, row_hash, write_moment

_PATH = "ops/toegangslog"


class PostgresRaadplegingLog:
    """The log on PostgreSQL, and the gate: only what may be asked is logged, and only that."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self, raadplegingen: Sequence[Raadpleging]
    ) -> list[GelogdeRaadpleging | GeenRechtError]:
        """Judge the looks, append those that may happen as one batch, and commit.

        Returns per look, in the same order, the time (UTC) at which it was logged, or why the
        source may not be asked; only then may the calls be made.
        """
        if not raadplegingen:
            return []
        with self._engine.begin() as connection:
            refused = refuse(connection, raadplegingen)
            allowed = [r for r in raadplegingen if r.correlatie_id not in refused]
            logged_at = _append(connection, allowed) if allowed else None
        return [
            refused[r.correlatie_id]
            if logged_at is None or r.correlatie_id in refused
            else GelogdeRaadpleging(r, logged_at)
            for r in raadplegingen
        ]


def close_past_segment(engine: Engine) -> date | None:
    """Close the open segment when its month is over; returns that month, else None."""
    with engine.begin() as connection:
        closed: date | None = fetch_all(connection, _PATH, "close")[0]["maand"]
    return closed


def _append(connection: Connection, raadplegingen: Sequence[Raadpleging]) -> datetime:
    """Add one batch to the open segment; the first of a month closes the one before it."""
    opened = fetch_one(connection, _PATH, "open")
    assert opened is not None, "the function always gives a row"
    logged_at: datetime = opened["gelogd_op"]
    moment = write_moment(logged_at)
    rows: list[tuple[object, ...]] = []
    hashes: list[bytes] = []
    for number, r in enumerate(raadplegingen, start=opened["volgnummer"] + 1):
        why = (r.bron, r.operatie, r.object, r.doel, r.rechtsgrond, r.hoedanigheid, r.namens)
        hashes.append(row_hash((number, moment, str(r.correlatie_id), str(r.dossier_id), *why)))
        ends = number == opened["volgnummer"] + len(raadplegingen)
        rows.append((
            opened["maand"], number, r.correlatie_id, logged_at, r.dossier_id, *why, hashes[-1],
            batch_hash(bytes(opened["vorige_hash"]), hashes) if ends else None,
        ))  # fmt: skip
    copy_rows(connection, _PATH, rows)
    return logged_at
