"""A state folder and services of the storm's own, set so that the dead are noticed quickly."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from cli import outside
from cli.errors import CliError
from cli.postgres import EmbeddedPostgres
from cli.services import Services
from cli.settings import Settings
from cli.state import State
from hub.kill_point import VARIABLE

OWNER = "storm"
# Small, so that there is something between two pages.
PAGE_SIZE = 20
QUICK = {
    ("CORE", "DEFAULT_TASK_RETRY_DELAY"): "1",
    ("WORKERS", "MIN_HEARTBEAT_INTERVAL"): "2",
    ("WORKERS", "EXECUTION_API_RETRY_WAIT_MAX"): "3",
    ("SCHEDULER", "JOB_HEARTBEAT_SEC"): "2",
    ("SCHEDULER", "TASK_INSTANCE_HEARTBEAT_SEC"): "2",
    ("SCHEDULER", "TASK_INSTANCE_HEARTBEAT_TIMEOUT"): "8",
    ("SCHEDULER", "TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL"): "2",
    ("SCHEDULER", "SCHEDULER_HEALTH_CHECK_THRESHOLD"): "8",
    ("SCHEDULER", "ORPHANED_TASKS_CHECK_INTERVAL"): "4",
    ("SCHEDULER", "TASK_QUEUED_TIMEOUT"): "30",
    ("SCHEDULER", "TASK_QUEUED_TIMEOUT_CHECK_INTERVAL"): "5",
}
# Names with which a user leads the flows elsewhere: a storm must never reach a real system.
ELSEWHERE = ("AIRFLOW_CONN_", "RENOVATIEHUB_SANDBOX_URL", "RENOVATIEHUB_API_URL")


def refuse_elsewhere(environment: Mapping[str, str] | None = None) -> None:
    """Refuse to begin while the environment leads the flows to other systems than our own.

    Raises:
        CliError: names the variables.
    """
    env = os.environ if environment is None else environment
    if found := sorted(name for name in env if name.startswith(ELSEWHERE)):
        raise CliError(
            f"The environment leads to other systems ({', '.join(found)}); a storm only ever "
            "touches its own: unset them and try again."
        )


def clear(home: Path, settings: Settings) -> None:
    """Stop what an earlier storm left running and remove its state, all but the lock."""
    if not home.exists():
        return
    services = Services(settings, State(home))
    services.stop()
    shutil.rmtree(_place(services.state), ignore_errors=True)
    for path in (*home.iterdir(), *(home / "run").iterdir()):
        if path.name in ("run", "lock"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def make_services(settings: Settings, home: Path, points: Path) -> Services:
    """Return the services of a storm, not yet started."""
    own = dataclasses.replace(
        settings, home=home, host="127.0.0.1", port=None, url=None, database=None, sleutels=None,
        connections={}, execution_url=None,
    )  # fmt: skip
    state = State(home)
    # Its ports are kept, so that connections may be written before the services start.
    for port in (outside.NAME, outside.TLS):
        state.port(port)
    crm = outside.connections(state)["CRM"]
    crm["extra"] = crm["extra"] | {"bladzijde": PAGE_SIZE}
    environment = {f"AIRFLOW__{section}__{key}": value for (section, key), value in QUICK.items()}
    environment |= {"AIRFLOW_CONN_CRM": json.dumps(crm), VARIABLE: str(points)}
    return Services(own, state, environment=environment)


def _place(state: State) -> Path:
    kept = state.get("postgres_place")
    return Path(kept) if kept else EmbeddedPostgres(state).place
