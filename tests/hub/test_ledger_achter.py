"""What waits behind an older message of its dossier is out of the way, and never stays behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from connectors.transport.errors import ContractError, UnknownOutcomeError
from hub.ledger.acts import resend, set_aside
from hub.ledger.enqueue import enqueue
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres

WHY = {"reden": "niet meer nodig", "wie": "an"}


def behind(ledger: Ledger) -> set[str]:
    found = ledger.rows("SELECT sleutel FROM hub.bericht WHERE stand = 'klaar' AND achter")
    return {str(row[0]) for row in found}


def id_of(ledger: Ledger, sleutel: str) -> UUID:
    found = ledger.rows("SELECT bericht_id FROM hub.bericht WHERE sleutel = :s", s=sleutel)
    return UUID(str(found[0][0]))


def blocked_head(ledger: Ledger, *followers: str) -> UUID:
    """A first message in doubt, so that the others of its dossier wait."""
    dossier = uuid4()
    ledger.change("UPDATE hub.kanaal SET kan_bevraagd_worden = FALSE, kan_ontdubbelen = FALSE")
    ledger.add(make_bericht("kop", dossier=dossier))
    ledger.deliver(Receiver(failing(UnknownOutcomeError)))
    ledger.add(*(make_bericht(key, dossier=dossier) for key in followers))
    assert ledger.states()["kop"] == "in_twijfel"
    return dossier


def test_only_the_first_of_a_dossier_stands_in_front(ledger: Ledger) -> None:
    one, other = uuid4(), uuid4()
    ledger.add(make_bericht("a1", dossier=one), make_bericht("b1", dossier=other))
    ledger.add(
        make_bericht("a1", dossier=one),
        make_bericht("a2", dossier=one),
        make_bericht("a3", dossier=one),
        make_bericht("c1"),
        make_bericht("a1 elders", dossier=one, bestemming="dosis"),
    )
    assert behind(ledger) == {"a2", "a3"}


def test_a_known_message_holds_nothing_behind_it(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(make_bericht("a", dossier=dossier))
    ledger.deliver(Receiver())
    ledger.add(make_bericht("a", dossier=dossier), make_bericht("b", dossier=dossier))
    assert behind(ledger) == set()


def test_what_is_not_meant_to_leave_holds_nothing_behind_it(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(
        make_bericht("a", dossier=dossier, overgeslagen="onbereikbaar"),
        make_bericht("b", dossier=dossier),
    )
    assert behind(ledger) == set()


@pytest.mark.parametrize("ended", ["bevestigd", "opgegeven"])
def test_each_end_brings_the_next_to_the_front(ledger: Ledger, ended: str) -> None:
    dossier = uuid4()
    ledger.add(*(make_bericht(key, dossier=dossier) for key in "abc"))
    assert behind(ledger) == {"b", "c"}
    receiver = Receiver(failing(ContractError) if ended == "opgegeven" else None)
    assert ledger.deliver(receiver) == {ended: 3}
    assert receiver.got == ["a", "b", "c"]


def test_what_is_put_aside_in_front_brings_the_next_and_behind_it_does_not(
    ledger: Ledger, database: HubDatabase
) -> None:
    blocked_head(ledger, "b", "c", "d")
    operator = database.engine("hub_operator")
    with operator.begin() as connection:
        set_aside(connection, [id_of(ledger, "b")], **WHY)
    assert behind(ledger) == {"c", "d"}
    with operator.begin() as connection:
        set_aside(connection, [id_of(ledger, "kop")], **WHY)
    assert behind(ledger) == {"d"}
    receiver = Receiver()
    ledger.deliver(receiver)
    assert receiver.got == ["c", "d"]


def test_what_is_sent_again_leaves_before_what_came_to_the_front_meanwhile(
    ledger: Ledger, database: HubDatabase
) -> None:
    dossier = uuid4()
    ledger.add(make_bericht("a", dossier=dossier))
    ledger.deliver(Receiver(failing(ContractError)))
    ledger.add(*(make_bericht(key, dossier=dossier) for key in "bc"))
    with database.engine("hub_operator").begin() as connection:
        resend(connection, [id_of(ledger, "a")], **WHY)
    receiver = Receiver()
    ledger.deliver(receiver)
    assert receiver.got == ["a", "b", "c"]


def end_head(ledger: Ledger) -> None:
    ledger.change(
        "UPDATE hub.bericht SET stand = 'bevestigd', beeindigd_op = now() WHERE sleutel = 'kop'"
    )


def while_another_waits(ledger: Ledger, act: Callable[[], None]) -> threading.Thread:
    """Begin an act in a thread and return once it waits for a lock, or is done."""
    thread = threading.Thread(target=act)
    thread.start()
    deadline = time.monotonic() + 30
    while thread.is_alive() and time.monotonic() < deadline:
        if ledger.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
            break
        time.sleep(0.01)
    return thread


def test_a_message_written_down_while_the_one_before_ends_is_not_left_behind(
    ledger: Ledger,
) -> None:
    dossier = blocked_head(ledger)
    with ledger.writer.begin() as connection:
        enqueue(connection, ledger.keyring, [make_bericht("b", dossier=dossier)])
        ending = while_another_waits(ledger, lambda: end_head(ledger))
    ending.join()
    assert ledger.states()["kop"] == "bevestigd"
    assert behind(ledger) == set()


def test_a_message_written_down_after_the_end_but_before_its_commit_stands_in_front(
    ledger: Ledger,
) -> None:
    dossier = blocked_head(ledger)
    with ledger.owner.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
        connection.exec_driver_sql(
            "UPDATE hub.bericht SET stand = 'bevestigd', beeindigd_op = now() WHERE sleutel = 'kop'"
        )
        ledger.add(make_bericht("b", dossier=dossier))
    assert behind(ledger) == set()


def test_two_that_end_at_once_leave_nobody_behind(ledger: Ledger, database: HubDatabase) -> None:
    blocked_head(ledger, "b", "c")
    with database.engine("hub_operator").begin() as connection:
        set_aside(connection, [id_of(ledger, "b")], **WHY)
        ending = while_another_waits(ledger, lambda: end_head(ledger))
    ending.join()
    assert behind(ledger) == set()
    receiver = Receiver()
    ledger.deliver(receiver)
    assert receiver.got == ["c"]


def test_when_the_end_is_rolled_back_the_next_stays_behind(ledger: Ledger) -> None:
    blocked_head(ledger, "b")
    connection = ledger.owner.connect()
    connection.exec_driver_sql(
        "UPDATE hub.bericht SET stand = 'bevestigd', beeindigd_op = now() WHERE sleutel = 'kop'"
    )
    connection.rollback()
    connection.close()
    assert behind(ledger) == {"b"}
