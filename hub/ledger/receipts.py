"""Collect the receipts of a destination that accepts first and processes later."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine

from connectors.transport.errors import AuthenticationError, ConnectorError
from hub.database import fetch_all
from hub.keys import Keyring, KeyringError
from hub.ledger.bericht import Bericht, VerzegeldBericht
from hub.ledger.deliver import read_channel
from hub.ledger.settle import Uitslag, settle, stop_channel

# After an unknown outcome, and after a clear acceptance: then a person must look.
_DOUBT_MINUTES = 15
_LOST_MINUTES = 24 * 60
_logger = logging.getLogger("hub.receipts")
_PAUSES = (0.5, 1.0, 2.0, 4.0, 4.0, 4.0)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver says of a message it accepted: processed well, or why not.

    ``referentie`` tells one receipt from the next, such as the moment of processing.
    """

    referentie: str
    gelukt: bool
    fouten: tuple[str, ...] = ()


class ReceiptSource(Protocol):
    """How receipts come back from one destination."""

    def receipt(self, bericht: Bericht) -> Receipt | None:
        """Return the receipt of the dossier's last message, None while there is none."""
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

    One message per dossier is under way at a time, so a receipt that is not the one of the message
    before is the receipt of this one. What has no receipt yet stays accepted and is asked about by
    the next run; without one for a day (a quarter of an hour when it is unknown whether the message
    arrived) it is parked for a person. Returns the number of messages per state they went to,
    ``wacht`` included.
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
            verloren_minuten=_LOST_MINUTES,
        )
    asked = []
    for row in rows:
        previous, too_long = row.pop("vorige_ontvangst"), row.pop("te_lang")
        asked.append((VerzegeldBericht(**row), previous, too_long))
    with ThreadPoolExecutor(max_workers=can.max_gelijktijdig) as pool:
        results = [
            result
            for result in pool.map(lambda a: _ask(source, keyring, *a), asked)
            if result is not None
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
    source: ReceiptSource,
    keyring: Keyring,
    accepted: VerzegeldBericht,
    previous: str | None,
    too_long: bool,
) -> Uitslag | None:
    receipt: Receipt | None = None
    try:
        receipt = source.receipt(accepted.open(keyring))
    except AuthenticationError as error:
        return Uitslag(
            accepted,
            "aangenomen",
            type(error).__name__,
            str(error),
            te_bevragen=accepted.te_bevragen,
        )
    except (ConnectorError, KeyringError) as error:
        _logger.warning("%s: no receipt: %s", accepted.bestemming, error)
    if receipt is not None and receipt.referentie != previous:
        if receipt.gelukt:
            return Uitslag(accepted, "bevestigd", "ontvangstbewijs", ontvangst=receipt.referentie)
        return Uitslag(
            accepted,
            "opgegeven",
            "verwerking geweigerd",
            "; ".join(receipt.fouten),
            ontvangst=receipt.referentie,
        )
    if too_long:
        text = (
            f"{accepted.bestemming} {accepted.soort} {accepted.bericht_id}: no receipt in time. "
            "It was not sent again. Look at the receiver whether it arrived, then confirm it or "
            "send it again."
        )
        return Uitslag(accepted, "in_twijfel", "geen ontvangstbewijs", text, te_bevragen=True)
    return None
