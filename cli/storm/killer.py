"""Carry out the planned kills; one counts only when a process really died."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cli.storm.plan import POINT, TASK, Kill
from cli.storm.points import Points

# An order at a named point that nobody passes is replaced by another kill after this long, and so
# is a kill whose victim does not run.
ORDER_SECONDS = 60.0
VICTIM_SECONDS = 8.0
# Between two blows that nobody waits for, so that something comes to life in between.
PAUSE_SECONDS = 1.5


class Blow(Protocol):
    """What kills one process of a target; False when none runs."""

    def __call__(self, target: str) -> bool: ...


@dataclass(slots=True)
class _Due:
    """A kill that is due; at a named point it waits under an order."""

    target: str
    until: float
    fault: Mapping[str, Any] | None = None
    order: str | None = None


class Killer:
    """Takes the plan's kills in their order, and replaces what finds nobody."""

    def __init__(
        self,
        kills: tuple[Kill, ...],
        points: Points,
        strike: Blow,
        order_fault: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._planned = deque(kills)
        self._points = points
        self._strike = strike
        self._order_fault = order_fault
        self._due: list[_Due] = []
        self._struck = -PAUSE_SECONDS
        self.per_target: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        """How many processes died so far."""
        return self.per_target.total()

    @property
    def done(self) -> bool:
        """Tell whether every kill of the plan was carried out."""
        return not self._planned and not self._due

    def step(self, now: float) -> None:
        """Carry out what is due; `now` in seconds from the start of the storm."""
        while self._planned and self._planned[0].at <= now:
            kill = self._planned.popleft()
            seconds = ORDER_SECONDS if kill.target.startswith(POINT) else VICTIM_SECONDS
            self._due.append(_Due(kill.target, now + seconds, kill.fault))
        self._due = [kill for kill in self._due if not self._carry_out(kill, now)]

    def end(self) -> None:
        """Take back the orders that nobody took; what just died of one still counts."""
        for kill in self._due:
            if kill.order is not None and not self._points.cancel(kill.order):
                self.per_target[kill.target] += 1
        self._due.clear()
        self._planned.clear()

    def _carry_out(self, kill: _Due, now: float) -> bool:
        """Tell whether the kill is over, and count it when it is."""
        if kill.target.startswith(POINT):
            died = self._is_taken(kill)
        elif now - self._struck < PAUSE_SECONDS:
            return False
        elif died := self._strike(kill.target):
            self._struck = now
        if not died and now > kill.until:
            # A process may take the order in this very moment: then it cannot be taken back.
            died = kill.order is not None and not self._points.cancel(kill.order)
            if not died:
                kill.target, kill.order, kill.until = TASK, None, now + VICTIM_SECONDS
        if died:
            self.per_target[kill.target] += 1
        return died

    def _is_taken(self, kill: _Due) -> bool:
        """Tell whether a process died of the order; one order per point waits at a time."""
        if kill.order is not None:
            return self._points.is_taken(kill.order)
        if not any(one.order and one.target == kill.target for one in self._due):
            kill.order = self._points.order(kill.target.removeprefix(POINT))
            if kill.fault is not None:
                self._order_fault(kill.fault)
        return False
