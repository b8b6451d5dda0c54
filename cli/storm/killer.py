"""Carry out the planned kills; one counts only when a process really died."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cli.storm.plan import POINT, TASK, Kill
from cli.storm.points import Points

# An order at a named point that nobody passes is replaced by another kill after this long.
ORDER_SECONDS = 15.0
# So is a kill whose victim does not run.
VICTIM_SECONDS = 8.0
# Orders that wait at the same time: more would kill every attempt of every task.
MOST_ORDERS = 3


class Blow(Protocol):
    """What kills one process of a target; False when none runs."""

    def __call__(self, target: str) -> bool: ...


@dataclass(slots=True)
class _Waiting:
    """A kill that is due: at a named point when it has an order, else on a victim."""

    target: str
    until: float
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
        self._waiting: list[_Waiting] = []
        self.per_target: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        """How many processes died so far."""
        return self.per_target.total()

    @property
    def done(self) -> bool:
        """Tell whether every kill of the plan was carried out."""
        return not self._planned and not self._waiting

    def step(self, now: float) -> None:
        """Carry out what is due; `now` in seconds from the start of the storm."""
        self._waiting = [kill for kill in self._waiting if not self._carry_out(kill, now)]
        while self._planned and self._planned[0].at <= now:
            if self._is_order(self._planned[0]) and self._orders() >= MOST_ORDERS:
                break
            self._begin(self._planned.popleft(), now)

    def end(self) -> None:
        """Take back the orders that nobody took; what just died of one still counts."""
        for kill in self._waiting:
            if kill.order is not None and not self._points.cancel(kill.order):
                self.per_target[kill.target] += 1
        self._waiting.clear()
        self._planned.clear()

    def _begin(self, kill: Kill, now: float) -> None:
        if not self._is_order(kill):
            waiting = _Waiting(kill.target, now + VICTIM_SECONDS)
            if not self._carry_out(waiting, now):
                self._waiting.append(waiting)
            return
        order = self._points.order(kill.target.removeprefix(POINT))
        if kill.fault is not None:
            self._order_fault(kill.fault)
        self._waiting.append(_Waiting(kill.target, now + ORDER_SECONDS, order))

    def _carry_out(self, kill: _Waiting, now: float) -> bool:
        """Tell whether the kill is over, and count it when it is."""
        if kill.order is not None:
            late = now > kill.until
            if self._points.is_taken(kill.order) or (late and not self._points.cancel(kill.order)):
                self.per_target[kill.target] += 1
                return True
            if late:
                kill.target, kill.order, kill.until = TASK, None, now + VICTIM_SECONDS
            return False
        if self._strike(kill.target):
            self.per_target[kill.target] += 1
            return True
        if now > kill.until:
            kill.target, kill.until = TASK, now + VICTIM_SECONDS
        return False

    def _orders(self) -> int:
        return sum(kill.order is not None for kill in self._waiting)

    @staticmethod
    def _is_order(kill: Kill) -> bool:
        return kill.target.startswith(POINT)
