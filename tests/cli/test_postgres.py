"""The embedded server for real: set-up, kill -9, taking over, roles, an external server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from cli import database
from cli.errors import CliError
from cli.postgres import EmbeddedPostgres
from cli.settings import Settings, read_settings
from cli.state import State

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A server whose state folder lies where everyone may pass, as in a home of its own."""
    home = Path(tempfile.mkdtemp(prefix="rh-postgres-"))
    home.chmod(0o711)
    made = EmbeddedPostgres(State(home / "state"))
    try:
        made.ensure()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home)


@pytest.fixture
def settings(server: EmbeddedPostgres) -> Settings:
    """The settings of the server's state folder."""
    return read_settings({"RENOVATIEHUB_HOME": str(server.place.parent)})


def test_the_server_is_version_18_and_durable(server: EmbeddedPostgres) -> None:
    server.ensure()
    with psycopg.connect(server.dsn()) as connection:
        assert connection.info.server_version // 10000 == 18
        for name, value in (("fsync", "on"), ("synchronous_commit", "on"), ("TimeZone", "UTC")):
            row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            assert row == (value,)


def test_the_server_runs_as_an_unprivileged_user_on_loopback_only(
    server: EmbeddedPostgres,
) -> None:
    server.ensure()
    pid = server.pid()
    assert pid is not None
    process = psutil.Process(pid)
    assert process.uids().effective != 0
    listening = [c for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    server.ensure()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn(), password="fout")


def test_a_killed_server_is_taken_over_with_its_data(server: EmbeddedPostgres) -> None:
    server.ensure()
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE blijvend AS SELECT 42 AS waarde")
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert server.ensure()
    assert server.pid() not in (None, pid)
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SELECT waarde FROM blijvend").fetchone() == (42,)


def test_a_running_server_is_taken_over_as_it_is(server: EmbeddedPostgres) -> None:
    server.ensure()
    pid = server.pid()
    later = EmbeddedPostgres(State(server.place.parent))
    assert not later.ensure()
    assert later.pid() == pid


def test_a_pid_file_that_names_a_stranger_does_not_fool_us(server: EmbeddedPostgres) -> None:
    server.stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n")
            assert server.pid() is None
            assert server.ensure()
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_set_up_killed_half_way_is_done_again(server: EmbeddedPostgres) -> None:
    server.stop()
    unfinished = server.place / "data.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    assert server.ensure()
    assert (server.data / "PG_VERSION").exists()


def test_stopping_leaves_no_process(server: EmbeddedPostgres) -> None:
    server.ensure()
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 10
    assert server.pid() is None
    assert server._processes() == []


def test_roles_and_databases_are_made_once_and_the_schema_follows(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    server.ensure()
    state = State(settings.home)
    applied = database.prepare(settings, state)
    assert applied == sorted(applied)
    assert database.prepare(settings, state) == []
    where = database.locate(settings, state)
    for role in ("hub_pull", "hub_lezer", "hub_eigenaar"):
        with psycopg.connect(where.url(role)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_a_job_cannot_make_tables_nor_enter_airflows_database(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    server.ensure()
    state = State(settings.home)
    database.prepare(settings, state)
    where = database.locate(settings, state)
    with psycopg.connect(where.url("hub_lezer")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.van_mij (x integer)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(where.url("hub_pull", database.METADATA))


def test_the_servers_log_shows_no_data(server: EmbeddedPostgres, settings: Settings) -> None:
    server.ensure()
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE uniek (naam text PRIMARY KEY)")
        connection.execute("INSERT INTO uniek VALUES ('Jansens-geheim')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO uniek VALUES ('Jansens-geheim')")
    log = server.log.read_text()
    assert "duplicate key value" in log
    assert "Jansens-geheim" not in log


def test_an_external_server_needs_one_setting_only(
    server: EmbeddedPostgres, settings: Settings, tmp_path: Path
) -> None:
    server.ensure()
    parts = psycopg.conninfo.conninfo_to_dict(server.dsn())
    url = "postgresql://{user}:{password}@{host}:{port}/postgres".format(**parts)
    elsewhere = read_settings(
        {"RENOVATIEHUB_HOME": str(tmp_path / "state"), "RENOVATIEHUB_DATABASE": url}
    )
    state = State(elsewhere.home)
    try:
        database.prepare(elsewhere, state)
        assert database.is_ready(elsewhere, state)
        with psycopg.connect(database.locate(elsewhere, state).url("hub_lezer")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        database.prepare(settings, State(settings.home))


def test_an_external_server_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "RENOVATIEHUB_HOME": str(tmp_path),
            "RENOVATIEHUB_DATABASE": "postgresql://x:geheim@127.0.0.1:9/postgres",
        }
    )
    with pytest.raises(CliError, match="refused the set-up") as caught:
        database.prepare(settings, State(tmp_path))
    assert "geheim" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
def test_behind_a_closed_folder_root_keeps_the_data_where_the_server_may_go() -> None:
    home = Path(tempfile.mkdtemp(prefix="rh-gesloten-"))
    made = EmbeddedPostgres(State(home / "state"))
    try:
        assert made.ensure()
        place = made.place
        assert not place.is_relative_to(home)
        assert made.is_ready()
    finally:
        made.stop()
        shutil.rmtree(home)
    # The next one clears what a vanished temporary state folder left.
    later = Path(tempfile.mkdtemp(prefix="rh-gesloten-"))
    try:
        following = EmbeddedPostgres(State(later / "state")).place
        assert not place.exists()
        shutil.rmtree(following)
    finally:
        shutil.rmtree(later)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
@pytest.mark.parametrize("user", ["root", "bestaat-niet"])
def test_an_unusable_user_is_refused(tmp_path: Path, user: str) -> None:
    with pytest.raises(CliError, match="RENOVATIEHUB_POSTGRES_USER"):
        EmbeddedPostgres(State(tmp_path), user=user)
