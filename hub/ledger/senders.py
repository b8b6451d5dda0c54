"""Threads that each make one attempt at a time, as many as the budget allows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

from hub.ledger.attempt import put_back
from hub.ledger.claim import Claimed
from hub.ledger.settle import Uitslag


class Senders:
    """A pool whose size follows the budget while it works.

    An attempt that does not return (the process is told to stop) ends the delivery: ``take``
    raises what it raised.
    """

    def __init__(self, attempt: Callable[[Claimed], Uitslag]) -> None:
        self._attempt = attempt
        self._changed = threading.Condition()
        self._work: deque[Claimed] = deque()
        self._allowed = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._results: SimpleQueue[Uitslag | BaseException] = SimpleQueue()
        self.busy = 0
        self.in_hand = 0

    def allow(self, places: int) -> None:
        """Let this many attempts be under way at once; what is under way is not broken off."""
        with self._changed:
            self._allowed = places
            self._changed.notify_all()
        while len(self._threads) < places:
            thread = threading.Thread(target=self._run, daemon=True)
            self._threads.append(thread)
            thread.start()

    def give(self, claimed: Claimed) -> None:
        """Let a message be attempted."""
        self.in_hand += 1
        with self._changed:
            self._work.append(claimed)
            self._changed.notify()

    def take(self, timeout: float) -> list[Uitslag]:
        """Return the results that are there, waiting for the first one at most ``timeout`` s."""
        taken: list[Uitslag] = []
        try:
            found = self._results.get(timeout=timeout)
            while isinstance(found, Uitslag):
                self.in_hand -= 1
                taken.append(found)
                found = self._results.get_nowait()
        except Empty:
            return taken
        if taken:
            self._results.put(found)
            return taken
        self.in_hand -= 1
        raise found

    def drain(self) -> list[Uitslag]:
        """Put back what was not begun."""
        with self._changed:
            unbegun = [put_back(claimed.bericht) for claimed in self._work]
            self._work.clear()
        self.in_hand -= len(unbegun)
        return unbegun

    def stop(self) -> list[Uitslag]:
        """End all threads once their attempts are over; return the results nobody took yet."""
        rest = self.drain()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        while not self._results.empty():
            found = self._results.get()
            self.in_hand -= 1
            if isinstance(found, Uitslag):
                rest.append(found)
        return rest

    def _run(self) -> None:
        while (claimed := self._begin()) is not None:
            try:
                self._results.put(self._attempt(claimed))
            except BaseException as error:  # noqa: BLE001
                self._results.put(error)
            with self._changed:
                self.busy -= 1
                self._changed.notify()

    def _begin(self) -> Claimed | None:
        """Wait for a message and a free place; None when the pool stops."""
        with self._changed:
            while not self._stopping and not (self._work and self.busy < self._allowed):
                self._changed.wait()
            if self._stopping:
                return None
            self.busy += 1
            return self._work.popleft()
