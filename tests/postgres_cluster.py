"""A real PostgreSQL for tests: one server per session, a fresh copy of the schema per test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from cli.database import locate, prepare
from cli.postgres import EmbeddedPostgres
from cli.settings import Settings, read_settings
from cli.state import State
from hub.database import make_engine

_NUMBERS = itertools.count(1)


@dataclass
class Cluster:
    """The server and the way to a database of one's own in it."""

    settings: Settings
    state: State
    server: EmbeddedPostgres

    @contextmanager
    def fresh_database(self) -> Iterator[HubDatabase]:
        name = f"proef_{next(_NUMBERS)}"
        with psycopg.connect(self.server.dsn(), autocommit=True) as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER hub_eigenaar TEMPLATE renovatiehub").format(
                    sql.Identifier(name)
                )
            )
        made = HubDatabase(self, name, [])
        try:
            yield made
        finally:
            for engine in made.engines:
                engine.dispose()
            with psycopg.connect(self.server.dsn(), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} (FORCE)").format(sql.Identifier(name)))


@dataclass
class HubDatabase:
    """One database with the hub's schema; sign on to it under the role of a job."""

    cluster: Cluster
    name: str
    engines: list[Engine]

    def engine(self, role: str) -> Engine:
        """Return an engine under one of the hub's roles."""
        url = locate(self.cluster.settings, self.cluster.state).url(role, self.name)
        engine = make_engine(url)
        self.engines.append(engine)
        return engine


@contextmanager
def running_cluster(home: Path) -> Iterator[Cluster]:
    """Start a server in ``home``, with the roles and the migrated template database."""
    settings = read_settings({"RENOVATIEHUB_HOME": str(home)})
    state = State(home)
    server = EmbeddedPostgres(state)
    server.ensure()
    try:
        prepare(settings, state)
        yield Cluster(settings, state, server)
    finally:
        server.stop()
