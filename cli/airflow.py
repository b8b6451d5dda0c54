"""Airflow from outside: its environment, its four processes, its health. It is never imported."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests

from cli import airflow_batch, outside
from cli.database import HUB, METADATA, Database
from cli.errors import CliError
from cli.processes import Launch, Processes, Record
from cli.settings import ROOT, Settings
from cli.state import State, disk_errors

API = "api-server"
SERVICES = (API, "scheduler", "dag-processor", "triggerer")
# Our service's name -> its key in the health answer, and the time of its last sign of life.
HEALTH = {
    "scheduler": ("scheduler", "latest_scheduler_heartbeat"),
    "dag-processor": ("dag_processor", "latest_dag_processor_heartbeat"),
    "triggerer": ("triggerer", "latest_triggerer_heartbeat"),
}
HUB_CONNECTIONS = {
    "HUB_PULL": "hub_pull",
    "HUB_ENRICH": "hub_enrich",
    "HUB_PUSH": "hub_push",
    "HUB_RAPPORTAGE": "hub_rapportage",
    "HUB_KWALITEIT": "hub_kwaliteit",
    "HUB_AANSLUITING": "hub_aansluiting",
    "HUB_OPRUIMING": "hub_opruiming",
    "HUB_WISSING": "hub_wissing",
}
# What the hub's pages give rights on, as plugins/hub_resources.py makes it known.
PAGES = "Renovatiehub"
# The pages' connections: the web server's alone.
PAGE_CONNECTIONS = {"HUB_LEZER": "hub_lezer", "HUB_OPERATOR": "hub_operator"}
# Names that must not reach a service: the administrator's URL is the launcher's alone.
WITHHELD = ("RENOVATIEHUB_DATABASE", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")


def base_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what a service must not see."""
    env = dict(os.environ if environment is None else environment)
    kept = {key: value for key, value in env.items() if key not in WITHHELD}
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return kept


def environment(
    settings: Settings, state: State, database: Database, *, sandbox: bool
) -> dict[str, str]:
    """Return the whole environment of every Airflow process.

    With the sandbox, the flows' connections lead there unless the environment names others;
    without it they come from the environment or from the web interface.

    Raises:
        CliError: the address of the resident's page cannot be used.
    """
    secrets = state.secrets()["airflow"]
    ports = state.get("ports") or {}
    port = ports.get(API, 0)
    options = {
        ("CORE", "AUTH_MANAGER"): "airflow.providers.fab.auth_manager.fab_auth_manager."
        "FabAuthManager",
        ("CORE", "DAGS_FOLDER"): str(ROOT / "dags"),
        ("CORE", "DEFAULT_TASK_RETRY_DELAY"): "20",
        ("CORE", "PLUGINS_FOLDER"): str(ROOT / "plugins"),
        ("CORE", "EXECUTOR"): "hub_executor.HubExecutor",
        ("CORE", "EXECUTION_API_SERVER_URL"): settings.execution_url
        or f"http://127.0.0.1:{port}/execution/",
        ("CORE", "FERNET_KEY"): secrets["fernet_key"],
        ("CORE", "LAZY_LOAD_PLUGINS"): "False",
        ("CORE", "LOAD_EXAMPLES"): "False",
        ("CORE", "PARALLELISM"): "4",
        ("DATABASE", "SQL_ALCHEMY_CONN"): database.url("airflow", METADATA, "postgresql+psycopg"),
        ("DATABASE", "SQL_ALCHEMY_CONN_ASYNC"): database.url(
            "airflow", METADATA, "postgresql+asyncpg"
        ),
        ("API", "BASE_URL"): web_url(settings, state),
        ("API", "HOST"): settings.host,
        ("API", "PORT"): str(port),
        ("API", "SECRET_KEY"): secrets["secret_key"],
        ("API", "WORKERS"): "1",
        ("API_AUTH", "JWT_SECRET"): secrets["jwt_secret"],
        # The set-up has laid down the permissions; doing it again costs 8 s of every start.
        ("FAB", "UPDATE_FAB_PERMS"): "False",
        ("FAB", "CONFIG_FILE"): str(state.airflow_home / "webserver_config.py"),
        ("LOGGING", "BASE_LOG_FOLDER"): str(state.logs / "taken"),
        ("LOGGING", "TRIGGER_LOG_SERVER_PORT"): str(ports.get("triggerer-logs", 0)),
        ("LOGGING", "WORKER_LOG_SERVER_PORT"): str(ports.get("scheduler-logs", 0)),
        ("SCHEDULER", "SCHEDULER_HEARTBEAT_SEC"): "1",
        ("SCHEDULER", "SCHEDULER_IDLE_SLEEP_TIME"): "0.2",
        ("SCHEDULER", "TASK_INSTANCE_HEARTBEAT_TIMEOUT"): "20",
        ("USAGE_DATA_COLLECTION", "ENABLED"): "False",
    }
    env = base_environment()
    env.update({f"AIRFLOW__{s}__{k}": value for (s, k), value in options.items()})
    env["AIRFLOW_HOME"] = str(state.airflow_home)
    env["GX_ANALYTICS_ENABLED"] = "False"
    env["RENOVATIEHUB_HOME"] = str(settings.home)
    env["RENOVATIEHUB_SLEUTELS"] = settings.sleutels or str(state.sleutels)
    for name, role in {**HUB_CONNECTIONS, **PAGE_CONNECTIONS}.items():
        env.setdefault(f"AIRFLOW_CONN_{name}", _hub_connection(database, role))
    if sandbox:
        if "AIRFLOW_CONN_CRM" not in env:
            # The sandbox's citizens are fictitious and carry test numbers.
            env.setdefault("RENOVATIEHUB_TST", "1")
            env.setdefault("RENOVATIEHUB_MELDING_METEEN", "1")
            env[outside.PAGE] = env.get(outside.PAGE) or outside.resident_page(state)
        for name, connection in outside.connections(state).items():
            env.setdefault(f"AIRFLOW_CONN_{name}", json.dumps(connection))
    _check_resident_page(env)
    return env


