"""One storm from its beginning to its reckoning."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import Engine

from cli import airflow, statussen, voortgang
from cli.database import locate
from cli.errors import CliError
from cli.journey import FLOWS, QUALITY
from cli.output import Bar, say, step
from cli.services import Services
from cli.storm.bells import Bells, ringing
from cli.storm.evidence import RECEIVERS, gather
from cli.storm.facts import Offender
from cli.storm.files import time_under_way
from cli.storm.judge import judge
from cli.storm.killer import Killer
from cli.storm.outsiders import Outsiders, number
from cli.storm.plan import DELAYS, Plan
from cli.storm.points import Points
from cli.storm.reconcile import FLOW, compare, unexplained
from cli.storm.stage import OWNER
from cli.storm.victims import Victims
from hub.database import execute, fetch_one, make_engine
from hub.ledger import acts
from hub.reckoning import reckon

TICK_SECONDS = 0.1
# Kills that find nobody at first need more time than the plan has.
OVERTIME = 1.6
# A service that lives and gives no sign of life for this long is started anew.
SILENT_SECONDS = 25.0
LOOK_SECONDS = 5.0
RECONCILE_SECONDS = 300.0
ROUND_SECONDS = 600.0
SETTLE_SECONDS = 3600.0
# How long the storm's channels let an attempt last, and DOSIS take to process.
LEASE_SECONDS, PROCESSING_SECONDS = 10, 10


@dataclass(slots=True)
class Outcome:
    """What a storm did and what it found."""

    offenders: dict[str, list[Offender]]
    per_target: dict[str, int]
    kills: int
    faults: int
    acts: dict[str, int]
    revived: dict[str, int] = field(default_factory=dict)
    # What the nightly comparison found and no offender explains.
    differences: list[Offender] = field(default_factory=list)
    # What the partners told and came home once and right.
    voortgang: int = 0
    documenten: int = 0
    # Residents whose status was compared, and of how many a consultant's step decided it.
    statussen: int = 0
    door_stap: int = 0
    settled: bool = True
    storm_seconds: float = 0.0
    settle_seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Offenders per count."""
        return {name: len(found) for name, found in self.offenders.items()}


def rehearse(
    services: Services,
    plan: Plan,
    points: Points,
    *,
    seed: int,
    dossiers: int,
    files: frozenset[str] = frozenset(),
) -> Outcome:
    """Let the storm rage over running services, let the dust settle, and judge; `seed` is the city.

    `files` names the partners that take files.

    Raises:
        CliError: something of the stage itself fails: the sandbox, or PostgreSQL's restart.
    """
    where = locate(services.settings, services.state)
    engine = make_engine(where.url("hub_lezer"), pool_size=2)
    bells = Bells(services, engine)
    outsiders = Outsiders(services.state, plan, seed)
    victims = Victims(services, Random(f"victims {seed}"))
    killer = Killer(plan.kills, points, victims.strike, outsiders.order)
    supervisor = Supervisor(services)
    with step("Waiting until Airflow has read the flows"):
        airflow.wait_for_dags(airflow.Api(services.state, "operator"), {*FLOWS, QUALITY, FLOW})
    outsiders.begin()
    hasten(where.url("hub_push"))
    bells.open_flows()
    begun = time.monotonic()
    with ringing(bells), Bar("The storm", plan.seconds) as bar:
        while not (killer.done and outsiders.done) and bar.seconds < plan.seconds * OVERTIME:
            supervisor.step()
            outsiders.step(bar.seconds)
            killer.step(bar.seconds)
            bar.update(
                min(bar.seconds, plan.seconds),
                f"{killer.kills} of {len(plan.kills)} kills, {outsiders.faults} faults",
            )
            time.sleep(TICK_SECONDS)
        killer.end()
        outsiders.calm()
        try_now(where.url("hub_operator"))
    storm_seconds = time.monotonic() - begun

    def go_on_outside() -> int:
        fetch_now(where.url("hub_push"))
        return outsiders.partners.finish()

    with step("Letting the dust settle, and the partners finish"):
        settled = settle(engine, bells, supervisor, seed, dossiers, go_on_outside)
    with step("Comparing the ledger with its receivers, as every night"):
        patience = time.monotonic() + RECONCILE_SECONDS
        differences = compare(engine, bells, lambda: go_on(supervisor, patience))
    engine.dispose()
    settle_seconds = time.monotonic() - begun - storm_seconds
    with step("Comparing the journals, the CRM and the ledger"):
        residents = [number(seed, bewoner) for bewoner in range(dossiers)]
        typed = list(outsiders.getypt.values())
        onderweg = dict.fromkeys(files, time_under_way(max(DELAYS)))
        evidence = gather(services, residents, typed, delay=max(DELAYS), onderweg=onderweg)
        found = judge(evidence)
        progress = voortgang.compare(evidence.voortgang)
        statuses = statussen.compare(evidence.statussen)
    return Outcome(
        offenders=found,
        differences=unexplained(differences, (o for some in found.values() for o in some)),
        per_target=dict(killer.per_target),
        kills=killer.kills,
        faults=outsiders.faults,
        acts=outsiders.counts,
        revived=supervisor.revived,
        voortgang=progress.voortgang,
        documenten=progress.documenten,
        statussen=statuses.vergeleken,
        door_stap=statuses.door_stap,
        settled=settled,
        storm_seconds=storm_seconds,
        settle_seconds=settle_seconds,
    )


