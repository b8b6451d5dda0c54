"""Run several Airflow commands in one process, so that its imports are paid for once.

The commands stand in the environment, where a password does not show in the list of processes.
"""

from __future__ import annotations

import json
import os
import runpy
import sys

COMMANDS = "RENOVATIEHUB_BATCH"


def run(commands: list[list[str]]) -> int:
    """Run the commands in order; return 1 at the first that fails, else 0."""
    for command in commands:
        sys.argv = command
        try:
            runpy.run_module(command[0], run_name="__main__", alter_sys=False)
        except SystemExit as end:
            if end.code not in (None, 0):
                print(f"{' '.join(command[:3])}: {end.code}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(json.loads(os.environ.pop(COMMANDS))))
