"""Write down what became of the messages that were claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.database import copy_rows, execute
from hub.incident import report
from hub.ledger.bericht import VerzegeldBericht


@dataclass(frozen=True, slots=True)
class Uitslag:
    """The result of one attempt: the state the message goes to, and why."""

    bericht: VerzegeldBericht
    stand: str
    uitkomst: str
    uitleg: str | None = None
    ontvangst: str | None = None
    te_bevragen: bool = False
    pauze: float = 0.0


def settle(connection: Connection, results: Sequence[Uitslag]) -> int:
    """Store the results; returns how many still counted (the attempt had not lost its lease)."""
    if not results:
        return 0
    execute(connection, "ops/settle", "create")
    copy_rows(
        connection,
        "ops/settle",
        (
            (
                r.bericht.bericht_id,
                r.bericht.nummer,
                r.stand,
                r.uitkomst,
                r.uitleg,
                r.ontvangst,
                r.te_bevragen,
                r.pauze,
            )
            for r in results
        ),
    )
    counted = execute(connection, "ops/settle", "settle")
    execute(connection, "ops/settle", "note_attempt")
    execute(connection, "ops/settle", "decide_again")
    execute(connection, "ops/settle", "drop")
    return counted


def stop_channel(connection: Connection, bestemming: str, reason: str) -> None:
    """Stop a destination's channel and tell the operator; nothing is claimed until it is opened."""
    execute(connection, "ops/settle", "stop_channel", bestemming=bestemming, reden=reason)
    report(connection, "kanaal_gestopt", bestemming, reason)
