"""The access log: every look at an authentic source is written down before it happens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Engine, text

from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from hub.database import copy_rows, execute, fetch_all, fetch_one
from hub.statements import statement

GENESIS = bytes(32)


def chain_hash(
    previous: bytes, number: int, logged_at: datetime, raadpleging: Raadpleging
) -> bytes:
    """Return the hash of a row over all its columns and the hash of the row before it."""
    r = raadpleging
    columns = (
        str(number), str(r.correlatie_id), logged_at.isoformat(), str(r.dossier_id), r.bron,
        r.operatie, r.object, r.doel, r.rechtsgrond, r.hoedanigheid, r.namens,
    )  # fmt: skip
    digest = hashlib.sha256(previous)
    for value in columns:
        encoded = value.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.digest()


class PostgresRaadplegingLog:
    """The log on PostgreSQL: one transaction per batch, one chain for the whole hub."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, raadplegingen: Sequence[Raadpleging]) -> list[GelogdeRaadpleging]:
        """Append the batch and commit; only then may the calls be made.

        Returns the same looks in the same order, with the time (UTC) at which they were logged.
        """
        if not raadplegingen:
            return []
        with self._engine.begin() as connection:
            execute(connection, "ops/toegangslog", "lock")
            tail = fetch_one(connection, "ops/toegangslog", "tail")
            number, previous = (tail["volgnummer"], tail["hash"]) if tail else (0, GENESIS)
            logged_at: datetime = fetch_all(connection, "ops/toegangslog", "now")[0]["nu"]
            rows = []
            for r in raadplegingen:
                number += 1
                current = chain_hash(bytes(previous), number, logged_at, r)
                rows.append((
                    number, r.correlatie_id, logged_at, r.dossier_id, r.bron, r.operatie, r.object,
                    r.doel, r.rechtsgrond, r.hoedanigheid, r.namens, previous, current,
                ))  # fmt: skip
                previous = current
            copy_rows(connection, "ops/toegangslog", rows)
        return [GelogdeRaadpleging(r, logged_at) for r in raadplegingen]


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """How many rows the log holds, how many do not fit, and the number of the first of these."""

    entries: int
    broken: int
    first: int | None


def verify_chain(engine: Engine) -> ChainVerdict:
    """Recompute the chain row by row: a changed, removed or inserted row does not fit."""
    entries = broken = 0
    first: int | None = None
    previous = GENESIS
    with engine.connect().execution_options(yield_per=5_000) as connection:
        for row in connection.execute(text(statement("ops/toegangslog", "chain"))).mappings():
            entries += 1
            columns = {field.name: row[field.name] for field in fields(Raadpleging)}
            expected = chain_hash(
                previous, row["volgnummer"], row["gelogd_op"], Raadpleging(**columns)
            )
            fits = bytes(row["vorige_hash"]) == previous and bytes(row["hash"]) == expected
            if not fits:
                broken += 1
                first = row["volgnummer"] if first is None else first
            previous = bytes(row["hash"])
    return ChainVerdict(entries, broken, first)
