"""Keep what arrives in pieces: large enough to be cheap, never held back long."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

LARGEST_CHUNK = 200
LONGEST_SECONDS = 1.0


def in_chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists, each as soon as it is full or a second old at a new arrival."""
    chunk: list[T] = []
    begun = time.monotonic()
    for item in items:
        if not chunk:
            begun = time.monotonic()
        chunk.append(item)
        if len(chunk) >= LARGEST_CHUNK or time.monotonic() - begun >= LONGEST_SECONDS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
