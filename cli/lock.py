"""One command at a time changes the services, or the keys, of a state folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import CliError


@contextmanager
def exclusive(folder: Path, command: str, *, name: str = "lock") -> Iterator[None]:
    """Hold a lock of a state folder; the system lets go of it however this process ends.

    The one called `lock` is that of the services; another name guards something of its own.

    Raises:
        CliError: another command holds it; says which, and its process id.
    """
    path = folder / name
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(stream.read())
            raise CliError(
                f"{holder} is at work on this state folder ({folder.parent}); "
                "wait for it, stop it with Ctrl-C, or give another folder in RENOVATIEHUB_HOME."
            ) from None
        stream.seek(0)
        stream.truncate()
        json.dump({"pid": os.getpid(), "command": command}, stream)
        stream.flush()
        yield


def _holder(text: str) -> str:
    try:
        document = json.loads(text)
        return f"Another './renovatiehub {document['command']}' (process {document['pid']})"
    except (ValueError, KeyError, TypeError):
        return "Another './renovatiehub'"
