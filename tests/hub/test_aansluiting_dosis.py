"""The ledger beside what residents see at DOSIS: each difference is planted, found, and mended."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from connectors.mijnburgerprofiel.dosis import DosisDossier, DosisStatus
from connectors.transport.errors import AuthenticationError, RetryableError
from tests.hub.aansluiting_case import NUMBER, change, compare, force, found_by, incidents
from tests.hub.journey_case import read_rows
from tests.journey import BRON, Journey

pytestmark = pytest.mark.postgres
SUBJECT = f"dosis dossier {NUMBER}"
STARTED = DosisStatus("Ingediend", "Samenstelling", "x")
SENT = DosisStatus("InBehandeling", "Behandeling", "x")


@pytest.fixture
def one(journey: Journey) -> Journey:
    journey.sandbox.grow(1)
    journey.run()
    journey.run()
    return journey


def upload(journey: Journey, status: DosisStatus, nummer: str = NUMBER) -> None:
    profiel = read_rows(
        journey, "SELECT profiel_id FROM bron.crm_dossier WHERE dossiernummer = :n", n=NUMBER
    )[0][0]
    record = journey.crm.get(tabel="profiel", object_id=profiel)
    assert record is not None
    dossier = DosisDossier(
        bron=BRON,
        dossiernummer=nummer,
        naam="Renovatiebegeleiding",
        datum_modificatie=datetime.now(UTC),
        status=status,
        product=1234,
        insz=str(record.velden["insz"]),
    )
    journey.dosis.register_dossier(dossier=dossier, referte=uuid4())


def lose(journey: Journey, count: int) -> None:
    body = {"dossiernummer": NUMBER, "aantal": count}
    journey.sandbox.control("POST", "/dosis/verlies", json=body)


def test_every_status_that_dosis_lost_is_found(one: Journey) -> None:
    lose(one, 99)
    assert found_by(one, "dosis") == {"dosis_status_ontbreekt": [SUBJECT]}
    upload(one, SENT)
    assert compare(one, "dosis").opgelost == 1
    assert incidents(one) == {}


def test_a_last_status_that_is_not_the_last_confirmed_one_is_found(one: Journey) -> None:
    lose(one, 99)
    upload(one, STARTED)
    found = found_by(one, "dosis")
    assert found["dosis_status_verschilt"] == [SUBJECT]
    ((tekst,),) = read_rows(
        one, "SELECT tekst FROM hub.incident WHERE soort = 'dosis_status_verschilt'"
    )
    assert tekst == "De laatste bevestigde status is InBehandeling, en DOSIS toont Ingediend."
    upload(one, SENT)
    compare(one, "dosis")
    assert "dosis_status_verschilt" not in incidents(one)


def test_an_upload_that_the_ledger_does_not_know_is_found(one: Journey) -> None:
    upload(one, SENT)
    assert found_by(one, "dosis") == {"dosis_upload_onbekend": [SUBJECT]}
    lose(one, 1)
    assert compare(one, "dosis").opgelost == 1


def test_a_dossier_under_our_source_that_the_crm_does_not_know_is_found(one: Journey) -> None:
    upload(one, SENT, "RD-9999-000001")
    ((profiel,),) = read_rows(one, "SELECT profiel_id FROM bron.crm_dossier")
    assert found_by(one, "dosis") == {"dosis_dossier_onbekend": [f"dosis bewoner {profiel}"]}


@pytest.mark.parametrize("stand", ["in_twijfel", "opgegeven"])
def test_a_status_in_doubt_that_is_there_is_found_and_confirming_it_closes_it(
    one: Journey, stand: str
) -> None:
    force(one, "dossierstatus", stand)
    berichten = read_rows(
        one, "SELECT bericht_id FROM hub.bericht WHERE bestemming = 'dosis' ORDER BY 1"
    )
    change(
        one,
        "UPDATE hub.bericht SET beeindigd_op = beeindigd_op - interval '1 second'"
        " WHERE bestemming = 'dosis'",
    )
    assert found_by(one, "dosis") == {
        "dosis_toch_aangekomen": [f"dosis bericht {row[0]}" for row in berichten]
    }
    force(one, "dossierstatus", "bevestigd")
    assert compare(one, "dosis").opgelost == len(berichten)


def test_a_status_in_doubt_that_is_not_there_is_no_difference_here(one: Journey) -> None:
    force(one, "dossierstatus", "in_twijfel")
    lose(one, 99)
    assert found_by(one, "dosis") == {}


def test_a_dossier_with_a_status_on_its_way_is_left_for_the_next_night(one: Journey) -> None:
    lose(one, 99)
    before = found_by(one, "dosis")
    force(one, "dossierstatus", "aangenomen")
    found = compare(one, "dosis")
    assert (dict(found.verschillen), found.opgelost) == ({}, 0)
    assert incidents(one) == before


@pytest.mark.parametrize("code", ["99986", "60013"])
def test_a_partial_answer_is_noted_and_no_difference_follows_from_it(
    one: Journey, code: str
) -> None:
    lose(one, 99)
    before = found_by(one, "dosis")
    missing = {"code": code, "bron": BRON}
    one.sandbox.order_fault("dosis", "uitzondering", uitzondering=missing)
    found = compare(one, "dosis")
    assert (found.vergeleken, found.niet_vergeleken, found.opgelost) == (0, 1, 0)
    assert incidents(one) == before | {"niet_te_vergelijken": ["dosis"]}
    assert compare(one, "dosis").opgelost == 1
    assert incidents(one) == before


def test_an_answer_that_fails_for_one_resident_leaves_the_others_compared(own: Journey) -> None:
    everyone = compare(own, "dosis").vergeleken
    own.sandbox.order_fault("dosis", "reset", operatie="GeefDossiers")
    found = compare(own, "dosis")
    assert (found.vergeleken, found.niet_vergeleken) == (everyone - 1, 1)


def test_a_service_that_answers_nobody_fails_the_run(
    own: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.aansluiting.dosis._AWAY", 3)
    own.sandbox.order_fault("dosis", "5xx", operatie="GeefDossiers", aantal=99)
    with pytest.raises(RetryableError, match="not one of"):
        compare(own, "dosis")
    assert incidents(own) == {}


def test_a_refused_sign_on_fails_the_run(own: Journey) -> None:
    own.sandbox.order_fault("dosis", "5xx", operatie="GeefDossiers", status=401)
    with pytest.raises(AuthenticationError):
        compare(own, "dosis")


def test_a_resident_is_asked_for_by_our_own_source_only(one: Journey) -> None:
    compare(one, "dosis")
    looks = [line for line in one.sandbox.journal("dosis") if line["operatie"] == "GeefDossiers"]
    assert {line["sleutel"] for line in looks} == {BRON}
    assert len(looks) == 1
