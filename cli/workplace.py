"""A PostgreSQL for one run: configured as in production, in a folder that goes away after it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from cli import database
from cli.postgres import EmbeddedPostgres
from cli.settings import Settings
from cli.state import State


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """One database with the hub's schema."""

    where: database.Database
    name: str

    def url(self, role: str) -> str:
        """Return the URL with which a role of the hub signs on to it."""
        return self.where.url(role, self.name)


@dataclass(frozen=True, slots=True)
class Workplace:
    """A server of one's own; every database in it is a fresh copy of the hub's schema."""

    server: EmbeddedPostgres
    where: database.Database
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def fresh_database(self) -> Iterator[FreshDatabase]:
        """Make a database with the hub's schema and nothing in it; drop it afterwards."""
        name = f"werk_{next(self.numbers)}"
        with psycopg.connect(self.server.dsn(), autocommit=True) as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    *map(sql.Identifier, (name, database.OWNERS[database.HUB], database.HUB))
                )
            )
        try:
            yield FreshDatabase(self.where, name)
        finally:
            with psycopg.connect(self.server.dsn(), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} (FORCE)").format(sql.Identifier(name)))


@contextmanager
def temporary_workplace(postgres_user: str | None = None) -> Iterator[Workplace]:
    """Start a server in a temporary folder; stop it and remove everything afterwards."""
    with tempfile.TemporaryDirectory(prefix="renovatiehub-") as folder:
        settings = Settings(home=Path(folder) / "state", postgres_user=postgres_user)
        state = State(settings.home)
        server = EmbeddedPostgres(state, user=postgres_user)
        server.ensure()
        try:
            database.prepare(settings, state)
            yield Workplace(server, database.locate(settings, state))
        finally:
            server.stop()
