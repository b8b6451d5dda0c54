"""Write down what became of the messages that were claimed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors.transport.errors import AuthenticationError
from hub.database import fetch_all
from hub.kill_point import kill_point
from hub.ledger.bericht import VerzegeldBericht
from hub.ledger.channel import stop_channel

# A database that restarts is waited for: what the receivers answered would else be asked again.
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Uitslag:
    """The result of one attempt: the state the message goes to, and why; ``pauze`` in seconds."""

    bericht: VerzegeldBericht
    stand: str
    uitkomst: str
    uitleg: str | None = None
    ontvangst: str | None = None
    te_bevragen: bool = False
    pauze: float = 0.0


def settle(engine: Engine, bestemming: str, results: Sequence[Uitslag]) -> int:
    """Store the results in one transaction; return how many still counted.

    A result does not count when its attempt had lost its lease. A refused sign-on stops the
    destination's channel. Storing again changes nothing, so a lost connection is retried.

    Raises:
        sqlalchemy.exc.OperationalError: the database stays away; the leases end by themselves and
            the receivers are asked.
    """
    if not results:
        return 0
    retrying = Retrying(
        retry=retry_if_exception_type((OperationalError, InterfaceError)),
        stop=stop_after_delay(_PATIENCE_SECONDS),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    return retrying(_store, engine, bestemming, results)


def _store(engine: Engine, bestemming: str, results: Sequence[Uitslag]) -> int:
    refused = next((r for r in results if r.uitkomst == AuthenticationError.__name__), None)
    with engine.begin() as connection:
        counted = _write(connection, results)
        if refused is not None:
            stop_channel(connection, bestemming, refused.uitleg or "sign-on refused")
        kill_point("in_settle")
    return counted


def _write(connection: Connection, results: Sequence[Uitslag]) -> int:
    document = json.dumps(
        [
            {
                "bericht_id": str(r.bericht.bericht_id),
                "nummer": r.bericht.nummer,
                "stand": r.stand,
                "uitkomst": r.uitkomst,
                "uitleg": r.uitleg,
                "ontvangst": r.ontvangst,
                "te_bevragen": r.te_bevragen,
                "pauze": r.pauze,
            }
            for r in results
        ]
    )
    return len(fetch_all(connection, "ops/settle", "settle", uitslagen=document))
