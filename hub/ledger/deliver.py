"""Deliver what waits for one destination: claim, send, settle, until nothing is left."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from threading import get_native_id
from typing import Protocol

from sqlalchemy import Engine

from connectors.transport.errors import (
    AlreadyDoneError,
    AuthenticationError,
    ConflictError,
    ConnectorError,
    RetryableError,
    UnknownOutcomeError,
)
from hub.database import execute, fetch_all, fetch_one
from hub.keys import Keyring, KeyringError
from hub.kill_point import kill_point
from hub.ledger.bericht import Bericht, Ontvangst, VerzegeldBericht
from hub.ledger.retry import next_pause
from hub.ledger.settle import Uitslag, settle, stop_channel

BATCH = 200
LEASE_SECONDS = 300.0
_logger = logging.getLogger("hub.deliver")
_NO_CONSENT = "geen geldige toestemming op het ogenblik van verzenden"
_UNKNOWN = "een eerdere poging brak af; of het bericht aankwam, is niet geweten"
_OUR_FAULT = "een fout in de hub zelf; lees het logboek van de taak en stuur het opnieuw"


class Kanaal(Protocol):
    """How messages reach one destination."""

    def send(self, bericht: Bericht) -> Ontvangst:
        """Send a message; raises the connector's error family."""
        ...

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Ask the receiver whether it holds the message; None when it does not."""
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a destination declares about itself (``hub.kanaal``)."""

    kan_ontdubbelen: bool
    kan_bevraagd_worden: bool
    bevestigt_later: bool
    max_gelijktijdig: int
    gestopt: bool


