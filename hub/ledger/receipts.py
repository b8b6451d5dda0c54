"""Collect the receipts of a destination that accepts first and processes later."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Engine

from connectors.transport.errors import AuthenticationError, ConnectorError
from hub.database import fetch_all
from hub.keys import Keyring, KeyringError
from hub.ledger.bericht import Bericht, VerzegeldBericht
from hub.ledger.budget import Slots
from hub.ledger.channel import Capabilities, read_channel
from hub.ledger.settle import Uitslag, settle

# After a clear acceptance: then a person must look.
_LOST_SECONDS = 24 * 3600
# Few enough to be over before the block of places must be renewed.
_CHUNK = 50
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
    the next run. Without one for as long as the receiver may take (``verwerking_seconden``), a
    message of which it is unknown whether it arrived is asked about; an accepted one without
    receipt for a day is parked for a person. Returns the number of messages per state they went to,
    ``wacht`` included.
    """
    counts: Counter[str] = Counter()
    can = read_channel(engine, bestemming)
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    with Slots(engine, bestemming, worker) as slots:
        for pause in (*pauses, None):
            waiting = _round(engine, source, keyring, bestemming, can, slots, counts)
            if not waiting or pause is None:
                break
            sleep(pause)
    return {**counts, "wacht": waiting}


def _round(
    engine: Engine,
    source: ReceiptSource,
    keyring: Keyring,
    bestemming: str,
    can: Capabilities,
    slots: Slots,
    counts: Counter[str],
) -> int:
    """Ask once for every accepted message; return how many still wait."""
    with engine.begin() as connection:
        rows = fetch_all(
            connection,
            "ops/claim",
            "accepted",
            bestemming=bestemming,
            verwerking_seconden=can.verwerking_seconden,
            verloren_seconden=_LOST_SECONDS,
        )
    asked = []
    for row in rows:
        previous, too_long = row.pop("vorige_ontvangst"), row.pop("te_lang")
        asked.append((VerzegeldBericht(**row), previous, too_long))
    waiting = len(asked)
    for start in range(0, len(asked), _CHUNK):
        places = slots.renew(0)
        if places == 0:
            break
        with ThreadPoolExecutor(max_workers=places) as pool:
            chunk = asked[start : start + _CHUNK]
            answers = pool.map(lambda a: _ask(source, keyring, can, *a), chunk)
            results = [result for result in answers if result is not None]
        settle(engine, bestemming, results)
        counts.update(result.stand for result in results)
        waiting -= len(results)
    return waiting


def _ask(
    source: ReceiptSource,
    keyring: Keyring,
    can: Capabilities,
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
        return _without_receipt(accepted, can)
    return None


def _without_receipt(accepted: VerzegeldBericht, can: Capabilities) -> Uitslag:
    """Decide about a message that should have been processed by now."""
    seen = f"{accepted.bestemming} {accepted.soort} {accepted.bericht_id}: no receipt in time."
    if accepted.te_bevragen and can.doubt_can_be_cleared:
        text = f"{seen} It is asked about, and sent again if it never arrived. Nothing to do."
        return Uitslag(accepted, "klaar", "geen ontvangstbewijs", text, te_bevragen=True)
    text = (
        f"{seen} It was not sent again. Look at the receiver whether it arrived, then confirm it "
        "or send it again."
    )
    return Uitslag(accepted, "in_twijfel", "geen ontvangstbewijs", text, te_bevragen=True)
