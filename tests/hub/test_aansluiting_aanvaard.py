"""A person accepts a difference: it stays away while the same is seen, and only that long."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from hub.aansluiting.aanvaarding import accept, show_differences
from hub.ledger.acts import Gedaan, HandelingError
from tests.hub.aansluiting_case import change, compare, found_by, incidents
from tests.hub.journey_case import read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres

WHY = {"reden": "de taak is met opzet geschrapt", "wie": "an"}


def act(journey: Journey, ids: Sequence[UUID], **words: str) -> Gedaan:
    with journey.database.engine("hub_operator").begin() as connection:
        return accept(connection, ids, **(WHY | words))


def open_ids(journey: Journey) -> list[UUID]:
    with journey.database.engine("hub_operator").begin() as connection:
        return [row["incident_id"] for row in show_differences(connection)]


@pytest.fixture
def gone(own: Journey) -> Journey:
    """A world in which a consultant deleted a task that the hub had made."""
    key = read_rows(own, "SELECT sleutel FROM hub.bericht WHERE soort = 'stap'")[0][0]
    task = own.crm.get(tabel="stap", sleutel=key)
    assert task is not None
    body = {"tabel": "stap", "id": str(task.object_id)}
    own.sandbox.control("POST", "/crm/verwijder", json=body)
    assert list(found_by(own, "crm")) == ["crm_stap_ontbreekt"]
    return own


def test_an_accepted_difference_does_not_return_the_next_night(gone: Journey) -> None:
    (incident_id,) = open_ids(gone)
    assert act(gone, [incident_id]) == Gedaan(1, 0)
    assert incidents(gone) == {}
    for _ in range(2):
        found = compare(gone, "crm")
        assert (dict(found.verschillen), found.aanvaard) == ({}, 1)
        assert incidents(gone) == {}


def test_accepting_again_changes_nothing_and_the_act_is_written_down_once(gone: Journey) -> None:
    (incident_id,) = open_ids(gone)
    act(gone, [incident_id])
    assert act(gone, [incident_id, incident_id]) == Gedaan(0, 1)
    assert read_rows(
        gone,
        "SELECT wie, soort, bestemming, incident_id, reden, gedaan_op IS NOT NULL"
        " FROM hub.handeling",
    ) == [("an", "aanvaard", "crm", incident_id, WHY["reden"], True)]


def test_it_returns_when_something_else_is_seen(gone: Journey) -> None:
    (first,) = open_ids(gone)
    act(gone, [first])
    change(gone, "UPDATE hub.aanvaard_verschil SET tekst = 'iets anders'")
    assert compare(gone, "crm").verschillen == {"crm_stap_ontbreekt": 1}
    (second,) = open_ids(gone)
    assert second != first
    assert act(gone, [second]) == Gedaan(1, 0)
    assert compare(gone, "crm").verschillen == {}


def test_an_acceptance_ends_when_its_difference_is_gone(gone: Journey) -> None:
    act(gone, open_ids(gone))
    change(gone, "UPDATE bron.crm_dossier SET verwijderd_op = now()")
    compare(gone, "crm")
    assert read_rows(gone, "SELECT * FROM hub.aanvaard_verschil") == []
    change(gone, "UPDATE bron.crm_dossier SET verwijderd_op = NULL")
    assert compare(gone, "crm").verschillen == {"crm_stap_ontbreekt": 1}


def test_another_receivers_comparison_leaves_it_alone(gone: Journey) -> None:
    act(gone, open_ids(gone))
    for ontvanger in ("berichten", "dialoog", "dosis"):
        assert compare(gone, ontvanger).aanvaard == 0
    assert compare(gone, "crm").aanvaard == 1


@pytest.mark.parametrize("kind", ["unknown", "solved", "channel", "no name", "person"])
def test_what_cannot_be_accepted_is_refused_with_a_sentence(gone: Journey, kind: str) -> None:
    ids, words = open_ids(gone), {}
    if kind == "unknown":
        ids = [*ids, uuid4()]
    elif kind == "solved":
        change(gone, "UPDATE hub.incident SET opgelost_op = now()")
    elif kind == "channel":
        change(gone, "UPDATE hub.kanaal SET gestopt_op = now() WHERE bestemming = 'dosis'")
        compare(gone, "berichten")
        ids = open_ids(gone)
    else:
        words = {"no name": {"wie": " "}, "person": {"reden": "fien@voorbeeld.be belde"}}[kind]
    with pytest.raises(HandelingError, match="Er is niets gewijzigd"):
        act(gone, ids, **words)
    assert read_rows(gone, "SELECT * FROM hub.aanvaard_verschil") == []
    assert read_rows(gone, "SELECT * FROM hub.handeling") == []
