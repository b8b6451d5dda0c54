"""The ledger on a real PostgreSQL: one effect per message, whatever happens."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from connectors.transport.errors import (
    AuthenticationError,
    ConflictError,
    ConnectorError,
    ContractError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from hub.keys import Keyring
from hub.ledger.bericht import Bericht, NieuwBericht, Ontvangst, Toestemming
from hub.ledger.deliver import deliver
from hub.ledger.enqueue import enqueue
from hub.ledger.receipts import Receipt, collect_receipts
from tests.journey import make_keyring
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres


class Receiver:
    """A receiver that keeps what it got and answers as it is told, message by message."""

    def __init__(self, answer: Callable[[Bericht], Ontvangst | None] | None = None) -> None:
        self.got: list[str] = []
        self.asked: list[str] = []
        self._answer = answer
        self._lock = threading.Lock()

    def send(self, bericht: Bericht) -> Ontvangst:
        with self._lock:
            self.got.append(bericht.sleutel)
        answer = self._answer(bericht) if self._answer else None
        return answer or Ontvangst("ref")

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        self.asked.append(bericht.sleutel)
        return Ontvangst("held") if bericht.sleutel in self.got else None


class Ledger:
    """The ledger under the roles that use it."""

    def __init__(self, database: HubDatabase, keyring: Keyring) -> None:
        self.writer = database.engine("hub_enrich")
        self.push = database.engine("hub_push")
        self.owner = database.engine("hub_eigenaar")
        self.keyring = keyring

    def add(self, *berichten: NieuwBericht) -> int:
        with self.writer.begin() as connection:
            return len(enqueue(connection, self.keyring, berichten))

    def deliver(self, receiver: Receiver, bestemming: str = "dialoog", **options: Any) -> dict:
        return deliver(self.push, receiver, self.keyring, bestemming=bestemming, **options)

    def states(self) -> dict[str, str]:
        return dict(self.rows("SELECT sleutel, stand FROM hub.bericht"))

    def rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        with self.owner.begin() as connection:
            return [tuple(row) for row in connection.execute(text(statement), parameters)]

    def change(self, statement: str, **parameters: object) -> None:
        with self.owner.begin() as connection:
            connection.execute(text(statement), parameters)

    def make_due(self) -> None:
        self.change("UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar'")


@pytest.fixture
def ledger(database: HubDatabase) -> Ledger:
    return Ledger(database, make_keyring())


def _bericht(sleutel: str, *, dossier: UUID | None = None, **options: Any) -> NieuwBericht:
    return NieuwBericht(
        bestemming=options.pop("bestemming", "dialoog"),
        sleutel=sleutel,
        soort="aanmelding",
        dossier_id=dossier or uuid4(),
        inhoud={"geheim": "Fien Voorbeeld"},
        **options,
    )


def _fail(kind: type[ConnectorError], **options: Any) -> Callable[[Bericht], None]:
    def answer(bericht: Bericht) -> None:
        raise kind("dialoog", "put", bericht.sleutel, "answered badly", **options)

    return answer


def test_a_message_is_written_down_once_and_delivered_once(ledger: Ledger) -> None:
    message = _bericht("a")
    assert ledger.add(message) == 1
    assert ledger.add(message, message) == 0
    receiver = Receiver()
    assert ledger.deliver(receiver) == {"bevestigd": 1}
    assert ledger.deliver(receiver) == {}
    assert receiver.got == ["a"]
    assert ledger.rows("SELECT nummer, uitkomst FROM hub.poging") == [(1, "aanvaard")]


def test_the_content_is_encrypted_and_opens_for_the_channel(ledger: Ledger) -> None:
    ledger.add(_bericht("a"))
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
    ledger.add(_bericht("a"))
    ledger.deliver(Receiver(_fail(error)))
    assert ledger.states() == {"a": state}
    assert ledger.rows("SELECT uitkomst FROM hub.poging") == [(error.__name__,)]


def test_one_bad_message_does_not_stop_the_others(ledger: Ledger) -> None:
    ledger.add(*(_bericht(str(number)) for number in range(10)))

    def answer(bericht: Bericht) -> None:
        if bericht.sleutel == "3":
            _fail(ContractError)(bericht)

    assert ledger.deliver(Receiver(answer)) == {"bevestigd": 9, "opgegeven": 1}


def test_a_throttled_message_waits_at_least_as_long_as_asked(ledger: Ledger) -> None:
    ledger.add(_bericht("a"))
    ledger.deliver(Receiver(_fail(ThrottledError, retry_after=120.0)))
    wait = ledger.rows("SELECT extract(epoch FROM klaar_vanaf - now()) FROM hub.bericht")[0][0]
    assert 115 < wait <= 151
    assert ledger.deliver(Receiver()) == {}


def test_after_an_unknown_outcome_the_receiver_is_asked_before_sending_again(
    ledger: Ledger,
) -> None:
    ledger.add(_bericht("kwam aan"), _bericht("kwam niet aan"))
    receiver = Receiver(_fail(UnknownOutcomeError))
    ledger.deliver(receiver)
    receiver.got.remove("kwam niet aan")
    receiver._answer = None
    ledger.make_due()
    ledger.deliver(receiver)
    assert sorted(receiver.asked) == ["kwam aan", "kwam niet aan"]
    assert Counter(receiver.got) == {"kwam aan": 1, "kwam niet aan": 1}
    assert set(ledger.states().values()) == {"bevestigd"}


def test_a_dead_workers_message_comes_back_and_is_asked_about(ledger: Ledger) -> None:
    ledger.add(_bericht("a"))
    receiver = Receiver()

    def die(bericht: Bericht) -> None:
        raise KeyboardInterrupt

    receiver._answer = die
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver(receiver, lease_seconds=0.0)
    assert ledger.states() == {"a": "onderweg"}
    receiver._answer = None
    assert ledger.deliver(receiver) == {"bevestigd": 1}
    assert (receiver.asked, receiver.got) == (["a"], ["a"])


def test_the_result_of_a_worker_that_lost_its_lease_does_not_count(ledger: Ledger) -> None:
    ledger.add(_bericht("a"))

    def overtaken(bericht: Bericht) -> None:
        ledger.deliver(Receiver(_fail(ContractError)))

    slow = Receiver(overtaken)
    ledger.deliver(slow, lease_seconds=0.0)
    assert ledger.states() == {"a": "opgegeven"}


def test_a_refused_sign_on_stops_the_channel_and_tells_the_operator(ledger: Ledger) -> None:
    ledger.add(*(_bericht(str(number)) for number in range(3)))
    ledger.deliver(Receiver(_fail(AuthenticationError)))
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
    ledger.add(*(_bericht(f"{n}:{i}", dossier=d) for i in range(6) for n, d in enumerate(dossiers)))
    receiver = Receiver()
    ledger.deliver(receiver, batch=7)
    for n in range(5):
        mine = [key for key in receiver.got if key.startswith(f"{n}:")]
        assert mine == [f"{n}:{i}" for i in range(6)]


def test_a_later_message_waits_for_an_earlier_one_that_must_be_tried_again(
    ledger: Ledger,
) -> None:
    dossier = uuid4()
    ledger.add(_bericht("1", dossier=dossier), _bericht("2", dossier=dossier))
    receiver = Receiver(_fail(RetryableError))
    ledger.deliver(receiver)
    assert receiver.got == ["1"]


def test_ten_workers_send_every_message_once_and_in_order(ledger: Ledger) -> None:
    dossiers = [uuid4() for _ in range(30)]
    ledger.add(*(_bericht(f"{n}:{i}", dossier=d) for i in range(4) for n, d in enumerate(dossiers)))
    receiver = Receiver()
    workers = [
        threading.Thread(target=ledger.deliver, args=(receiver,), kwargs={"batch": 5})
        for _ in range(10)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ledger.deliver(receiver)
    assert Counter(Counter(receiver.got).values()) == {1: 120}
    for n in range(30):
        mine = [key for key in receiver.got if key.startswith(f"{n}:")]
        assert mine == [f"{n}:{i}" for i in range(4)]


def _grant(ledger: Ledger, profiel: UUID, until: datetime | None) -> None:
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
    _grant(ledger, profiel, until)
    ledger.add(_bericht("a", toestemming=Toestemming(profiel, "duurzaam_bouwadvies")))
    receiver = Receiver()
    ledger.deliver(receiver)
    assert ledger.states() == {"a": state}
    assert receiver.got == (["a"] if state == "bevestigd" else [])


def test_without_any_consent_nothing_leaves(ledger: Ledger) -> None:
    ledger.add(_bericht("a", toestemming=Toestemming(uuid4(), "duurzaam_bouwadvies")))
    receiver = Receiver()
    ledger.deliver(receiver)
    assert (ledger.states(), receiver.got) == ({"a": "ingetrokken"}, [])


def test_what_may_have_been_sent_is_asked_about_but_not_sent_again_without_consent(
    ledger: Ledger,
) -> None:
    profiel = uuid4()
    _grant(ledger, profiel, None)
    ledger.add(_bericht("a", toestemming=Toestemming(profiel, "duurzaam_bouwadvies")))
    receiver = Receiver(_fail(UnknownOutcomeError))
    ledger.deliver(receiver)
    receiver.got.clear()
    receiver._answer = None
    ledger.change("UPDATE bron.crm_toestemming SET tot = now()")
    ledger.make_due()
    ledger.deliver(receiver)
    assert (receiver.asked, receiver.got, ledger.states()) == (["a"], [], {"a": "ingetrokken"})


def test_a_skipped_message_is_recorded_and_never_sent(ledger: Ledger) -> None:
    ledger.add(_bericht("a", overgeslagen="geen INSZ"))
    receiver = Receiver()
    assert ledger.deliver(receiver) == {}
    assert ledger.rows("SELECT stand, reden FROM hub.bericht") == [("overgeslagen", "geen INSZ")]


class Dosis(Receiver):
    """Accepts first; its receipts are set by the test."""

    receipts: dict[str, Receipt]

    def __init__(self) -> None:
        super().__init__(lambda bericht: Ontvangst(later=True))
        self.receipts = {}

    def receipt(self, bericht: Bericht) -> Receipt | None:
        return self.receipts.get(bericht.sleutel)


def _collect(ledger: Ledger, dosis: Dosis) -> dict[str, int]:
    return collect_receipts(ledger.push, dosis, ledger.keyring, bestemming="dosis", pauses=())


def test_an_accepted_message_is_confirmed_by_its_receipt(ledger: Ledger) -> None:
    ledger.add(*(_bericht(key, bestemming="dosis") for key in "abc"))
    dosis = Dosis()
    assert ledger.deliver(dosis, "dosis") == {"aangenomen": 3}
    dosis.receipts = {"a": Receipt("1", True), "b": Receipt("2", False, ("product onbekend",))}
    assert _collect(ledger, dosis) == {"bevestigd": 1, "opgegeven": 1, "wacht": 1}
    assert ledger.states() == {"a": "bevestigd", "b": "opgegeven", "c": "aangenomen"}


def test_one_status_per_dossier_is_under_way_until_its_receipt_comes(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(*(_bericht(key, dossier=dossier, bestemming="dosis") for key in "ab"))
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    assert dosis.got == ["a"]
    dosis.receipts = {"a": Receipt("1", True)}
    _collect(ledger, dosis)
    ledger.deliver(dosis, "dosis")
    assert dosis.got == ["a", "b"]


def test_a_status_of_unknown_outcome_without_receipt_is_parked_for_a_person(
    ledger: Ledger,
) -> None:
    ledger.add(_bericht("a", bestemming="dosis"))
    dosis = Dosis()
    dosis._answer = _fail(UnknownOutcomeError)
    ledger.deliver(dosis, "dosis")
    assert ledger.states() == {"a": "aangenomen"}
    assert _collect(ledger, dosis) == {"wacht": 1}
    ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '16 minutes'")
    assert _collect(ledger, dosis) == {"in_twijfel": 1, "wacht": 0}
    assert ledger.deliver(dosis, "dosis") == {}
    assert dosis.got == ["a"]


def test_the_receipt_of_the_status_before_does_not_confirm_the_next(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(*(_bericht(key, dossier=dossier, bestemming="dosis") for key in "ab"))
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    dosis.receipts = {"a": Receipt("10:00", True)}
    _collect(ledger, dosis)
    ledger.deliver(dosis, "dosis")
    dosis.receipts = {"b": Receipt("10:00", True)}
    assert _collect(ledger, dosis) == {"wacht": 1}
    dosis.receipts = {"b": Receipt("10:01", True)}
    assert _collect(ledger, dosis) == {"bevestigd": 1, "wacht": 0}


def test_an_accepted_status_without_receipt_for_a_day_is_parked(ledger: Ledger) -> None:
    ledger.add(_bericht("a", bestemming="dosis"))
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '23 hours'")
    assert _collect(ledger, dosis) == {"wacht": 1}
    ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '25 hours'")
    assert _collect(ledger, dosis) == {"in_twijfel": 1, "wacht": 0}


def test_a_status_whose_worker_died_is_not_sent_a_second_time(ledger: Ledger) -> None:
    ledger.add(_bericht("a", bestemming="dosis"))
    dosis = Dosis()

    def die(bericht: Bericht) -> None:
        raise KeyboardInterrupt

    dosis._answer = die
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver(dosis, "dosis", lease_seconds=0.0)
    assert ledger.deliver(dosis, "dosis") == {"aangenomen": 1}
    assert dosis.got == ["a"]
    dosis.receipts = {"a": Receipt("1", True)}
    assert _collect(ledger, dosis) == {"bevestigd": 1, "wacht": 0}


def test_a_destination_that_can_do_nothing_parks_what_a_dead_worker_left(ledger: Ledger) -> None:
    ledger.change(
        "UPDATE hub.kanaal SET kan_ontdubbelen = false, kan_bevraagd_worden = false "
        "WHERE bestemming = 'dialoog'"
    )
    ledger.add(_bericht("a"))
    receiver = Receiver(_fail(UnknownOutcomeError))
    assert ledger.deliver(receiver) == {"in_twijfel": 1}
    ledger.change(
        "UPDATE hub.bericht SET stand = 'onderweg', lease_tot = now() - interval '1 second'"
    )
    receiver._answer = None
    assert ledger.deliver(receiver) == {"in_twijfel": 1}
    assert receiver.got == ["a"]


def test_a_message_that_does_not_open_waits_and_the_others_leave(ledger: Ledger) -> None:
    ledger.add(*(_bericht(key) for key in "abc"))
    ledger.change("UPDATE hub.bericht SET sleutel_id = 'verloren' WHERE sleutel = 'b'")
    receiver = Receiver()
    assert ledger.deliver(receiver) == {"bevestigd": 2, "klaar": 1}
    assert sorted(receiver.got) == ["a", "c"]
    assert (
        "'verloren' is not in"
        in ledger.rows("SELECT uitleg FROM hub.poging WHERE uitkomst = 'KeyringError'")[0][0]
    )


def test_a_fault_of_the_hub_itself_stays_with_its_message(ledger: Ledger) -> None:
    ledger.add(*(_bericht(key) for key in "abc"))

    def trip(bericht: Bericht) -> None:
        if bericht.sleutel == "b":
            raise KeyError("Fien Voorbeeld")

    assert ledger.deliver(Receiver(trip)) == {"bevestigd": 2, "opgegeven": 1}
    outcome, text_ = ledger.rows(
        "SELECT uitkomst, uitleg FROM hub.poging WHERE uitkomst <> 'aanvaard'"
    )[0]
    assert (outcome, "Fien" in text_) == ("KeyError", False)


def test_the_access_log_cannot_be_changed_by_the_role_that_writes_it(ledger: Ledger) -> None:
    for statement in ("UPDATE hub.toegangslog SET doel = 'x'", "DELETE FROM hub.toegangslog"):
        with pytest.raises(Exception, match="permission denied"), ledger.writer.begin() as c:
            c.execute(text(statement))


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("hub_pull", "SELECT * FROM hub.bericht"),
        ("hub_enrich", "UPDATE hub.bericht SET stand = 'bevestigd'"),
        ("hub_push", "SELECT persoonsgegevens FROM bron.crm_vraag"),
        ("hub_rapportage", "SELECT persoonsgegevens FROM bron.crm_profiel"),
        ("hub_rapportage", "SELECT straat FROM bron.crm_dossier"),
        ("hub_rapportage", "SELECT inhoud FROM hub.bericht"),
        ("hub_lezer", "SELECT inhoud FROM hub.bericht"),
        ("hub_lezer", "SELECT persoonsgegevens FROM bron.crm_profiel"),
        ("hub_kwaliteit", "SELECT * FROM bron.crm_profiel"),
    ],
)
def test_a_role_reads_and_writes_only_what_its_job_needs(
    database: HubDatabase, role: str, statement: str
) -> None:
    engine: Engine = database.engine(role)
    with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement))
