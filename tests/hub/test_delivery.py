"""Delivering with several workers, a shared budget, fresh consent and a database that goes away."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from connectors.transport.deadline import may_begin
from connectors.transport.errors import NotBegunError, RetryableError
from hub.keys import Keyring
from hub.ledger import claim
from hub.ledger import deliver as delivery
from hub.ledger.attempt import Attempter
from hub.ledger.bericht import Bericht, NieuwBericht, Toestemming, VerzegeldBericht
from hub.ledger.enqueue import enqueue
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht
from tests.hub.test_ledger import grant
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres


class Counting(Receiver):
    """Takes a moment for each message and notes how many it had at the same time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(self._take_a_moment)
        self.seconds = seconds
        self.at_once = self.most_at_once = 0
        self.workers: set[str] = set()

    def _take_a_moment(self, bericht: Bericht) -> None:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.seconds)
        with self._lock:
            self.at_once -= 1


def _limit(ledger: Ledger, places: int) -> None:
    ledger.change(
        "UPDATE hub.kanaal SET max_gelijktijdig = :places WHERE bestemming = 'dialoog'",
        places=places,
    )


def test_all_workers_together_stay_within_the_destinations_budget(ledger: Ledger) -> None:
    _limit(ledger, 3)
    ledger.add(*(make_bericht(str(number)) for number in range(300)))
    receiver = Counting(0.02)
    workers = [threading.Thread(target=ledger.deliver, args=(receiver,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert receiver.most_at_once == 3
    assert Counter(receiver.got) == {str(number): 1 for number in range(300)}
    assert set(ledger.states().values()) == {"bevestigd"}
    assert ledger.rows("SELECT count(*) FROM hub.budget") == [(0,)]
    shares = ledger.rows("SELECT count(DISTINCT lease_van) FROM hub.poging")
    assert shares[0][0] > 1


def test_the_places_of_a_worker_that_died_come_back(ledger: Ledger) -> None:
    _limit(ledger, 1)
    ledger.change(
        "INSERT INTO hub.budget VALUES ('dialoog', 'dood', 1, now() + interval '1 second')"
    )
    ledger.add(make_bericht("a"))
    assert ledger.deliver(Receiver()) == {"bevestigd": 1}


def test_a_receiver_that_answers_at_once_does_not_outrun_the_claims(ledger: Ledger) -> None:
    """However fast it seems: no claim is larger than what is claimed at once."""
    ledger.add(*(make_bericht(str(number)) for number in range(50)))
    run = delivery._Delivery.run

    def race(self: delivery._Delivery, attempter: Attempter) -> dict[str, int]:
        self._rate = 1e6
        return run(self, attempter)

    with patch.object(delivery._Delivery, "run", race):
        assert ledger.deliver(Receiver()) == {"bevestigd": 50}


def test_without_a_place_nothing_is_sent(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ledger.deliver._PATIENCE_SECONDS", 0.2)
    _limit(ledger, 1)
    ledger.change(
        "INSERT INTO hub.budget VALUES ('dialoog', 'een ander', 1, now() + interval '1 hour')"
    )
    ledger.add(make_bericht("a"))
    receiver = Receiver()
    assert ledger.deliver(receiver) == {}
    assert (receiver.got, ledger.states()) == ([], {"a": "klaar"})


def test_what_did_not_leave_while_it_was_fresh_is_claimed_anew(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "FRESH_SECONDS", 0.05)
    _limit(ledger, 1)
    ledger.add(*(make_bericht(str(number)) for number in range(6)))
    receiver = Counting(0.1)
    counts = ledger.deliver(receiver)
    assert counts["bevestigd"] == 6
    assert counts["klaar"] > 0
    assert Counter(receiver.got) == {str(number): 1 for number in range(6)}
    assert ledger.rows(
        "SELECT count(*) > 0, bool_and(te_bevragen) FROM hub.poging JOIN hub.bericht "
        "USING (bericht_id) WHERE uitkomst = 'niet begonnen'"
    ) == [(True, False)]


def test_what_was_held_up_before_its_first_byte_is_claimed_anew(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "FRESH_SECONDS", 0.2)
    held_up = iter((0.3,))

    def begin(_: Bericht) -> None:
        time.sleep(next(held_up, 0.0))
        if not may_begin():
            raise NotBegunError("dialoog", "put", "a", "its time to begin was over")

    ledger.add(make_bericht("a"))
    assert ledger.deliver(Receiver(begin))["bevestigd"] == 1
    assert ledger.rows("SELECT tegenslagen FROM hub.bericht") == [(0,)]
    assert ledger.rows("SELECT uitkomst FROM hub.poging ORDER BY nummer") == [
        ("niet begonnen",),
        ("aanvaard",),
    ]


def test_consent_that_ends_while_a_message_is_in_hand_keeps_it_here(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "FRESH_SECONDS", 0.1)
    _limit(ledger, 1)
    profiel = uuid4()
    grant(ledger, profiel, None)
    consent = Toestemming(profiel, "duurzaam_bouwadvies")
    ledger.add(make_bericht("eerst"), make_bericht("dan", toestemming=consent))

    def withdraw(bericht: Bericht) -> None:
        ledger.change("UPDATE bron.crm_toestemming SET tot = now()")
        time.sleep(0.2)

    receiver = Receiver(withdraw)
    ledger.deliver(receiver)
    assert receiver.got == ["eerst"]
    assert ledger.states() == {"eerst": "bevestigd", "dan": "ingetrokken"}


def _status(key: str, dossier: UUID) -> NieuwBericht:
    return NieuwBericht(
        bestemming="dialoog", sleutel=key, soort="status", dossier_id=dossier, inhoud=None
    )


def test_content_is_composed_at_the_first_claim_and_then_frozen(ledger: Ledger) -> None:
    ledger.add(_status("a", uuid4()))
    versions = iter(range(10))

    def compose(
        connection: Connection, keyring: Keyring, berichten: Sequence[VerzegeldBericht]
    ) -> Mapping[UUID, Mapping[str, Any]]:
        return {bericht.bericht_id: {"versie": next(versions)} for bericht in berichten}

    bodies: list[Any] = []

    def refuse_once(bericht: Bericht) -> None:
        bodies.append(bericht.inhoud)
        if len(bodies) == 1:
            failing(RetryableError)(bericht)

    receiver = Receiver(refuse_once)
    assert ledger.deliver(receiver, compose=compose) == {"klaar": 1}
    ledger.make_due()
    assert ledger.deliver(receiver, compose=compose) == {"bevestigd": 1}
    assert bodies == [{"versie": 0}, {"versie": 0}]


def test_a_message_that_has_nothing_to_say_any_more_is_skipped(ledger: Ledger) -> None:
    ledger.add(_status("a", uuid4()), make_bericht("b"))
    receiver = Receiver()
    counts = ledger.deliver(receiver, compose=lambda *_: {})
    assert counts == {"overgeslagen": 1, "bevestigd": 1}
    assert receiver.got == ["b"]


def test_answers_are_kept_when_the_database_drops_its_sessions(
    ledger: Ledger, database: HubDatabase
) -> None:
    ledger.add(*(make_bericht(str(number)) for number in range(20)))

    def cut(bericht: Bericht) -> None:
        if bericht.sleutel in ("3", "12"):
            with psycopg.connect(database.cluster.server.dsn(), autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE usename = 'hub_push' AND datname = %s",
                    (database.name,),
                )

    receiver = Receiver(cut)
    # Claiming may meet the cut and end the run; what was answered is written down all the same.
    with suppress(OperationalError):
        ledger.deliver(receiver)
    ledger.end_leases()
    ledger.deliver(receiver)
    assert Counter(receiver.got) == {str(number): 1 for number in range(20)}
    assert receiver.asked == []
    assert set(ledger.states().values()) == {"bevestigd"}


def test_the_latecomer_of_two_decisions_does_not_leave_first(ledger: Ledger) -> None:
    """Order is the order in which messages become visible, not in which numbers were dealt."""
    dossier = uuid4()
    slow = ledger.writer.connect()
    enqueue(slow, ledger.keyring, [make_bericht("eerst", dossier=dossier)])
    second = threading.Thread(
        target=ledger.add, args=(make_bericht("dan", dossier=dossier),), daemon=True
    )
    second.start()
    receiver = Receiver()
    assert ledger.deliver(receiver) == {}
    slow.commit()
    slow.close()
    second.join()
    ledger.deliver(receiver)
    assert receiver.got == ["eerst", "dan"]
