"""Start the sandbox: ``python -m sandbox --port N --state <folder> --secrets <json file>``."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.app import create_app
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
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--secrets", type=Path, required=True)
    options = parser.parse_args()
    try:
        world = World.open(options.state, Secrets.read(options.secrets))
    except (OSError, KeyError, ValueError, StateInUseError) as error:
        sys.stderr.write(f"sandbox: cannot start: {type(error).__name__}: {error}\n")
        return 2
    app = create_app(world, host=options.host, sftp_port=options.sftp_port)
    # What exists now lives as long as the process: keep the collector off it.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=options.host,
        port=options.port,
        http=SandboxProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        backlog=512,
    )
    world.state.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
