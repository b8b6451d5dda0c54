"""The certificates of 1,000 dwellings at a source that takes 10 questions at once and needs 200 ms.

Ours: the step of production (access log, budget, reading, storing) from the first request to the
last answer; ``committed_seconds`` to the last committed row. Floor: the same client with as many
threads, without log, budget, reading or database; ``ideal`` is what the source itself allows. Then
once with a limit that the hub does not know and must learn. Every run is held against the source's
own count.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from bench.asking.source import Source, running_source
from bench.asking.watch import Memory, WatchedSource
from bench.common.answer import Answer, BrokenGuaranteeError, middle
from bench.common.place import Place, make_keyring
from connectors.transport.magda import MagdaAfzender
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from connectors.woningpas.epc.client import EpcClient, open_epc_client
from connectors.woningpas.epc.models import GebouweenheidId
from hub.bronbudget.grens import Grens
from hub.database import copy_rows, execute, fetch_one, make_engine
from hub.toegangslog import PostgresRaadplegingLog
from hub.woning.bevragen import bevraag_bronnen
from hub.woning.epc import epc_bron

PEERS: tuple[str, ...] = ()
_BATCH = "bench"
# While a limit is learned: one question in a hundred; of a small number a few.
_MOST_REFUSED = 0.01
_FEW = 3


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked; ``bound`` is our own for a limit that is not known."""

    dwellings: int = 1_000
    at_once: int = 10
    answer_seconds: float = 0.2
    bound: int = 16
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One run: seconds to the last answer and to the last row, and the source's own count."""

    answered: float
    committed: float
    peak_mb: float
    requests: int
    most: int
    above: int


def run(
    place: Place,
    *,
    peers: Sequence[str] = PEERS,
    say: Callable[[str], None],
    size: Size | None = None,
) -> Answer:
    """Measure the floor and ours in turn, several rounds, then once with an unknown limit.

    Raises:
        BrokenGuaranteeError: a question went above a known limit, too many were refused, or a
            dwelling is not stored.
    """
    assert not peers, "the caller checked the name"
    size = size or Size()
    floor: list[float] = []
    ours: list[Asked] = []
    with running_source() as source:
        dwellings = source.list_dwellings(size.dwellings)
        source.set_limit(size.at_once, size.answer_seconds)
        site = _Site(place, source, dwellings, size)
        known = Grens("epc", hoogstens=size.at_once, gelijktijdig=size.at_once)
        for number in range(1, size.rounds + 1):
            floor.append(site.ask_bare())
            ours.append(site.ask(known))
            _check_known(ours[-1], size)
            say(f"epc {number}/{size.rounds}: ours {ours[-1]}, floor {floor[-1]:.2f} s")
        learned = site.ask(Grens("epc", hoogstens=size.bound))
        say(f"epc, limit not known: {learned}")
    refused = learned.requests - size.dwellings
    if refused > max(size.dwellings * _MOST_REFUSED, _FEW):
        raise BrokenGuaranteeError(
            f"The epc benchmark has no figure: {refused} of {learned.requests} questions were "
            "refused while the limit was learned."
        )
    return Answer(
        "epc",
        middle([one.answered for one in ours]),
        middle(floor),
        "s",
        max(one.peak_mb for one in ours),
        more={
            "above_limit": max(one.above for one in ours),
            "throttled": max(one.requests for one in ours) - size.dwellings,
            "committed_seconds": round(middle([one.committed for one in ours]), 2),
            "ideal": round(size.dwellings / size.at_once * size.answer_seconds, 2),
            "dwellings": size.dwellings,
            "at_once_allowed": size.at_once,
            "at_once_seen": max(one.most for one in ours),
            "learning_seconds": round(learned.answered, 2),
            "learning_throttled": refused,
            "learning_at_once_seen": learned.most,
        },
    )


def _check_known(asked: Asked, size: Size) -> None:
    if asked.above or asked.requests != size.dwellings:
        raise BrokenGuaranteeError(
            f"The epc benchmark has no figure: {asked.above} of {asked.requests} requests for "
            f"{size.dwellings} dwellings were above the limit of {size.at_once}."
        )


