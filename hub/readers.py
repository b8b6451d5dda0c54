"""Read costly answers in processes of their own, so that asking goes on meanwhile.

A reader is a plain new process that holds only what reading needs: not a fork, which in a task of
Airflow would take all of its memory and threads along, nor one of multiprocessing, which would
import the task's main program again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any

MOST_READERS = 4
# Another process is worth its memory when so many answers wait for each one there is.
_WAITING_PER_READER = 24
# A reader needs neither the hub's keys nor its connections.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONDONTWRITEBYTECODE")

Done = Callable[[Any], None]


class ReaderDiedError(Exception):
    """A reading process ended before it answered."""


class Readers:
    """Reads answers with ``read``, a function of a module that can be pickled.

    Starts with one process, so that it is warm when the first answer comes, and adds others while
    answers pile up: never more than half of the cores.
    """

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._read = read
        self._most = min(max((os.cpu_count() or 1) // 2, 1), MOST_READERS)
        self._waiting: SimpleQueue[tuple[Any, Done] | None] = SimpleQueue()
        self._threads: list[Thread] = []

    def __enter__(self) -> Readers:
        self._add()
        return self

    def submit(self, answer: Any, done: Done) -> None:
        """Read an answer some time; ``done`` gets the result, or the error it led to."""
        self._waiting.put((answer, done))
        if len(self._threads) < self._most and self._waiting.qsize() > _WAITING_PER_READER * len(
            self._threads
        ):
            self._add()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _add(self) -> None:
        here, there = Pipe()
        with there:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "hub.reader", str(there.fileno())],
                pass_fds=(there.fileno(),),
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
        name = f"reader {len(self._threads)}"
        thread = Thread(target=self._serve, args=(here, process), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, line: Connection, process: subprocess.Popen[bytes]) -> None:
        """Hand answers to one process until there are no more."""
        with line:
            self._converse(line)
        # The closed pipe is its sign to end.
        process.wait()

    def _converse(self, line: Connection) -> None:
        broken: Exception | None = None
        try:
            line.send(self._read)
        except Exception as error:  # noqa: BLE001
            # Whoever submits next hears of it, be it a fault of ours or a process that is gone.
            broken = error
        while (work := self._waiting.get()) is not None:
            answer, done = work
            result = None
            try:
                if broken is None:
                    line.send(answer)
                    result = line.recv()
            except (EOFError, OSError):
                broken = ReaderDiedError("A reading process ended before it answered.")
            except Exception as error:  # noqa: BLE001
                broken = error
            done(result if broken is None else broken)
