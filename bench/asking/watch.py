"""When the first question left and the last answer was in, and the memory it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.common.place import peak_mb
from connectors.woningpas.epc.client import EpcClient, EpcReply

_EVERY_SECONDS = 0.25
_READER = b"hub.reader"


class WatchedSource:
    """A GeefEpc client that notes when it was first and last used."""

    def __init__(self, client: EpcClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self.first = float("inf")
        self.last = 0.0

    def fetch_epcs(self, **question: Any) -> EpcReply:
        """Ask, as the client does."""
        with self._lock:
            self.first = min(self.first, time.monotonic())
        try:
            return self._client.fetch_epcs(**question)
        finally:
            with self._lock:
                self.last = max(self.last, time.monotonic())


class Memory:
    """The most memory this process and its reading processes held, in MB, together."""

    def __init__(self) -> None:
        self._readers: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Callable[[], float]:
        self._thread.start()
        return lambda: peak_mb() + sum(self._readers.values())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            for children in Path("/proc/self/task").glob("*/children"):
                try:
                    for pid in children.read_text(encoding="ascii").split():
                        if _READER in Path(f"/proc/{pid}/cmdline").read_bytes():
                            self._readers[pid] = peak_mb(pid)
                except OSError:
                    continue  # it ended meanwhile
