"""Look again at dwellings whose sources can have something new to say."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.config import load_config
from hub.database import execute

# A run looks again at this many dossiers at most: what is new goes first.
PER_RUN = 500


def ring_stale(engine: Engine, *, per_run: int = PER_RUN) -> int:
    """Put the open dossiers whose answers are past their date in the inbox, the oldest first.

    Ringing twice adds nothing. Returns how many were put there.
    """
    with engine.begin() as connection:
        return execute(
            connection,
            "ops/verversing",
            "ring",
            geldig_dagen=load_config("bronnen")["basisregisters"]["geldig_dagen"],
            aantal=per_run,
        )
