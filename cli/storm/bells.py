"""Keep the flows going: ring whoever is not at work, and survive that Airflow is away."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cli.airflow import Api
from cli.errors import CliError
from cli.journey import FIRST, FLOWS, PROGRESS, QUALITY
from cli.services import Services
from hub.database import fetch_one

EVERY_SECONDS = 1.0
# A flow is rung when it has work, and every so often in case nobody can see that it has.
PATIENCE_SECONDS = {FIRST: 5.0, "enrich_dossiers": 20.0, PROGRESS: 7.0, "push_berichten": 10.0}
WORK = {"enrich_dossiers": "inbox", "push_berichten": "berichten"}


class Bells:
    """Rings the flows of one storm through Airflow's REST API."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._signed_on: Api | None = None
        self._rung = dict.fromkeys(PATIENCE_SECONDS, 0.0)

    def open_flows(self) -> None:
        """Switch the flows on, last one first.

        Raises:
            CliError: Airflow does not do it.
        """
        for flow in (QUALITY, *reversed(FLOWS)):
            self._api().call("PATCH", f"/api/v2/dags/{flow}", {"is_paused": False})

    def ring(self) -> None:
        """Start every flow that has work and is not at it."""
        try:
            with self._engine.begin() as connection:
                waiting = fetch_one(connection, "ops/reckoning", "under_way") or {}
            busy = self.busy()
            for flow, patience in PATIENCE_SECONDS.items():
                late = time.monotonic() - self._rung[flow] > patience
                if flow not in busy and (late or waiting.get(WORK.get(flow, ""))):
                    self._trigger(flow)
                    self._rung[flow] = time.monotonic()
        except (CliError, ValueError, SQLAlchemyError):
            # Airflow was killed, or the database was: the supervisor is at it.
            self._signed_on = None

    def busy(self) -> set[str]:
        """Return the flows that have a run under way.

        Raises:
            CliError: Airflow does not answer.
        """
        found = self._api().call(
            "GET", "/api/v2/dags/~/dagRuns?state=queued&state=running&limit=100"
        )
        return {run["dag_id"] for run in found["dag_runs"]}

    def run_through(self, flow: str, go_on: Callable[[], bool]) -> str | None:
        """Let the flow run once from now to its end; return how it ended, None when time is up."""
        started: str | None = None
        while go_on():
            with contextlib.suppress(CliError, ValueError):
                if started is None:
                    started = self._trigger(flow)
                path = f"/api/v2/dags/{flow}/dagRuns/{started}"
                ended = str(self._api().call("GET", path)["state"])
                if ended in ("success", "failed"):
                    return ended
            time.sleep(0.5)
        return None

    def _trigger(self, flow: str) -> str:
        run = self._api().call("POST", f"/api/v2/dags/{flow}/dagRuns", {"logical_date": None})
        return str(run["dag_run_id"])

    def _api(self) -> Api:
        if self._signed_on is None:
            self._signed_on = Api(self._services.state, "operator", timeout=(3.0, 15.0))
        return self._signed_on


@contextlib.contextmanager
def ringing(bells: Bells) -> Iterator[None]:
    """Ring in the background as long as the block runs."""
    stop = threading.Event()

    def keep_ringing() -> None:
        while not stop.wait(EVERY_SECONDS):
            bells.ring()

    thread = threading.Thread(target=keep_ringing, name="bells", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60.0)
