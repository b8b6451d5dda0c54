"""Progress of a partner reaches the resident as one message, in the words of the portal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.melding import oordeel
from hub.melding.regels import AT_ONCE
from tests.hub.journey_case import read_rows
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres
NUMBER = "RD-0001-000001"


@pytest.fixture
def journey(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    """One resident, signed up at Dialoog, who prefers Mijn Burgerprofiel; nothing waits."""
    monkeypatch.setenv("RENOVATIEHUB_TST", "1")
    monkeypatch.setenv(AT_ONCE, "1")
    with cluster.fresh_database() as database, running_sandbox(tmp_path) as sandbox:
        sandbox.grow(1)
        made = Journey(database, sandbox, make_keyring())
        made.pull()
        with made.engines["eigenaar"].begin() as connection:
            connection.exec_driver_sql(
                "UPDATE bron.crm_profiel SET contact_voorkeur = 'mijnburgerprofiel'"
            )
        made.run()
        yield made


def happen(journey: Journey, status: str, **event: Any) -> None:
    body = {"dossiernummer": NUMBER, "status": status} | event
    journey.sandbox.control("POST", "/dialoog/voortgang", json=body)
    for _ in range(2):
        journey.listen()
        journey.run()


def told(journey: Journey) -> list[str]:
    found = journey.sandbox.control("GET", "/notificaties")["berichten"]
    return [one["waarden"]["StatusDetail1"] for one in found]


def outcomes(journey: Journey) -> list[tuple[Any, ...]]:
    return read_rows(
        journey,
        "SELECT kenmerk, stand, reden FROM hub.bericht WHERE bestemming = 'notificaties'"
        " ORDER BY volgorde",
    )


def test_progress_is_told_once_in_the_words_of_its_status(journey: Journey) -> None:
    before = told(journey)
    happen(journey, "ingepland")
    happen(journey, "plaatsbezoek")
    happen(journey, "advies_opgemaakt")
    after = told(journey)
    assert len(after) == len(before) + 2
    visit, advice = after[-2:]
    assert visit.startswith("Dialoog komt bij u langs op ")
    assert advice.startswith("Dialoog heeft een advies voor u gemaakt.")
    assert ("plaatsbezoek", "overgeslagen", oordeel.NIET_MELDEN) in outcomes(journey)
    shown = [
        line["inhoud"] for line in journey.sandbox.journal("dosis")
        if line["operatie"] == "RegistreerDossier"
    ]  # fmt: skip
    assert any(f">{visit.partition(' Dit gaat over')[0]}<" in one for one in shown)

    for _ in range(3):
        journey.listen()
        journey.run()
    assert told(journey) == after


def test_another_day_of_the_visit_is_other_news_and_the_same_day_is_none(
    journey: Journey,
) -> None:
    happen(journey, "ingepland")
    first = told(journey)
    happen(journey, "ingepland")
    assert told(journey) == first
    assert ("ingepland", "overgeslagen", oordeel.HERHALING) in outcomes(journey)
