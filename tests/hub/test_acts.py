"""What a person does to messages and channels: once, all or nothing, and written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from connectors.transport.errors import (
    AuthenticationError,
    ContractError,
    ThrottledError,
    UnknownOutcomeError,
)
from hub.incident import refresh_ledger_incidents
from hub.ledger.acts import (
    Gedaan,
    HandelingError,
    confirm,
    keep,
    open_channel,
    resend,
    set_aside,
    stop_by_hand,
    try_now,
)
from hub.ledger.view import show_channels, show_messages, show_waiting
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres

STATES = (
    "klaar", "onderweg", "aangenomen", "bevestigd", "opgegeven", "in_twijfel", "ingetrokken",
    "overgeslagen",
)  # fmt: skip
WHY = {"reden": "de oorzaak is hersteld", "wie": "an"}


class Desk:
    """A person at the ledger, under the operator's role."""

    def __init__(self, ledger: Ledger, database: HubDatabase) -> None:
        self.ledger = ledger
        self.engine = database.engine("hub_operator")

    def act(self, use_case: Callable[..., Any], *arguments: object, **options: Any) -> Any:
        with self.engine.begin() as connection:
            return use_case(connection, *arguments, **options)

    def put(self, sleutel: str, stand: str, **columns: object) -> UUID:
        """Lay a message down in a state, as if it had come there."""
        values = {
            "bericht_id": uuid4(), "bestemming": "dialoog", "sleutel": sleutel,
            "soort": "aanmelding", "dossier_id": uuid4(), "stand": stand, "inhoud": b"x",
            "sleutel_id": "k1", "te_bevragen": stand == "in_twijfel",
            "lease_tot": datetime.now(UTC) + timedelta(hours=1) if stand == "onderweg" else None,
            "beeindigd_op": datetime.now(UTC)
            if stand in ("bevestigd", "opgegeven", "ingetrokken", "overgeslagen")
            else None,
        } | columns  # fmt: skip
        names = ", ".join(values)
        self.ledger.change(
            f"INSERT INTO hub.bericht ({names}) VALUES ({', '.join(f':{n}' for n in values)})",
            **values,
        )
        found: UUID = values["bericht_id"]
        return found

    def acts(self) -> list[tuple[Any, ...]]:
        return self.ledger.rows(
            "SELECT soort, bestemming, vorige_stand, reden, wie FROM hub.handeling "
            "ORDER BY gedaan_op, handeling_id"
        )

    def incidents(self) -> list[tuple[Any, ...]]:
        return self.ledger.rows(
            "SELECT soort, onderwerp FROM hub.incident WHERE opgelost_op IS NULL ORDER BY soort"
        )


@pytest.fixture
def desk(ledger: Ledger, database: HubDatabase) -> Desk:
    return Desk(ledger, database)


def test_a_message_that_was_given_up_leaves_again_and_the_act_is_written_down_once(
    desk: Desk,
) -> None:
    desk.ledger.add(make_bericht("a"))
    desk.ledger.deliver(Receiver(failing(ContractError)))
    chosen = [row[0] for row in desk.ledger.rows("SELECT bericht_id FROM hub.bericht")]
    assert desk.act(resend, chosen, **WHY) == Gedaan(1, 0)
    assert desk.act(resend, chosen, **WHY) == Gedaan(0, 1)
    receiver = Receiver()
    assert desk.ledger.deliver(receiver) == {"bevestigd": 1}
    assert receiver.got == ["a"]
    assert desk.acts() == [("opnieuw", "dialoog", "opgegeven", WHY["reden"], "an")]


@pytest.mark.parametrize(
    ("act", "name", "allowed", "as_asked", "target"),
    [
        (resend, "opnieuw", {"opgegeven", "in_twijfel"}, {"klaar", "onderweg", "aangenomen"},
         "klaar"),
        (confirm, "bevestig", {"in_twijfel"}, {"bevestigd"}, "bevestigd"),
        (set_aside, "opzij", {"opgegeven", "in_twijfel", "klaar"}, {"overgeslagen"},
         "overgeslagen"),
    ],
    ids=["resend", "confirm", "set_aside"],
)  # fmt: skip
def test_each_act_moves_what_it_may_and_refuses_the_rest_with_a_sentence(
    desk: Desk, act: Any, name: str, allowed: set[str], as_asked: set[str], target: str
) -> None:
    for stand in STATES:
        one = desk.put(stand, stand)
        if stand in allowed:
            assert desk.act(act, [one], **WHY) == Gedaan(1, 0)
            assert desk.ledger.states()[stand] == target
            assert desk.acts()[-1][0::2] == (name, stand, "an")
        elif stand in as_asked:
            assert desk.act(act, [one], **WHY) == Gedaan(0, 1)
            assert desk.ledger.states()[stand] == stand
        else:
            with pytest.raises(HandelingError, match=rf"{one} staat op {stand} .*niets gewijzigd"):
                desk.act(act, [one], **WHY)
            assert desk.ledger.states()[stand] == stand
    assert len(desk.acts()) == len(allowed)


