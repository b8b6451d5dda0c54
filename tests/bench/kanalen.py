"""Channels that break a promise: the benchmark must notice each."""

from __future__ import annotations

from bench.pushing.kanaal import BenchKanaal
from hub.ledger.bericht import Bericht, Ontvangst

_CHOSEN = "3.1"


class LosingKanaal(BenchKanaal):
    """Says that one message arrived, and never sent it."""

    def send(self, bericht: Bericht) -> Ontvangst:
        if bericht.sleutel == _CHOSEN:
            return Ontvangst("verzonnen")
        return super().send(bericht)


class RepeatingKanaal(BenchKanaal):
    """Sends one message twice."""

    def send(self, bericht: Bericht) -> Ontvangst:
        if bericht.sleutel == _CHOSEN:
            super().send(bericht)
        return super().send(bericht)
