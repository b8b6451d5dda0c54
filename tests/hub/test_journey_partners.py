"""The road to more than one partner: IGO with and without consent, the city's own services, and a
partner that was added as a row of the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from connectors.aanmelding.client import open_client
from hub.aansluiting.partner import compare_partner
from hub.channels.partner import PartnerKanaal
from hub.ledger.channel import declare_partners
from hub.partners import TABLE, get_partner, load_partners
from tests.hub.journey_case import read_rows
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres
NORMAL = "RD-0001-000001"


@pytest.fixture
def journey(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    """One resident whose advice at Dialoog was asked for and allowed."""
    monkeypatch.setenv("RENOVATIEHUB_TST", "1")
    with cluster.fresh_database() as database, running_sandbox(tmp_path) as sandbox:
        sandbox.grow(1)
        yield Journey(database, sandbox, make_keyring())


def ask(journey: Journey, soort: str, partner: str) -> None:
    body = {"dossiernummer": NORMAL, "soort": soort, "partner": partner}
    journey.sandbox.control("POST", "/crm/aanmelding", json=body)


def allow(journey: Journey, soort: str, partner: str, tot: str | None = None) -> None:
    body = {"dossiernummer": NORMAL, "soort": soort, "partner": partner, "tot": tot}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)


def effects(journey: Journey, systeem: str) -> list[str]:
    return [line["operatie"] for line in journey.sandbox.journal(systeem) if line["effect"]]


def tasks(journey: Journey, soort: str) -> list[tuple[str, ...]]:
    return read_rows(
        journey, "SELECT stand FROM hub.bericht WHERE soort = 'stap' AND kenmerk = :s", s=soort
    )


CHANNELS = pytest.mark.parametrize("kanaal", ["rest", "sftp"])


@CHANNELS
def test_a_consent_holds_for_one_purpose_at_one_partner(journey: Journey, kanaal: str) -> None:
    if kanaal == "sftp":
        journey.take_files("igo")
    ask(journey, "renovatiebegeleiding", "igo")
    ask(journey, "energielening", "igo")
    allow(journey, "energielening", "igo")
    journey.run()
    assert effects(journey, "dialoog") == ["put"]
    assert effects(journey, "igo") == ["put"]
    sent = "SELECT kenmerk FROM hub.bericht WHERE bestemming = 'igo' AND soort = 'aanmelding'"
    assert read_rows(journey, sent) == [("energielening",)]
    assert tasks(journey, "toestemming_vragen") == [("bevestigd",)]
    allow(journey, "renovatiebegeleiding", "igo")
    journey.run()
    assert effects(journey, "igo") == ["put", "put"]
    journey.run()
    assert effects(journey, "igo") == ["put", "put"]


@CHANNELS
def test_ending_one_consent_takes_back_that_aanmelding_and_no_other(
    journey: Journey, kanaal: str
) -> None:
    if kanaal == "sftp":
        journey.take_files("igo")
    ask(journey, "energielening", "igo")
    allow(journey, "energielening", "igo")
    journey.run()
    allow(journey, "energielening", "igo", tot="2026-11-01T00:00:00Z")
    journey.run()
    assert effects(journey, "igo") == ["put", "delete"]
    assert effects(journey, "dialoog") == ["put"]
    statuses = {
        record.velden["partner"]: record.velden["status"]
        for record in journey.crm.get_changes(tabel="aanmelding", link=None, page_size=50).records
    }
    assert statuses == {"dialoog": "verzonden", "igo": "ingetrokken"}


def test_a_service_of_the_city_gets_a_task_and_no_message(journey: Journey) -> None:
    ask(journey, "advies_erfgoed", "stad_erfgoed")
    ask(journey, "renovatiebegeleiding", "stad_begeleiding")
    journey.run()
    journey.run()
    assert tasks(journey, "dienst_opnemen") == [("bevestigd",), ("bevestigd",)]
    assert tasks(journey, "toestemming_vragen") == []
    assert effects(journey, "igo") == []


def test_who_only_asks_a_service_of_the_city_lacks_no_consent(journey: Journey) -> None:
    known = journey.sandbox.resident(0)["crm"]
    for tabel in ("aanmelding", "toestemming"):
        body = {"tabel": tabel, "id": known[tabel]}
        journey.sandbox.control("POST", "/crm/verwijder", json=body)
    ask(journey, "advies_wonen", "stad_wonen")
    journey.run()
    assert read_rows(journey, "SELECT stand FROM hub.stand_dossier") == [("voorgevuld",)]
    assert tasks(journey, "dienst_opnemen") == [("bevestigd",)]


def test_what_the_table_does_not_know_becomes_an_incident(journey: Journey) -> None:
    ask(journey, "energielening", "dialoog")
    journey.run()
    incidents = read_rows(
        journey, "SELECT tekst FROM hub.incident WHERE soort = 'aanmelding_zonder_partner'"
    )
    assert len(incidents) == 1
    assert "energielening bij dialoog" in incidents[0][0]
    assert effects(journey, "dialoog") == ["put"]


def test_what_leaves_for_a_loan_is_less_than_for_begeleiding(journey: Journey) -> None:
    for soort in ("energielening", "renovatiebegeleiding"):
        ask(journey, soort, "igo")
        allow(journey, soort, "igo")
    journey.run()
    bodies = {
        body["soort"]: body
        for line in journey.sandbox.journal("igo")
        if line["effect"]
        for body in [yaml.safe_load(line["inhoud"])]
    }
    assert "vraag" in bodies["renovatiebegeleiding"]
    assert "vraag" not in bodies["energielening"]
    assert "energielabel" not in bodies["energielening"]["gebouw"]


def test_igo_is_compared_with_the_ledger_like_every_partner(journey: Journey) -> None:
    ask(journey, "energielening", "igo")
    allow(journey, "energielening", "igo")
    journey.run()
    client = open_client(
        system="igo",
        base_url=f"{journey.sandbox.base_url}/igo",
        token=journey.sandbox.secrets["igo"]["token"],
    )
    engine = journey.database.engine("hub_aansluiting")
    found = compare_partner(engine, client, partner="igo")
    assert (found.vergeleken, dict(found.verschillen)) == (1, {})
    (line,) = [line for line in journey.sandbox.journal("igo") if line["effect"]]
    journey.sandbox.control("POST", "/igo/verlies", json={"referentie": line["sleutel"]})
    found = compare_partner(engine, client, partner="igo")
    assert dict(found.verschillen) == {"aanmelding_ontbreekt": 1}


@pytest.mark.parametrize(
    ("code", "naam", "soort"),
    [
        ("minder_meer", "Minder=Meer", "renovatiebegeleiding"),
        ("architect", "een architect", "renovatiebegeleiding"),
        ("bank", "een bank", "energielening"),
    ],
)
def test_a_new_partner_is_a_row_of_the_table(
    journey: Journey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    naam: str,
    soort: str,
) -> None:
    """The guide "a new partner in a day", done for three; IGO's sandbox plays their part."""
    document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    igo = document["partners"]["igo"]
    document["partners"][code] = {
        "naam": naam,
        "kanaal": "rest",
        "verbinding": code.upper(),
        "soorten": {soort: igo["soorten"][soort]},
    }
    table = tmp_path / "partners.yml"
    table.write_text(yaml.safe_dump(document), encoding="utf-8")
    monkeypatch.setenv("RENOVATIEHUB_PARTNERS", str(table))
    for _ in range(2):
        with journey.engines["eigenaar"].begin() as connection:
            declare_partners(connection, load_partners().values())
    journey.kanalen[code] = PartnerKanaal(
        get_partner(code),
        open_client(
            system=code,
            base_url=f"{journey.sandbox.base_url}/igo",
            token=journey.sandbox.secrets["igo"]["token"],
        ),
    )
    ask(journey, soort, code)
    allow(journey, soort, code)
    journey.run()
    sent = f"SELECT stand FROM hub.bericht WHERE bestemming = '{code}'"
    assert read_rows(journey, sent) == [("bevestigd",)]
    assert effects(journey, "igo") == ["put"]