def test_a_list_with_one_message_that_may_not_changes_nothing(desk: Desk) -> None:
    good, bad = desk.put("goed", "opgegeven"), desk.put("slecht", "bevestigd")
    with pytest.raises(HandelingError, match=str(bad)):
        desk.act(resend, [good, bad], **WHY)
    with pytest.raises(HandelingError, match="Er is geen bericht"):
        desk.act(resend, [good, uuid4()], **WHY)
    assert desk.ledger.states() == {"goed": "opgegeven", "slecht": "bevestigd"}
    assert desk.acts() == []


def test_many_messages_go_in_one_act(desk: Desk) -> None:
    chosen = [desk.put(str(number), "opgegeven") for number in range(500)]
    assert desk.act(resend, [*chosen, *chosen], **WHY) == Gedaan(500, 0)
    assert set(desk.ledger.states().values()) == {"klaar"}


def test_what_may_have_arrived_is_asked_about_whatever_a_person_believes(desk: Desk) -> None:
    one = desk.put("a", "in_twijfel")
    desk.act(resend, [one], niet_aangekomen=True, **WHY)
    assert desk.ledger.rows("SELECT stand, te_bevragen FROM hub.bericht") == [("klaar", True)]


@pytest.mark.parametrize("stand", ["in_twijfel", "opgegeven"])
def test_where_nobody_can_ask_a_person_must_state_that_it_did_not_arrive(
    desk: Desk, stand: str
) -> None:
    desk.ledger.change("UPDATE hub.kanaal SET kan_bevraagd_worden = FALSE, kan_ontdubbelen = FALSE")
    one = desk.put("a", stand, te_bevragen=True)
    with pytest.raises(HandelingError, match="de hub kan dat daar niet vragen"):
        desk.act(resend, [one], **WHY)
    assert desk.act(resend, [one], niet_aangekomen=True, **WHY) == Gedaan(1, 0)
    assert desk.ledger.rows("SELECT stand, te_bevragen FROM hub.bericht") == [("klaar", False)]


@pytest.mark.parametrize(
    ("newer", "overtaken"),
    [
        ("bevestigd", True), ("aangenomen", True), ("onderweg", True), ("klaar", False),
        ("opgegeven", False), ("overgeslagen", False),
    ],
)  # fmt: skip
def test_a_status_that_a_newer_one_has_overtaken_is_not_sent_after_it(
    desk: Desk, newer: str, overtaken: bool
) -> None:
    dossier = uuid4()
    status = {"soort": "dossierstatus", "bestemming": "dosis", "dossier_id": dossier}
    old = desk.put("oud", "opgegeven", **status)
    desk.put("nieuw", newer, **status)
    if overtaken:
        with pytest.raises(HandelingError, match="ingehaald door een nieuwere status"):
            desk.act(resend, [old], **WHY)
    else:
        assert desk.act(resend, [old], **WHY) == Gedaan(1, 0)


def test_what_waits_and_may_have_arrived_is_not_put_aside(desk: Desk) -> None:
    one = desk.put("a", "klaar", te_bevragen=True)
    with pytest.raises(HandelingError, match="kan aangekomen zijn"):
        desk.act(set_aside, [one], **WHY)


@pytest.mark.parametrize(
    "words",
    [
        {"reden": " ", "wie": "an"},
        {"reden": "omdat", "wie": ""},
        {"reden": "bewoner 85.07.30-033.61 belde", "wie": "an"},
        {"reden": "mail van fien@voorbeeld.be", "wie": "an"},
        {"reden": "x" * 501, "wie": "an"},
    ],
)
def test_an_act_needs_a_name_and_a_reason_without_data_of_persons(
    desk: Desk, words: dict[str, str]
) -> None:
    one = desk.put("a", "opgegeven")
    with pytest.raises(HandelingError, match="niets gewijzigd"):
        desk.act(set_aside, [one], **words)
    with pytest.raises(HandelingError, match="niets gewijzigd"):
        desk.act(stop_by_hand, "dialoog", **words)
    assert desk.acts() == []


def test_a_channel_stops_by_hand_and_opens_once_and_nothing_is_lost(desk: Desk) -> None:
    desk.ledger.add(make_bericht("a"))
    assert desk.act(stop_by_hand, "dialoog", **WHY) == Gedaan(1, 0)
    assert desk.act(stop_by_hand, "dialoog", **WHY) == Gedaan(0, 1)
    receiver = Receiver()
    assert desk.ledger.deliver(receiver) == {}
    assert desk.incidents() == [("kanaal_gestopt", "dialoog")]
    assert desk.act(open_channel, "dialoog", **WHY) == Gedaan(1, 0)
    assert desk.act(open_channel, "dialoog", **WHY) == Gedaan(0, 1)
    assert desk.ledger.deliver(receiver) == {"bevestigd": 1}
    assert desk.incidents() == []
    assert [row[:3] for row in desk.acts()] == [
        ("kanaal_stop", "dialoog", None),
        ("kanaal_open", "dialoog", None),
    ]
    with pytest.raises(HandelingError, match="geen bestemming 'nergens'"):
        desk.act(open_channel, "nergens", **WHY)


