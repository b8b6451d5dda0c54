"""The schema's history: every numbered file in sql/migrations/, applied through alembic."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text

from hub.database import make_engine
from hub.statements import SQL_ROOT

MIGRATIONS = SQL_ROOT / "migrations"
_FILE_NAME = re.compile(r"^(?P<number>\d{4})_[a-z0-9_]+\.sql$")
# Two starts at the same moment: the second waits for the first and finds nothing to do.
_LOCK = 7_203_114


class NumberedFiles(ScriptDirectory):
    """alembic's history made of numbered SQL files: each follows the one before it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._folder = folder

    def _load_revisions(self) -> Iterator[Script]:
        previous: str | None = None
        for path in list_migrations(self._folder):
            number = path.stem[:4]
            module = types.ModuleType(path.stem, path.stem[5:])

            def upgrade(connection: Connection, path: Path = path) -> None:
                execute_file(connection, path)

            module.__dict__.update(revision=number, down_revision=previous, upgrade=upgrade)
            yield Script(module, number, path)
            previous = number


def list_migrations(folder: Path = MIGRATIONS) -> list[Path]:
    """Return the migration files in order.

    Raises:
        ValueError: a name has no number, or the numbers have a gap or a double.
    """
    paths = sorted(folder.glob("*.sql"))
    for expected, path in enumerate(paths, start=1):
        match = _FILE_NAME.match(path.name)
        if match is None or int(match["number"]) != expected:
            raise ValueError(
                f"sql/migrations/{path.name} must be called {expected:04d}_<name>.sql. "
                "Number the files without a gap."
            )
    return paths


def migrate(url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Bring a database up to the newest migration; return the revisions applied now.

    Each file runs whole, in a transaction of its own: a failing one leaves no trace, the ones
    before it stay.

    Raises:
        psycopg.Error: a statement failed.
        alembic.util.CommandError: the database is newer than these files.
    """
    script = NumberedFiles(folder)
    applied: list[str] = []

    def list_steps(revision: str, _context: MigrationContext) -> list[RevisionStep]:
        steps = script._upgrade_revs("head", revision)
        applied.extend(step.to_revisions_no_deps[0] for step in steps)
        return steps

    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection, EnvironmentContext(Config(), script) as environment:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
            environment.configure(
                connection=connection,
                fn=list_steps,
                transaction_per_migration=True,
            )
            environment.run_migrations(connection=connection)
            connection.commit()
    finally:
        # The lock goes with the session.
        engine.dispose()
    return applied


def execute_file(connection: Connection, path: Path) -> None:
    """Run a whole SQL file as it stands, in the connection's own transaction."""
    raw = connection.connection.driver_connection
    assert raw is not None, "a checked-out connection always has its driver connection"
    raw.execute(path.read_bytes())
