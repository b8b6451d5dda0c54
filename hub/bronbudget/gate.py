"""The gate of one run: how many requests of this process may be under way at a source.

What the budget granted is counted here, without the database. A request of more than that is a try:
it tells whether the source takes one more.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from connectors.transport.admission import NotAdmittedError

# Longer than this a run does not wait: the question comes back with a later run.
LONGEST_PAUSE = 30.0
# How long the source is left alone when it says "too many" and not for how long.
PAUSE_SECONDS = 1.0
# A source may still be busy with a request whose answer we no longer wait for.
_LOST_SECONDS = 5.0
_WAKE_SECONDS = 0.25
# An answer or a question may be on its way for so long: part of an answer's time, and at least.
_TRANSIT_SHARE = 0.03
_TRANSIT_LEAST = 0.005
# On a busy machine one try may seem to hold that did not: so many in a row are believed.
_PROOFS = 2


@dataclass(slots=True)
class Report:
    """What happened since the last report. ``held`` and ``refused``: how a try ended."""

    in_use: int = 0
    wanted: int = 0
    answered: int = 0
    sent: int = 0
    held: bool = False
    refused: bool = False
    too_many: float | None = None  # the age in seconds of the request that was one too many
    pause: float = 0.0

    @property
    def urgent(self) -> bool:
        """Tell whether the other workers should know at once."""
        return self.held or self.refused or self.too_many is not None or self.pause > 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What the budget allows until ``until`` (of the gate's clock); None is no such limit."""

    places: int
    until: float
    requests: int | None = None
    pause: float = 0.0
    may_try: bool = False


