"""Long work shows how far it is: a line in the task's log, at most every few seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_EVERY_SECONDS = 5.0
_logger = logging.getLogger("hub.progress")


def track(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Pass the items on and log ``<what>: <done> of <total>`` now and then, and at the end."""
    started = shown = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        if time.monotonic() - shown >= _EVERY_SECONDS:
            shown = time.monotonic()
            _logger.info("%s: %d of %d", what, done, total)
    if done:
        _logger.info("%s: %d done in %.1f s", what, done, time.monotonic() - started)
