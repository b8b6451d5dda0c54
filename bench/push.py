"""Delivery from the ledger to a receiver that answers in 2 ms, with every guarantee on.

Ours: two processes deliver what waits in a fresh database. Floor: the same client, processes and
concurrency without a database. Peer ``commit_per_row``: a plain outbox, one commit per row, in as
many processes. Every run is checked against the receiver's journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bench.common.answer import Answer, BrokenGuaranteeError, middle
from bench.common.place import Place, make_keyring
from bench.pushing.kanaal import BenchKanaal
from bench.pushing.messages import DESTINATION, make_messages
from bench.pushing.race import Race, race
from bench.pushing.receiver import running_receiver
from bench.pushing.reckoning import find_faults
from bench.pushing.work import Job, commit_per_row, deliver_ledger, send_bare
from hub.database import copy_rows, execute, fetch_all, make_engine
from hub.ledger.bericht import NieuwBericht
from hub.ledger.channel import Kanaal
from hub.ledger.enqueue import enqueue

PEERS = ("commit_per_row",)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent; ``at_once`` is the bound of the destination over all processes."""

    messages: int = 20_000
    dossiers: int = 5_000
    peer_messages: int = 2_000
    processes: int = 2
    at_once: int = 32
    rounds: int = 3


def run(
    place: Place,
    *,
    peers: Sequence[str] = PEERS,
    say: Callable[[str], None],
    size: Size | None = None,
    make_kanaal: Callable[[str, int], Kanaal] = BenchKanaal,
) -> Answer:
    """Measure ours, the floor and the peers in turn, several rounds.

    Raises:
        BrokenGuaranteeError: a message was lost, repeated, out of order or not confirmed.
    """
    size = size or Size()
    messages = make_messages(size.messages, size.dossiers)
    ours: list[float] = []
    floor: list[float] = []
    measured: dict[str, list[float]] = {peer: [] for peer in peers}
    memory, most = 0.0, 0
    with running_receiver() as base_url:
        site = _Site(place, base_url, size, make_kanaal)
        for number in range(1, size.rounds + 1):
            bare = site.send_bare(messages)
            floor.append(size.messages / bare.seconds)
            raced, at_once = site.deliver(messages)
            ours.append(size.messages / raced.seconds)
            memory, most = max(memory, raced.peak_mb), max(most, at_once)
            for peer, figures in measured.items():
                figures.append(size.peer_messages / site.run_peer(peer).seconds)
            others = ", ".join(f"{peer} {figures[-1]:.0f}" for peer, figures in measured.items())
            say(
                f"push {number}/{size.rounds}: ours {ours[-1]:.0f}, floor {floor[-1]:.0f}"
                f"{', ' + others if others else ''} messages/s"
            )
    return Answer(
        "push",
        middle(ours),
        middle(floor),
        "messages/s",
        memory,
        peers={peer: middle(figures) for peer, figures in measured.items()},
        more={
            "messages": size.messages,
            "processes": size.processes,
            "at_once_allowed": size.at_once,
            "at_once_seen": most,
        },
        per_second=True,
    )


class _Site:
    """The receiver and the databases of one run."""

    def __init__(
        self,
        place: Place,
        base_url: str,
        size: Size,
        make_kanaal: Callable[[str, int], Kanaal],
    ) -> None:
        self._place = place
        self._size = size
        self._journal = BenchKanaal(base_url, 1)
        self._job = Job(
            base_url,
            0,
            size.processes,
            size.at_once,
            make_kanaal,
            messages=size.messages,
            dossiers=size.dossiers,
        )

    def send_bare(self, messages: Sequence[NieuwBericht]) -> Race:
        """Run the floor."""
        self._journal.clear_journal()
        raced = race(send_bare, self._jobs(self._job))
        self._check(find_faults(messages, self._journal.read_journal(), ordered=False))
        return raced

    def deliver(self, messages: Sequence[NieuwBericht]) -> tuple[Race, int]:
        """Run ours; also returns how many requests the receiver had under way at most."""
        self._journal.clear_journal()
        keyring = make_keyring()
        with self._place.fresh_database() as database:
            owner = make_engine(database.url("hub_eigenaar"), pool_size=1)
            try:
                with owner.begin() as connection:
                    execute(
                        connection, "bench/push", "add_channel",
                        bestemming=DESTINATION, gelijktijdig=self._size.at_once,
                    )  # fmt: skip
                    enqueue(connection, keyring, messages)
                    execute(connection, "bench/push", "grant_consents")
                job = replace(self._job, database=database.url("hub_push"), keyring=keyring)
                raced = race(deliver_ledger, self._jobs(job))
                with owner.begin() as connection:
                    rows = fetch_all(connection, "bench/push", "count_states")
            finally:
                owner.dispose()
        journal = self._journal.read_journal()
        states = {row["stand"]: row["aantal"] for row in rows}
        self._check(find_faults(messages, journal, states, at_once=self._size.at_once))
        most = journal["most_at_once"]
        assert isinstance(most, int), "the receiver counts"
        return raced, most

    def run_peer(self, peer: str) -> Race:
        """Run a peer with its own, smaller number of messages."""
        assert peer in PEERS, "the caller checked the name"
        size = self._size
        messages = make_messages(size.peer_messages, size.dossiers)
        self._journal.clear_journal()
        with self._place.fresh_database() as database:
            url = database.url("hub_eigenaar")
            owner = make_engine(url, pool_size=1)
            try:
                with owner.begin() as connection:
                    execute(connection, "bench/outbox", "create")
                    copy_rows(connection, "bench/outbox", ((m.sleutel,) for m in messages))
            finally:
                owner.dispose()
            job = replace(self._job, database=url, messages=size.peer_messages)
            raced = race(commit_per_row, self._jobs(job))
        self._check(find_faults(messages, self._journal.read_journal(), ordered=False))
        return raced

    def _jobs(self, job: Job) -> list[Job]:
        return [replace(job, share=share) for share in range(self._size.processes)]

    def _check(self, faults: list[str]) -> None:
        if faults:
            raise BrokenGuaranteeError(f"The push benchmark has no figure: {'; '.join(faults)}.")