class _Site:
    """The source, its dwellings, and a fresh database per run."""

    def __init__(
        self, place: Place, source: Source, dwellings: Sequence[dict[str, Any]], size: Size
    ) -> None:
        self._place = place
        self._source = source
        self._dwellings = dwellings
        self._size = size

    def ask(self, grens: Grens) -> Asked:
        """Run the step of production on the dwellings as if they were just found."""
        with self._place.fresh_database() as database, Memory() as peak:
            self._fill(database.url("hub_eigenaar"))
            engine = make_engine(database.url("hub_enrich"))
            try:
                watched = WatchedSource(self._client())
                self._source.start_counting()
                counts = bevraag_bronnen(
                    engine,
                    [epc_bron(lambda: watched, make_keyring(), grens=grens)],
                    PostgresRaadplegingLog(engine),
                    naam=_BATCH,
                )["epc"]
                committed = time.monotonic()
                counted = self._source.read_count()
            finally:
                engine.dispose()
            self._check_stored(database.url("hub_eigenaar"), counts)
            return Asked(
                answered=watched.last - watched.first,
                committed=committed - watched.first,
                peak_mb=peak(),
                requests=counted["aantal"],
                most=counted["meeste"],
                above=counted["boven_limiet"],
            )

    def ask_bare(self) -> float:
        """Ask with as many threads as the source takes; return the seconds."""
        client, threads = self._client(), self._size.at_once
        moment = _bare_look()

        def work(mine: Sequence[dict[str, Any]]) -> None:
            for dwelling in mine:
                client.fetch_epcs(
                    criteria=GebouweenheidId(dwelling["gebouweenheid_id"]), raadpleging=moment
                )

        running = [
            threading.Thread(target=work, args=(self._dwellings[number::threads],))
            for number in range(threads)
        ]
        begun = time.monotonic()
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return time.monotonic() - begun

    def _client(self) -> EpcClient:
        sender = MagdaAfzender("0207500123", hoedanigheid="energieloket")
        return open_epc_client(self._source.url, sender, pool_size=self._size.bound)

    def _fill(self, url: str) -> None:
        owner = make_engine(url, pool_size=1)
        try:
            with owner.begin() as connection:
                execute(connection, "bench/epc", "create")
                copy_rows(
                    connection,
                    "bench/epc",
                    (
                        (one["crm"]["dossier"], one["gebouweenheid_id"], one["adres"]["adres_id"])
                        for one in self._dwellings
                    ),
                )
                execute(connection, "bench/epc", "add_batch", naam=_BATCH)
                for step in ("add_dossiers", "add_woningen", "link", "fill_batch"):
                    execute(connection, "bench/epc", step)
        finally:
            owner.dispose()

    def _check_stored(self, url: str, counts: dict[str, int]) -> None:
        owner = make_engine(url, pool_size=1)
        try:
            with owner.begin() as connection:
                stored = fetch_one(connection, "bench/epc", "count_stored")
        finally:
            owner.dispose()
        assert stored is not None, "counting always gives a row"
        wanted = {
            "gevraagd": self._size.dwellings,
            "gelogd": self._size.dwellings,
            "certificaten": self._count_certificates(),
        }
        if stored != wanted or counts.get("opnieuw"):
            raise BrokenGuaranteeError(
                f"The epc benchmark has no figure: {stored} where {wanted} was expected ({counts})."
            )

    def _count_certificates(self) -> int:
        # A dwelling whose answer is of another address is refused: nothing of it is stored.
        return len(
            {
                epc["attestnummer"]
                for one in self._dwellings
                if one["geval"] != "epc_ander_adres"
                for epc in one["epcs"]
            }
        )


def _bare_look() -> GelogdeRaadpleging:
    reason = Raadpleging(
        correlatie_id=uuid4(), dossier_id=uuid4(), bron="epc", operatie="GeefEpc", object="bench",
        doel="bench", rechtsgrond="bench", hoedanigheid="bench", namens="bench",
    )  # fmt: skip
    return GelogdeRaadpleging(reason, datetime.now(UTC))
