"""The ledger looked at by itself: what lies too long, what is stopped."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.aansluiting.verschillen import Aansluiting, begin, conclude
from hub.database import execute, fetch_all, fetch_one

SOORTEN = ("berichten_blijven_liggen", "kanaal_gestopt")
# A lease lasts minutes: an hour past it no worker takes over any more.
_LEASE_HOURS = 1
# Retries last about a day.
_WAIT_HOURS = 24
# A status without receipt is parked after a day; an hour later the collecting itself stands still.
_RECEIPT_HOURS = 25
_PATH = "ops/aansluiting_berichten"


def compare_berichten(engine: Engine) -> Aansluiting:
    """Report what stands still in the ledger; what moves again closes by itself."""
    with engine.begin() as connection:
        begin(connection)
        execute(
            connection,
            _PATH,
            "compare",
            lease_uren=_LEASE_HOURS,
            wacht_uren=_WAIT_HOURS,
            ontvangst_uren=_RECEIPT_HOURS,
        )
        row = fetch_one(connection, _PATH, "count_open")
        channels = [row["bestemming"] for row in fetch_all(connection, _PATH, "channels")]
        return conclude(
            connection,
            "berichten",
            SOORTEN,
            vergeleken=int(row["aantal"]) if row else 0,
            over=channels,
        )
