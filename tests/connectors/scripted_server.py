"""A loopback HTTP server that answers by script: also late, broken, cut off or not at all."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to answer: after `delay` seconds, `raw` bytes as they are, or a reset."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    raw: bytes | None = None
    reset: bool = False
    drip: float | None = None

    @property
    def late(self) -> bool:
        """It is meant to outlast its client: it lingers, or promises more than it sends."""
        promised = self.headers.get("Content-Length", str(len(self.body)))
        return self.delay > 0 or self.drip is not None or promised != str(len(self.body))


Script = Callable[[Asked], Answer]
# How long a client waits, in seconds: on a busy machine an answer takes its time.
PATIENT = (5.0, 20.0)
HASTY = (5.0, 0.4)


class ScriptedServer:
    """Answers each request by the script and remembers it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.timeout = HASTY if getattr(script, "late", False) else PATIENT
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Without it a body sent after its headers waits for a delayed ACK.
            wbufsize = -1

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                asked = Asked(self.command, self.path, dict(self.headers), body)
                with outer._lock:
                    outer.asked.append(asked)
                    answer = outer.script(asked)
                time.sleep(answer.delay)
                try:
                    self.send(answer)
                except OSError:
                    self.close_connection = True

            def send(self, answer: Answer) -> None:
                if answer.reset:
                    self.connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    self.connection.close()
                    self.close_connection = True
                    return
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    self.close_connection = True
                    return
                head = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Odd')}"]
                headers = {"Content-Length": str(len(answer.body)), **answer.headers}
                head += [f"{name}: {value}" for name, value in headers.items()]
                self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
                if answer.drip is None:
                    self.wfile.write(answer.body)
                    self.wfile.flush()
                    return
                for index in range(len(answer.body)):
                    self.wfile.write(answer.body[index : index + 1])
                    self.wfile.flush()
                    time.sleep(answer.drip)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: object) -> None:
                """Stay silent."""

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):
                    self.close_connection = True

        return Handler


@contextmanager
def serve(script: Script) -> Iterator[ScriptedServer]:
    """Run a scripted server for the length of a test."""
    server = ScriptedServer(script)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def in_turn(*answers: Answer) -> Script:
    """Answer these one after the other; the last one stays."""
    waiting = list(answers)

    def script(_asked: Asked) -> Answer:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    script.late = any(answer.late for answer in answers)  # type: ignore[attr-defined]
    return script
