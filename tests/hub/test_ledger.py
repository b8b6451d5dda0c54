"""The ledger on a real PostgreSQL: one effect per message, whatever happens."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from connectors.transport.errors import (
    AuthenticationError,
    ConflictError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from hub.ledger.acts import resend
from hub.ledger.bericht import Bericht, NieuwBericht, Toestemming
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht

pytestmark = pytest.mark.postgres


def test_a_message_is_written_down_once_and_delivered_once(ledger: Ledger) -> None:
    message = make_bericht("a")
    assert ledger.add(message) == 1
    assert ledger.add(message, message) == 0
    receiver = Receiver()
    assert ledger.deliver(receiver) == {"bevestigd": 1}
    assert ledger.deliver(receiver) == {}
    assert receiver.got == ["a"]
    assert ledger.rows("SELECT nummer, uitkomst FROM hub.poging") == [(1, "aanvaard")]


def test_the_content_is_encrypted_and_opens_for_the_channel(ledger: Ledger) -> None:
    ledger.add(make_bericht("a"))
    stored = bytes(ledger.rows("SELECT inhoud FROM hub.bericht")[0][0])
    assert b"Fien" not in stored
    seen: list[Any] = []
    ledger.deliver(Receiver(lambda bericht: seen.append(bericht.inhoud["geheim"])))
    assert seen == ["Fien Voorbeeld"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (RetryableError, "klaar"),
        (ThrottledError, "klaar"),
        (UnknownOutcomeError, "klaar"),
        (ContractError, "opgegeven"),
        (ConflictError, "opgegeven"),
    ],
)
def test_each_error_sends_a_message_to_its_state(
    ledger: Ledger, error: type[ConnectorError], state: str
) -> None:
    ledger.add(make_bericht("a"))
    ledger.deliver(Receiver(failing(error)))
    assert ledger.states() == {"a": state}
    assert ledger.rows("SELECT uitkomst FROM hub.poging") == [(error.__name__,)]


def test_an_incident_tells_at_once_how_many_messages_wait_for_a_person(ledger: Ledger) -> None:
    ledger.add(*(make_bericht(str(number)) for number in range(3)))
    ledger.deliver(Receiver(failing(ContractError)))
    ((soort, onderwerp, tekst),) = ledger.rows("SELECT soort, onderwerp, tekst FROM hub.incident")
    assert (soort, onderwerp) == ("bericht_opgegeven", "dialoog")
    assert "3" in tekst


def test_one_bad_message_does_not_stop_the_others(ledger: Ledger) -> None:
    ledger.add(*(make_bericht(str(number)) for number in range(10)))

    def answer(bericht: Bericht) -> None:
        if bericht.sleutel == "3":
            failing(ContractError)(bericht)

    assert ledger.deliver(Receiver(answer)) == {"bevestigd": 9, "opgegeven": 1}


def test_a_throttled_message_waits_at_least_as_long_as_asked(ledger: Ledger) -> None:
    ledger.add(make_bericht("a"))
    ledger.deliver(Receiver(failing(ThrottledError, retry_after=120.0)))
    wait = ledger.rows("SELECT extract(epoch FROM klaar_vanaf - now()) FROM hub.bericht")[0][0]
    assert 115 < wait <= 151
    assert ledger.deliver(Receiver()) == {}


def test_only_setbacks_make_pauses_grow(ledger: Ledger) -> None:
    """A worker that dies says nothing of the receiver."""
    ledger.add(make_bericht("a"))

    def die(bericht: Bericht) -> None:
        raise KeyboardInterrupt

    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            ledger.deliver(Receiver(die))
        ledger.end_leases()
    ledger.deliver(Receiver(failing(RetryableError)))
    assert ledger.rows(
        "SELECT pogingen, tegenslagen, klaar_vanaf < now() + interval '7 s' FROM hub.bericht"
    ) == [(5, 1, True)]


def test_after_an_unknown_outcome_the_receiver_is_asked_before_sending_again(
    ledger: Ledger,
) -> None:
    ledger.add(make_bericht("kwam aan"), make_bericht("kwam niet aan"))
    receiver = Receiver(failing(UnknownOutcomeError))
    ledger.deliver(receiver)
    receiver.got.remove("kwam niet aan")
    receiver.answer_with = None
    ledger.make_due()
    ledger.deliver(receiver)
    assert sorted(receiver.asked) == ["kwam aan", "kwam niet aan"]
    assert Counter(receiver.got) == {"kwam aan": 1, "kwam niet aan": 1}
    assert set(ledger.states().values()) == {"bevestigd"}


@pytest.mark.parametrize("error", [ContractError, RetryableError, PermanentError])
def test_an_answer_to_asking_that_nobody_can_read_says_nothing_about_the_message(
    ledger: Ledger, error: type[ConnectorError]
) -> None:
    ledger.add(make_bericht("a"))
    receiver = Receiver(failing(UnknownOutcomeError))
    ledger.deliver(receiver)

    def mumble(bericht: Bericht) -> None:
        raise error("dialoog", "get", bericht.sleutel, "answered badly")

    held, receiver.ask = receiver.ask, mumble  # type: ignore[method-assign]
    ledger.make_due()
    assert ledger.deliver(receiver) == {"klaar": 1}
    receiver.ask = held  # type: ignore[method-assign]
    ledger.make_due()
    assert ledger.deliver(receiver) == {"bevestigd": 1}
    assert receiver.got == ["a"]


def test_a_dead_workers_message_comes_back_and_is_asked_about(ledger: Ledger) -> None:
    ledger.add(make_bericht("a"))
    receiver = Receiver()

    def die(bericht: Bericht) -> None:
        raise KeyboardInterrupt

    receiver.answer_with = die
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver(receiver)
    assert ledger.states() == {"a": "onderweg"}
    ledger.end_leases()
    receiver.answer_with = None
    assert ledger.deliver(receiver) == {"bevestigd": 1}
    assert (receiver.asked, receiver.got) == (["a"], ["a"])


def test_the_result_of_a_worker_that_lost_its_lease_does_not_count(ledger: Ledger) -> None:
    ledger.add(make_bericht("a"))

    def overtaken(bericht: Bericht) -> None:
        ledger.change("UPDATE hub.bericht SET pogingen = pogingen + 1, lease_van = 'een ander'")

    ledger.deliver(Receiver(overtaken))
    assert ledger.states() == {"a": "onderweg"}


def test_a_refused_sign_on_stops_the_channel_and_tells_the_operator(ledger: Ledger) -> None:
    ledger.add(*(make_bericht(str(number)) for number in range(3)))
    ledger.deliver(Receiver(failing(AuthenticationError)))
    assert set(ledger.states().values()) == {"klaar"}
    assert ledger.rows("SELECT soort, onderwerp FROM hub.incident") == [
        ("kanaal_gestopt", "dialoog")
    ]
    silent = Receiver()
    assert ledger.deliver(silent) == {}
    ledger.change("UPDATE hub.kanaal SET gestopt_op = NULL, stopreden = NULL")
    assert ledger.deliver(silent) == {"bevestigd": 3}


def test_order_is_kept_per_dossier(ledger: Ledger) -> None:
    dossiers = [uuid4() for _ in range(5)]
    ledger.add(
        *(make_bericht(f"{n}:{i}", dossier=d) for i in range(6) for n, d in enumerate(dossiers))
    )
    receiver = Receiver()
    ledger.deliver(receiver)
    for n in range(5):
        mine = [key for key in receiver.got if key.startswith(f"{n}:")]
        assert mine == [f"{n}:{i}" for i in range(6)]


def test_a_later_message_waits_for_an_earlier_one_that_must_be_tried_again(
    ledger: Ledger,
) -> None:
    dossier = uuid4()
    ledger.add(make_bericht("1", dossier=dossier), make_bericht("2", dossier=dossier))
    receiver = Receiver(failing(RetryableError))
    ledger.deliver(receiver)
    assert receiver.got == ["1"]


def test_ten_workers_send_every_message_once_and_in_order(ledger: Ledger) -> None:
    dossiers = [uuid4() for _ in range(30)]
    ledger.add(
        *(make_bericht(f"{n}:{i}", dossier=d) for i in range(4) for n, d in enumerate(dossiers))
    )
    receiver = Receiver()
    workers = [threading.Thread(target=ledger.deliver, args=(receiver,)) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ledger.deliver(receiver)
    assert Counter(Counter(receiver.got).values()) == {1: 120}
    for n in range(30):
        mine = [key for key in receiver.got if key.startswith(f"{n}:")]
        assert mine == [f"{n}:{i}" for i in range(4)]


def grant(ledger: Ledger, profiel: UUID, until: datetime | None) -> None:
    ledger.change(
        """
        INSERT INTO bron.crm_toestemming (
            toestemming_id, profiel_id, doel, ontvanger, van, tot, etag, inhoud_hash, gewijzigd_op
        ) VALUES (
            :id, :profiel, 'duurzaam_bouwadvies', 'dialoog', now() - interval '1 day', :tot,
            'e', decode('00', 'hex'), now()
        )
        """,
        id=uuid4(),
        profiel=profiel,
        tot=until,
    )


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, "bevestigd"),
        (datetime.now(UTC) + timedelta(hours=1), "bevestigd"),
        (datetime.now(UTC) - timedelta(seconds=1), "ingetrokken"),
    ],
)
def test_consent_is_read_at_the_moment_of_sending(
    ledger: Ledger, until: datetime | None, state: str
) -> None:
    profiel = uuid4()
    grant(ledger, profiel, until)
    ledger.add(make_bericht("a", toestemming=Toestemming(profiel, "duurzaam_bouwadvies")))
    receiver = Receiver()
    ledger.deliver(receiver)
    assert ledger.states() == {"a": state}
    assert receiver.got == (["a"] if state == "bevestigd" else [])


def test_without_any_consent_nothing_leaves(ledger: Ledger) -> None:
    ledger.add(make_bericht("a", toestemming=Toestemming(uuid4(), "duurzaam_bouwadvies")))
    receiver = Receiver()
    ledger.deliver(receiver)
    assert (ledger.states(), receiver.got) == ({"a": "ingetrokken"}, [])


def test_what_may_have_been_sent_is_asked_about_but_not_sent_again_without_consent(
    ledger: Ledger,
) -> None:
    profiel = uuid4()
    grant(ledger, profiel, None)
    ledger.add(make_bericht("a", toestemming=Toestemming(profiel, "duurzaam_bouwadvies")))
    receiver = Receiver(failing(UnknownOutcomeError))
    ledger.deliver(receiver)
    receiver.got.clear()
    receiver.answer_with = None
    ledger.change("UPDATE bron.crm_toestemming SET tot = now()")
    ledger.make_due()
    ledger.deliver(receiver)
    assert (receiver.asked, receiver.got, ledger.states()) == (["a"], [], {"a": "ingetrokken"})


def test_a_skipped_message_is_recorded_and_never_sent(ledger: Ledger) -> None:
    ledger.add(make_bericht("a", overgeslagen="geen INSZ"))
    receiver = Receiver()
    assert ledger.deliver(receiver) == {}
    assert ledger.rows("SELECT stand, reden FROM hub.bericht") == [("overgeslagen", "geen INSZ")]


def test_a_destination_that_can_do_nothing_parks_what_is_of_unknown_outcome(
    ledger: Ledger,
) -> None:
    ledger.change(
        "UPDATE hub.kanaal SET kan_ontdubbelen = false, kan_bevraagd_worden = false "
        "WHERE bestemming = 'dialoog'"
    )
    ledger.add(make_bericht("antwoord verloren"))
    receiver = Receiver(failing(UnknownOutcomeError))
    assert ledger.deliver(receiver) == {"in_twijfel": 1}

    def die(bericht: Bericht) -> None:
        raise KeyboardInterrupt

    ledger.add(make_bericht("werker dood"))
    receiver.answer_with = die
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver(receiver)
    ledger.end_leases()
    receiver.answer_with = None
    assert ledger.deliver(receiver) == {"in_twijfel": 1}
    assert receiver.got == ["antwoord verloren", "werker dood"]


def test_a_message_that_does_not_open_waits_and_the_others_leave(ledger: Ledger) -> None:
    ledger.add(*(make_bericht(key) for key in "abc"))
    ledger.change("UPDATE hub.bericht SET sleutel_id = 'verloren' WHERE sleutel = 'b'")
    receiver = Receiver()
    assert ledger.deliver(receiver) == {"bevestigd": 2, "klaar": 1}
    assert sorted(receiver.got) == ["a", "c"]
    assert (
        "'verloren' is not in"
        in ledger.rows("SELECT uitleg FROM hub.poging WHERE uitkomst = 'KeyringError'")[0][0]
    )


def test_a_fault_of_the_hub_itself_stays_with_its_message(ledger: Ledger) -> None:
    ledger.add(*(make_bericht(key) for key in "abc"))

    def trip(bericht: Bericht) -> None:
        if bericht.sleutel == "b":
            raise KeyError("Fien Voorbeeld")

    assert ledger.deliver(Receiver(trip)) == {"bevestigd": 2, "opgegeven": 1}
    outcome, text_ = ledger.rows(
        "SELECT uitkomst, uitleg FROM hub.poging WHERE uitkomst <> 'aanvaard'"
    )[0]
    assert (outcome, "Fien" in text_) == ("KeyError", False)


def test_a_composed_content_that_breaks_a_rule_does_not_leave_and_the_others_do(
    ledger: Ledger,
) -> None:
    good, bad = uuid4(), uuid4()
    for dossier in (good, bad):
        ledger.add(
            NieuwBericht("dosis", f"{dossier}:gestart", "dossierstatus", dossier, inhoud=None)
        )
    insz = {good: "00000000097", bad: "zonder"}

    def compose(_connection: Any, _keyring: Any, berichten: Any) -> dict[Any, dict[str, Any]]:
        return {
            bericht.bericht_id: {
                "dossiernummer": "RD-1", "insz": insz[bericht.dossier_id], "detail": "gestart",
            }
            for bericht in berichten
        }  # fmt: skip

    receiver = Receiver()
    done = ledger.deliver(receiver, "dosis", compose=compose)
    assert done == {"bevestigd": 1, "opgegeven": 1}
    assert receiver.got == [f"{good}:gestart"]
    reden = "SELECT reden, inhoud FROM hub.bericht WHERE stand = 'opgegeven'"
    assert ledger.rows(reden) == [
        (
            "het rijksregisternummer heeft geen elf cijfers; verbeter het in het CRM [insz_vorm]",
            None,
        )
    ]
    # Mended and sent again by a person, it is composed anew.
    insz[bad] = "00000000097"
    with ledger.owner.begin() as connection:
        (bericht_id,) = connection.execute(
            text("SELECT bericht_id FROM hub.bericht WHERE stand = 'opgegeven'")
        ).one()
        resend(connection, [bericht_id], reden="verbeterd", wie="proef")
    assert ledger.deliver(receiver, "dosis", compose=compose) == {"bevestigd": 1}
