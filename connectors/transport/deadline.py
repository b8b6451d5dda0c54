"""Moments of the monotonic clock by which requests of this thread must have begun or be over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class _Begin:
    latest: float
    has_begun: bool = False


_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_begin: ContextVar[_Begin | None] = ContextVar("begin", default=None)


@contextmanager
def begin_by(moment: float) -> Iterator[None]:
    """Let the first request of this block not begin after ``moment`` of the monotonic clock."""
    token = _begin.set(_Begin(moment))
    try:
        yield
    finally:
        _begin.reset(token)


def may_begin() -> bool:
    """Tell whether a request may begin now; once one did, those that follow may as well."""
    begin = _begin.get()
    if begin is None or begin.has_begun:
        return True
    begin.has_begun = time.monotonic() <= begin.latest
    return begin.has_begun


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
