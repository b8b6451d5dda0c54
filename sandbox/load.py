"""How many requests are under way at each system, and how many there were at most.

A request counts from its arrival until its last byte is handed to the network: whoever has the
whole answer may ask again at once.
"""

from __future__ import annotations

from collections import Counter


class Load:
    """Counts the open requests of every system since the last reset."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        self._above: Counter[str] = Counter()
        self._arrived: Counter[str] = Counter()

    def begin(self, systeem: str, limit: float | None) -> int:
        """Count a request that arrives; return how many are open with it."""
        self._arrived[systeem] += 1
        self._open[systeem] += 1
        now_open = self._open[systeem]
        self._most[systeem] = max(self._most[systeem], now_open)
        if limit is not None and now_open > limit:
            self._above[systeem] += 1
        return now_open

    def end(self, systeem: str) -> None:
        """Count a request as over."""
        self._open[systeem] -= 1

    def describe(self, systeem: str) -> dict[str, int]:
        """Return arrivals, what is open now, what was at most, and arrivals above the limit."""
        return {
            "aantal": self._arrived[systeem],
            "open": self._open[systeem],
            "meeste": self._most[systeem],
            "boven_limiet": self._above[systeem],
        }

    def reset(self, systeem: str) -> None:
        """Forget what was; what is open stays open."""
        self._most[systeem] = self._open[systeem]
        self._above[systeem] = self._arrived[systeem] = 0
