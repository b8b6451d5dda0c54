"""The benchmarks by name: a module of ``bench`` says PEERS and has ``run``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Protocol

import bench
from bench.common.answer import Answer
from bench.common.place import Place


class Benchmark(Protocol):
    """What a module in ``bench`` says: the peers it knows, and how it is run."""

    PEERS: Sequence[str]
    run: Callable[..., Answer]


def names() -> list[str]:
    """Return the name of every benchmark."""
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.ispkg)


def find(name: str) -> Benchmark:
    """Return a benchmark.

    Raises:
        LookupError: there is none of that name.
    """
    if name not in names():
        raise LookupError(f"There is no benchmark {name!r}; choose from: {', '.join(names())}.")
    return importlib.import_module(f"bench.{name}")  # type: ignore[return-value]


def check(name: str, peer: str | None) -> None:
    """Say so when there is nothing of that name to run.

    Raises:
        LookupError: there is no such benchmark, or it knows no such peer.
    """
    peers = find(name).PEERS
    if peer is not None and peer not in peers:
        raise LookupError(
            f"Benchmark {name!r} has no peer {peer!r}; it has: {', '.join(peers) or 'none'}."
        )


def run(name: str, place: Place, *, peer: str | None, say: Callable[[str], None]) -> Answer:
    """Run one benchmark against all its peers, or only against one.

    Raises:
        LookupError: there is no such benchmark, or it knows no such peer.
        BrokenGuaranteeError: a promise that belongs to the figure was not kept.
    """
    check(name, peer)
    found = find(name)
    return found.run(place, peers=(peer,) if peer else tuple(found.PEERS), say=say)
