"""Databases and roles on the embedded or on an external PostgreSQL, and the hub's schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql

from cli.errors import CliError
from cli.postgres import EmbeddedPostgres
from cli.settings import Settings
from cli.state import ROLES, State

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hub.partners import Partner

HUB, METADATA = "renovatiehub", "airflow"
OWNERS = {HUB: "hub_eigenaar", METADATA: "airflow"}


@dataclass(frozen=True, slots=True)
class Database:
    """Where PostgreSQL is, and how each job signs on."""

    host: str
    port: int
    passwords: dict[str, str]

    def url(self, role: str, database: str = HUB, driver: str = "postgresql") -> str:
        """Return the URL with which a role reaches a database."""
        password = quote(self.passwords[role], safe="")
        return f"{driver}://{role}:{password}@{self.host}:{self.port}/{database}"


def locate(settings: Settings, state: State) -> Database:
    """Say where PostgreSQL is, without touching it."""
    passwords = {role: state.secrets()["roles"][role] for role in ROLES}
    if settings.database is None:
        ports = state.get("ports") or {}
        return Database("127.0.0.1", int(ports.get("postgres", 0)), passwords)
    try:
        parts = psycopg.conninfo.conninfo_to_dict(settings.database)
    except psycopg.Error:
        raise CliError(
            "RENOVATIEHUB_DATABASE is not a PostgreSQL URL; "
            "give it as postgresql://user:password@host:port/postgres."
        ) from None
    return Database(str(parts.get("host", "localhost")), int(parts.get("port") or 5432), passwords)


def admin_dsn(settings: Settings, state: State, database: str | None = None) -> str:
    """Return the administrator's connection string."""
    if settings.database is None:
        dsn = EmbeddedPostgres(state, user=settings.postgres_user).dsn()
    else:
        dsn = psycopg.conninfo.make_conninfo(settings.database, connect_timeout=10)
    return psycopg.conninfo.make_conninfo(dsn, dbname=database) if database else dsn


def is_ready(settings: Settings, state: State) -> bool:
    """Ask the server a real query."""
    if settings.database is None:
        return EmbeddedPostgres(state, user=settings.postgres_user).is_ready()
    try:
        with psycopg.connect(admin_dsn(settings, state)) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


@contextmanager
def signed_on(settings: Settings, state: State, role: str) -> Iterator[Engine]:
    """Hand out an engine on the hub's database under a role.

    Raises:
        CliError: the server does not run, or does not know the role.
    """
    from sqlalchemy.exc import OperationalError

    from hub.database import make_engine

    if not is_ready(settings, state):
        raise CliError("PostgreSQL does not run; start it with './renovatiehub up'.")
    engine = make_engine(locate(settings, state).url(role), pool_size=1)
    try:
        try:
            engine.connect().close()
        except OperationalError:
            raise CliError(
                f"PostgreSQL does not let {role} in; "
                "bring the database up to date with './renovatiehub up'."
            ) from None
        yield engine
    finally:
        engine.dispose()


def prepare(settings: Settings, state: State) -> list[str]:
    """Make the roles, the databases, the hub's schema and its destinations.

    Returns the migrations applied now.

    Safe to repeat. Passwords reach the server as SCRAM verifiers only.

    Raises:
        CliError: the server is not there, too old, or does not let us.
    """
    database = locate(settings, state)
    try:
        with psycopg.connect(admin_dsn(settings, state), autocommit=True) as connection:
            if connection.info.server_version < 180000:
                raise CliError(
                    "The hub needs PostgreSQL 18 or later; RENOVATIEHUB_DATABASE is older."
                )
            _make_roles(connection, database.passwords)
            _make_databases(connection)
    except psycopg.Error as error:
        raise CliError(
            f"PostgreSQL at {database.host}:{database.port} refused the set-up "
            f"({type(error).__name__}); check RENOVATIEHUB_DATABASE and the rights of its user."
        ) from None
    from hub.migrate import migrate
    from hub.partners import PartnersError, load_partners

    try:
        partners = load_partners()
    except PartnersError as error:
        raise CliError(str(error)) from None
    applied = migrate(database.url("hub_eigenaar"))
    _declare(database.url("hub_eigenaar"), partners.values())
    return applied


def _declare(url: str, partners: Iterable[Partner]) -> None:
    from hub.config import load_config
    from hub.database import make_engine
    from hub.ledger.channel import declare_notificaties, declare_partners

    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            declare_partners(connection, partners)
            ontdubbelt = bool(load_config("melding")["ontdubbelt_op_id"])
            declare_notificaties(connection, ontdubbelt=ontdubbelt)
    finally:
        engine.dispose()


def _make_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    rows = connection.execute("SELECT rolname FROM pg_roles").fetchall()
    present = {row[0] for row in rows}
    for role, password in passwords.items():
        verifier = connection.pgconn.encrypt_password(
            password.encode(), role.encode(), b"scram-sha-256"
        ).decode()
        verb = sql.SQL("ALTER" if role in present else "CREATE")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                verb, sql.Identifier(role), sql.Literal(verifier)
            )
        )


def _make_databases(connection: psycopg.Connection) -> None:
    rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    present = {row[0] for row in rows}
    for name, owner in OWNERS.items():
        if name not in present:
            # An administrator who is no superuser must belong to the owner's role.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(name), sql.Identifier(owner)
                )
            )
        connection.execute(
            sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                sql.Identifier(name)
            )
        )
    jobs = [role for role in ROLES if role not in OWNERS.values()]
    # A job lands what it received in a temporary table first: staging.
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(HUB), sql.SQL(", ").join(map(sql.Identifier, jobs))
        )
    )
