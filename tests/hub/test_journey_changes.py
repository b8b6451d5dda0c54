"""What happens when the world changes on the way: people, consents, sources, lost answers."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from hub.landing import pull_crm_table
from hub.rapportage.load import load_rapportage
from tests.hub.journey_case import (
    RESIDENTS,
    crm_dossier,
    crm_gegeven,
    dossiernummer,
    read_rows,
)
from tests.journey import Journey

pytestmark = pytest.mark.postgres


def test_going_the_whole_way_again_has_no_effect_anywhere(own: Journey) -> None:
    before = own.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    counts = "SELECT count(*) FROM hub.bericht", "SELECT count(*) FROM hub.gegeven"
    rows = [read_rows(own, statement) for statement in counts]
    own.pull()
    own.enrich()
    own.push()
    own.run()
    after = own.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    assert after == before
    assert [read_rows(own, statement) for statement in counts] == rows
    assert load_rapportage(own.engines["rapportage"], own.keyring)["nieuw_of_gewijzigd"] == 0


def test_a_full_reload_after_an_expired_delta_link_ends_in_the_same_table(own: Journey) -> None:
    table = "SELECT dossier_id, etag, inhoud_hash, verwijderd_op FROM bron.crm_dossier ORDER BY 1"
    before = read_rows(own, table)
    own.sandbox.change_settings("crm", delta_geldig=0)
    landed = pull_crm_table(own.engines["pull"], own.crm, own.keyring, tabel="dossier")
    assert (landed.reloaded, landed.changed, landed.deleted) == (True, 0, 0)
    assert read_rows(own, table) == before
    assert read_rows(
        own, "SELECT soort, onderwerp FROM hub.incident WHERE soort LIKE 'delta%'"
    ) == [("delta_verlopen", "crm dossier")]


def test_a_field_that_a_person_emptied_or_changed_is_never_filled_again(own: Journey) -> None:
    number = dossiernummer("normal")
    own.sandbox.control(
        "POST",
        "/crm/wijzig",
        json={"dossiernummer": number, "velden": {"bouwvorm": None, "gebouwtype": "kasteel"}},
    )
    own.run()
    own.run()
    dossier = crm_dossier(own, "normal")
    assert (dossier["bouwvorm"], dossier["gebouwtype"]) == (None, "kasteel")
    assert crm_gegeven(own, "normal", "bouwvorm")["suggestie"] is not None
    assert crm_gegeven(own, "normal", "gebouwtype")["suggestie"] not in (None, "kasteel")


def test_a_person_who_types_between_decision_and_delivery_wins(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.pull()
    journey.enrich()
    journey.sandbox.control(
        "POST",
        "/crm/wijzig",
        json={"dossiernummer": "RD-0001-000001", "velden": {"bouwvorm": "open bebouwing, getypt"}},
    )
    journey.run()
    dossier = crm_dossier(journey, "normal")
    assert dossier["bouwvorm"] == "open bebouwing, getypt"
    assert dossier["epc_attestnummer"] is not None
    assert crm_gegeven(journey, "normal", "bouwvorm")["suggestie"] is not None
    states = Counter(
        row[0]
        for row in read_rows(journey, "SELECT stand FROM hub.bericht WHERE soort = 'voorinvulling'")
    )
    assert states["overgeslagen"] == 1


def test_a_mended_row_leaves_quarantine_and_goes_the_whole_way(own: Journey) -> None:
    number = "RD-0001-000020"
    open_rows = "SELECT object_id, redenen FROM hub.quarantaine WHERE opgelost_op IS NULL"
    before = read_rows(own, open_rows)
    assert any("postcode" in reason for _, reasons in before for reason in reasons)
    own.sandbox.control(
        "POST", "/crm/wijzig", json={"dossiernummer": number, "velden": {"postcode": "3000"}}
    )
    own.run()
    assert len(read_rows(own, open_rows)) == len(before) - 1
    stand = "SELECT stand FROM hub.stand_dossier WHERE dossiernummer = :n"
    assert read_rows(own, stand, n=number)[0][0] == "bevestigd"


def test_consent_given_later_lets_the_aanmelding_leave(own: Journey) -> None:
    number = dossiernummer("geen_toestemming")
    own.sandbox.control("POST", "/crm/toestemming", json={"dossiernummer": number, "tot": None})
    own.run()
    stand = "SELECT stand FROM hub.stand_dossier WHERE dossiernummer = :n"
    assert read_rows(own, stand, n=number) == [("bevestigd",)]


def test_a_value_no_source_gives_any_more_is_taken_back_and_can_return(journey: Journey) -> None:
    def touch(veld: str, waarde: str) -> None:
        journey.sandbox.control(
            "POST",
            "/crm/wijzig",
            json={"dossiernummer": "RD-0001-000001", "velden": {veld: waarde}},
        )
        journey.run()
        journey.run()

    def set_current(current: str) -> None:
        with journey.engines["eigenaar"].begin() as connection:
            connection.execute(
                text(f"UPDATE hub.gegeven SET vervangen_op = {current} WHERE veld LIKE 'epc_%'")
            )

    journey.sandbox.grow(1)
    journey.run()
    before = crm_dossier(journey, "normal")
    set_current("now()")
    touch("epc_attestnummer", "zelf getypt")
    lapsed = crm_dossier(journey, "normal")
    assert (lapsed["epc_label"], lapsed["epc_kengetal"]) == (None, None)
    assert lapsed["epc_attestnummer"] == "zelf getypt"
    assert lapsed["bouwjaar"] == before["bouwjaar"]
    assert crm_gegeven(journey, "normal", "epc_label")["waarde"] is None
    set_current("NULL")
    touch("consulent", "consulent-09")
    again = crm_dossier(journey, "normal")
    assert again["epc_label"] == before["epc_label"]
    assert again["epc_attestnummer"] == "zelf getypt"


@pytest.mark.parametrize("progress", [None, "plaatsbezoek"])
def test_consent_withdrawn_after_delivery_takes_the_aanmelding_back(
    journey: Journey, progress: str | None
) -> None:
    number = "RD-0001-000001"
    journey.sandbox.grow(1)
    journey.run()
    assert journey.reckon(1)["confirmed"] == 1
    if progress:
        body = {"dossiernummer": number, "status": progress}
        journey.sandbox.control("POST", "/dialoog/voortgang", json=body)
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    body = {"dossiernummer": number, "tot": ended}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)
    journey.run()
    journey.run()
    deletes = [line for line in journey.sandbox.journal("dialoog") if line["operatie"] == "delete"]
    assert len(deletes) == 1
    (answer,) = read_rows(journey, "SELECT ontvangst FROM hub.bericht WHERE soort = 'intrekking'")
    assert answer[0].startswith("bewaard: " if progress else "verwijderd")
    (aanmelding,) = read_rows(journey, "SELECT aanmelding_id, status FROM bron.crm_aanmelding")
    assert aanmelding[1] == "ingetrokken"
    assert journey.reckon(1)["no_consent"] == 1


def test_consent_that_ends_by_the_clock_takes_the_aanmelding_back(journey: Journey) -> None:
    number = "RD-0001-000001"
    journey.sandbox.grow(1)
    journey.run()
    # Long enough for a slow machine to look once more before it ends.
    ends = datetime.now(UTC) + timedelta(seconds=12)
    body = {"dossiernummer": number, "tot": ends.isoformat()}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)
    journey.pull()
    journey.push()
    assert datetime.now(UTC) < ends
    dialoog = journey.sandbox.journal("dialoog")
    assert [line["operatie"] for line in dialoog if line["effect"]] == ["put"]
    time.sleep(max((ends - datetime.now(UTC)).total_seconds(), 0.0) + 1.0)
    journey.push()
    journey.push()
    dialoog = journey.sandbox.journal("dialoog")
    assert [line["operatie"] for line in dialoog if line["effect"]] == ["put", "delete"]


def test_who_withdrew_and_signs_up_again_is_confirmed_again(journey: Journey) -> None:
    number = "RD-0001-000001"
    journey.sandbox.grow(1)
    journey.run()
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    for tot in (ended, None):
        body = {"dossiernummer": number, "tot": tot}
        journey.sandbox.control("POST", "/crm/toestemming", json=body)
        if tot is None:
            body = {"dossiernummer": number}
            journey.sandbox.control("POST", "/crm/aanmelding", json=body)
        journey.run()
        journey.run()
    assert journey.reckon(1)["confirmed"] == 1
    puts = [line for line in journey.sandbox.journal("dialoog") if line["operatie"] == "put"]
    assert len(puts) == 2


def test_a_source_that_fails_is_asked_again_and_the_rest_goes_on(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.sandbox.order_fault("epc", "5xx")
    journey.pull()
    counts = journey.enrich()
    assert counts["fetch"]["epc"] == {"opnieuw": 1}
    journey.push()
    dossier = crm_dossier(journey, "normal")
    assert dossier["adres_id"] is not None
    assert dossier["epc_attestnummer"] is None
    journey.run()
    assert crm_dossier(journey, "normal")["epc_attestnummer"] is not None


def test_an_answer_lost_after_the_receiver_committed_has_one_effect(journey: Journey) -> None:
    journey.sandbox.grow(1)
    for systeem in ("crm", "dialoog"):
        operatie = "batch" if systeem == "crm" else "put"
        journey.sandbox.order_fault(systeem, "bevestig_en_verbreek", operatie=operatie)
    journey.pull()
    journey.enrich()
    journey.push()
    with journey.engines["eigenaar"].begin() as connection:
        connection.execute(text("UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar'"))
    journey.push()
    journey.run()
    assert journey.reckon(1)["confirmed"] == 1
    effects = journey.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": 1})
    assert effects["dialoog"]["effecten"] == 1
    assert effects["crm"]["operaties"]["update:rh_dossiers"]["effecten"] == 1


def test_a_certificate_that_is_right_at_last_closes_the_task_about_it(own: Journey) -> None:
    case = "epc_ander_adres"
    dossier = crm_dossier(own, case)
    open_task = (
        "SELECT stap_id FROM bron.crm_stap WHERE dossier_id = :d AND soort = 'epc_nakijken'"
        " AND status = 'open'"
    )
    assert len(read_rows(own, open_task, d=dossier["dossier_id"])) == 1
    read_rows(own, "UPDATE hub.bronstand SET uitkomst = 'geen' WHERE bron = 'epc' RETURNING 1")
    body = {"dossiernummer": dossiernummer(case), "velden": {"consulent": "consulent-09"}}
    own.sandbox.control("POST", "/crm/wijzig", json=body)
    own.run()
    own.run()
    assert read_rows(own, open_task, d=dossier["dossier_id"]) == []
