"""From a status or a message in Mijn Burgerprofiel to the CRM's page of the dossier."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.mijnburgerprofiel.dosis import open_dosis_rest_client
from connectors.transport.acm import open_acm
from hub.bewonerspagina import VARIABLE, BewonerspaginaError
from hub.channels.dosis import DosisKanaal
from hub.tokens import PostgresTokenStore
from tests.chromium import running_chromium
from tests.hub.journey_case import read_rows
from tests.journey import BRON, Journey
from tests.sandbox.crm_raw import RawCrm
from tests.sandbox_process import acm_client

pytestmark = pytest.mark.postgres
NUMBER = "RD-0001-000001"
OLD = "https://crm.leuven.example/oud/{dossiernummer}"


@pytest.fixture
def told(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> Journey:
    """One resident, who wants messages in Mijn Burgerprofiel and gets them at once."""
    monkeypatch.setenv(VARIABLE, page_of(journey))
    monkeypatch.setenv("RENOVATIEHUB_MELDING_METEEN", "1")
    journey.sandbox.grow(1)
    profiel = journey.sandbox.resident(0)["crm"]["profiel"]
    RawCrm(journey.sandbox).call(
        "PATCH", f"rh_profielen({profiel})", json={"rh_contactvoorkeur": "mijnburgerprofiel"}
    )
    return journey


def page_of(journey: Journey) -> str:
    return f"{journey.sandbox.base_url}/crm/bewoner/{{dossiernummer}}"


def insz_of(journey: Journey) -> str:
    profiel = journey.sandbox.resident(0)["crm"]["profiel"]
    return str(RawCrm(journey.sandbox).get(f"rh_profielen({profiel})").json()["rh_insz"])


def links(journey: Journey) -> dict[str, str | None]:
    """Where the portal leads, per dossier."""
    found: dict[str, str | None] = journey.sandbox.control("GET", "/dosis/verwijzingen")
    return found


def messages(journey: Journey) -> list[dict[str, Any]]:
    found = journey.sandbox.control("GET", "/notificaties", params={"dossiernummer": NUMBER})
    return [bericht["waarden"] for bericht in found["berichten"]]


def go_by_rest(journey: Journey) -> None:
    store = PostgresTokenStore(journey.engines["push"], journey.keyring)
    url = f"{journey.sandbox.base_url}/dosis"
    client = open_dosis_rest_client(url, open_acm(acm_client(journey.sandbox, "dosis"), store))
    journey.kanalen["dosis"] = DosisKanaal(client, BRON)


@pytest.mark.parametrize("road", ["magda", "rest"])
def test_a_status_and_its_message_lead_to_the_page_with_the_link_they_were_claimed_with(
    told: Journey, road: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if road == "rest":
        go_by_rest(told)
    monkeypatch.setenv(VARIABLE, OLD)
    told.sandbox.order_fault("dosis", "5xx")
    told.pull()
    told.enrich()
    told.push()
    first = read_rows(
        told,
        "SELECT count(*) FROM hub.bericht WHERE bestemming = 'dosis' AND inhoud IS NOT NULL"
        " AND stand <> 'bevestigd'",
    )
    assert first == [(1,)], "claimed, and not arrived"
    monkeypatch.setenv(VARIABLE, page_of(told))
    with told.engines["eigenaar"].begin() as connection:
        connection.exec_driver_sql(
            "UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar'"
        )
    told.run()
    assert links(told) == {NUMBER: OLD.format(dossiernummer=NUMBER)}, "as it was claimed with"
    event = {"dossiernummer": NUMBER, "status": "advies_opgemaakt"}
    told.sandbox.control("POST", "/dialoog/voortgang", json=event)
    told.listen()
    told.run()
    link = page_of(told).format(dossiernummer=NUMBER)
    sent = [line["inhoud"] for line in told.sandbox.journal("dosis") if line["effect"]]
    assert [link in body for body in sent] == [False, True]
    assert links(told) == {NUMBER: link}
    found = messages(told)
    assert found and {waarden["DocumentLinkUri"] for waarden in found} == {link}
    assert {waarden["ExterneLinkNaam"] for waarden in found} == {"Naar uw dossier"}
    answer = told.sandbox.session.get(link, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{told.sandbox.base_url}/burger/op/v1/auth?")
    assert insz_of(told) not in link + answer.headers["Location"]


def test_nothing_is_claimed_with_an_address_that_cannot_be_used(
    told: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "https://crm.leuven.example/zonder-nummer")
    told.pull()
    told.enrich()
    with pytest.raises(BewonerspaginaError, match="No status or message leaves"):
        told.push()
    assert read_rows(
        told,
        "SELECT DISTINCT stand, pogingen, inhoud IS NULL FROM hub.bericht"
        " WHERE bestemming = 'dosis'",
    ) == [("klaar", 0, True)]
    monkeypatch.setenv(VARIABLE, page_of(told))
    told.run()
    assert links(told) == {NUMBER: page_of(told).format(dossiernummer=NUMBER)}


def test_a_resident_follows_the_link_signs_on_and_reads_the_dossier(
    told: Journey, chromium: str, tmp_path: Path
) -> None:
    told.run()
    # In one order: what happened at the partner, what the hub heard of it, the CRM's own steps.
    visit = datetime.now(UTC).replace(microsecond=0) + timedelta(days=8)
    event = {"dossiernummer": NUMBER, "adviseur": "Ada Adviseur"}
    for status, more in (
        ("ingepland", {"tijdstip": visit.isoformat()}),
        ("advies_opgemaakt", {"adviesSoort": "dubo", "documenten": [{"titel": "Bouwadvies"}]}),
    ):
        told.sandbox.control("POST", "/dialoog/voortgang", json=event | {"status": status} | more)
    told.listen()
    told.run()
    portal, message = links(told)[NUMBER], messages(told)[-1]["DocumentLinkUri"]
    assert portal is not None and portal == message

    # No page needs script: the browser runs none.
    with running_chromium(chromium, tmp_path / "profiel", script=False) as browser:
        browser.open(portal)
        assert "Wie bent u?" in browser.text()
        browser.fill("#insz", insz_of(told))
        browser.click("button[name=meld_aan]")
        assert browser.url == portal, "back at the same dossier"
        text = browser.text()
        local = visit.astimezone(ZoneInfo("Europe/Brussels"))
        for shown in (
            f"Dossier {NUMBER}", "Gepland: wat nog komt", f"{local:%d/%m/%Y, %H:%M}",
            "Ada Adviseur", "Uw advies is klaar", "Bouwadvies", "Woningfiche",
            "Bericht in Mijn Burgerprofiel",
        ):  # fmt: skip
            assert shown in text, f"{shown!r} not in {text}"
        assert insz_of(told) not in text
        picture = browser.picture()
        assert picture.startswith(b"\x89PNG")
        if folder := os.environ.get("RENOVATIEHUB_BEELDEN"):
            (Path(folder) / "bewoner.png").write_bytes(picture)
        wide = browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert wide, "nothing sticks out"
        browser.open(f"{told.sandbox.base_url}/crm/bewoner/RD-0001-000099")
        assert "Niet gevonden" in browser.text()
        browser.open(portal)
        browser.click("header button")
        assert "U bent afgemeld" in browser.text()
        browser.open(message)
        assert "Wie bent u?" in browser.text()
        assert not [line for line in browser.complaints if "Content Security" in line]


def test_a_resident_whose_number_a_consultant_fills_in_is_reached_from_then_on(
    told: Journey,
) -> None:
    crm = RawCrm(told.sandbox)
    profiel = told.sandbox.resident(0)["crm"]["profiel"]
    insz = insz_of(told)
    crm.call("PATCH", f"rh_profielen({profiel})", json={"rh_insz": None})
    told.run()
    outcome = "SELECT stand, reden FROM hub.bericht WHERE bestemming = 'dosis' ORDER BY volgorde"
    skipped = read_rows(told, outcome)
    assert {stand for stand, _ in skipped} == {"overgeslagen"}
    assert all("geen INSZ" in reden for _, reden in skipped)
    assert links(told) == {} and messages(told) == []
    assert step_of(crm, told) == "open"

    crm.call("PATCH", f"rh_profielen({profiel})", json={"rh_insz": insz})
    told.run()
    assert read_rows(told, outcome)[-1][0] == "bevestigd"
    assert links(told) == {NUMBER: page_of(told).format(dossiernummer=NUMBER)}
    assert len(messages(told)) == 1
    assert step_of(crm, told) == "gedaan", "the task is done by itself"


def step_of(crm: RawCrm, journey: Journey) -> str:
    """Return how the task that asks for the INSZ stands."""
    dossier = journey.sandbox.resident(0)["crm"]["dossier"]
    answer = crm.get(f"rh_stappen(rh_sleutel='{dossier}:insz_aanvullen')")
    return str(answer.json()["rh_status"])
