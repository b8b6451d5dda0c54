"""The ledger beside the CRM's own rows: each difference is planted there, found, and mended."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest

from connectors.crm.models import ChangePage, CrmChange, CrmRecord, CrmRejected
from connectors.transport.errors import RetryableError
from hub.aansluiting.crm import compare_crm
from tests.hub.aansluiting_case import (
    NUMBER,
    change,
    compare,
    found_by,
    incidents,
    referentie,
)
from tests.hub.journey_case import crm_dossier, read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres


@pytest.fixture
def one(journey: Journey) -> Journey:
    journey.sandbox.grow(1)
    journey.run()
    return journey


def dossier_id(journey: Journey) -> UUID:
    found = crm_dossier(journey, "normal")["dossier_id"]
    assert isinstance(found, UUID)
    return found


def gegeven(journey: Journey, veld: str) -> CrmRecord:
    record = journey.crm.get(tabel="gegeven", sleutel=f"{dossier_id(journey)}:{veld}")
    assert record is not None
    return record


def write(journey: Journey, tabel: str, object_id: UUID, velden: Mapping[str, object]) -> None:
    journey.crm.write(changes=[CrmChange(tabel, object_id, None, velden)], key="proef")


def delete(journey: Journey, tabel: str, object_id: UUID) -> None:
    body = {"tabel": tabel, "id": str(object_id)}
    journey.sandbox.control("POST", "/crm/verwijder", json=body)


def test_a_missing_origin_is_found_and_written_again_as_the_runbook_says(one: Journey) -> None:
    lost = gegeven(one, "epc_label")
    delete(one, "gegeven", lost.object_id)
    delete(one, "gegeven", gegeven(one, "bouwjaar").object_id)
    subject = f"crm dossier {dossier_id(one)}"
    assert found_by(one, "crm") == {"crm_gegeven_ontbreekt": [subject]}
    ((tekst,),) = read_rows(one, "SELECT tekst FROM hub.incident WHERE opgelost_op IS NULL")
    assert "bouwjaar, epc_label" in tekst
    change(
        one,
        "UPDATE hub.voorinvulling SET herkomst_hash = ''"
        " WHERE dossier_id = :d AND veld IN ('epc_label', 'bouwjaar')",
        d=dossier_id(one),
    )
    change(
        one,
        "INSERT INTO hub.inbox (bron, soort, object_id, versie)"
        " VALUES ('hub', 'dossier', :d, 'herstel ' || now()::text)",
        d=str(dossier_id(one)),
    )
    one.run()
    assert gegeven(one, "epc_label").velden["waarde"] == lost.velden["waarde"]
    assert compare(one, "crm").opgelost == 1
    assert incidents(one) == {}


def test_an_origin_that_says_another_value_is_found(one: Journey) -> None:
    held = gegeven(one, "epc_label")
    write(one, "gegeven", held.object_id, {"waarde": "Z"})
    assert found_by(one, "crm") == {"crm_gegeven_verschilt": [f"crm dossier {dossier_id(one)}"]}
    write(one, "gegeven", held.object_id, {"waarde": held.velden["waarde"]})
    assert compare(one, "crm").opgelost == 1


def test_an_origin_that_another_wrote_is_found(one: Journey) -> None:
    sleutel = f"{dossier_id(one)}:dakkleur"
    velden = {"veld": "dakkleur", "waarde": "rood"}
    one.crm.write(changes=[CrmChange("gegeven", None, sleutel, velden)], key="proef")
    assert found_by(one, "crm") == {"crm_gegeven_onbekend": [f"crm dossier {dossier_id(one)}"]}


def test_what_a_person_changed_or_decided_is_no_difference(one: Journey) -> None:
    body = {
        "dossiernummer": NUMBER,
        "velden": {"bouwvorm": None, "gebouwtype": "kasteel", "epc_label": "A+"},
    }
    one.sandbox.control("POST", "/crm/wijzig", json=body)
    assert found_by(one, "crm") == {}
    one.run()
    held = gegeven(one, "gebouwtype")
    assert held.velden["suggestie"] is not None
    assert found_by(one, "crm") == {}
    write(one, "gegeven", held.object_id, {"beslissing": "verworpen", "suggestie": None})
    assert found_by(one, "crm") == {}


def test_an_aanmelding_that_fell_back_to_an_earlier_status_is_found(one: Journey) -> None:
    aanmelding = UUID(referentie(one))
    write(one, "aanmelding", aanmelding, {"status": "aangevraagd"})
    assert found_by(one, "crm") == {"crm_aanmelding_verschilt": [f"crm aanmelding {aanmelding}"]}
    write(one, "aanmelding", aanmelding, {"status": "verzonden"})
    assert compare(one, "crm").opgelost == 1


def test_a_later_status_of_an_aanmelding_is_no_difference(one: Journey) -> None:
    write(one, "aanmelding", UUID(referentie(one)), {"status": "ingepland"})
    assert found_by(one, "crm") == {}


def test_an_aanmelding_that_is_gone_from_the_crm_is_found(one: Journey) -> None:
    delete(one, "aanmelding", UUID(referentie(one)))
    assert found_by(one, "crm") == {
        "crm_aanmelding_ontbreekt": [f"crm aanmelding {referentie(one)}"]
    }


def test_a_task_that_is_gone_is_found_and_one_that_is_done_is_not(own: Journey) -> None:
    keys = [row[0] for row in read_rows(own, "SELECT sleutel FROM hub.bericht WHERE soort='stap'")]
    assert len(keys) > 2
    first, second = (own.crm.get(tabel="stap", sleutel=key) for key in keys[:2])
    assert first is not None and second is not None
    write(own, "stap", first.object_id, {"status": "gedaan"})
    delete(own, "stap", second.object_id)
    ((bericht_id,),) = read_rows(
        own, "SELECT bericht_id FROM hub.bericht WHERE sleutel = :s", s=keys[1]
    )
    assert found_by(own, "crm") == {"crm_stap_ontbreekt": [f"crm stap {bericht_id}"]}


def test_a_deleted_dossier_is_not_compared(one: Journey) -> None:
    delete(one, "gegeven", gegeven(one, "epc_label").object_id)
    delete(one, "dossier", dossier_id(one))
    one.pull()
    assert found_by(one, "crm") == {}


def test_a_dossier_with_something_on_its_way_is_left_for_the_next_night(one: Journey) -> None:
    delete(one, "gegeven", gegeven(one, "epc_label").object_id)
    before = found_by(one, "crm")
    assert before
    change(one, "ALTER TABLE hub.bericht DISABLE TRIGGER bericht_overgang")
    change(
        one,
        "UPDATE hub.bericht SET stand = 'klaar', beeindigd_op = NULL WHERE volgorde ="
        " (SELECT max(volgorde) FROM hub.bericht WHERE bestemming = 'crm')",
    )
    found = compare(one, "crm")
    assert (dict(found.verschillen), found.opgelost) == ({}, 0)
    assert incidents(one) == before


def test_a_row_that_cannot_be_read_is_told(one: Journey) -> None:
    class Odd:
        """A CRM of which one row does not fit the mapping."""

        def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage:
            page = one.crm.get_changes(tabel=tabel, link=link, page_size=page_size)
            if tabel != "stap":
                return page
            odd = CrmRejected(tabel, "unknown", "x")
            return ChangePage(
                tabel, page.records, page.deleted, page.next_link, page.delta_link, (odd,)
            )

    found = compare_crm(one.database.engine("hub_aansluiting"), Odd())
    assert found.niet_vergeleken == 1
    assert incidents(one) == {"niet_te_vergelijken": ["crm"]}


def test_a_listing_that_breaks_off_reports_nothing(one: Journey) -> None:
    delete(one, "gegeven", gegeven(one, "epc_label").object_id)
    one.sandbox.order_fault("crm", "5xx", operatie="changes:rh_stappen", aantal=5)
    with pytest.raises(RetryableError):
        compare(one, "crm")
    assert incidents(one) == {}
