"""Several workers ask one source: real processes, a real PostgreSQL, a source that counts."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.transport.admission import passage
from connectors.transport.errors import ThrottledError
from connectors.transport.raadpleging import GelogdeRaadpleging
from hub.asking import Asking, Job
from hub.bronbudget.grens import Grens
from hub.bronbudget.lease import LEASE_SECONDS, within_budget
from tests.hub.asking_worker import make_look
from tests.postgres_cluster import HubDatabase
from tests.sandbox_process import SandboxHandle, running_sandbox

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[2]
KNOWN = Grens("magda", hoogstens=16, gelijktijdig=4)
UNKNOWN = Grens("magda", hoogstens=16)


class Workers:
    """Worker processes on one database and one source."""

    def __init__(self, database: HubDatabase, sandbox: SandboxHandle) -> None:
        self.engine = database.engine("hub_enrich")
        self.sandbox = sandbox
        sandbox.grow(40)
        known = [sandbox.resident(i) for i in range(40)]
        self.units = [
            one["gebouweenheid_id"]
            for one in known
            if one["gebouweenheid_id"] and one["geval"] != "epc_ander_adres"
        ]
        self.running: list[subprocess.Popen[str]] = []

    def start(self, questions: int, grens: Grens) -> subprocess.Popen[str]:
        units = (self.units * (questions // len(self.units) + 1))[:questions]
        order = {
            "database": self.engine.url.render_as_string(hide_password=False),
            "source": f"{self.sandbox.base_url}/magda/epc",
            "units": units,
            "grens": asdict(grens),
        }
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.hub.asking_worker", json.dumps(order)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(worker)
        return worker

    def finish(self, worker: subprocess.Popen[str]) -> dict[str, Any]:
        told, _ = worker.communicate(timeout=100)
        assert worker.returncode == 0
        result: dict[str, Any] = json.loads(told.splitlines()[-1])
        return result

    def count(self) -> dict[str, int]:
        counted: dict[str, int] = self.sandbox.control("GET", "/drukte/epc")
        return counted

    def wait_for(self, requests: int) -> None:
        deadline = time.monotonic() + 60
        while self.count()["aantal"] < requests:
            assert time.monotonic() < deadline, "nothing is asked"
            time.sleep(0.02)

    def budget(self) -> dict[str, Any]:
        with self.engine.connect() as connection:
            return dict(connection.execute(text("SELECT * FROM hub.bronbudget")).mappings().one())

    def holders(self) -> int:
        with self.engine.connect() as connection:
            found = connection.execute(text("SELECT count(*) FROM hub.bronbudget_houder"))
            return int(found.scalar_one())


@pytest.fixture
def workers(database: HubDatabase, tmp_path: Path) -> Iterator[Workers]:
    with running_sandbox(tmp_path) as sandbox:
        made = Workers(database, sandbox)
        yield made
        for worker in made.running:
            worker.kill()
            worker.communicate()


def test_processes_that_come_and_go_never_exceed_a_known_limit_together(workers: Workers) -> None:
    workers.sandbox.change_settings("epc", max_gelijktijdig=4, antwoordtijd=0.05)
    first = [workers.start(120, KNOWN), workers.start(60, KNOWN)]
    workers.wait_for(20)
    others = [workers.start(40, KNOWN), workers.start(3, KNOWN)]
    results = [workers.finish(worker) for worker in first + others]
    assert [result["failed"] for result in results] == [0, 0, 0, 0]
    counted = workers.count()
    assert (counted["aantal"], counted["boven_limiet"], counted["meeste"]) == (223, 0, 4)
    assert workers.holders() == 0


def test_the_places_of_a_killed_worker_come_back_and_not_before_its_lease_ends(
    workers: Workers,
) -> None:
    workers.sandbox.change_settings("epc", max_gelijktijdig=4, antwoordtijd=0.2)
    killed = workers.start(500, KNOWN)
    workers.wait_for(8)
    killed.kill()
    killed.wait()
    died = time.monotonic()
    assert workers.holders() == 1
    result = workers.finish(workers.start(12, KNOWN))
    assert result["failed"] == 0
    assert min(result["answered_at"]) > died + LEASE_SECONDS / 2
    assert workers.count()["boven_limiet"] == 0


def test_retry_after_of_one_worker_is_obeyed_by_all(workers: Workers) -> None:
    workers.sandbox.change_settings("epc", antwoordtijd=0.05)
    running = [workers.start(150, KNOWN), workers.start(150, KNOWN)]
    workers.wait_for(60)
    workers.sandbox.order_fault("epc", "429", retry_after="4")
    results = [workers.finish(worker) for worker in running]
    assert [result["failed"] for result in results] == [0, 0]
    moments = sorted(moment for result in results for moment in result["answered_at"])
    longest = max(later - earlier for earlier, later in pairwise(moments))
    # Of four seconds, one is the time in which the other worker hears of it and finishes.
    assert longest > 3.0
    assert workers.count()["aantal"] == 301


def test_an_unknown_limit_is_learned_with_few_refusals_and_remembered(workers: Workers) -> None:
    workers.sandbox.change_settings("epc", max_gelijktijdig=5, antwoordtijd=0.04)
    result = workers.finish(workers.start(1000, UNKNOWN))
    assert result["failed"] == 0
    counted = workers.count()
    assert counted["boven_limiet"] == counted["aantal"] - 1000 <= 10
    learned = workers.budget()
    assert not learned["bekend"]
    assert 2 <= learned["grens"] <= 5
    # The next task starts from it.
    workers.sandbox.control("DELETE", "/drukte/epc")
    assert workers.finish(workers.start(40, UNKNOWN))["failed"] == 0
    assert workers.count()["meeste"] >= learned["grens"]


def test_an_unknown_limit_is_found_by_two_workers_together(workers: Workers) -> None:
    workers.sandbox.change_settings("epc", max_gelijktijdig=6, antwoordtijd=0.05)
    running = [workers.start(400, UNKNOWN), workers.start(400, UNKNOWN)]
    assert [workers.finish(worker)["failed"] for worker in running] == [0, 0]
    assert workers.count()["boven_limiet"] <= 8


def test_a_limit_per_minute_is_never_exceeded_and_comes_back_after_the_minute(
    database: HubDatabase,
) -> None:
    engine = database.engine("hub_enrich")
    few = Grens("register", hoogstens=4, per_minuut=30)
    sent: list[int] = []

    def fetch(number: int, _: GelogdeRaadpleging) -> int:
        with passage("register", "adres", str(number)):
            sent.append(number)
        return number

    def ask(answers: int) -> None:
        jobs = [Job(number, number, make_look()) for number in range(100)]
        run = Asking(engine, few, fetch, None).run(jobs)
        for _ in range(answers):
            next(run)
        time.sleep(0.5)
        run.close()

    ask(30)
    assert len(sent) == 30
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE hub.bronbudget_minuut SET geldig_tot = geldig_tot - interval '62 s'")
        )
    ask(30)
    assert len(sent) == 60


def test_a_pull_that_asks_one_at_a_time_takes_part_in_the_budget(database: HubDatabase) -> None:
    one = Grens("register", hoogstens=1, gelijktijdig=1)
    sent: list[str] = []

    def fetch(_: str, __: GelogdeRaadpleging) -> None:
        with passage("register", "adres", "x"):
            sent.append("look")

    def ask() -> None:
        jobs = [Job("x", "x", make_look())]
        list(Asking(database.engine("hub_enrich"), one, fetch, None).run(jobs))

    with ThreadPoolExecutor(1) as pool:
        with within_budget(database.engine("hub_pull"), one):
            looking = pool.submit(ask)
            for _ in range(3):
                with passage("register", "feed", "1"):
                    sent.append("page")
            time.sleep(0.5)
        looking.result(30)
    assert sent == ["page", "page", "page", "look"]
    paused = ThrottledError("register", "feed", "1", "429", retry_after=60.0)

    def pull() -> None:
        with within_budget(database.engine("hub_pull"), one):
            with passage("register", "feed", "1"):
                pass
            raise paused

    with pytest.raises(ThrottledError):
        pull()
    ask()
    assert len(sent) == 4, "the pause holds the others too"
