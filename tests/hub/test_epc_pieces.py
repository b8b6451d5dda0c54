"""Certificates are stored in pieces: what a broken run stored stays, the rest is asked again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hub.batch import form_batch
from hub.quality.split import check_dossiers
from hub.toegangslog import PostgresRaadplegingLog
from hub.woning import bevragen
from hub.woning.epc import epc_bron
from hub.woning.find import find_woningen
from tests.hub.journey_case import RESIDENTS
from tests.journey import Journey

pytestmark = pytest.mark.postgres
NAAM = "proef stukken"


def prepare(journey: Journey) -> None:
    journey.sandbox.grow(RESIDENTS)
    journey.pull()
    engine = journey.engines["enrich"]
    form_batch(engine, naam=NAAM)
    check_dossiers(engine, journey.keyring, naam=NAAM)
    log = PostgresRaadplegingLog(engine)
    find_woningen(engine, journey.registers, log, journey.keyring, naam=NAAM)


def fetch(journey: Journey) -> dict[str, int]:
    engine = journey.engines["enrich"]
    bron = epc_bron(lambda: journey.epc, journey.keyring)
    return bevragen.bevraag_bronnen(engine, [bron], PostgresRaadplegingLog(engine), naam=NAAM)[
        "epc"
    ]


def count(journey: Journey) -> dict[str, int]:
    with journey.engines["eigenaar"].connect() as connection:
        tables = ("hub.bronstand", "bron.epc", "hub.gegeven")
        found = {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in tables
        }
    return found | {"asked": len(journey.sandbox.journal("epc"))}


def test_a_run_that_breaks_between_two_pieces_loses_nothing_and_asks_only_the_rest(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.chunks.LARGEST_CHUNK", 4)
    prepare(journey)
    store, stored = bevragen._store, []

    def store_twice(*arguments: Any) -> Any:
        if len(stored) == 2:
            raise KeyboardInterrupt
        counts = store(*arguments)
        if counts:
            stored.append(1)
        return counts

    monkeypatch.setattr(bevragen, "_store", store_twice)
    with pytest.raises(KeyboardInterrupt):
        fetch(journey)
    assert count(journey)["hub.bronstand"] == 8
    monkeypatch.setattr(bevragen, "_store", store)
    before = count(journey)["asked"]
    outcome = fetch(journey)
    after = count(journey)
    dwellings = after["hub.bronstand"]
    assert sum(outcome.values()) == dwellings - 8 == after["asked"] - before
    assert "opnieuw" not in outcome
    # Once more: nothing is asked, nothing changes.
    assert not any(fetch(journey).values())
    assert count(journey) == after
