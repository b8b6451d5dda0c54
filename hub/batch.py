"""A batch: the dossiers touched by what waits in the inbox, known to every step by its name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.database import execute, fetch_one


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """How many dossiers a batch holds, and how they were sorted."""

    dossiers: int
    quarantaine: int
    geen_start: int
    opnieuw: int


def form_batch(engine: Engine, *, naam: str) -> BatchSummary:
    """Claim all that waits in the inbox for the batch of this name; forming twice adds nothing.

    Nothing waiting makes no batch; changes that touch no dossier are done at once.
    """
    with engine.begin() as connection:
        waiting = fetch_one(connection, "ops/batch", "count_waiting")
        if not waiting or not waiting["aantal"]:
            return BatchSummary(0, 0, 0, 0)
        row = fetch_one(connection, "ops/batch", "create", naam=naam)
        assert row is not None, "an upsert with RETURNING always gives a row"
        execute(connection, "ops/batch", "claim_inbox", batch_id=row["batch_id"])
        execute(connection, "ops/batch", "fill", batch_id=row["batch_id"])
        summary = _summary(connection, row["batch_id"])
    return summary if summary.dossiers else finish_batch(engine, naam=naam)


def finish_batch(engine: Engine, *, naam: str) -> BatchSummary:
    """Close the batch: its changes are done; a dossier to look at again waits for the next run."""
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        for step in ("requeue", "finish_inbox", "finish"):
            execute(connection, "ops/batch", step, batch_id=batch_id)
        return _summary(connection, batch_id)


def find_batch(connection: Connection, naam: str) -> UUID:
    """Return the id of a batch.

    Raises:
        LookupError: there is no batch of that name.
    """
    row = fetch_one(connection, "ops/batch", "find", naam=naam)
    if row is None:
        raise LookupError(f"There is no batch {naam!r}. Nothing was done. Form it first.")
    found: UUID = row["batch_id"]
    return found


def mark_again(connection: Connection, batch_id: UUID, dossier_ids: Collection[UUID]) -> None:
    """Note that a source did not answer for these dossiers, so that they come back."""
    if dossier_ids:
        execute(
            connection,
            "ops/batch",
            "mark_again",
            batch_id=batch_id,
            dossier_ids=list(dossier_ids),
        )


def mark_not_started(connection: Connection, batch_id: UUID) -> int:
    """Set apart the dossiers that may not be enriched; return how many."""
    return execute(connection, "ops/batch", "mark_not_started", batch_id=batch_id)


def _summary(connection: Connection, batch_id: UUID) -> BatchSummary:
    row = fetch_one(connection, "ops/batch", "summary", batch_id=batch_id)
    assert row is not None, "an aggregate always gives a row"
    return BatchSummary(**row)
