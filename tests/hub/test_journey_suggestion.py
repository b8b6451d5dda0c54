"""A person accepts or refuses what a source suggests, and the hub remembers it."""

from __future__ import annotations

import pytest

from tests.hub.journey_case import crm_dossier, crm_gegeven, dossiernummer, read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres
NUMBER = dossiernummer("normal")
TYPED = "getypt door een mens"


@pytest.fixture
def typed(journey: Journey) -> Journey:
    """One dossier in which a person typed another gebouwtype than the source gives."""
    journey.sandbox.grow(1)
    type_in(journey, TYPED)
    journey.run()
    assert offered(journey) == source(journey)
    return journey


def type_in(journey: Journey, gebouwtype: str | None) -> None:
    body = {"dossiernummer": NUMBER, "velden": {"gebouwtype": gebouwtype}}
    journey.sandbox.control("POST", "/crm/wijzig", json=body)


def decide(journey: Journey, beslissing: str) -> None:
    body = {"dossiernummer": NUMBER, "veld": "gebouwtype", "beslissing": beslissing}
    journey.sandbox.control("POST", "/crm/beslissing", json=body)


def source(journey: Journey) -> str:
    rows = read_rows(
        journey,
        "SELECT waarde FROM hub.gegeven WHERE veld = 'gebouwtype' AND vervangen_op IS NULL",
    )
    return str(rows[0][0])


def change_source(journey: Journey, waarde: str) -> None:
    """Let the source say something else, and let the dossier come by."""
    read_rows(
        journey,
        "UPDATE hub.gegeven SET waarde = :w WHERE veld = 'gebouwtype' RETURNING 1",
        w=waarde,
    )
    come_by(journey)


def come_by(journey: Journey) -> None:
    read_rows(journey, "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1")
    journey.run()


def offered(journey: Journey) -> object:
    return crm_gegeven(journey, "normal", "gebouwtype")["suggestie"]


def held(journey: Journey) -> object:
    return crm_dossier(journey, "normal")["gebouwtype"]


def remembered(journey: Journey) -> list[tuple[str, str]]:
    return read_rows(journey, "SELECT waarde, beslissing FROM hub.beslissing ORDER BY 1")


def test_an_accepted_suggestion_is_written_and_follows_the_source(typed: Journey) -> None:
    value = source(typed)
    decide(typed, "aanvaard")
    typed.run()
    assert held(typed) == value
    row = crm_gegeven(typed, "normal", "gebouwtype")
    assert (row["waarde"], row["suggestie"], row["beslissing"]) == (value, None, None)
    assert remembered(typed) == [(value, "aanvaard")]
    change_source(typed, "een ander type")
    assert held(typed) == "een ander type"


def test_what_is_typed_over_an_accepted_value_stays(typed: Journey) -> None:
    decide(typed, "aanvaard")
    typed.run()
    type_in(typed, TYPED)
    typed.run()
    come_by(typed)
    assert held(typed) == TYPED
    assert offered(typed) == source(typed)


def test_a_refused_suggestion_is_not_offered_again_until_the_source_changes(
    typed: Journey,
) -> None:
    value = source(typed)
    decide(typed, "verworpen")
    typed.run()
    messages = "SELECT count(*) FROM hub.bericht"
    before = read_rows(typed, messages)
    come_by(typed)
    come_by(typed)
    assert read_rows(typed, messages) == before
    assert held(typed) == TYPED
    assert crm_gegeven(typed, "normal", "gebouwtype")["beslissing"] == "verworpen"
    change_source(typed, "een ander type")
    row = crm_gegeven(typed, "normal", "gebouwtype")
    assert (row["suggestie"], row["beslissing"]) == ("een ander type", None)
    change_source(typed, value)
    assert offered(typed) is None
    assert remembered(typed) == [(value, "verworpen")]


def test_a_refusal_survives_an_empty_crm_row_and_a_full_reload(typed: Journey) -> None:
    decide(typed, "verworpen")
    typed.run()
    typed.sandbox.change_settings("crm", delta_geldig=0)
    type_in(typed, "nog iets anders")
    typed.run()
    come_by(typed)
    assert held(typed) == "nog iets anders"
    assert crm_gegeven(typed, "normal", "gebouwtype")["beslissing"] == "verworpen"


def test_an_acceptance_of_a_value_that_changed_meanwhile_is_asked_anew(typed: Journey) -> None:
    read_rows(
        typed,
        "UPDATE hub.gegeven SET waarde = 'een ander type' WHERE veld = 'gebouwtype' RETURNING 1",
    )
    decide(typed, "aanvaard")
    typed.run()
    assert held(typed) == TYPED
    row = crm_gegeven(typed, "normal", "gebouwtype")
    assert (row["suggestie"], row["beslissing"]) == ("een ander type", None)


def test_a_decision_made_while_the_hub_was_writing_is_never_lost(typed: Journey) -> None:
    read_rows(
        typed,
        "UPDATE hub.gegeven SET waarde = 'een ander type' WHERE veld = 'gebouwtype' RETURNING 1",
    )
    read_rows(typed, "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1")
    typed.enrich()
    value = offered(typed)
    decide(typed, "verworpen")
    typed.run()
    assert (value, "verworpen") in remembered(typed)
    assert held(typed) == TYPED
    assert offered(typed) == "een ander type"


def test_an_acceptance_whose_answer_was_lost_has_one_effect(typed: Journey) -> None:
    value = source(typed)
    decide(typed, "aanvaard")
    typed.sandbox.order_fault("crm", "bevestig_en_verbreek", operatie="batch")
    typed.pull()
    typed.enrich()
    typed.push()
    read_rows(typed, "UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar' RETURNING 1")
    typed.run()
    assert held(typed) == value
    writes = [
        line
        for line in typed.sandbox.journal("crm")
        if line["effect"] and line["operatie"] == "update:rh_dossiers"
    ]
    assert len(writes) == 2


def test_an_acceptance_while_another_origin_is_on_its_way_is_carried_out_after_it(
    typed: Journey,
) -> None:
    value = source(typed)
    read_rows(
        typed,
        "UPDATE hub.gegeven SET bron_object = 'attest 9' WHERE veld = 'bouwvorm' RETURNING 1",
    )
    read_rows(typed, "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1")
    assert typed.enrich()["prefill"]["voorinvulling"] == 1
    decide(typed, "aanvaard")
    typed.pull()
    assert typed.enrich()["prefill"]["voorinvulling"] == 0
    typed.run()
    assert held(typed) == value
