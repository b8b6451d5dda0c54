"""Applications for a premie or a loan, over HTTP: in the portal each is a dossier of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from connectors.mijnburgerprofiel.dosis import DossierMutatie
from hub.aanvragen import SOORT
from hub.bewonerspagina import VARIABLE
from hub.gevolgen import decide_gevolgen
from hub.melding.regels import AT_ONCE
from tests.hub.aansluiting_case import compare, incidents
from tests.hub.journey_case import crm_dossier, dossiernummer, read_rows
from tests.journey import BRON, Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres
PREMIE, LENING = "Mijn VerbouwPremie", "Mijn VerbouwLening"
PAGE = "https://crm.leuven.example/bewoner/{dossiernummer}"


@pytest.fixture(scope="module")
def town(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Eight residents of whom everything is told that there was to tell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RENOVATIEHUB_TST", "1")
        patch.setenv(AT_ONCE, "1")
        patch.setenv(VARIABLE, PAGE)
        folder = tmp_path_factory.mktemp("aanvragen")
        with cluster.fresh_database() as database, running_sandbox(folder) as sandbox:
            journey = Journey(database, sandbox, make_keyring())
            sandbox.grow(8)
            journey.run()
            yield journey


def type_aanvraag(journey: Journey, case: str, row_id: str | None = None, **velden: Any) -> str:
    """Type an application, or change one; return its id."""
    if row_id is None:
        velden = {"soort": "premie", "regeling": PREMIE, "status": "aangevraagd"} | velden
    body = {"dossiernummer": dossiernummer(case), "velden": velden, "id": row_id}
    return str(journey.sandbox.control("POST", "/crm/aanvraag", json=body)["id"])


def remove(journey: Journey, tabel: str, row_id: object) -> None:
    body = {"tabel": tabel, "id": str(row_id)}
    journey.sandbox.control("POST", "/crm/verwijder", json=body)


def settle(journey: Journey) -> None:
    """Let everything arrive."""
    # An application rings no bell of its own: whichever run of push comes next decides.
    journey.pull()
    journey.push()
    journey.run()


def number_of(journey: Journey, row_id: str) -> str:
    record = journey.crm.get(tabel="aanvraag", object_id=UUID(row_id))
    assert record is not None
    return str(record.velden["nummer"])


def profile(journey: Journey, case: str) -> dict[str, Any]:
    profiel_id = crm_dossier(journey, case)["profiel_id"]
    record = journey.crm.get(tabel="profiel", object_id=profiel_id)
    assert record is not None
    return dict(record.velden) | {"profiel_id": profiel_id}


def see(journey: Journey, case: str) -> dict[str, list[DossierMutatie]]:
    """Return what a resident sees, as GeefDossiers tells it: per number its history."""
    return see_of(journey, str(profile(journey, case)["insz"]))


def see_of(journey: Journey, insz: str) -> dict[str, list[DossierMutatie]]:
    found = journey.dosis.get_dossiers(insz=insz, bronnen=[BRON], referte=uuid4())
    return {one.dossiernummer: list(one.mutaties) for one in found.dossiers}


def told(journey: Journey, nummer: str) -> list[str]:
    """Return the codes of a number that reached DOSIS, in their order."""
    return [
        line["inhoud"].partition("<Code>")[2].partition("</Code>")[0]
        for line in journey.sandbox.journal("dosis")
        if line["effect"] and line["dossiernummer"] == nummer
    ]


def test_an_application_is_a_dossier_of_its_own_beside_the_renovation(town: Journey) -> None:
    before = see(town, "normal")
    row_id = type_aanvraag(town, "normal")
    settle(town)
    nummer, after = number_of(town, row_id), see(town, "normal")
    assert nummer.startswith("RA-0001-")
    assert set(after) == {*before, nummer}
    assert after[dossiernummer("normal")] == before[dossiernummer("normal")]
    (mutatie,) = after[nummer]
    assert (mutatie.fase, mutatie.code) == ("Samenstelling", "Aangevraagd")
    sent = [line["inhoud"] for line in town.sandbox.journal("dosis") if nummer in line["inhoud"]]
    assert sent and "<Naam>Mijn VerbouwPremie</Naam>" in sent[0]
    assert mutatie.producten == (1235,)
    links = town.sandbox.control("GET", "/dosis/verwijzingen")
    assert links[nummer] == PAGE.format(dossiernummer=dossiernummer("normal"))
    assert compare(town, "dosis").verschillen == {}


def test_each_status_is_told_once_and_what_does_not_hold_never(town: Journey) -> None:
    row_id = type_aanvraag(town, "geen_epc", soort="lening", regeling="Mijn VerbouwLening")
    town.pull()
    decide_gevolgen(town.engines["push"], town.keyring)
    type_aanvraag(town, "geen_epc", row_id, status="beslist_goed", bedrag=1250.5)
    settle(town)
    nummer = number_of(town, row_id)
    assert told(town, nummer) == ["Goedgekeurd"], "what was superseded never left"
    type_aanvraag(town, "geen_epc", row_id, bedrag=1300)
    settle(town)
    assert told(town, nummer) == ["Goedgekeurd"], "an amount is no news"
    type_aanvraag(town, "geen_epc", row_id, status="betaald")
    settle(town)
    assert told(town, nummer) == ["Goedgekeurd", "Betaald"]


def test_who_did_not_start_or_cannot_be_reached_sees_nothing(town: Journey) -> None:
    rows = [type_aanvraag(town, case) for case in ("geen_start", "geen_insz")]
    settle(town)
    assert [told(town, number_of(town, row_id)) for row_id in rows] == [[], []]


def test_a_scheme_that_is_unknown_is_an_incident_until_it_is_mended(town: Journey) -> None:
    row_id = type_aanvraag(town, "epc_verlopen", regeling="Iets van Fien")
    settle(town)
    nummer = number_of(town, row_id)
    assert told(town, nummer) == []
    assert incidents(town)[SOORT] == ["crm aanvraag regeling"]
    type_aanvraag(town, "epc_verlopen", row_id, regeling=PREMIE)
    settle(town)
    assert told(town, nummer) == ["Aangevraagd"]
    assert SOORT not in incidents(town)


def messages(journey: Journey, nummer: str) -> list[str]:
    """Return what came in at Notificaties about a number."""
    return [
        line["inhoud"]
        for line in journey.sandbox.journal("notificaties")
        if line["effect"] and line["dossiernummer"] == nummer
    ]


def test_a_resident_who_wants_it_is_told_once_and_another_is_not(town: Journey) -> None:
    cases = ("normal", "geen_toestemming", "toestemming_verlopen", "geen_epc", "meerdere_epcs")
    wishes = {case: profile(town, case)["contact_voorkeur"] for case in cases}
    assert len({wish == "mijnburgerprofiel" for wish in wishes.values()}) == 2, wishes
    told_of = {}
    for case in wishes:
        row_id = type_aanvraag(town, case, soort="lening", regeling=LENING, status="beslist_goed")
        settle(town)
        settle(town)
        told_of[case] = messages(town, number_of(town, row_id))
    for case, wish in wishes.items():
        assert len(told_of[case]) == (1 if wish == "mijnburgerprofiel" else 0), (case, wish)
    for message in (one for some in told_of.values() for one in some):
        assert LENING in message
        assert "crm.leuven.example/bewoner/RD-" in message


def test_an_application_that_the_crm_removed_is_removed_and_so_is_that_of_a_removed_dossier(
    town: Journey,
) -> None:
    alone, together = type_aanvraag(town, "geen_epc"), type_aanvraag(town, "epc_verlopen")
    settle(town)
    numbers = [number_of(town, row_id) for row_id in (alone, together)]
    known = profile(town, "epc_verlopen")
    dossier_id = read_rows(
        town,
        "SELECT dossier_id FROM bron.crm_dossier WHERE dossiernummer = :n",
        n=dossiernummer("epc_verlopen"),
    )[0][0]
    remove(town, "aanvraag", alone)
    remove(town, "dossier", dossier_id)
    settle(town)
    assert numbers[0] in see(town, "geen_epc"), "a removal by mistake can be undone for some days"
    with town.engines["eigenaar"].begin() as connection:
        for tabel in ("crm_aanvraag", "crm_dossier"):
            connection.execute(
                text(
                    f"UPDATE bron.{tabel} SET verwijderd_op = verwijderd_op - interval '30 days'"
                    " WHERE verwijderd_op IS NOT NULL"
                )
            )
    settle(town)
    assert numbers[0] not in see(town, "geen_epc")
    assert see_of(town, str(known["insz"])) == {}
