"""The six sources together: what one lacks never stops the others, and nothing is written twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from connectors.transport.errors import AuthenticationError
from hub.provenance import Waarneming, record_values
from hub.verversing import ring_stale
from hub.woning.compose import compose_woningbeelden
from hub.woning.epc import epc_bron
from tests.hub.journey_case import crm_dossier, dossiernummer, read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres


@pytest.fixture
def settled(journey: Journey) -> Journey:
    """One resident whose journey is done."""
    journey.sandbox.grow(1)
    journey.run()
    return journey


def beeld(journey: Journey) -> Any:
    [(woning_id,)] = read_rows(journey, "SELECT woning_id FROM hub.woning")
    with journey.engines["lezer"].connect() as connection:
        return compose_woningbeelden(connection, [woning_id])[woning_id]


def touch(journey: Journey, consulent: str) -> None:
    """Change something about the dossier in the CRM, so that it comes by again."""
    body = {"dossiernummer": dossiernummer("normal"), "velden": {"consulent": consulent}}
    journey.sandbox.control("POST", "/crm/wijzig", json=body)
    journey.pull()


def test_every_source_is_in_the_beeld_with_object_and_moment(settled: Journey) -> None:
    found = beeld(settled)
    assert {stand.uitkomst for stand in found.bronnen.values()} <= {"gevonden", "geen"}
    assert all(stand.gevraagd_op for stand in found.bronnen.values())
    said = {waarde.bron for values in found.waarden.values() for waarde in values}
    assert said == {
        "basisregisters", "ligging", "epc", "erfgoed", "vergunningen", "bodem", "overstroming",
    }  # fmt: skip
    for values in found.waarden.values():
        for waarde in values:
            assert waarde.bron_object, waarde.veld
    [perceel] = found.all_of("perceel")
    assert json.loads(perceel.waarde)["geometrie"].startswith("POLYGON")
    assert found.get("positie").waarde.startswith("POINT")
    truth = settled.sandbox.resident(0)["omgeving"]
    assert crm_dossier(settled, "normal")["perceel_id"] == perceel.onderdeel
    assert truth, "the sandbox tells what the place holds"


@pytest.mark.parametrize(
    ("soort", "uitkomst"), [("5xx", "opnieuw"), ("reset", "opnieuw"), ("onzin", "geweigerd")]
)
def test_a_source_that_fails_is_shown_as_missing_and_the_others_are_used(
    journey: Journey, soort: str, uitkomst: str
) -> None:
    journey.sandbox.grow(1)
    journey.sandbox.order_fault("bodem", soort, aantal=1)
    journey.pull()
    journey.enrich()
    found = beeld(journey)
    assert found.bronnen["bodem"].uitkomst == uitkomst
    assert found.bronnen["bodem"].reden
    assert found.get("bodemstatus") is None
    assert found.get("epc_kengetal") is not None
    assert found.get("overstroming_pluviaal") is not None
    held = read_rows(
        journey,
        "SELECT redenen[1] FROM hub.quarantaine WHERE model = 'bodem' AND opgelost_op IS NULL",
    )
    assert len(held) == (1 if uitkomst == "geweigerd" else 0)
    read_rows(journey, "UPDATE hub.bronstand SET opnieuw_na = now() RETURNING 1")
    touch(journey, "consulent-09")
    journey.enrich()
    again = beeld(journey)
    assert again.bronnen["bodem"].uitkomst in ("gevonden", "geen")
    assert again.bronnen["bodem"].reden is None
    assert again.get("bodemstatus") is not None
    open_ = "SELECT 1 FROM hub.quarantaine WHERE model = 'bodem' AND opgelost_op IS NULL"
    assert not read_rows(journey, open_)


def test_a_source_that_does_not_let_us_in_is_an_incident_and_the_others_are_used(
    journey: Journey,
) -> None:
    def shut() -> Any:
        raise AuthenticationError("epc", "open", "certificate", "our certificate has expired")

    opened = journey.bronnen
    journey.bronnen = [epc_bron(shut, journey.keyring), *opened[1:]]
    journey.sandbox.grow(1)
    journey.pull()
    counts = journey.enrich()
    assert counts["fetch"]["epc"] == {"opnieuw": 1}
    assert sum(counts["fetch"]["overstroming"].values()) == 1
    incident = "SELECT onderwerp FROM hub.incident WHERE soort = :s AND opgelost_op IS NULL"
    assert read_rows(journey, incident, s="bron_weigert_toegang") == [("epc",)]
    assert "laat de hub niet toe" in beeld(journey).bronnen["epc"].reden
    journey.bronnen = opened
    # The dossier comes back by itself: the change stayed in the inbox.
    journey.enrich()
    assert beeld(journey).bronnen["epc"].uitkomst == "gevonden"
    assert read_rows(journey, incident, s="bron_weigert_toegang") == []


def test_what_is_past_its_date_rings_once_and_only_that_source_is_asked(settled: Journey) -> None:
    enrich = settled.engines["enrich"]
    assert ring_stale(enrich) == 0
    past = "UPDATE hub.bronstand SET opnieuw_na = now() - interval '1 hour' WHERE bron = 'bodem'"
    read_rows(settled, f"{past} RETURNING 1")
    assert (ring_stale(enrich), ring_stale(enrich)) == (1, 0)
    systems = ("basisregisters", "grb", "epc", "erfgoed", "vergunningen", "bodem", "overstroming")
    before = {name: len(settled.sandbox.journal(name)) for name in systems}
    rows = read_rows(settled, "SELECT count(*) FROM hub.gegeven")
    settled.enrich()
    after = {name: len(settled.sandbox.journal(name)) for name in systems}
    assert [name for name in systems if after[name] != before[name]] == ["bodem"]
    assert read_rows(settled, "SELECT count(*) FROM hub.gegeven") == rows
    assert ring_stale(enrich) == 0


def test_a_changed_certificate_changes_exactly_what_changed(settled: Journey) -> None:
    [(woning_id,)] = read_rows(settled, "SELECT woning_id FROM hub.woning")
    current = read_epc(settled, woning_id)
    later = datetime(2026, 11, 25, 8, tzinfo=UTC)
    newer = [
        replace(
            value,
            bron_versie="2026-11-25T08:00:00+00:00",
            opgehaald_op=later,
            waarde="123.4" if value.veld == "epc_kengetal" else value.waarde,
        )
        for value in current
    ]
    for added in (1, 0):
        with settled.engines["enrich"].begin() as connection:
            assert record_values(connection, bron="epc", per_woning={woning_id: newer}) == added
    closed = "SELECT veld FROM hub.gegeven WHERE vervangen_op IS NOT NULL"
    assert read_rows(settled, closed) == [("epc_kengetal",)]
    before = crm_dossier(settled, "normal")
    read_rows(settled, "UPDATE hub.bronstand SET opnieuw_na = 'infinity' RETURNING 1")
    touch(settled, "consulent-09")
    settled.enrich()
    settled.push()
    after = crm_dossier(settled, "normal")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"epc_kengetal", "consulent"}


def read_epc(journey: Journey, woning_id: UUID) -> list[Waarneming]:
    with journey.engines["lezer"].connect() as connection:
        rows = connection.execute(
            text(
                "SELECT veld, waarde, bron_object, bron_versie, opgehaald_op, geldig_tot, "
                "afgeleid, onderdeel FROM hub.gegeven "
                "WHERE woning_id = :w AND bron = 'epc' AND vervangen_op IS NULL"
            ),
            {"w": woning_id},
        )
        return [Waarneming(**row) for row in rows.mappings()]
