"""The peer's own Python environment, from its hashed lock; never the hub's `.venv`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from cli.bootstrap import ROOT, VENV, SetupError, digest, installer_environment, run
from cli.errors import CliError

LOCK = "requirements/peer.txt"


def peer_python(folder: Path) -> Path:
    """Return the Python of the peer's environment in this folder; made when its lock is new.

    Raises:
        CliError: it cannot be made; what was left is made anew the next time.
    """
    python, stamp = folder / "bin" / "python", folder / "lock"
    wanted = digest(LOCK)
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    environment = installer_environment()
    try:
        base = getattr(sys, "_base_executable", None) or sys.executable
        run(
            "[1/2] Making an environment for the peer",
            [base, "-I", "-m", "venv", "--without-pip", str(folder)],
            environment,
        )
        uv = str(VENV / "tools" / "bin" / "uv")
        run(
            "[2/2] Installing the peer",
            [
                uv, "pip", "sync", "--python", str(python), "--quiet", "--require-hashes",
                str(ROOT / LOCK),
            ],
            environment,
        )  # fmt: skip
    except SetupError as error:
        raise CliError(str(error)) from None
    stamp.write_text(wanted, encoding="ascii")
    return python
