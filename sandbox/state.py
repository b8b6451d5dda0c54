"""One SQLite file that holds everything the simulators must remember; one connection, one writer.

An effect is durable against a killed process once ``write()`` has left its block: the commit has
reached the write-ahead log by then. Handlers work synchronously inside one block and never await
in it, so two requests cannot mix in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Parameters = Sequence[object]


class StateInUseError(RuntimeError):
    """Another sandbox process holds this state folder."""


class State:
    """The sandbox's database."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "sandbox.sqlite"
        self._db = sqlite3.connect(self.path, isolation_level=None, timeout=2.0)
        try:
            # Exclusive: a second process on the same state fails at once instead of mixing in.
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA temp_store=MEMORY")
            self._db.execute("PRAGMA cache_size=-65536")
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StateInUseError(f"{self.path} is in use by another process") from error
        self._depth = 0

    def create(self, script: str) -> None:
        """Run DDL (``CREATE … IF NOT EXISTS``) of one simulator."""
        self._db.executescript(script)

    def query(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a SELECT."""
        return self._db.execute(sql, parameters).fetchall()

    def first(self, sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        """Return the first row of a SELECT, or None."""
        row: tuple[Any, ...] | None = self._db.execute(sql, parameters).fetchone()
        return row

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement that writes."""
        return self._db.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement for many rows."""
        self._db.executemany(sql, rows)

    @contextmanager
    def write(self) -> Iterator[None]:
        """Run the block as one transaction; a block inside a block is a savepoint of its own."""
        name = f"punt{self._depth}"
        self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth:
                self._db.execute(f"ROLLBACK TO {name}")
                self._db.execute(f"RELEASE {name}")
            else:
                self._db.execute("ROLLBACK")
            raise
        self._depth -= 1
        self._db.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._db.close()