class Turn:
    """One question's way through the gate; its requests are counted, its outcome is judged."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.proves = True
        self.sent_at: float | None = None

    def enter(self) -> None:
        """Wait for a place."""
        self._gate.enter(self)

    def leave(self, *, lost: bool) -> None:
        """Let the place go."""
        self._gate.leave(self, lost=lost)

    def answered(self) -> None:
        """Say that the source did not find it too many."""
        self._gate.judge(self, too_many=False)

    def failed(self) -> None:
        """Say that nothing can be told from how it ended."""
        self._gate.judge(self, too_many=None)

    def throttled(self, retry_after: float | None) -> None:
        """Say that the source found it too many."""
        self._gate.judge(self, too_many=True, retry_after=retry_after)


class Gate:
    """Counts the requests under way; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.outstanding = 0
        self.changed = Condition()
        self._grant = Grant(0, 0.0)
        self._places = 0
        self._requests: int | None = None
        self._in_use = 0
        self._lost: deque[float] = deque()
        self._report = Report()
        self._paused_until = 0.0
        self._reduced_at = -1.0
        self._may_try = False
        self._try: Turn | None = None
        self._proofs = 0
        self._watched = False
        self._sent_at = self._try_sent_at = -1.0
        self._answer_seconds = 0.0
        self._error: BaseException | None = None

    def turn(self) -> Turn:
        """Return the way through for one question."""
        return Turn(self)

    def break_off(self, error: BaseException) -> None:
        """Let nobody through any more; whoever waits gets the error."""
        with self.changed:
            self._error = error
            self.changed.notify_all()

    def enter(self, turn: Turn) -> None:
        """Wait until one more request may be under way.

        Raises:
            NotAdmittedError: the source asked for a pause that is too long to wait for.
        """
        with self.changed:
            turn.sent_at = None
            while not self._passes(turn):
                self.changed.wait(self._patience())
                self._watched = False
            now = self.clock()
            turn.sent_at = self._sent_at = now
            if turn is self._try:
                self._try_sent_at = now
            self._in_use += 1
            self._report.sent += 1
            if self._requests is not None:
                self._requests -= 1

    def leave(self, turn: Turn, *, lost: bool) -> None:
        """Count a request as over, or as lost: then its place stays taken for a while."""
        with self.changed:
            now = self.clock()
            if lost:
                self._lost.append(now + _LOST_SECONDS)
                return
            self._in_use -= 1
            if turn.sent_at is not None:
                took = now - turn.sent_at
                self._answer_seconds += (took - self._answer_seconds) / 8
            tried = self._try
            if tried and tried is not turn and now - self._try_sent_at < self._transit():
                # It may have made room before the try arrived.
                tried.proves = False
            self.changed.notify()

    def judge(self, turn: Turn, *, too_many: bool | None, retry_after: float | None = None) -> None:
        """Take in how a question ended."""
        with self.changed:
            now, tried = self.clock(), turn is self._try
            if tried:
                self._try = None
            if retry_after:
                self._pause(now, retry_after)
            if too_many is False:
                self._report.answered += 1
                if tried and turn.proves:
                    self._proofs += 1
                if self._proofs >= _PROOFS:
                    self._proofs = 0
                    self._report.held = True
                    self._may_try = False
            elif too_many and tried:
                self._report.refused = True
                self._may_try = False
                self._proofs = 0
            elif too_many and (turn.sent_at or now) > self._reduced_at:
                self._report.too_many = now - (turn.sent_at or now)
                self._reduced_at = now
                self._places = reduce_places(self._places)
                self._may_try = False
                self._proofs = 0
                self._pause(now, retry_after or PAUSE_SECONDS)
            self.changed.notify_all()

    def take_report(self) -> tuple[Report, int]:
        """Return what happened since the last report, and the places that count until the next.

        The requests that were granted and not sent are given back with it.
        """
        with self.changed:
            self._release_lost()
            report, self._report = self._report, Report()
            report.in_use = self._in_use
            report.wanted = max(self.outstanding, self._in_use)
            if self._requests is not None:
                self._requests = 0
            return report, max(self._places, self._in_use)

    def allow(self, grant: Grant) -> None:
        """Count with what the budget allows from now on."""
        with self.changed:
            if grant.pause:
                self._paused_until = max(self._paused_until, self.clock() + grant.pause)
            news = self._report.urgent
            # What happened meanwhile is known here and not yet there.
            self._places = min(grant.places, self._places) if news else grant.places
            self._may_try = grant.may_try and not news
            self._requests = grant.requests
            self._grant = grant
            self.changed.notify_all()

    def has_news(self) -> bool:
        """Tell whether the other workers should know of something at once."""
        return self._report.urgent

    def _passes(self, turn: Turn) -> bool:
        if self._error is not None:
            raise self._error
        now = self.clock()
        pause = self._paused_until - now
        if pause > LONGEST_PAUSE:
            raise NotAdmittedError(pause)
        self._release_lost()
        if pause > 0 or now >= self._grant.until or self._requests == 0:
            return False
        if self._in_use < self._places:
            return True
        if (
            self._may_try
            and self._try is None
            and self._in_use == self._places > 0
            and now - self._sent_at >= self._transit()
        ):
            self._try = turn
            return True
        return False

    def _patience(self) -> float:
        """Return how long to wait for a change; one thread watches for the moment of a try."""
        if self._may_try and self._try is None and not self._watched:
            self._watched = True
            return self._transit()
        pause = self._paused_until - self.clock()
        return min(pause, _WAKE_SECONDS) if pause > 0 else _WAKE_SECONDS

    def _transit(self) -> float:
        return max(self._answer_seconds * _TRANSIT_SHARE, _TRANSIT_LEAST)

    def _pause(self, now: float, seconds: float) -> None:
        self._paused_until = max(self._paused_until, now + seconds)
        self._report.pause = max(self._report.pause, seconds)

    def _release_lost(self) -> None:
        now = self.clock()
        while self._lost and self._lost[0] <= now:
            self._lost.popleft()
            self._in_use -= 1


def reduce_places(places: int) -> int:
    """Return with how many to go on when the source found these too many."""
    return max(places * 7 // 10, 1)
