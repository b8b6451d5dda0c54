"""Steps that a consultant types in the CRM, over HTTP, until the resident reads them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.dossierstatus import list_known_soorten
from hub.gevolgen import decide_gevolgen
from hub.stappen import SOORT
from tests.hub.journey_case import crm_dossier, dossiernummer, read_rows
from tests.journey import BRON, Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def town(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Eight residents of whom everything is told that there was to tell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RENOVATIEHUB_TST", "1")
        folder = tmp_path_factory.mktemp("stappen")
        with cluster.fresh_database() as database, running_sandbox(folder) as sandbox:
            journey = Journey(database, sandbox, make_keyring())
            sandbox.grow(8)
            journey.run()
            yield journey


def hours_ago(hours: int) -> str:
    moment = datetime.now(UTC) - timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def type_step(journey: Journey, case: str, row_id: str | None = None, **velden: Any) -> str:
    body = {"dossiernummer": dossiernummer(case), "velden": velden, "id": row_id}
    return str(journey.sandbox.control("POST", "/crm/stap", json=body)["id"])


def remove_step(journey: Journey, row_id: str) -> None:
    journey.sandbox.control("POST", "/crm/verwijder", json={"tabel": "stap", "id": row_id})


def shown(journey: Journey, case: str) -> dict[str, str | None] | None:
    """Return what the resident sees of the dossier, after everything has arrived."""
    # A step rings no bell of its own: it is decided by whichever run of push comes next.
    journey.pull()
    journey.push()
    journey.run()
    found: dict[str, Any] = journey.sandbox.control("GET", "/dosis/standen")
    return found.get(dossiernummer(case))


def told(journey: Journey, case: str) -> list[str]:
    """Return the texts of a dossier that reached DOSIS, in their order."""
    return [
        line["inhoud"].partition("<Detail>")[2].partition("</Detail>")[0]
        for line in journey.sandbox.journal("dosis")
        if line["effect"] and line["dossiernummer"] == dossiernummer(case)
    ]


def open_incidents(journey: Journey) -> dict[str, str]:
    rows = read_rows(
        journey,
        "SELECT onderwerp, tekst || voorstel FROM hub.incident"
        " WHERE opgelost_op IS NULL AND soort = :soort",
        soort=SOORT,
    )
    return dict(rows)


def test_a_planned_visit_is_told_with_its_day_and_what_to_do_and_then_as_done(
    town: Journey,
) -> None:
    visit = type_step(town, "normal", soort="huisbezoek", status="open", vervaldatum="2026-12-03")
    assert shown(town, "normal") == {
        "fase": "Behandeling",
        "code": "InBehandeling",
        "detail": "Uw consulent komt bij u langs op 3 december 2026.",
        "actie": "Zorg dat u thuis bent op 3 december 2026.",
    }
    profiel = town.crm.get(tabel="profiel", object_id=crm_dossier(town, "normal")["profiel_id"])
    assert profiel is not None
    insz = str(profiel.velden["insz"])
    (dossier,) = town.dosis.get_dossiers(insz=insz, bronnen=[BRON], referte=uuid4()).dossiers
    assert dossier.mutaties[-1].actie == "Zorg dat u thuis bent op 3 december 2026."

    type_step(town, "normal", visit, vervaldatum="2026-12-10")
    seen = shown(town, "normal")
    assert seen is not None
    assert seen["detail"] == "Uw consulent komt bij u langs op 10 december 2026."
    type_step(town, "normal", visit, status="gedaan")
    seen = shown(town, "normal")
    assert seen is not None
    assert seen["detail"] == "Uw consulent is bij u langs geweest. U krijgt nog nieuws."
    assert seen["actie"] is None


def test_a_step_without_its_day_and_a_change_that_says_nothing_new_tell_nothing(
    town: Journey,
) -> None:
    type_step(town, "geen_epc", soort="huisbezoek", status="open")
    before = shown(town, "geen_epc")
    asked = type_step(town, "geen_epc", soort="offertes", status="open")
    seen = shown(town, "geen_epc")
    assert seen is not None and seen != before
    assert seen["actie"] == "Vraag offertes aan aannemers en bezorg ze aan uw consulent."
    lines = told(town, "geen_epc")
    type_step(town, "geen_epc", asked, omschrijving="Gebeld, ze komen eraan.")
    shown(town, "geen_epc")
    assert told(town, "geen_epc") == lines


def test_what_happened_last_is_shown_whatever_was_typed_last(town: Journey) -> None:
    case = "geen_toestemming"
    type_step(town, case, soort="renovatieplan_besproken", status="gedaan", gebeurdop=hours_ago(2))
    seen = shown(town, case)
    assert seen is not None and str(seen["detail"]).endswith("met u besproken.")
    lines = told(town, case)
    type_step(town, case, soort="huisbezoek", status="gedaan", gebeurdop=hours_ago(3))
    assert (shown(town, case), told(town, case)) == (seen, lines)


def test_a_partner_that_tells_something_newer_takes_over_and_the_other_way_round(
    town: Journey,
) -> None:
    type_step(town, "normal", soort="afsprakennota", status="gedaan")
    seen = shown(town, "normal")
    assert seen is not None and seen["code"] == "DossierVolledig"
    # Within one second the CRM does not tell which was last, and the step would count.
    time.sleep(1)
    body = {"dossiernummer": dossiernummer("normal"), "status": "plaatsbezoek"}
    town.sandbox.control("POST", "/dialoog/voortgang", json=body)
    town.listen()
    seen = shown(town, "normal")
    assert seen is not None
    assert seen["detail"] == "Dialoog is bij u langs geweest. Nu maakt de adviseur uw advies."
    type_step(town, "normal", soort="dossier_stopgezet", status="gedaan")
    seen = shown(town, "normal")
    assert seen is not None and seen["code"] == "Stopgezet"


def test_a_step_that_is_removed_or_set_back_leaves_what_held_before(town: Journey) -> None:
    before = shown(town, "epc_verlopen")
    lines = told(town, "epc_verlopen")
    step = type_step(town, "epc_verlopen", soort="offertes", status="gedaan")
    assert shown(town, "epc_verlopen") != before
    remove_step(town, step)
    assert shown(town, "epc_verlopen") == before
    assert len(told(town, "epc_verlopen")) == len(lines) + 2
    step = type_step(town, "epc_verlopen", soort="opdracht_aannemer", status="gedaan")
    assert shown(town, "epc_verlopen") != before
    type_step(town, "epc_verlopen", step, status="open")
    assert shown(town, "epc_verlopen") == before
    type_step(town, "epc_verlopen", step, status="gedaan")
    again = shown(town, "epc_verlopen")
    assert again is not None and again["code"] == "Beslist"


def test_a_step_that_is_gone_before_it_left_is_never_told(town: Journey) -> None:
    before, lines = shown(town, "epc_verlopen"), told(town, "epc_verlopen")
    step = type_step(town, "epc_verlopen", soort="offertes", status="gedaan")
    town.pull()
    decide_gevolgen(town.engines["push"], town.keyring)
    remove_step(town, step)
    assert shown(town, "epc_verlopen") == before
    assert told(town, "epc_verlopen") == lines


def test_nothing_is_told_of_who_did_not_start_or_cannot_be_reached(town: Journey) -> None:
    for case in ("geen_start", "geen_insz"):
        type_step(town, case, soort="offertes", status="gedaan")
        assert shown(town, case) is None
    (stand,) = read_rows(
        town,
        "SELECT bericht.stand, kenmerk FROM hub.bericht INNER JOIN bron.crm_dossier"
        " USING (dossier_id) WHERE bestemming = 'dosis' AND dossiernummer = :n"
        " ORDER BY volgorde DESC LIMIT 1",
        n=dossiernummer("geen_insz"),
    )
    assert stand == ("overgeslagen", "offertes")


def test_a_step_of_an_unknown_kind_is_an_incident_until_it_is_mended(town: Journey) -> None:
    before = shown(town, "meerdere_epcs")
    unknown = type_step(town, "meerdere_epcs", soort="intake", status="gedaan")
    strange = type_step(town, "geen_epc", soort="Bij Fien Voorbeeld thuis", status="gedaan")
    type_step(town, "geen_epc", soort="opvolgen", status="open")
    assert shown(town, "meerdere_epcs") == before
    found = open_incidents(town)
    assert set(found) == {"crm stap intake", "crm stap zonder leesbare soort"}
    assert dossiernummer("meerdere_epcs") in found["crm stap intake"]
    assert "hub/config/dossierstatus.yml" in found["crm stap intake"]
    assert not any("Fien" in text for text in found.values())
    type_step(town, "meerdere_epcs", unknown, soort="advies_offertes")
    remove_step(town, strange)
    seen = shown(town, "meerdere_epcs")
    assert seen is not None and seen["actie"] == "Kies een aannemer."
    assert open_incidents(town) == {}


def test_the_hubs_own_tasks_are_no_steps_of_the_dossier(town: Journey) -> None:
    assert read_rows(town, "SELECT 1 FROM hub.bericht WHERE bestemming = 'crm' AND soort = 'stap'")
    assert open_incidents(town) == {}
    made: set[str] = set()
    for path in (Path(__file__).parents[2] / "hub").rglob("*.py"):
        made |= set(re.findall(r"""\btask\(\s*[\w\[\]"']+,\s*"(\w+)",""", path.read_text("utf-8")))
    assert made and made <= set(list_known_soorten())
