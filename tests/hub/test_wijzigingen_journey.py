"""A change in the register reaches the dossier in the CRM, through the feeds of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.woningpas.basisregisters.wijzigingen import FEEDS, open_wijzigingen_client
from hub.woning.wijzigingen import pull_wijzigingen
from tests.hub.journey_case import CASES, crm_dossier, read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres


def pull(journey: Journey) -> dict[str, int]:
    """Read the four feeds; return the dossiers rung per feed."""
    feeds = open_wijzigingen_client(
        base_url=f"{journey.sandbox.base_url}/basisregisters/v3",
        api_key=journey.sandbox.secrets["basisregisters"]["api_key"],
    )
    engine = journey.engines["pull"]
    return {feed: pull_wijzigingen(engine, feeds, feed=feed).rung for feed in FEEDS}


def act(journey: Journey, act: str, **body: Any) -> Any:
    return journey.sandbox.control("POST", f"/basisregisters/{act}", json=body)


@pytest.fixture
def settled(own: Journey) -> Journey:
    """A city whose feeds were read to their end."""
    pull(own)
    own.run()
    assert not any(pull(own).values())
    return own


def test_a_unit_that_was_split_gives_its_dossier_the_new_dwelling(settled: Journey) -> None:
    known = settled.sandbox.resident(0)
    before = crm_dossier(settled, "normal")
    assert before["gebouweenheid_id"] == known["gebouweenheid_id"]
    made = act(settled, "splits", gebouweenheid_id=known["gebouweenheid_id"], aantal=2)
    first, second = made["gebouweenheid_ids"]
    rung = pull(settled)
    assert rung["gebouweenheden"] > 0
    assert rung == {**dict.fromkeys(FEEDS, 0), "gebouweenheden": rung["gebouweenheden"]}
    settled.run()
    assert crm_dossier(settled, "normal")["gebouweenheid_id"] == first
    assert not any(pull(settled).values())
    followed = read_rows(
        settled,
        "SELECT oud.gebouweenheid_id, woning_opvolging.opvolger, nieuw.gebouweenheid_id, "
        "woning_opvolging.reden FROM hub.woning_opvolging "
        "INNER JOIN hub.woning AS oud USING (woning_id) "
        "LEFT JOIN hub.woning AS nieuw ON nieuw.woning_id = opvolger_woning_id "
        "ORDER BY woning_opvolging.opvolger NULLS FIRST",
    )
    old = known["gebouweenheid_id"]
    assert followed == [
        (old, None, None, "beeindigd"),
        (old, f"gebouweenheid {first}", first, "gesplitst"),
        (old, f"gebouweenheid {second}", None, "gesplitst"),
    ]


def test_an_address_that_was_removed_becomes_a_task_for_the_consultant(settled: Journey) -> None:
    known = settled.sandbox.resident(0)
    act(settled, "verwijder", feed="adressen", id=known["adres"]["adres_id"])
    assert pull(settled)["adressen"] == 1
    settled.run()
    outcome = read_rows(
        settled,
        "SELECT uitkomst FROM hub.dossier_woning INNER JOIN bron.crm_dossier USING (dossier_id) "
        "WHERE dossiernummer = :n",
        n=known["dossiernummer"],
    )
    assert outcome == [("verwijderd",)]


def test_a_change_of_a_neighbour_asks_the_registers_nothing(settled: Journey) -> None:
    own_unit = int(settled.sandbox.resident(CASES["appartement"])["gebouweenheid_id"])
    asked = len(settled.sandbox.journal("basisregisters"))
    act(settled, "wijzig", feed="gebouweenheden", id=str(own_unit + 1), status="gehistoreerd")
    assert not any(pull(settled).values())
    settled.run()
    new = settled.sandbox.journal("basisregisters")[asked:]
    assert {line["operatie"].partition(":")[0] for line in new} == {"wijzigingen"}
