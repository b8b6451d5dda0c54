"""Keep the flows going: ring whoever is not at work, and survive that Airflow is away."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from cli.airflow import Api
from cli.errors import CliError
from cli.journey import FLOWS, QUALITY
from cli.services import Services

EVERY_SECONDS = 2.0


class Bells:
    """Rings the flows of one storm through Airflow's REST API."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._signed_on: Api | None = None
        self.failures = 0

    def open_flows(self) -> None:
        """Switch the flows on, last one first.

        Raises:
            CliError: Airflow does not do it.
        """
        for flow in (QUALITY, *reversed(FLOWS)):
            self._api().call("PATCH", f"/api/v2/dags/{flow}", {"is_paused": False})

    def ring(self) -> bool:
        """Start every flow that is not at work; False when Airflow did not answer."""
        try:
            busy = self.busy()
            for flow in FLOWS:
                if flow not in busy:
                    self._trigger(flow)
        except (CliError, ValueError):
            # It was killed, or its database was: the supervisor is at it.
            self._signed_on = None
            self.failures += 1
            return False
        return True

    def busy(self) -> set[str]:
        """Return the flows that have a run under way.

        Raises:
            CliError: Airflow does not answer.
        """
        found = self._api().call(
            "GET", "/api/v2/dags/~/dagRuns?state=queued&state=running&limit=100"
        )
        return {run["dag_id"] for run in found["dag_runs"]}

    def run_through(self, flow: str, go_on: Callable[[], bool]) -> bool:
        """Let the flow run once from now to its end, however it ends; False when time is up."""
        started: str | None = None
        while go_on():
            with contextlib.suppress(CliError, ValueError):
                if started is None:
                    started = self._trigger(flow)
                path = f"/api/v2/dags/{flow}/dagRuns/{started}"
                if self._api().call("GET", path)["state"] in ("success", "failed"):
                    return True
            time.sleep(0.5)
        return False

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