def test_a_channel_that_a_receiver_stopped_is_opened_in_the_same_way(desk: Desk) -> None:
    desk.ledger.add(make_bericht("a"))
    desk.ledger.deliver(Receiver(failing(AuthenticationError)))
    assert desk.act(show_channels, "dialoog")[0]["gestopt_op"] is not None
    desk.act(open_channel, "dialoog", **WHY)
    assert desk.incidents() == []
    assert desk.ledger.deliver(Receiver()) == {"bevestigd": 1}


def test_after_an_outage_what_waits_for_a_later_attempt_is_tried_now(desk: Desk) -> None:
    desk.ledger.add(*(make_bericht(str(number)) for number in range(3)))
    desk.ledger.deliver(Receiver(failing(ThrottledError, retry_after=3600.0)))
    receiver = Receiver()
    assert desk.ledger.deliver(receiver) == {}
    assert desk.act(try_now, "dialoog", **WHY) == Gedaan(3, 0)
    assert desk.act(try_now, "dialoog", **WHY) == Gedaan(0, 0)
    assert desk.ledger.deliver(receiver) == {"bevestigd": 3}
    assert [row[:3] for row in desk.acts()] == [("kanaal_nu", "dialoog", None)]
    with pytest.raises(HandelingError, match="geen bestemming 'nergens'"):
        desk.act(try_now, "nergens", **WHY)


def test_an_operator_is_told_once_per_destination_and_kind_until_nothing_is_left(
    desk: Desk,
) -> None:
    desk.ledger.add(*(make_bericht(str(number)) for number in range(3)))
    desk.ledger.deliver(Receiver(failing(ContractError)))
    doubt = desk.put("twijfel", "in_twijfel", bestemming="dosis")
    for _ in range(2):
        with desk.ledger.push.begin() as connection:
            refresh_ledger_incidents(connection)
    assert desk.incidents() == [("bericht_in_twijfel", "dosis"), ("bericht_opgegeven", "dialoog")]
    texts = desk.ledger.rows("SELECT tekst FROM hub.incident WHERE onderwerp = 'dialoog'")
    assert "dialoog dat niet bezorgd raakte: 3." in texts[0][0]
    given_up = [
        row[0]
        for row in desk.ledger.rows("SELECT bericht_id FROM hub.bericht WHERE stand = 'opgegeven'")
    ]
    desk.act(set_aside, given_up[:1], **WHY)
    texts = desk.ledger.rows("SELECT tekst FROM hub.incident WHERE onderwerp = 'dialoog'")
    assert "niet bezorgd raakte: 2." in texts[0][0]
    desk.act(resend, given_up[1:], **WHY)
    assert desk.incidents() == [("bericht_in_twijfel", "dosis")]
    desk.act(confirm, [doubt], **WHY)
    assert desk.incidents() == []


def test_a_message_is_kept_longer_and_back_to_the_general_term(desk: Desk) -> None:
    one, later = desk.put("a", "bevestigd"), datetime(2030, 1, 1, tzinfo=UTC)
    assert desk.act(keep, [one], tot=later, **WHY) == Gedaan(1, 0)
    assert desk.act(keep, [one], tot=later, **WHY) == Gedaan(0, 1)
    assert desk.ledger.rows("SELECT bewaren_tot FROM hub.bericht") == [(later,)]
    assert desk.act(keep, [one], tot=None, **WHY) == Gedaan(1, 0)
    assert desk.ledger.rows("SELECT bewaren_tot FROM hub.bericht") == [(None,)]


def test_what_is_shown_of_a_message_is_its_life_and_never_its_content(desk: Desk) -> None:
    desk.ledger.add(make_bericht("a"))
    desk.ledger.deliver(Receiver(failing(UnknownOutcomeError)))
    desk.ledger.change("UPDATE hub.bericht SET pogingen = 14, klaar_vanaf = now()")
    desk.ledger.deliver(Receiver(failing(ContractError)))
    waiting = desk.act(show_waiting, limit=10)
    desk.act(resend, [waiting[0]["bericht_id"]], **WHY)
    shown = desk.act(show_messages, [waiting[0]["bericht_id"]])[0]
    assert [attempt["uitkomst"] for attempt in shown["pogingen_lijst"]] == [
        "UnknownOutcomeError",
        "ContractError",
    ]
    assert shown["handelingen"][0]["wie"] == "an"
    assert not {"inhoud", "sleutel_id", "toestemming_profiel_id"} & set(shown)


def test_the_database_refuses_an_illegal_move_of_the_operators_role_too(desk: Desk) -> None:
    desk.put("a", "bevestigd")

    def resurrect(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE hub.bericht SET stand = 'klaar', beeindigd_op = NULL")

    with pytest.raises(IntegrityError, match="kan niet van bevestigd naar klaar"):
        desk.act(resurrect)
