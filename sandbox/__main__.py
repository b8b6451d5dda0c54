"""Start the sandbox: ``python -m sandbox --port N --state <folder> --secrets <json file>``.

With ``--tls-port N --tls <folder>`` it also listens over TLS and asks for a client certificate.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.acm.clients import read_clients
from sandbox.app import create_app
from sandbox.doors import TlsDoor, TwoDoors
from sandbox.gateway import TRANSPORT
from sandbox.state import StateInUseError
from sandbox.world import Secrets, World


class SandboxProtocol(HttpToolsProtocol):
    """Gives the gateway the connection, so that it can close it without an answer."""

    def on_message_begin(self) -> None:
        """Start the scope of a request."""
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


def main() -> int:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sftp-port", type=int, default=0)
    parser.add_argument("--keuring-port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--secrets", type=Path, required=True)
    parser.add_argument("--tls-port", type=int)
    parser.add_argument("--tls", type=Path, help="folder with ca.pem, server.pem, server.key")
    parser.add_argument("--acm", type=Path, help="JSON of the applications that may sign on")
    options = parser.parse_args()
    if (options.tls is None) != (options.tls_port is None):
        parser.error("--tls-port and --tls go together")
    door = None if options.tls is None else TlsDoor(options.tls_port, options.tls)
    try:
        world = World.open(
            options.state,
            Secrets.read(options.secrets),
            door.read_authorities() if door is not None else (),
            read_clients(options.acm),
        )
    except (OSError, KeyError, ValueError, StateInUseError) as error:
        sys.stderr.write(f"sandbox: cannot start: {type(error).__name__}: {error}\n")
        return 2
    common: dict[str, Any] = {
        "app": create_app(
            world,
            host=options.host,
            sftp_port=options.sftp_port,
            keuring_port=options.keuring_port,
        ),
        "host": options.host,
        "http": SandboxProtocol,
        "ws": "none",
        "lifespan": "off",
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 3,
        "backlog": 512,
    }
    # What exists now lives as long as the process: keep the collector off it.
    gc.collect()
    gc.freeze()
    # What runs beside the requests starts with the first door.
    plain = uvicorn.Config(**(common | {"lifespan": "on"}), port=options.port)
    if door is None:
        uvicorn.Server(plain).run()
    else:
        TwoDoors(plain, uvicorn.Config(**(common | door.options()))).run()
    world.state.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
