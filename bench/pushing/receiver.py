"""A bare receiver in a process of its own: answers each PUT after a fixed pause, and counts.

It knows just enough of HTTP/1.1 to keep a connection alive, so that it is not what is measured.

    PUT /berichten/<dossier>.<number>   201 after the pause; 200 when it had it already
    GET /berichten/<dossier>.<number>   200 or 404
    GET /journal                        what arrived, in its order, and the counts
    DELETE /journal                     forget everything
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

PAUSE_SECONDS = 0.002
_END = b"\r\n\r\n"


class Journal:
    """What arrived."""

    def __init__(self) -> None:
        self.arrivals: list[str] = []
        self.held: set[str] = set()
        self.under_way: Counter[str] = Counter()
        self.at_once = 0
        self.most_at_once = 0
        self.overtaken = 0

    def arrive(self, key: str) -> bool:
        """Note an arrival; tells whether it is new."""
        dossier = key.partition(".")[0]
        self.overtaken += self.under_way[dossier] > 0
        self.under_way[dossier] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        new = key not in self.held
        self.arrivals.append(key)
        self.held.add(key)
        return new

    def leave(self, key: str) -> None:
        """Note that the answer leaves."""
        self.under_way[key.partition(".")[0]] -= 1
        self.at_once -= 1

    def document(self) -> dict[str, object]:
        """Return the counts, and every key in the order of arrival."""
        return {
            "requests": len(self.arrivals),
            "keys": len(self.held),
            "most_at_once": self.most_at_once,
            "overtaken": self.overtaken,
            "arrivals": self.arrivals,
        }


class _Receiver(asyncio.Protocol):
    def __init__(self, world: list[Journal], loop: asyncio.AbstractEventLoop) -> None:
        self._world = world
        self._loop = loop
        self._waiting = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(_END)) >= 0:
            head = self._waiting[:end]
            lowered = head.lower()
            at = lowered.find(b"content-length:")
            size = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            whole = end + len(_END) + size
            if len(self._waiting) < whole:
                return
            self._waiting = self._waiting[whole:]
            method, path, _ = head.split(b"\r\n", 1)[0].split(b" ")
            self._take(method, path.decode("ascii"))

    def _take(self, method: bytes, path: str) -> None:
        journal = self._world[0]
        key = path.rpartition("/")[2]
        if method == b"PUT":
            status = b"201 Created" if journal.arrive(key) else b"200 OK"
            answer = b'{"referentie": "%s"}' % key.encode("ascii")
            self._loop.call_later(PAUSE_SECONDS, self._confirm, journal, key, status, answer)
        elif path == "/journal" and method == b"DELETE":
            self._world[0] = Journal()
            self._answer(b"200 OK", b"{}")
        elif path == "/journal":
            self._answer(b"200 OK", json.dumps(journal.document()).encode("ascii"))
        elif key in journal.held:
            self._answer(b"200 OK", b'{"referentie": "%s"}' % key.encode("ascii"))
        else:
            self._answer(b"404 Not Found", b"{}")

    def _confirm(self, journal: Journal, key: str, status: bytes, answer: bytes) -> None:
        journal.leave(key)
        self._answer(status, answer)

    def _answer(self, status: bytes, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(
                b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (status, len(body), body)
            )


async def _listen(tell: Connection) -> None:
    loop = asyncio.get_running_loop()
    world = [Journal()]
    server = await loop.create_server(lambda: _Receiver(world, loop), "127.0.0.1", 0, backlog=512)
    tell.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _main(tell: Connection) -> None:
    asyncio.run(_listen(tell))


@contextmanager
def running_receiver() -> Iterator[str]:
    """Start the receiver; yields its base URL."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(there,), daemon=True)
    process.start()
    try:
        if not here.poll(30):
            raise TimeoutError("The receiver did not start within 30 seconds.")
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()
