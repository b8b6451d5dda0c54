"""Start, watch and stop all services of a state folder, and say how they are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli import airflow, database, outside, signon
from cli.errors import CliError
from cli.output import Bar, step
from cli.postgres import EmbeddedPostgres
from cli.processes import Launch, Processes
from cli.settings import Settings
from cli.state import State

POSTGRES = "postgres"
START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Status:
    """How one service is."""

    ready: bool
    pid: int | None
    rss_mb: float


class Services:
    """The services of one state folder: PostgreSQL, four Airflow processes, the sandbox.

    `environment` is laid over that of the Airflow processes.
    """

    def __init__(
        self, settings: Settings, state: State, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.settings = settings
        self.state = state
        self.processes = Processes(state.run)
        self._environment = dict(environment or {})
        self._launches: list[Launch] = []
        self.postgres = (
            EmbeddedPostgres(state, user=settings.postgres_user)
            if settings.database is None
            else None
        )

    def start(self, owner: str, *, sandbox: bool) -> None:
        """Start what does not run, take over what does, and wait until all is ready.

        Raises:
            CliError: a service cannot start; names the log to read.
        """
        names = [*airflow.SERVICES, outside.NAME]
        running = {name: self.processes.running(name) is not None for name in names}
        airflow.keep_ports(self.settings, self.state, running)
        for port in outside.PORTS:
            self.state.port(port, in_use=running[outside.NAME])
        self._start_postgres(owner)
        with step("Preparing databases and roles"):
            database.prepare(self.settings, self.state)
        where = database.locate(self.settings, self.state)
        env = airflow.environment(self.settings, self.state, where, sandbox=sandbox)
        env.update(self._environment)
        launches = []
        if sandbox:
            launches.append(outside.launch(self.state, airflow.base_environment()))
            self._launch(launches, owner)
        airflow.write_configuration(self.state)
        if not airflow.metadata_is_prepared(self.state):
            # Nobody may work in a database that changes its version.
            self.processes.stop(airflow.SERVICES)
            with step("Setting up Airflow's database"):
                airflow.prepare_metadata(env, self.state)
        launches.extend(airflow.launches(env, self.state))
        self._launch(launches, owner)
        self._wait(launches)
        self._launches = launches
        signon.apply_roles(self.state)

    def revive(self, owner: str) -> list[str]:
        """Start again what died since `start`, as a supervisor would; return the names.

        What a dead service left behind is killed first, as in a container that lost its main
        process. PostgreSQL is waited for, the others are not.

        Raises:
            CliError: PostgreSQL does not start again; names the log to read.
        """
        revived = []
        if self.postgres is not None and self.postgres.pid() is None:
            self.postgres.ensure()
            revived.append(POSTGRES)
        for launch in self._launches:
            if self.processes.running(launch.name) is None:
                self.processes.finish(launch.name)
                self.processes.start(launch, owner)
                revived.append(launch.name)
        return revived

    def stop(self, *, owner: str | None = None) -> list[str]:
        """Stop the services, or only those that `owner` started; return their names."""
        names = []
        for name in (*airflow.SERVICES, outside.NAME):
            record = self.processes.record(name)
            if record is not None and owner in (None, record.owner):
                names.append(name)
        self.processes.stop(names)
        postgres_owner = self.state.get("postgres_owner")
        if self.postgres is not None and owner in (None, postgres_owner):
            if self.postgres.pid() is not None:
                names.append(POSTGRES)
            self.postgres.stop()
            self.state.remember(postgres_owner=None)
        return names

    def status(self) -> dict[str, Status]:
        """Ask every service how it is; the sandbox only when it was started."""
        answer = airflow.health(self.state)
        found = {}
        if self.postgres is not None:
            pid = self.postgres.pid()
            found[POSTGRES] = Status(
                pid is not None and self.postgres.is_ready(), pid, self.postgres.rss_mb()
            )
        else:
            found[POSTGRES] = Status(database.is_ready(self.settings, self.state), None, 0.0)
        for name in airflow.SERVICES:
            record = self.processes.running(name)
            found[name] = Status(
                airflow.ready(name, answer, record),
                record.pid if record else None,
                self.processes.rss_mb(name),
            )
        if self.processes.record(outside.NAME) is not None:
            record = self.processes.running(outside.NAME)
            found[outside.NAME] = Status(
                record is not None and outside.is_ready(self.state),
                record.pid if record else None,
                self.processes.rss_mb(outside.NAME),
            )
        return found

    def urls(self) -> dict[str, str]:
        """Return the addresses a person opens."""
        urls = {"airflow": airflow.web_url(self.settings, self.state)}
        if self.processes.running(outside.NAME) is not None:
            urls["sandbox"] = outside.base_url(self.state)
        return urls

    def report(self) -> dict[str, Any]:
        """Return the services and addresses as the JSON answers give them."""
        return {
            "services": {
                name: {"ready": s.ready, "pid": s.pid, "rss_mb": s.rss_mb}
                for name, s in self.status().items()
            },
            "urls": self.urls(),
        }

    def failed(self) -> str | None:
        """Return the name of a started service that no longer runs, if any."""
        for name in (*airflow.SERVICES, outside.NAME):
            if self.processes.record(name) is not None and self.processes.running(name) is None:
                return name
        if self.postgres is not None and self.postgres.pid() is None:
            return POSTGRES
        return None

    def _start_postgres(self, owner: str) -> None:
        if self.postgres is None:
            return
        with step("Starting PostgreSQL"):
            started = self.postgres.ensure()
            kept = self.state.get("postgres_owner")
            # What `up` started stays when a demo ends; what a killed demo left is taken over.
            if started or kept is None or owner == "up":
                self.state.remember(postgres_owner=owner)

    def _launch(self, launches: list[Launch], owner: str) -> None:
        stale = [
            launch.name
            for launch in launches
            if (record := self.processes.running(launch.name)) is None
            or record.fingerprint != launch.fingerprint
        ]
        # Also ends what a killed service left behind.
        self.processes.stop(stale)
        for launch in launches:
            if launch.name in stale:
                self.processes.start(launch, owner)
            elif owner == "up":
                self.processes.adopt(launch.name, owner)

    def _wait(self, launches: list[Launch]) -> None:
        waiting = {launch.name: launch for launch in launches}
        deadline = time.monotonic() + START_SECONDS
        with Bar("Starting services", len(launches)) as bar:
            while waiting:
                answer = airflow.health(self.state)
                for name, launch in list(waiting.items()):
                    record = self.processes.running(name)
                    if record is None:
                        raise CliError(
                            f"The {name} stopped right after its start; read {launch.log}."
                        )
                    if (
                        outside.is_ready(self.state)
                        if name == outside.NAME
                        else airflow.ready(name, answer, record)
                    ):
                        del waiting[name]
                bar.update(len(launches) - len(waiting), f"waiting for {', '.join(waiting)}")
                if waiting and time.monotonic() > deadline:
                    logs = ", ".join(str(launch.log) for launch in waiting.values())
                    raise CliError(
                        f"Not ready after {START_SECONDS:.0f} s: {', '.join(waiting)}; read {logs}."
                    )
                if waiting:
                    time.sleep(0.2)