def _check_resident_page(env: Mapping[str, str]) -> None:
    from hub.bewonerspagina import BewonerspaginaError, read_template

    try:
        read_template(env)
    except BewonerspaginaError as error:
        # Now, and not only when the first status is to leave.
        raise CliError(str(error)) from None


def keep_ports(settings: Settings, state: State, running: Mapping[str, bool]) -> None:
    """Choose the ports of the processes that have one."""
    state.port(API, fixed=settings.port, in_use=running.get(API, False))
    state.port("scheduler-logs", in_use=running.get("scheduler", False))
    state.port("triggerer-logs", in_use=running.get("triggerer", False))


def web_url(settings: Settings, state: State) -> str:
    """Return the address of the web interface."""
    ports = state.get("ports") or {}
    return settings.url or f"http://127.0.0.1:{ports.get(API, 0)}"


def local_url(state: State) -> str:
    """Return the address under which this machine reaches Airflow's API."""
    elsewhere = os.environ.get("RENOVATIEHUB_API_URL")
    if elsewhere:
        return elsewhere.rstrip("/")
    ports = state.get("ports") or {}
    return f"http://127.0.0.1:{ports.get(API, 0)}"


def launches(env: Mapping[str, str], state: State) -> list[Launch]:
    """Return how each of the four processes starts."""
    program = str(Path(sys.executable).parent / "airflow")
    pages = {f"AIRFLOW_CONN_{name}" for name in PAGE_CONNECTIONS}
    others = {name: value for name, value in env.items() if name not in pages}
    return [
        Launch(
            name,
            [sys.executable, program, name],
            env if name == API else others,
            state.logs / f"{name}.log",
        )
        for name in SERVICES
    ]


def metadata_is_prepared(state: State) -> bool:
    """Tell whether Airflow's database was set up for the installed versions."""
    return bool(state.get("airflow_metadata") == _installed())


def prepare_metadata(env: Mapping[str, str], state: State) -> None:
    """Bring Airflow's own database to its version and make the first administrator.

    Safe to repeat, also after it was killed half-way.

    Raises:
        CliError: it failed; names the log to read.
    """
    log = state.logs / "airflow-setup.log"
    commands = make_setup_commands(state.secrets()["users"]["beheerder"])
    setup_env = {
        **env,
        "AIRFLOW__FAB__UPDATE_FAB_PERMS": "True",
        # Airflow has put its plugins on the path by the time the last one runs.
        airflow_batch.COMMANDS: json.dumps(
            [*(["airflow", *command] for command in commands), ["hub_resources"]]
        ),
    }
    command = [sys.executable, "-P", "-m", "cli.airflow_batch"]
    launch = Launch("airflow-setup", command, setup_env, log)
    if Processes(state.run).run(launch) != 0:
        raise CliError(f"Airflow's database cannot be set up; read {log}.")
    state.remember(airflow_metadata=_installed())


