"""Progress over HTTP: from the partner's event to the CRM, the document, and the resident."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.transport.errors import RetryableError
from tests.hub.journey_case import read_rows
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres
NORMAL = "RD-0001-000001"
ADVIES = {
    "status": "advies_opgemaakt",
    "adviesSoort": "dubo",
    "adviseur": "Ada Adviseur",
    "documenten": [{"titel": "Duurzaam bouwadvies"}],
}


@pytest.fixture
def journey(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    """One resident, signed up at Dialoog."""
    monkeypatch.setenv("RENOVATIEHUB_TST", "1")
    with cluster.fresh_database() as database, running_sandbox(tmp_path) as sandbox:
        sandbox.grow(1)
        made = Journey(database, sandbox, make_keyring())
        made.run()
        yield made


class Scanner:
    """A scanner that finds what it is told."""

    def __init__(self, found: str | None = None, *, away: bool = False) -> None:
        self.found, self.away, self.looked = found, away, 0

    def keur(self, inhoud: bytes) -> str | None:
        assert inhoud.startswith(b"%PDF-")
        self.looked += 1
        if self.away:
            raise RetryableError("viruskeuring", "keur", "document", "it did not answer")
        return self.found


def happen(journey: Journey, partner: str = "dialoog", **event: Any) -> dict[str, Any]:
    body = {"dossiernummer": NORMAL} | event
    made: dict[str, Any] = journey.sandbox.control("POST", f"/{partner}/voortgang", json=body)
    return made


def hear(journey: Journey, **options: Any) -> dict[str, dict[str, int]]:
    counts = journey.listen(**options)
    journey.run()
    return counts


def all_rows(journey: Journey, tabel: str) -> list[dict[str, Any]]:
    page = journey.crm.get_changes(tabel=tabel, link=None, page_size=1000)
    return [dict(record.velden) for record in page.records]


def steps(journey: Journey) -> list[dict[str, Any]]:
    found = [row for row in all_rows(journey, "stap") if row["soort"] == "voortgang"]
    return sorted(found, key=lambda row: int(row["sleutel"].rpartition(":")[2]))


def statuses(journey: Journey) -> list[tuple[str, str]]:
    return read_rows(
        journey,
        "SELECT kenmerk, stand FROM hub.bericht WHERE bestemming = 'dosis' ORDER BY volgorde",
    )  # type: ignore[return-value]


def shown(journey: Journey) -> list[str]:
    """Return the texts that reached Mijn Burgerprofiel, in their order."""
    return [
        line["inhoud"].partition("<Detail>")[2].partition("</Detail>")[0]
        for line in journey.sandbox.journal("dosis")
        if line["effect"]
    ]


def test_an_advice_reaches_crm_document_and_resident_once(journey: Journey) -> None:
    happen(journey, status="ingepland")
    happen(journey, **ADVIES)
    hear(journey)
    told = steps(journey)
    assert [row["sleutel"].split(":")[:2] for row in told] == [["voortgang", "dialoog"]] * 3
    assert "Dialoog heeft voor duurzaam bouwadvies het advies opgemaakt" in told[2]["omschrijving"]
    assert "(DuBo)" in told[2]["omschrijving"]
    assert (told[2]["uitvoerder"], told[2]["status"]) == ("Ada Adviseur", "gedaan")
    assert told[2]["gebeurd_op"] is not None
    (aanmelding,) = all_rows(journey, "aanmelding")
    assert (aanmelding["status"], aanmelding["voortgang"]) == ("verzonden", "advies_opgemaakt")
    assert (aanmelding["advies_soort"], aanmelding["adviseur"]) == ("dubo", "Ada Adviseur")
    (dossier,) = all_rows(journey, "dossier")
    assert dossier["voortgang"] == "advies_opgemaakt"
    (document,) = [row for row in all_rows(journey, "document") if row["soort"] == "advies"]
    inhoud = base64.b64decode(document["inhoud"])
    assert document["sha256"] == hashlib.sha256(inhoud).hexdigest()
    assert document["titel"] == "Duurzaam bouwadvies"
    assert statuses(journey)[-1] == ("advies_opgemaakt", "bevestigd")
    assert shown(journey)[-1].startswith("Dialoog heeft een advies voor u gemaakt")

    before = read_rows(journey, "SELECT count(*) FROM hub.bericht")
    read_rows(journey, "UPDATE bron.partner_voortgang SET besloten_op = NULL RETURNING 1")
    counts = hear(journey)
    assert counts["decide"] == {"gebeurtenissen": 3, "berichten": 0}
    assert counts["pull dialoog"] == {"added": 0, "rejected": 0}
    assert counts["documenten dialoog"]["gehaald"] == 0
    assert read_rows(journey, "SELECT count(*) FROM hub.bericht") == before
    assert len(steps(journey)) == 3


def test_what_the_hub_writes_does_not_ring_for_ever(journey: Journey) -> None:
    happen(journey, status="plaatsbezoek")
    hear(journey)
    assert not any(journey.pull().values())
    assert journey.enrich() == {}


def test_an_event_that_comes_late_changes_nothing_but_the_history(journey: Journey) -> None:
    happen(journey, status="afgerond")
    hear(journey)
    happen(
        journey, status="advies_opgemaakt", tijdstip="2026-11-18T10:00:00Z", adviesSoort="erfgoed"
    )
    hear(journey)
    (aanmelding,) = all_rows(journey, "aanmelding")
    assert (aanmelding["voortgang"], aanmelding["advies_soort"]) == ("afgerond", "erfgoed")
    assert all_rows(journey, "dossier")[0]["voortgang"] == "afgerond"
    assert [status for status, _ in statuses(journey)][-1] == "afgerond"
    assert len(steps(journey)) == 3


def test_a_withdrawn_aanmelding_keeps_its_history_and_nothing_more(journey: Journey) -> None:
    happen(journey, status="ingepland")
    hear(journey)
    assert all_rows(journey, "dossier")[0]["voortgang"] == "ingepland"
    happen(journey, **ADVIES)
    body = {"dossiernummer": NORMAL, "tot": "2026-11-01T00:00:00Z"}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)
    landed = journey.pull()
    assert landed["toestemming"] == 1
    counts = journey.listen()
    assert counts["documenten dialoog"]["gehaald"] == 0
    assert counts["documenten dialoog"]["overgeslagen"] == 1
    journey.run()
    hear(journey)
    (aanmelding,) = all_rows(journey, "aanmelding")
    assert aanmelding["status"] == "ingetrokken"
    assert all_rows(journey, "dossier")[0]["voortgang"] is None
    assert [row for row in all_rows(journey, "document") if row["soort"] == "advies"] == []
    assert statuses(journey)[-1][0] == "ingetrokken"
    assert read_rows(journey, "SELECT stand FROM bron.partner_document") == [("te_halen",)]


@pytest.mark.parametrize(
    ("status", "uitkomst"), [("ingepland", "verwijderd"), ("plaatsbezoek", "bewaard")]
)
def test_both_answers_to_a_withdrawal_end_right_while_progress_comes(
    journey: Journey, status: str, uitkomst: str
) -> None:
    happen(journey, status=status)
    body = {"dossiernummer": NORMAL, "tot": "2026-11-01T00:00:00Z"}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)
    hear(journey)
    hear(journey)
    (aanmelding,) = all_rows(journey, "aanmelding")
    assert aanmelding["status"] == "ingetrokken"
    assert uitkomst in aanmelding["ontvangst"]
    assert all_rows(journey, "dossier")[0]["voortgang"] is None


def test_a_scanner_that_is_away_or_finds_something_keeps_the_document_out(
    journey: Journey,
) -> None:
    happen(journey, **ADVIES)
    assert journey.listen(Scanner(away=True))["documenten dialoog"]["later"] == 1
    assert journey.listen(Scanner("Eicar-Test"))["documenten dialoog"]["besmet"] == 1
    clean = Scanner()
    assert journey.listen(clean)["documenten dialoog"]["gehaald"] == 0
    assert clean.looked == 0
    journey.run()
    assert [row for row in all_rows(journey, "document") if row["soort"] == "advies"] == []
    ((tekst,),) = read_rows(
        journey, "SELECT tekst FROM hub.incident WHERE soort = 'document_besmet'"
    )
    assert "Eicar-Test" in tekst


def test_a_wrong_document_waits_with_its_reason_and_is_tried_again(journey: Journey) -> None:
    happen(journey, **ADVIES)
    journey.listen(Scanner(away=True))
    read_rows(journey, "UPDATE bron.partner_document SET sha256 = repeat('0', 64) RETURNING 1")
    assert journey.listen()["documenten dialoog"]["geweigerd"] == 1
    assert journey.listen()["documenten dialoog"]["geweigerd"] == 0
    ((model, redenen),) = read_rows(
        journey, "SELECT model, redenen FROM hub.quarantaine WHERE opgelost_op IS NULL"
    )
    assert model == "document_dialoog"
    assert "sha256" in redenen[0]
    open_ = "SELECT soort FROM hub.incident WHERE opgelost_op IS NULL AND soort LIKE 'document%'"
    assert read_rows(journey, open_) == [("document_geweigerd",)]
    # A day later, and for the last time.
    for _ in range(2):
        read_rows(journey, "UPDATE bron.partner_document SET opnieuw_na = now() RETURNING 1")
        assert journey.listen()["documenten dialoog"]["geweigerd"] == 1
    assert read_rows(journey, "SELECT stand FROM bron.partner_document") == [("geweigerd",)]
    # A person has it fetched again, after the partner mended it.
    read_rows(
        journey,
        "UPDATE bron.partner_document SET stand = 'te_halen', opnieuw_na = now(), sha256 = NULL "
        "RETURNING 1",
    )
    assert journey.listen()["documenten dialoog"]["gehaald"] == 1
    assert read_rows(journey, open_) == []


def test_the_resident_reads_for_what_they_are_signed_up(journey: Journey) -> None:
    for soort in ("energielening", "renovatiebegeleiding"):
        body = {"dossiernummer": NORMAL, "soort": soort, "partner": "igo"}
        journey.sandbox.control("POST", "/crm/aanmelding", json=body)
        journey.sandbox.control("POST", "/crm/toestemming", json=body | {"tot": None})
    assert shown(journey)[-1] == "Uw aanmelding voor duurzaam bouwadvies is verzonden."
    journey.run()
    happen(journey, "igo", status="ingepland", tijdstip="2026-12-03T09:00:00Z")
    hear(journey)
    assert shown(journey)[-1] in (
        "IGO nodigt u uit voor een gesprek over uw energielening op 3 december 2026.",
        "IGO komt bij u langs op 3 december 2026.",
    )


def test_what_a_partner_says_about_another_reference_waits(journey: Journey) -> None:
    happen(journey, status="ingepland")
    sent = "UPDATE hub.bericht SET eerst_verzonden_op = {} WHERE bestemming = 'dialoog' RETURNING 1"
    read_rows(journey, sent.format("NULL"))
    assert journey.listen()["pull dialoog"] == {"added": 0, "rejected": 2}
    read_rows(journey, sent.format("now()"))
    assert journey.listen()["pull dialoog"] == {"added": 2, "rejected": 0}
    waiting = "SELECT count(*) FROM hub.quarantaine WHERE opgelost_op IS NULL"
    assert read_rows(journey, waiting) == [(0,)]


def test_no_name_of_an_adviser_is_readable_in_the_database(journey: Journey) -> None:
    happen(journey, **ADVIES)
    hear(journey)
    for table in ("partner_voortgang", "partner_document"):
        rows = read_rows(journey, f"SELECT t::text FROM bron.{table} t")
        assert rows
        assert not any("Ada" in row[0] or "Duurzaam" in row[0] for row in rows)


def test_a_partner_that_takes_files_tells_its_progress_in_files(journey: Journey) -> None:
    journey.take_files("igo")
    body = {"dossiernummer": NORMAL, "soort": "renovatiebegeleiding", "partner": "igo"}
    journey.sandbox.control("POST", "/crm/aanmelding", json=body)
    journey.sandbox.control("POST", "/crm/toestemming", json=body | {"tot": None})
    journey.run()
    happen(journey, "igo", **ADVIES)
    # The partner puts its files out in its own time.
    deadline = time.monotonic() + 20.0
    counts = hear(journey)
    while not counts["documenten igo"]["gehaald"] and time.monotonic() < deadline:
        counts = hear(journey)
    assert counts["documenten igo"]["gehaald"] == 1
    assert shown(journey)[-1].startswith("IGO heeft een advies voor u gemaakt")
    (document,) = [row for row in all_rows(journey, "document") if row["soort"] == "advies"]
    inhoud = base64.b64decode(document["inhoud"])
    assert document["sha256"] == hashlib.sha256(inhoud).hexdigest()
    assert hear(journey)["pull igo"] == {"added": 0, "rejected": 0}
