"""When this process itself stood still: it then saw requests later than they arrived."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from sandbox.state import State

_TICK_SECONDS = 0.05
# Shorter than this is the ordinary work of one request.
_WORTH_TELLING = 0.1
_DDL = "CREATE TABLE IF NOT EXISTS stilstand (tijdstip TEXT NOT NULL, seconden REAL NOT NULL)"


class Stilstand:
    """Writes down every time that the event loop could not run for a while."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(_TICK_SECONDS)
            late = time.monotonic() - asleep - _TICK_SECONDS
            if late >= _WORTH_TELLING:
                self.note(late)

    def note(self, seconds: float) -> None:
        """Write down a standstill that ended just now."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._state.execute("INSERT INTO stilstand VALUES (?, ?)", (moment, seconds))

    def list_all(self) -> list[dict[str, Any]]:
        """Return every standstill: the moment it ended (UTC) and its seconds, oldest first."""
        rows = self._state.query("SELECT tijdstip, seconden FROM stilstand ORDER BY tijdstip")
        return [{"tijdstip": moment, "seconden": seconds} for moment, seconds in rows]
