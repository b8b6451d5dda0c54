"""Split the dossiers of a batch: good rows go on, bad rows wait in quarantine with reasons."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.batch import find_batch, mark_not_started
from hub.database import execute

MODEL = "stg_dossier"


def check_dossiers(engine: Engine, *, naam: str) -> dict[str, int]:
    """Check every dossier of the batch and set apart what may not go on.

    Returns the number of rows in quarantine and of dossiers that were not started. Safe to repeat:
    a row in quarantine stays one row, and leaves it when a later version passes.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        execute(connection, "staging/stg_dossier", "create", batch_id=batch_id)
        execute(connection, "ops/quarantaine", "create_bad")
        execute(connection, "staging/stg_dossier_check", "reject")
        execute(connection, "ops/quarantaine", "release", batch_id=batch_id, model=MODEL)
        execute(connection, "ops/quarantaine", "keep", model=MODEL)
        kept = execute(connection, "ops/quarantaine", "mark", batch_id=batch_id)
        not_started = mark_not_started(connection, batch_id)
    return {"quarantaine": kept, "geen_start": not_started}
