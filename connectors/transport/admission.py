"""Who lets a request go: whoever bounds what is under way at a source holds the gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from connectors.transport.errors import ThrottledError


class NotAdmittedError(Exception):
    """The request may not go now; perhaps after ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Admission(Protocol):
    """Counts requests: one is under way from before its first byte until its last is read."""

    def enter(self) -> None:
        """Wait until one more request may be under way.

        Raises:
            NotAdmittedError: it should not be waited for.
        """
        ...

    def leave(self, *, lost: bool) -> None:
        """Say that it is over; ``lost`` when the receiver may still be busy with it."""
        ...


_admission: ContextVar[Admission | None] = ContextVar("admission", default=None)


@contextmanager
def admitted_by(admission: Admission) -> Iterator[None]:
    """Let every request of this thread in this block pass by ``admission``."""
    token = _admission.set(admission)
    try:
        yield
    finally:
        _admission.reset(token)


@dataclass(slots=True)
class Passage:
    """One request under way; set ``lost`` when its answer did not come in time."""

    lost: bool = False


@contextmanager
def passage(system: str, operation: str, key: str) -> Iterator[Passage]:
    """Hold a place at the source during the block, where places are counted.

    Raises:
        ThrottledError: the request may not go now.
    """
    admission, under_way = _admission.get(), Passage()
    if admission is None:
        yield under_way
        return
    try:
        admission.enter()
    except NotAdmittedError as refused:
        raise ThrottledError(
            system,
            operation,
            key,
            f"nothing may be asked for another {refused.retry_after:.0f} s",
            done="It was not sent",
            retry_after=refused.retry_after,
        ) from None
    try:
        yield under_way
    finally:
        admission.leave(lost=under_way.lost)
