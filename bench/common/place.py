"""Where a benchmark works: a server of its own, with production's configuration."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from hub.keys import Keyring


class Place(Protocol):
    """A temporary PostgreSQL; whoever runs the benchmark made it and takes it away."""

    def fresh_database(self) -> AbstractContextManager[Place.Urls]:
        """Make a database with the hub's schema and nothing in it; drop it afterwards."""
        ...

    class Urls(Protocol):
        """The way to one database."""

        def url(self, role: str) -> str:
            """Return the URL with which a role of the hub signs on."""
            ...


def make_keyring() -> Keyring:
    """Return keys of the benchmark's own."""
    return Keyring("bench", {"bench": secrets.token_bytes(32)}, secrets.token_bytes(32))


def peak_mb(pid: str = "self") -> float:
    """Return the most memory a process (by default this one) ever held, in MB.

    Read from the kernel's own high-water mark: the one of ``getrusage`` is inherited from the
    process that started this one.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0