def make_setup_commands(password: str) -> list[list[str]]:
    """Return the commands that bring Airflow's database up and make its first administrator."""
    # In one word with its option: a password may begin as an option does.
    user = ["--username", "beheerder", f"--password={password}"]
    return [
        ["db", "migrate"],
        [
            "users", "create", *user, "--role", "Admin", "--firstname", "Beheerder",
            "--lastname", "Renovatiehub", "--email", "beheerder@renovatiehub.invalid",
        ],
        ["users", "reset-password", *user],
    ]  # fmt: skip


def write_configuration(state: State) -> None:
    """Write the settings of the sign-on pages."""
    with disk_errors(state.home):
        (state.airflow_home / "webserver_config.py").write_text(WEBSERVER_CONFIG, encoding="utf-8")


def _installed() -> str:
    versions = f"{version('apache-airflow-core')} {version('apache-airflow-providers-fab')}"
    return f"{versions} {PAGES}"


def health(state: State) -> dict[str, Any]:
    """Return Airflow's own health answer, or nothing when it does not answer."""
    try:
        answer = _session().get(f"{local_url(state)}/api/v2/monitor/health", timeout=5)
        document: dict[str, Any] = answer.json() if answer.ok else {}
    except (requests.RequestException, ValueError):
        return {}
    return document


def ready(name: str, answer: Mapping[str, Any], record: Record | None) -> bool:
    """Tell whether a process is alive and has given a sign of life since it started."""
    if record is None or not answer:
        return False
    if name == API:
        return bool(answer.get("metadatabase", {}).get("status") == "healthy")
    part, field = HEALTH[name]
    said = answer.get(part) or {}
    if said.get("status") != "healthy" or not said.get(field):
        return False
    beat = datetime.fromisoformat(said[field])
    return beat >= datetime.fromtimestamp(int(record.created), UTC)


class Api:
    """Airflow's REST API, signed on as one of our users."""

    def __init__(
        self, state: State, user: str, *, timeout: tuple[float, float] = (5.0, 60.0)
    ) -> None:
        self._base = local_url(state)
        self._session = _session()
        self._timeout = timeout
        try:
            answer = self._session.post(
                f"{self._base}/auth/token",
                json={"username": user, "password": state.secrets()["users"][user]},
                timeout=timeout,
            )
        except requests.RequestException as error:
            raise CliError(
                f"Airflow does not answer the sign-on of {user} ({type(error).__name__}); "
                "look at './renovatiehub status'."
            ) from None
        if not answer.ok:
            raise CliError(
                f"Airflow refuses the sign-on of {user} ({answer.status_code}); "
                "restore its password from the state folder's secrets."
            )
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, json: object = None, *, missing_ok: bool = False) -> Any:
        """Call one operation and return its answer.

        Raises:
            CliError: the answer is not a success (a 404 gives None when `missing_ok`).
        """
        try:
            answer = self._session.request(
                method, f"{self._base}{path}", json=json, timeout=self._timeout
            )
        except requests.RequestException as error:
            raise CliError(
                f"Airflow does not answer {method} {path} ({type(error).__name__}); "
                "look at './renovatiehub status'."
            ) from None
        if answer.status_code == 404 and missing_ok:
            return None
        if not answer.ok:
            raise CliError(f"Airflow answers {answer.status_code} to {method} {path}.")
        return answer.json() if answer.content else None


def wait_for_dags(api: Api, wanted: set[str], seconds: float = 60.0) -> None:
    """Wait until Airflow has read these DAGs.

    Raises:
        CliError: one is not there in time; says whether a file cannot be imported.
    """
    deadline = time.monotonic() + seconds
    while True:
        present = {dag["dag_id"] for dag in api.call("GET", "/api/v2/dags?limit=200")["dags"]}
        if wanted <= present:
            return
        errors = api.call("GET", "/api/v2/importErrors")["import_errors"]
        if time.monotonic() > deadline or errors:
            files = ", ".join(sorted({str(e["filename"]) for e in errors})) or "no import error"
            missing = ", ".join(sorted(wanted - present))
            raise CliError(f"Airflow did not load {missing} ({files}); look at its web interface.")
        time.sleep(0.2)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _hub_connection(database: Database, role: str) -> str:
    return json.dumps(
        {
            "conn_type": "hub_postgres",
            "host": database.host,
            "port": database.port,
            "schema": HUB,
            "login": role,
            "password": database.passwords[role],
        }
    )


WEBSERVER_CONFIG = '''"""Settings of Airflow's sign-on pages. Written at every start."""

from flask_appbuilder.const import AUTH_DB

AUTH_TYPE = AUTH_DB
WTF_CSRF_ENABLED = True
BABEL_DEFAULT_LOCALE = "nl"
LANGUAGES = {
    "nl": {"flag": "nl", "name": "Nederlands"},
    "en": {"flag": "gb", "name": "English"},
}
'''
