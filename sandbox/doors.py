"""Two doors to one application: plain HTTP, and TLS that asks for a client certificate."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from cryptography import x509


class TellingObject(ssl.SSLObject):
    """A side of a connection that tells a client why it is refused, as a web server does.

    The event loop drops a connection whose handshake failed before the alert has left. Here it
    is told that the handshake waits, so that it sends the alert; the client then hangs up.
    """

    _refused = False

    def do_handshake(self) -> None:
        """Go on with the handshake."""
        if self._refused:
            raise ssl.SSLWantReadError
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError:
            self._refused = True
            raise ssl.SSLWantReadError from None


@dataclass(frozen=True, slots=True)
class TlsDoor:
    """The second door's port, and the folder with ``ca.pem``, ``server.pem``, ``server.key``."""

    port: int
    folder: Path

    def read_authorities(self) -> tuple[x509.Certificate, ...]:
        """Return the authorities whose clients are let in.

        Raises:
            OSError, ValueError: the file cannot be read.
        """
        return tuple(x509.load_pem_x509_certificates((self.folder / "ca.pem").read_bytes()))

    def options(self) -> dict[str, Any]:
        """Return what makes a server of uvicorn ask for a client certificate."""
        return {
            "port": self.port,
            "ssl_certfile": self.folder / "server.pem",
            "ssl_keyfile": self.folder / "server.key",
            "ssl_ca_certs": str(self.folder / "ca.pem"),
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
            "ssl_context_factory": _make_context,
            # A client that rests on its connection does not answer the end of TLS.
            "timeout_graceful_shutdown": 1,
        }


def _make_context(_config: uvicorn.Config, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = make()
    context.sslobject_class = TellingObject
    return context


class TwoDoors(uvicorn.Server):
    """A server that opens and closes a second one with itself."""

    def __init__(self, config: uvicorn.Config, second: uvicorn.Config) -> None:
        super().__init__(config)
        self._second = uvicorn.Server(second)
        self._task: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Open the second door first, so that who is answered at the first finds both open."""
        # Not `serve`: signals are the first door's alone.
        self._task = asyncio.create_task(self._second._serve())
        while not self._second.started and not self._task.done():
            await asyncio.sleep(0.01)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Close both."""
        self._second.should_exit = True
        if self._task is not None:
            await self._task
        await super().shutdown(sockets)
