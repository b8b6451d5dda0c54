"""How many messages this worker may send at once: its share of the destination's budget."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.database import execute, fetch_one

_RENEW_SECONDS = 0.25
# A block that is not renewed for this long belongs to a worker that died.
LEASE_SECONDS = 5.0
_PATH = "ops/budget"


class Slots:
    """A block of places in a destination's budget, renewed while it is used.

    All workers and tasks share ``hub.kanaal.max_gelijktijdig``, evenly: who comes later gets a
    share as soon as the others let places go. The block of a worker that dies comes back when its
    lease ends.
    """

    def __init__(self, engine: Engine, bestemming: str, worker: str) -> None:
        self._engine = engine
        self._names = {"bestemming": bestemming, "houder": worker}
        self._renew_at = 0.0
        self._granted = 0
        self.stopped = False

    def __enter__(self) -> Slots:
        return self

    def renew(self, in_use: int) -> int:
        """Return how many places this worker may use from now on; 0 when there is none left.

        ``in_use`` places are kept until they are let go, also when the share became smaller. The
        database is asked a few times a second, not at every call.
        """
        now = time.monotonic()
        if now < self._renew_at:
            return self._granted
        with self._engine.begin() as connection:
            channel = fetch_one(connection, _PATH, "lock", bestemming=self._names["bestemming"])
            execute(connection, _PATH, "sweep", **self._names)
            others = fetch_one(connection, _PATH, "others", **self._names)
            assert channel is not None, "a delivery begins with its channel"
            assert others is not None, "an aggregate always gives a row"
            limit = int(channel["max_gelijktijdig"])
            share = max(limit // (int(others["houders"]) + 1), 1)
            free = max(limit - int(others["plaatsen"]), 0)
            self.stopped = bool(channel["gestopt"])
            self._granted = 0 if self.stopped else min(share, free)
            execute(
                connection,
                _PATH,
                "take",
                **self._names,
                plaatsen=max(self._granted, in_use),
                seconden=LEASE_SECONDS,
            )
        self._renew_at = now + _RENEW_SECONDS
        return self._granted

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Without a database the block ends by itself.
        with suppress(SQLAlchemyError), self._engine.begin() as connection:
            execute(connection, _PATH, "give_back", **self._names)
