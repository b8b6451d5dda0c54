"""Collect the receipts of a destination that accepts first and processes later."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from connectors.transport.errors import AuthenticationError, ConnectorError
from hub.database import fetch_all
from hub.keys import Keyring
from hub.ledger.bericht import Bericht
from hub.ledger.deliver import open_bericht, read_channel
from hub.ledger.settle import Uitslag, settle, stop_channel

_DOUBT_MINUTES = 15
_PAUSES = (0.5, 1.0, 2.0, 4.0, 4.0, 4.0)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver says of a message it accepted: processed well, or why not."""

    gelukt: bool
    fouten: tuple[str, ...] = ()


class ReceiptSource(Protocol):
    """How receipts come back from one destination."""

    def receipt(self, bericht: Bericht, sent_at: datetime) -> Receipt | None:
        """Return the receipt of what was sent at ``sent_at`` (UTC), None while there is none."""
        ...


def collect_receipts(
    engine: Engine,
    source: ReceiptSource,
    keyring: Keyring,
    *,
    bestemming: str,
    pauses: Sequence[float] = _PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, int]:
    """Ask for the receipt of every accepted message, a few times with growing pauses.

    What has no receipt yet stays accepted and is asked about by the next run. A message of which
    it is unknown whether it arrived, and of which no receipt came in a quarter of an hour, is
    parked for a person. Returns the number of messages per state they went to, ``wacht`` included.
    """
    counts: dict[str, int] = {}
    for pause in (*pauses, None):
        waiting = _round(engine, source, keyring, bestemming, counts)
        if not waiting or pause is None:
            break
        sleep(pause)
    return counts | {"wacht": waiting}


def _round(
    engine: Engine,
    source: ReceiptSource,
    keyring: Keyring,
    bestemming: str,
    counts: dict[str, int],
) -> int:
    can = read_channel(engine, bestemming)
    if can.gestopt:
        return 0
    with engine.begin() as connection:
        rows = fetch_all(
            connection,
            "ops/claim",
            "accepted",
            bestemming=bestemming,
            twijfel_minuten=_DOUBT_MINUTES,
        )
    asked = []
    for row in rows:
        values = dict(row)
        sent_at, too_long = values.pop("eerst_verzonden_op"), values.pop("te_lang")
        asked.append((open_bericht(values, keyring), sent_at, too_long))
    with ThreadPoolExecutor(max_workers=can.max_gelijktijdig) as pool:
        results = [
            result for result in pool.map(lambda a: _ask(source, *a), asked) if result is not None
        ]
    with engine.begin() as connection:
        settle(connection, results)
        stopped = [r for r in results if r.uitkomst == AuthenticationError.__name__]
        if stopped:
            stop_channel(connection, bestemming, stopped[0].uitleg or "sign-on refused")
    for result in results:
        counts[result.stand] = counts.get(result.stand, 0) + 1
    return len(asked) - len(results)


def _ask(
    source: ReceiptSource, bericht: Bericht, sent_at: datetime, too_long: bool
) -> Uitslag | None:
    try:
        receipt = source.receipt(bericht, sent_at)
    except AuthenticationError as error:
        return Uitslag(
            bericht,
            "aangenomen",
            type(error).__name__,
            str(error),
            te_bevragen=bericht.te_bevragen,
        )
    except ConnectorError:
        receipt = None
    if receipt is not None and receipt.gelukt:
        return Uitslag(bericht, "bevestigd", "ontvangstbewijs")
    if receipt is not None:
        return Uitslag(bericht, "opgegeven", "verwerking geweigerd", "; ".join(receipt.fouten))
    if too_long:
        text = (
            f"{bericht.bestemming} {bericht.soort} {bericht.bericht_id}: no receipt after an "
            "attempt with unknown outcome. It was not sent again. Look at the receiver whether it "
            "arrived, then confirm it or send it again."
        )
        return Uitslag(bericht, "in_twijfel", "geen ontvangstbewijs", text, te_bevragen=True)
    return None