def deliver(
    engine: Engine,
    kanaal: Kanaal,
    keyring: Keyring,
    *,
    bestemming: str,
    batch: int = BATCH,
    lease_seconds: float = LEASE_SECONDS,
) -> dict[str, int]:
    """Deliver all that may leave now; returns the number of messages per state they went to.

    One effect per message: what was sent with an unknown outcome is asked about before it is sent
    again. A refused sign-on stops the channel; the messages wait.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}:{get_native_id()}"
    random = Random()
    counts: dict[str, int] = {}
    while True:
        can, claimed = _claim(engine, bestemming, worker, batch, lease_seconds)
        if not claimed:
            return counts
        kill_point("after_claim")
        attempt = partial(_attempt, kanaal=kanaal, keyring=keyring, can=can, random=random)
        with ThreadPoolExecutor(max_workers=can.max_gelijktijdig) as pool:
            results = list(pool.map(attempt, claimed))
        kill_point("after_answer")
        with engine.begin() as connection:
            settle(connection, results)
            kill_point("in_settle")
            stopped = [r.uitleg for r in results if r.uitkomst == AuthenticationError.__name__]
            if stopped:
                stop_channel(connection, bestemming, stopped[0] or "sign-on refused")
        for result in results:
            counts[result.stand] = counts.get(result.stand, 0) + 1
        _logger.info("%s: %s", bestemming, counts)


def count_waiting(engine: Engine) -> int:
    """Return how many messages still wait to be sent or confirmed."""
    with engine.begin() as connection:
        row = fetch_one(connection, "ops/claim", "count_waiting")
    return int(row["aantal"]) if row else 0


def read_channel(engine: Engine, bestemming: str) -> Capabilities:
    """Return what a destination declares.

    Raises:
        LookupError: there is no such destination.
    """
    with engine.begin() as connection:
        row = fetch_one(connection, "ops/claim", "channel", bestemming=bestemming)
    if row is None:
        raise LookupError(f"There is no destination {bestemming!r}. Add it to hub.kanaal.")
    return Capabilities(**row)


def _claim(
    engine: Engine,
    bestemming: str,
    worker: str,
    batch: int,
    lease_seconds: float,
) -> tuple[Capabilities, Sequence[VerzegeldBericht]]:
    can = read_channel(engine, bestemming)
    if can.gestopt:
        return can, []
    with engine.begin() as connection:
        execute(connection, "ops/claim", "withdraw", bestemming=bestemming)
        rows = fetch_all(
            connection,
            "ops/claim",
            "claim",
            bestemming=bestemming,
            worker=worker,
            aantal=batch,
            lease_seconden=lease_seconds,
        )
    return can, [VerzegeldBericht(**row) for row in rows]


def _attempt(
    claimed: VerzegeldBericht,
    *,
    kanaal: Kanaal,
    keyring: Keyring,
    can: Capabilities,
    random: Random,
) -> Uitslag:
    """Make one attempt; whatever goes wrong with a message stays with that message."""
    if claimed.te_bevragen and not (can.kan_bevraagd_worden or can.kan_ontdubbelen):
        # It may have arrived and nobody can tell: never send it blindly a second time.
        stand = "aangenomen" if can.bevestigt_later else "in_twijfel"
        return Uitslag(claimed, stand, "afloop onbekend", _UNKNOWN, te_bevragen=True)
    try:
        bericht = claimed.open(keyring)
        held = kanaal.ask(bericht) if bericht.te_bevragen and can.kan_bevraagd_worden else None
        if held is None and not bericht.mag_verzenden:
            return Uitslag(claimed, "ingetrokken", "toestemming ingetrokken", _NO_CONSENT)
        if held is None:
            kill_point("before_send")
        receipt = held or kanaal.send(bericht)
    except KeyringError as error:
        # The key may come back; until then the others go on.
        return _again(
            claimed, "KeyringError", str(error), None, random, te_bevragen=claimed.te_bevragen
        )
    except AlreadyDoneError:
        return Uitslag(claimed, "bevestigd", "reeds ontvangen")
    except ConnectorError as error:
        return judge(claimed, error, can, random)
    except Exception as error:  # noqa: BLE001
        # A fault of the hub itself: the text could hold data, so only its kind is kept.
        _logger.error("%s %s: %s", claimed.bestemming, claimed.bericht_id, type(error).__name__)
        return Uitslag(claimed, "opgegeven", type(error).__name__, _OUR_FAULT, te_bevragen=True)
    stand = "aangenomen" if receipt.later else "bevestigd"
    outcome = "ontvanger had het al" if held else "aanvaard"
    return Uitslag(claimed, stand, outcome, ontvangst=receipt.referentie)


def judge(
    bericht: VerzegeldBericht, error: ConnectorError, can: Capabilities, random: Random
) -> Uitslag:
    """Decide what an error of the receiver means for the message."""
    name, text = type(error).__name__, str(error)
    match error:
        case UnknownOutcomeError():
            kill_point("answer_lost")
            if can.bevestigt_later:
                return Uitslag(bericht, "aangenomen", name, text, te_bevragen=True)
            if not (can.kan_bevraagd_worden or can.kan_ontdubbelen):
                return Uitslag(bericht, "in_twijfel", name, text, te_bevragen=True)
            return _again(bericht, name, text, None, random, te_bevragen=True)
        case RetryableError():
            return _again(
                bericht, name, text, error.retry_after, random, te_bevragen=bericht.te_bevragen
            )
        case AuthenticationError():
            return Uitslag(bericht, "klaar", name, text, te_bevragen=bericht.te_bevragen)
        case ConflictError() if bericht.bestemming == "crm":
            return Uitslag(bericht, "overgeslagen", name, text)
        case _:
            return Uitslag(bericht, "opgegeven", name, text)


def _again(
    bericht: VerzegeldBericht,
    name: str,
    text: str,
    retry_after: float | None,
    random: Random,
    *,
    te_bevragen: bool,
) -> Uitslag:
    pause = next_pause(bericht.nummer, retry_after, random)
    if pause is None:
        stand = "in_twijfel" if te_bevragen else "opgegeven"
        return Uitslag(bericht, stand, name, text, te_bevragen=te_bevragen)
    return Uitslag(bericht, "klaar", name, text, te_bevragen=te_bevragen, pauze=pause)
