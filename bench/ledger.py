"""A claim is not slowed by what waits, nor by what is finished.

Times the claim of 200 messages. Floor: 1,000 wait, all due. Ours: 100,000 wait, all due. Beside
them, in the same run: many that are not due yet or stand behind another message of their dossier,
written down before the ones that may leave; and five million finished ones. Each claim is rolled
back, and must have brought exactly 200 messages that may leave.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from bench.common.answer import Answer, BrokenGuaranteeError, middle
from bench.common.place import Place, peak_mb
from hub.database import execute, fetch_all, make_engine

PEERS: tuple[str, ...] = ()
DESTINATION = "bench"
CLAIM = 200
_BLOCK = 250_000


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows stand in each ledger, and how often a claim is timed."""

    few: int = 1_000
    many: int = 100_000
    free: int = 5_000  # of the many, where the others may not leave
    finished: int = 5_000_000
    claim: int = CLAIM
    rounds: int = 25


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in one ledger."""

    due: int
    not_due: int = 0
    blocked: int = 0
    finished: int = 0


def ledgers(size: Size) -> dict[str, Content]:
    """Return the ledgers that are compared."""
    rest = size.many - size.free
    return {
        "few": Content(size.few),
        "many": Content(size.many),
        "not_due": Content(size.free, not_due=rest),
        "blocked": Content(size.free, blocked=rest),
        "finished": Content(size.many, finished=size.finished),
    }


def run(
    place: Place,
    *,
    peers: Sequence[str] = PEERS,
    say: Callable[[str], None],
    size: Size | None = None,
) -> Answer:
    """Fill a database per ledger, then time a claim in each of them in turn, many rounds.

    Raises:
        BrokenGuaranteeError: a claim brought too few messages, or one that may not leave.
    """
    assert not peers, "the caller checked the name"
    size = size or Size()
    figures: dict[str, list[float]] = {}
    load_seconds = 0.0
    with ExitStack() as stack:
        engines: dict[str, Engine] = {}
        for name, content in ledgers(size).items():
            database = stack.enter_context(place.fresh_database())
            begun = time.monotonic()
            _fill(database.url("hub_eigenaar"), content)
            seconds = time.monotonic() - begun
            say(f"ledger {name}: {content}, loaded in {seconds:.0f} s")
            if content.finished:
                load_seconds = seconds
            engines[name] = make_engine(database.url("hub_push"), pool_size=1)
            stack.callback(engines[name].dispose)
            figures[name] = []
            _time_claim(engines[name], name, size.claim)  # the first one fills caches
        for _ in range(size.rounds):
            for name, engine in engines.items():
                figures[name].append(_time_claim(engine, name, size.claim))
    medians = {name: middle(measured) for name, measured in figures.items()}
    for name, figure in medians.items():
        say(f"ledger {name}: a claim of {size.claim} takes {figure:.1f} ms")
    return Answer(
        "ledger",
        medians["many"],
        medians["few"],
        "ms",
        peak_mb(),
        more={
            "waiting": size.many,
            "not_due": round(medians["not_due"], 2),
            "blocked": round(medians["blocked"], 2),
            "finished": round(medians["finished"], 2),
            "finished_rows": size.finished,
            "finished_load_seconds": round(load_seconds, 1),
        },
    )


def claim_once(connection: Connection, claim: int) -> list[dict[str, object]]:
    """Claim as a worker does, in the caller's transaction."""
    return fetch_all(
        connection,
        "ops/claim",
        "claim",
        bestemming=DESTINATION,
        worker="bench",
        aantal=claim,
        lease_seconden=300.0,
    )


def _time_claim(engine: Engine, name: str, claim: int) -> float:
    """Return the milliseconds of one claim, its rows read; nothing of it stays."""
    with engine.connect() as connection:
        begun = time.perf_counter()
        rows = claim_once(connection, claim)
        elapsed = (time.perf_counter() - begun) * 1000
        connection.rollback()
    free = sum(row["kenmerk"] == "vrij" for row in rows)
    if len(rows) != claim or free != claim:
        raise BrokenGuaranteeError(
            f"The ledger benchmark has no figure: a claim of {claim} in ledger {name!r} brought "
            f"{len(rows)} messages, {len(rows) - free} of them may not leave."
        )
    return elapsed


def _fill(url: str, content: Content) -> None:
    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            execute(
                connection, "bench/push", "add_channel", bestemming=DESTINATION, gelijktijdig=32
            )
        for first in range(0, content.finished, _BLOCK):
            last = min(first + _BLOCK, content.finished) - 1
            with engine.begin() as connection:
                execute(
                    connection, "bench/ledger", "add_finished",
                    bestemming=DESTINATION, van=first, tot=last,
                )  # fmt: skip
        with engine.begin() as connection:
            # What may not leave was written down first: it stands before the others.
            for name, count in (
                ("add_blocked", content.blocked),
                ("add_not_due", content.not_due),
                ("add_due", content.due),
            ):
                if count:
                    execute(connection, "bench/ledger", name, bestemming=DESTINATION, aantal=count)
            execute(connection, "bench/push", "grant_consents")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            execute(connection, "bench/ledger", "tidy")
    finally:
        engine.dispose()
