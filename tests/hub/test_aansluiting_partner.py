"""The ledger beside Dialoog's own list: each difference is planted there, found, and mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from connectors.aanmelding.feiten import AanmeldingFeiten, BewonerFeiten, WoningFeiten
from connectors.dialoog.mapping import map_aanmelding
from connectors.transport.errors import AuthenticationError, RetryableError
from hub.aansluiting.partner import compare_partner
from tests.hub.aansluiting_case import (
    NUMBER,
    change,
    compare,
    force,
    found_by,
    incidents,
    open_dialoog,
    referentie,
)
from tests.hub.journey_case import read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres
STRANGER = UUID("0f9e7f0a-93c5-4f0b-8f6d-1c3f4f1f7a22")


@pytest.fixture
def one(journey: Journey) -> Journey:
    journey.sandbox.grow(1)
    journey.run()
    return journey


def withdraw(journey: Journey) -> None:
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    body = {"dossiernummer": NUMBER, "tot": ended}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)
    journey.run()
    journey.run()


def put(journey: Journey, reference: UUID) -> None:
    feiten = AanmeldingFeiten(
        aanmelding_id=reference,
        dossiernummer=NUMBER,
        gemaakt_op=datetime.now(UTC),
        bewoner=BewonerFeiten("Joris", "Verzonnen"),
        woning=WoningFeiten("Diestsesteenweg", "7", "3010", "Leuven"),
    )
    open_dialoog(journey).put_aanmelding(
        aanmelding=map_aanmelding(feiten), idempotency_key=f"aanmelding:{reference}"
    )


def test_a_confirmed_aanmelding_that_the_partner_lost_is_found(one: Journey) -> None:
    subject = f"dialoog aanmelding {referentie(one)}"
    one.sandbox.control("POST", "/dialoog/verlies", json={"referentie": referentie(one)})
    assert found_by(one, "dialoog") == {"aanmelding_ontbreekt": [subject]}
    put(one, UUID(referentie(one)))
    assert compare(one, "dialoog").opgelost == 1
    assert incidents(one) == {}


def test_an_aanmelding_that_was_withdrawn_without_the_hub_is_found(one: Journey) -> None:
    body = {"dossiernummer": NUMBER, "status": "plaatsbezoek"}
    one.sandbox.control("POST", "/dialoog/voortgang", json=body)
    open_dialoog(one).delete_aanmelding(referentie=UUID(referentie(one)))
    subject = f"dialoog aanmelding {referentie(one)}"
    assert found_by(one, "dialoog") == {"aanmelding_elders_ingetrokken": [subject]}


def test_an_aanmelding_that_the_ledger_never_wrote_down_is_found(one: Journey) -> None:
    put(one, STRANGER)
    assert found_by(one, "dialoog") == {"aanmelding_onbekend": [f"dialoog aanmelding {STRANGER}"]}
    open_dialoog(one).delete_aanmelding(referentie=STRANGER)
    assert compare(one, "dialoog").opgelost == 1
    assert incidents(one) == {}


def test_an_aanmelding_that_was_answered_removed_and_is_there_is_found(one: Journey) -> None:
    withdraw(one)
    assert found_by(one, "dialoog") == {}
    subject = f"dialoog aanmelding {referentie(one)}"
    one.sandbox.control("POST", "/dialoog/herstel", json={"referentie": referentie(one)})
    assert found_by(one, "dialoog") == {"aanmelding_niet_verwijderd": [subject]}
    open_dialoog(one).delete_aanmelding(referentie=UUID(referentie(one)))
    assert compare(one, "dialoog").opgelost == 1


def test_what_a_partner_keeps_by_law_is_no_difference(one: Journey) -> None:
    body = {"dossiernummer": NUMBER, "status": "plaatsbezoek"}
    one.sandbox.control("POST", "/dialoog/voortgang", json=body)
    withdraw(one)
    assert found_by(one, "dialoog") == {}


@pytest.mark.parametrize("stand", ["opgegeven", "in_twijfel"])
def test_an_aanmelding_in_doubt_that_is_there_is_found_and_its_repair_confirms_it(
    one: Journey, stand: str
) -> None:
    force(one, "aanmelding", stand)
    subject = f"dialoog aanmelding {referentie(one)}"
    assert found_by(one, "dialoog") == {"aanmelding_toch_aangekomen": [subject]}
    change(
        one,
        "UPDATE hub.bericht SET stand = 'klaar', beeindigd_op = NULL, klaar_vanaf = now()"
        " WHERE soort = 'aanmelding'",
    )
    one.run()
    assert read_rows(one, "SELECT stand FROM hub.bericht WHERE soort = 'aanmelding'") == [
        ("bevestigd",)
    ]
    puts = [line for line in one.sandbox.journal("dialoog") if line["operatie"] == "put"]
    assert [line["effect"] for line in puts].count(True) == 1
    assert compare(one, "dialoog").opgelost == 1


@pytest.mark.parametrize("stand", ["ingetrokken", "overgeslagen"])
def test_an_aanmelding_that_never_left_and_is_there_is_found(one: Journey, stand: str) -> None:
    force(one, "aanmelding", stand)
    subject = f"dialoog aanmelding {referentie(one)}"
    assert found_by(one, "dialoog") == {"aanmelding_onterecht": [subject]}


def test_an_aanmelding_that_is_confirmed_while_the_list_is_read_is_no_difference(
    one: Journey,
) -> None:
    class Slow:
        """A list that was read before the aanmelding arrived."""

        def list_standen(self, *, pagina: str | None = None) -> object:
            page = open_dialoog(one).list_standen(pagina=pagina)
            change(one, "UPDATE hub.bericht SET beeindigd_op = clock_timestamp()")
            return replace(page, items=())

    found = compare_partner(one.database.engine("hub_aansluiting"), Slow(), partner="dialoog")
    assert dict(found.verschillen) == {}


def test_a_partner_without_a_list_is_told_and_its_earlier_incidents_stay(one: Journey) -> None:
    put(one, STRANGER)
    compare(one, "dialoog")
    one.sandbox.order_fault("dialoog", "5xx", operatie="standen", status=404)
    found = compare(one, "dialoog")
    assert (found.vergeleken, found.niet_vergeleken, found.opgelost) == (0, 1, 0)
    assert incidents(one) == {
        "aanmelding_onbekend": [f"dialoog aanmelding {STRANGER}"],
        "niet_te_vergelijken": ["dialoog"],
    }
    assert compare(one, "dialoog").opgelost == 1
    assert "niet_te_vergelijken" not in incidents(one)


def test_a_list_that_breaks_off_reports_nothing_and_closes_nothing(one: Journey) -> None:
    put(one, STRANGER)
    before = found_by(one, "dialoog")
    one.sandbox.order_fault("dialoog", "5xx", operatie="standen", status=503)
    with pytest.raises(RetryableError):
        compare(one, "dialoog")
    assert incidents(one) == before
    one.sandbox.order_fault("dialoog", "5xx", operatie="standen", status=401)
    with pytest.raises(AuthenticationError):
        compare(one, "dialoog")
    assert incidents(one) == before
