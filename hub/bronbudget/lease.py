"""A worker's block of a source's budget, renewed while it asks.

The database is asked a few times a second, never per question. The block of a worker that dies
comes back when its lease ends.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from threading import Event, Thread
from types import TracebackType
from uuid import uuid4

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from connectors.transport.admission import admitted_by
from connectors.transport.errors import ThrottledError
from hub.bronbudget.gate import Gate, Grant, Report
from hub.bronbudget.grens import Grens
from hub.bronbudget.learn import Host, is_ripe, learn, reconcile, share_places, start
from hub.database import execute, fetch_all, fetch_one

LEASE_SECONDS = 10.0
_RENEW_SECONDS = 0.3
# While places change hands.
_HURRY_SECONDS = 0.1
_NEWS_SECONDS = 0.05
# Before the database thinks so, the worker itself holds its lease for ended.
_MARGIN_SECONDS = 1.0
# A request of the last minute may have arrived a second after it was sent.
_WINDOW_SECONDS = 61.0
_PATH = "ops/bronbudget"


class Lease:
    """Keeps a gate in step with the budget of its host, from a thread of its own."""

    def __init__(self, engine: Engine, grens: Grens, gate: Gate) -> None:
        self._engine = engine
        self._grens = grens
        self._gate = gate
        self._houder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._names = {"host": grens.host, "houder": self._houder}
        self._block = 0
        self._block_size = 0
        self._valid_until = self._renew_at = 0.0
        self._ended = Event()
        self._thread = Thread(target=self._keep, name=f"budget {grens.host}", daemon=True)

    def __enter__(self) -> Lease:
        self._renew()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        try:
            while not self._ended.wait(_NEWS_SECONDS):
                if self._gate.has_news() or time.monotonic() >= self._renew_at:
                    self._try_to_renew()
            self._give_back()
        except SQLAlchemyError as error:
            # Without a database the block ends by itself.
            self._gate.break_off(error)

    def _try_to_renew(self) -> None:
        """Renew; a database that is away for a moment does not stop what is granted."""
        try:
            self._renew()
        except SQLAlchemyError:
            if time.monotonic() >= self._valid_until:
                raise
            # Nobody knows what was sent of this block: it counts as a whole.
            self._block_size = 0

    def _renew(self) -> None:
        report, held = self._gate.take_report()
        valid_until = self._gate.clock() + LEASE_SECONDS - _MARGIN_SECONDS
        # Of the pool only while it is needed: many sources may be asked side by side.
        with self._engine.begin() as connection:
            host = self._learn(connection, report)
            execute(connection, _PATH, "sweep", **self._names)
            others = [
                (int(row["plaatsen"]), int(row["gewenst"]))
                for row in fetch_all(connection, _PATH, "others", **self._names)
            ]
            places = share_places(host.grens, report.wanted, others)
            taken = sum(count for count, _ in others) + places
            may_try = (
                is_ripe(host) and places > 0 and taken == host.grens and report.wanted > places
            )
            if may_try:
                host = self._write(connection, host, proef_van=self._houder)
            execute(
                connection, _PATH, "take", **self._names,
                # Those that were granted until now may be in use by the time this is over.
                plaatsen=max(places, held), gewenst=report.wanted, seconden=LEASE_SECONDS,
            )  # fmt: skip
            requests = self._take_requests(connection, report, len(others))
        self._valid_until = valid_until
        hurry = places < held or places == 0 < report.wanted
        self._renew_at = time.monotonic() + (_HURRY_SECONDS if hurry else _RENEW_SECONDS)
        self._gate.allow(Grant(places, valid_until, requests, host.pauze, may_try))

    def _learn(self, connection: Connection, report: Report) -> Host:
        known = self._lock(connection)
        host = learn(reconcile(known, self._grens), report, self._houder)
        return host if host == known else self._write(connection, host, proef_van=host.proef_van)

    def _lock(self, connection: Connection) -> Host:
        """Let one worker at a time count; the first one ever makes the budget."""
        row = fetch_one(connection, _PATH, "lock", host=self._grens.host)
        if row is None:
            first = start(self._grens)
            execute(
                connection, _PATH, "open",
                host=self._grens.host, grens=first.grens, hoogstens=first.hoogstens,
                bekend=first.bekend,
            )  # fmt: skip
            row = fetch_one(connection, _PATH, "lock", host=self._grens.host)
        assert row is not None, "it was there or was made"
        return Host(**row)

    def _write(self, connection: Connection, host: Host, *, proef_van: str | None) -> Host:
        values = asdict(host) | {"proef_van": proef_van}
        execute(connection, _PATH, "learn", host=self._grens.host, seconden=LEASE_SECONDS, **values)
        return host

    def _take_requests(self, connection: Connection, report: Report, others: int) -> int | None:
        """Settle the last block of requests and take a new one; None where nobody counts them."""
        limit = self._grens.per_minuut
        if limit is None:
            return None
        self._settle_block(connection, report.sent)
        window = {"host": self._grens.host, "venster": _WINDOW_SECONDS}
        execute(connection, _PATH, "sweep_blocks", **window)
        row = fetch_one(connection, _PATH, "count_blocks", **window)
        assert row is not None, "an aggregate always gives a row"
        free = max(limit - int(row["aantal"]), 0)
        granted = min(-(-free // (others + 1)), report.wanted)
        if granted:
            self._block += 1
            self._block_size = granted
            execute(
                connection, _PATH, "open_block", **self._names,
                volgnummer=self._block, aantal=granted, seconden=LEASE_SECONDS,
            )  # fmt: skip
        return granted

    def _settle_block(self, connection: Connection, sent: int) -> None:
        if not self._block_size:
            return
        names = self._names | {"volgnummer": self._block}
        if sent:
            execute(connection, _PATH, "close_block", **names, aantal=sent)
        else:
            execute(connection, _PATH, "drop_block", **names)
        self._block_size = 0

    def _give_back(self) -> None:
        report, _ = self._gate.take_report()
        with self._engine.begin() as connection:
            self._learn(connection, report)
            self._settle_block(connection, report.sent)
            if report.in_use:
                # The source may still be busy with these: they come back with the lease.
                execute(
                    connection, _PATH, "take", **self._names,
                    plaatsen=report.in_use, gewenst=0, seconden=LEASE_SECONDS,
                )  # fmt: skip
            else:
                execute(connection, _PATH, "give_back", **self._names)


@contextmanager
def within_budget(engine: Engine, grens: Grens) -> Iterator[None]:
    """Count the requests of this thread in this block, one at a time, in the budget of a host."""
    gate = Gate()
    gate.outstanding = 1
    turn = gate.turn()
    with Lease(engine, grens, gate), admitted_by(turn):
        try:
            yield
        except ThrottledError as error:
            if turn.sent_at is not None:
                turn.throttled(error.retry_after)
            raise