def try_now(url: str) -> None:
    """Do what an operator does when an outage is over: what waits for later leaves now."""
    engine = make_engine(url, pool_size=1)
    try:
        for bestemming in RECEIVERS:
            with engine.begin() as connection:
                acts.try_now(connection, bestemming, reden="de storm is voorbij", wie=OWNER)
    finally:
        engine.dispose()


def fetch_now(url: str) -> None:
    """Do what a person does once a partner is well again: ask anew for what came damaged."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            execute(connection, "ops/storm", "fetch_now")
    finally:
        engine.dispose()


def hasten(url: str) -> None:
    """Let what a dead worker held come back within seconds."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            execute(
                connection,
                "ops/storm",
                "hasten",
                lease_seconden=LEASE_SECONDS,
                verwerking_seconden=PROCESSING_SECONDS,
            )
    finally:
        engine.dispose()


class Supervisor:
    """Starts again what died, and what lives without a sign of life."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._heard = dict.fromkeys(airflow.SERVICES, time.monotonic())
        self._looked = time.monotonic()
        self.revived: dict[str, int] = {}

    def step(self) -> None:
        """Do it once; quick when all is well."""
        for name in self._services.revive(OWNER):
            self.revived[name] = self.revived.get(name, 0) + 1
            if name in self._heard:
                self._heard[name] = time.monotonic()
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        answer = airflow.health(self._services.state)
        for name in airflow.SERVICES:
            record = self._services.processes.running(name)
            if airflow.ready(name, answer, record):
                self._heard[name] = time.monotonic()
        now = time.monotonic()
        silent = [name for name, heard in self._heard.items() if now - heard > SILENT_SECONDS]
        # Without the API nobody hears the others.
        for name in [airflow.API] if airflow.API in silent else silent:
            say(f"{name} gives no sign of life: started anew.")
            self._services.processes.finish(name)
            self._heard = dict.fromkeys(airflow.SERVICES, time.monotonic())


def settle(
    engine: Engine,
    bells: Bells,
    supervisor: Supervisor,
    seed: int,
    dossiers: int,
    go_on_outside: Callable[[], int],
) -> bool:
    """Let the flows run one after the other until a whole round moved nothing.

    `go_on_outside` is called before each round and returns how much went on there. A slow machine
    takes more rounds; False when one round took too long, or all together.
    """

    end = time.monotonic() + SETTLE_SECONDS

    def in_time() -> Callable[[], bool]:
        deadline = min(end, time.monotonic() + ROUND_SECONDS)
        return lambda: go_on(supervisor, deadline)

    before: dict[str, Any] = {}
    outside = go_on_outside()
    while _round(bells, in_time()):
        with engine.begin() as connection:
            after = fetch_one(connection, "ops/storm", "moved") or {}
        counts = reckon(engine, seed=seed, residents=dossiers)
        quiet = after == before and not outside
        if quiet and not counts["open"] and counts["landed"] >= dossiers:
            return True
        before, outside = after, go_on_outside()
    return False


def go_on(supervisor: Supervisor, deadline: float) -> bool:
    """Start again what died; False when time is up."""
    supervisor.step()
    return time.monotonic() < deadline


def _round(bells: Bells, go_on: Callable[[], bool]) -> bool:
    return all(bells.run_through(flow, go_on) for flow in FLOWS)


def check_reached(outcome: Outcome, plan: Plan) -> None:
    """Refuse a storm that did less than it promised.

    Raises:
        CliError: fewer processes died than were asked for.
    """
    if outcome.kills < len(plan.kills):
        raise CliError(
            f"Only {outcome.kills} of {len(plan.kills)} kills found a process in time; ask for "
            "fewer kills, or for more dossiers so that the flows have more to do."
        )
