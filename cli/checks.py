"""What `./renovatiehub test` runs besides pytest: style, types, import rules, SQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cli.output import say
from cli.settings import ROOT

# Each runs from the repository; a check of folders that are not there yet is left out.
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
    ("import rules", ("lint-imports", "--no-cache")),
    ("sqlfluff", ("sqlfluff", "lint", "--processes", "2", "--disable-progress-bar", "sql")),
)
# A file's tests share a database and an outside world: they stay in one process. A whole Airflow
# needs the machine for itself.
TESTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "pytest",
        (
            "-m",
            "not airflow",
            "--numprocesses",
            "logical",
            "--maxprocesses",
            "4",
            "--dist",
            "loadfile",
        ),
    ),
    ("pytest with Airflow", ("-m", "airflow")),
)
NO_TESTS = 5


def run(arguments: Sequence[str]) -> int:
    """Run the checks, then pytest; with arguments only pytest. Returns an exit code."""
    if arguments:
        return _pytest(arguments, Path.cwd())
    failed = []
    for name, command in CHECKS:
        begun = time.monotonic()
        code = subprocess.call(_command(command), cwd=ROOT, env=_environment())
        say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - begun:.1f} s)")
        if code != 0:
            failed.append(name)
    for name, chosen in TESTS:
        if _pytest(chosen, ROOT) != 0:
            failed.append(name)
    if failed:
        say(f"renovatiehub: failed: {', '.join(failed)}; the lines above say why.")
    return 1 if failed else 0


def _pytest(arguments: Sequence[str], folder: Path) -> int:
    command = [sys.executable, "-P", "-m", "pytest", f"--rootdir={ROOT}", "-c"]
    command += [str(ROOT / "pyproject.toml"), *arguments]
    code = subprocess.call(command, cwd=folder, env=_environment())
    if code == NO_TESTS:
        say("renovatiehub: no test ran; check the arguments.")
    return code


def _command(command: Sequence[str]) -> list[str]:
    return [str(Path(sys.executable).parent / command[0]), *command[1:]]


def _environment() -> dict[str, str]:
    bin_folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
