"""A moment by which every request of this thread must be over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(moment: float) -> Iterator[None]:
    """Let no request in this block go on after ``moment`` of the monotonic clock."""
    token = _deadline.set(moment)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float | None:
    """Return the seconds until the deadline (negative once it passed), None without one."""
    moment = _deadline.get()
    return None if moment is None else moment - time.monotonic()
