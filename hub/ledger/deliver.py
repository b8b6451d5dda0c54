"""Deliver what waits for one destination: claim, send, settle, until nothing is left."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import Counter
from uuid import uuid4

from sqlalchemy import Engine

from hub.database import fetch_one
from hub.keys import Keyring
from hub.kill_point import kill_point
from hub.ledger.attempt import Attempter
from hub.ledger.budget import LEASE_SECONDS, Slots
from hub.ledger.channel import Capabilities, Kanaal, read_channel
from hub.ledger.claim import FRESH_SECONDS, Composer, claim
from hub.ledger.senders import Senders
from hub.ledger.settle import Uitslag, settle

_LARGEST_CLAIM = 500
# Results are written together, but never later than this.
_SETTLE_AT = 100
_SETTLE_SECONDS = 0.1
_TICK_SECONDS = 0.02
_SPEAK_SECONDS = 5.0
# How long to wait for a place when other workers hold the whole budget: one may have died.
_PATIENCE_SECONDS = LEASE_SECONDS + 1.0
_logger = logging.getLogger("hub.deliver")


def deliver(
    engine: Engine,
    kanaal: Kanaal,
    keyring: Keyring,
    *,
    bestemming: str,
    compose: Composer | None = None,
) -> dict[str, int]:
    """Deliver all that may leave now; return the number of messages per state they went to.

    One effect per message: what was sent with an unknown outcome is asked about before it is sent
    again. A refused sign-on stops the channel; the messages wait. Any number of workers may deliver
    to one destination: together they keep within its budget. ``compose`` makes the content of
    messages that were written down without.
    """
    can = read_channel(engine, bestemming)
    if can.gestopt:
        return {}
    delivery = _Delivery(engine, keyring, bestemming, can, compose)
    return delivery.run(Attempter(kanaal, keyring, can))


def count_waiting(engine: Engine) -> int:
    """Return how many messages still wait to be sent or confirmed."""
    with engine.begin() as connection:
        row = fetch_one(connection, "ops/claim", "count_waiting")
    return int(row["aantal"]) if row else 0


class _Delivery:
    """One worker's run: what it holds, and how fast the receiver takes it."""

    def __init__(
        self,
        engine: Engine,
        keyring: Keyring,
        bestemming: str,
        can: Capabilities,
        compose: Composer | None,
    ) -> None:
        self._engine = engine
        self._keyring = keyring
        self._bestemming = bestemming
        self._can = can
        self._compose = compose
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._counts: Counter[str] = Counter()
        self._finished: list[Uitslag] = []
        self._settled_at = self._spoken_at = time.monotonic()
        self._rate = 0.0
        # The last claim found nothing; what is settled since may let others leave.
        self._dry = False

    def run(self, attempter: Attempter) -> dict[str, int]:
        """Go on until nothing may leave and nothing is in hand."""
        senders = Senders(attempter.attempt)
        with Slots(self._engine, self._bestemming, self._worker) as slots:
            try:
                self._work(senders, slots)
            finally:
                self._finished += senders.stop()
                self._settle()
        _logger.info("%s: %s", self._bestemming, dict(self._counts))
        return dict(self._counts)

    def _work(self, senders: Senders, slots: Slots) -> None:
        patience = time.monotonic() + _PATIENCE_SECONDS
        while True:
            granted = slots.renew(senders.busy)
            senders.allow(granted)
            if granted == 0:
                self._finished += senders.drain()
            else:
                patience = time.monotonic() + _PATIENCE_SECONDS
                if not self._dry:
                    self._claim(senders, granted)
            if senders.in_hand == 0:
                self._settle()
                if granted == 0 and (slots.stopped or time.monotonic() > patience):
                    return
                if granted > 0 and self._dry:
                    return
            self._finished += senders.take(_TICK_SECONDS)
            if self._is_time_to_settle():
                self._settle()

    def _claim(self, senders: Senders, granted: int) -> None:
        """Fill the hands when they are half empty."""
        # Half a second of work beside what is being sent: all of it leaves while it is fresh.
        in_stock = max(float(granted), self._rate * FRESH_SECONDS / 2)
        wanted = min(granted + int(in_stock), _LARGEST_CLAIM)
        room = wanted - senders.in_hand
        if room * 2 < wanted:
            return
        found = claim(
            self._engine,
            self._keyring,
            bestemming=self._bestemming,
            worker=self._worker,
            aantal=room,
            lease_seconds=float(self._can.lease_seconden),
            compose=self._compose,
        )
        kill_point("after_claim")
        for claimed in found.claimed:
            senders.give(claimed)
        if found.withdrawn:
            self._counts["ingetrokken"] += found.withdrawn
        self._dry = not (found.claimed or found.withdrawn)

    def _is_time_to_settle(self) -> bool:
        waited = time.monotonic() - self._settled_at
        return len(self._finished) >= _SETTLE_AT or waited >= _SETTLE_SECONDS

    def _settle(self) -> None:
        results, self._finished = self._finished, []
        now = time.monotonic()
        elapsed, self._settled_at = now - self._settled_at, now
        if not results:
            return
        self._rate = (self._rate + len(results) / max(elapsed, _TICK_SECONDS)) / 2
        kill_point("after_answer")
        settle(self._engine, self._bestemming, results)
        self._dry = False
        self._counts.update(result.stand for result in results)
        if now - self._spoken_at >= _SPEAK_SECONDS:
            self._spoken_at = now
            _logger.info("%s: %s so far", self._bestemming, dict(self._counts))
