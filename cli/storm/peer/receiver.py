"""A receiver that takes every request for a new one, fails when ordered, and keeps a journal."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class Arrival:
    """An effect: which message, when by the clock of this process."""

    sleutel: str
    moment: float


@dataclass(slots=True)
class Journal:
    """What had an effect, in its order, and the faults that wait, per destination."""

    arrivals: list[Arrival] = field(default_factory=list)
    orders: dict[str, deque[Mapping[str, Any]]] = field(default_factory=dict)
    hits: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, body: Mapping[str, Any]) -> None:
        """Order one fault at a destination."""
        with self.lock:
            self.orders.setdefault(str(body["systeem"]), deque()).append(body)

    def calm(self) -> None:
        """Clear the faults that hit nobody."""
        with self.lock:
            self.orders.clear()

    def next_fault(self, bestemming: str) -> Mapping[str, Any] | None:
        """Take the fault that is next, when one waits."""
        with self.lock:
            waiting = self.orders.get(bestemming)
            if not waiting:
                return None
            self.hits += 1
            return waiting.popleft()

    def arrive(self, sleutel: str) -> None:
        """Note an effect."""
        with self.lock:
            self.arrivals.append(Arrival(sleutel, time.monotonic()))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    journal: Journal

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, bestemming, sleutel = self.path.split("/", 2)
        fault = self.journal.next_fault(bestemming)
        time.sleep(ANSWER_SECONDS)
        match fault and fault["soort"]:
            case None | "vertraging":
                time.sleep(float(fault["seconden"]) if fault else 0.0)
                self.journal.arrive(sleutel)
                self._answer(200)
            case "5xx":
                self._answer(int(fault["status"]), fault.get("retry_after"))
            case "429":
                self._answer(429, fault.get("retry_after"))
            case "bevestig_en_verbreek":
                self.journal.arrive(sleutel)
                self._hang_up()
            case _:
                self._hang_up()

    def _answer(self, status: int, retry_after: str | None = None) -> None:
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: the journal tells."""


@contextmanager
def receiving(journal: Journal) -> Iterator[str]:
    """Listen meanwhile; yields the address."""
    handler = type("Handler", (_Handler,), {"journal": journal})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
