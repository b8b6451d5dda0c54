"""One command at a time on a state folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli import lock
from cli.errors import CliError

HOLD = """
import sys, time
from pathlib import Path
from cli import lock
with lock.exclusive(Path(sys.argv[1]), "demo"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_command_is_told_who_holds_the_state(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(CliError, match=rf"renovatiehub demo' \(process {holder.pid}\)"),
            lock.exclusive(tmp_path, "up"),
        ):
            pytest.fail("two commands held the lock")
        holder.kill()
        holder.wait()
        with lock.exclusive(tmp_path, "up"):
            pass


def test_the_lock_is_let_go_after_use(tmp_path: Path) -> None:
    for _ in range(2):
        with lock.exclusive(tmp_path, "up"):
            pass
