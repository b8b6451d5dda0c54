"""What the sending processes do: deliver from the ledger, send bare, or one row per commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.pushing.kanaal import BenchKanaal
from bench.pushing.messages import DESTINATION, make_messages, open_messages
from connectors.transport.errors import ConnectorError
from hub.database import execute, fetch_one, make_engine
from hub.keys import Keyring
from hub.ledger.bericht import Bericht
from hub.ledger.channel import Kanaal
from hub.ledger.deliver import count_waiting, deliver

_PAUSE_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Job:
    """What every sending process is told; ``share`` of ``processes`` is this one's."""

    base_url: str
    share: int
    processes: int
    at_once: int
    make_kanaal: Callable[[str, int], Kanaal] = BenchKanaal
    database: str = ""
    keyring: Keyring | None = None
    messages: int = 0
    dossiers: int = 1
    patience: float = 300.0


# A worker prepares itself and returns what to do at the start signal; that returns the moment
# (of the monotonic clock, which all processes share) at which its last message was done.
Worker = Callable[[Job], Callable[[], float]]


def deliver_ledger(job: Job) -> Callable[[], float]:
    """Deliver from the ledger, by the code and the database role of production."""
    engine = make_engine(job.database)
    kanaal = job.make_kanaal(job.base_url, job.at_once)
    keyring = job.keyring
    assert keyring is not None, "the ledger's content is encrypted"
    count_waiting(engine)

    def work() -> float:
        deadline = time.monotonic() + job.patience
        settled = time.monotonic()
        while time.monotonic() < deadline:
            if deliver(engine, kanaal, keyring, bestemming=DESTINATION):
                settled = time.monotonic()
            elif count_waiting(engine) == 0:
                break
            else:
                # The rest waits for what the other process has under way.
                time.sleep(_PAUSE_SECONDS)
        return settled

    return work


def send_bare(job: Job) -> Callable[[], float]:
    """Send this process's share with as many threads, from memory: what the client alone costs."""
    messages = open_messages(make_messages(job.messages, job.dossiers))[job.share :: job.processes]
    kanaal = job.make_kanaal(job.base_url, job.at_once)
    threads = max(job.at_once // job.processes, 1)

    def send(mine: list[Bericht]) -> None:
        for bericht in mine:
            kanaal.send(bericht)

    def work() -> float:
        running = [
            threading.Thread(target=send, args=(messages[number::threads],))
            for number in range(threads)
        ]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return time.monotonic()

    return work


def commit_per_row(job: Job) -> Callable[[], float]:
    """Send from a plain outbox: claim a row, send it, mark it, commit, one after the other."""
    engine = make_engine(job.database, pool_size=1)
    kanaal = job.make_kanaal(job.base_url, job.at_once)
    opened = {m.sleutel: m for m in open_messages(make_messages(job.messages, job.dossiers))}
    with engine.begin() as connection:
        fetch_one(connection, "bench/outbox", "look")

    def work() -> float:
        while True:
            with engine.begin() as connection:
                row = fetch_one(connection, "bench/outbox", "take")
                if row is None:
                    return time.monotonic()
                try:
                    kanaal.send(opened[row["sleutel"]])
                except ConnectorError:
                    continue
                execute(connection, "bench/outbox", "mark", sleutel=row["sleutel"])

    return work
