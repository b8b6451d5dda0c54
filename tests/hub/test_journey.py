"""The whole road against the sandbox: real HTTP, SOAP and PostgreSQL, no Airflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.quality.suite import judge_by_library
from tests.hub.access_log_case import AccessLog
from tests.hub.journey_case import (
    CASES,
    RESIDENTS,
    crm_dossier,
    crm_gegeven,
    read_rows,
)
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def done(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A journey of every hard case, at its end; for tests that only look."""
    with (
        pytest.MonkeyPatch.context() as patch,
        cluster.fresh_database() as database,
        running_sandbox(tmp_path_factory.mktemp("done")) as sandbox,
    ):
        patch.setenv("RENOVATIEHUB_TST", "1")
        sandbox.grow(RESIDENTS)
        journey = Journey(database, sandbox, make_keyring())
        journey.run()
        yield journey


def test_every_resident_is_accounted_for_and_the_journals_agree(done: Journey) -> None:
    r = done.reckon(RESIDENTS)
    assert r["landed"] == RESIDENTS
    assert r["landed"] == r["quarantined"] + r["no_start"] + r["prefilled"]
    assert r["prefilled"] == r["no_consent"] + r["delivered"] + r["confirmed"]
    assert (r["unaccounted"], r["open"], r["delivered"]) == (0, 0, 0)
    assert (r["quarantined"], r["no_start"], r["no_consent"]) == (5, 1, 2)
    effects = done.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    assert effects["crm"]["dossiers"] == r["prefilled"]
    assert effects["dialoog"]["effecten"] == effects["dialoog"]["dossiers"] == r["confirmed"]
    assert effects["igo"]["effecten"] == effects["igo"]["dossiers"] == r["sent_igo"] == 1
    assert effects["dosis"]["effecten"] == effects["dosis"]["dossiers"] == r["prefilled"] - 1


def test_every_receivers_effect_has_a_row_in_the_ledger(done: Journey) -> None:
    known = {str(row[0]) for row in read_rows(done, "SELECT bericht_id FROM hub.bericht")}
    for systeem in ("crm", "dialoog", "igo", "dosis"):
        effects = [line for line in done.sandbox.journal(systeem) if line["effect"]]
        assert effects, systeem
        for line in effects:
            assert line["correlatie_id"] in known, (systeem, line["operatie"], line["sleutel"])


def test_every_look_at_a_source_was_logged_before_it_happened(done: Journey) -> None:
    logged = {
        str(correlation): moment
        for correlation, moment in read_rows(
            done, "SELECT correlatie_id, gelogd_op FROM hub.toegangslog"
        )
    }
    looks = [
        line for systeem in ("basisregisters", "epc") for line in done.sandbox.journal(systeem)
    ]
    assert len(looks) > RESIDENTS
    for line in looks:
        assert line["correlatie_id"] in logged, line["operatie"]
        assert logged[line["correlatie_id"]].isoformat() <= line["tijdstip"]


def test_a_dossier_that_was_not_started_is_never_looked_up(done: Journey) -> None:
    dossier_id = crm_dossier(done, "geen_start")["dossier_id"]
    looks = "SELECT count(*) FROM hub.toegangslog WHERE dossier_id = :d"
    assert read_rows(done, looks, d=dossier_id) == [(0,)]
    berichten = "SELECT count(*) FROM hub.bericht WHERE dossier_id = :d"
    assert read_rows(done, berichten, d=dossier_id) == [(0,)]


def test_the_access_log_chain_holds_and_shows_tampering(own: Journey) -> None:
    log = AccessLog(own.database)
    whole = log.verify()
    assert whole.entries > RESIDENTS
    assert (whole.broken, whole.first) == (0, None)
    log.forge("UPDATE hub.toegangslog SET namens = 'iemand anders' WHERE volgnummer = 7")
    changed = log.verify()
    assert (changed.entries, changed.broken, changed.first) == (whole.entries, 1, 7)
    log.forge("DELETE FROM hub.toegangslog WHERE volgnummer = 9")
    removed = log.verify()
    assert (removed.entries, removed.broken, removed.first) == (whole.entries - 1, 2, 7)


@pytest.mark.parametrize(
    ("case", "veld", "expected"),
    [
        ("normal", "adres_status", "inGebruik"),
        ("geen_epc", "epc_label", None),
        ("epc_verlopen", "epc_label", None),
        ("epc_ander_adres", "epc_label", None),
        ("adres_onbekend", "adres_id", None),
        ("adres_dubbelzinnig", "adres_id", None),
        ("appartement_zonder_bus", "gebouweenheid_id", None),
        ("adres_verwijderd", "adres_id", None),
    ],
)
def test_the_dossier_holds_what_the_sources_know(
    done: Journey, case: str, veld: str, expected: str | None
) -> None:
    assert crm_dossier(done, case)[veld] == expected


def test_every_prefilled_value_has_its_source_and_a_derived_label_says_so(done: Journey) -> None:
    dossier = crm_dossier(done, "epc_zonder_label")
    gegeven = crm_gegeven(done, "epc_zonder_label", "epc_label")
    assert gegeven["waarde"] == dossier["epc_label"]
    assert gegeven["afgeleid"] is True
    assert gegeven["bron"] == "epc"
    assert gegeven["bron_object"] == f"attest {dossier['epc_attestnummer']}"
    assert crm_gegeven(done, "epc_zonder_label", "epc_kengetal")["afgeleid"] is False


def test_an_expired_certificate_gives_its_end_and_the_building_but_no_label(done: Journey) -> None:
    dossier = crm_dossier(done, "epc_verlopen")
    assert dossier["epc_geldig_tot"] is not None
    assert dossier["epc_kengetal"] is None


def test_a_house_number_with_a_bus_number_in_it_finds_its_unit(done: Journey) -> None:
    assert crm_dossier(done, "huisnummer_bus")["gebouweenheid_id"] is not None
    assert crm_dossier(done, "appartement")["gebouweenheid_id"] is not None


def test_a_dwelling_nobody_can_find_becomes_a_task_that_names_the_candidates(
    done: Journey,
) -> None:
    dossier_id = crm_dossier(done, "appartement_zonder_bus")["dossier_id"]
    (sleutel,) = [
        row[0]
        for row in read_rows(
            done,
            "SELECT sleutel FROM hub.bericht WHERE dossier_id = :d AND kenmerk = 'woning_kiezen'",
            d=dossier_id,
        )
    ]
    stap = done.crm.get(tabel="stap", sleutel=sleutel)
    assert stap is not None
    assert "\nMogelijk:\n- adres " in str(stap.velden["omschrijving"])
    assert "bus 0001" in str(stap.velden["omschrijving"])


def test_a_typed_value_is_kept_and_the_authentic_one_stands_beside_it(done: Journey) -> None:
    known = done.sandbox.resident(CASES["typed_value"])
    dossier = crm_dossier(done, "typed_value")
    gegeven = crm_gegeven(done, "typed_value", "bouwjaar")
    assert dossier["bouwjaar"] is not None
    assert gegeven["waarde"] is None
    assert gegeven["suggestie"] not in (None, str(dossier["bouwjaar"])), known


def test_a_resident_without_insz_is_an_outcome_and_a_task_not_an_error(done: Journey) -> None:
    dossier_id = crm_dossier(done, "geen_insz")["dossier_id"]
    (outcome,) = read_rows(
        done,
        "SELECT stand FROM hub.bericht WHERE dossier_id = :d AND bestemming = 'dosis'",
        d=dossier_id,
    )
    assert outcome == ("overgeslagen",)
    stap = done.crm.get(tabel="stap", sleutel=f"{dossier_id}:insz_aanvullen")
    assert stap is not None
    assert stap.velden["status"] == "open"


def test_an_answer_about_another_dwelling_is_refused_and_reported(done: Journey) -> None:
    (incident,) = read_rows(
        done, "SELECT tekst FROM hub.incident WHERE soort = 'antwoord_geweigerd'"
    )
    assert "another" in incident[0]
    dossier = crm_dossier(done, "epc_ander_adres")
    assert dossier["adres_id"] is not None
    assert [name for name in dossier if name.startswith("epc_") and dossier[name]] == []
    (woning_id, reached) = read_rows(
        done,
        "SELECT woning_id, bronstand.uitkomst FROM hub.bronstand INNER JOIN hub.dossier_woning"
        " USING (woning_id) WHERE dossier_id = :d AND bron = 'epc'",
        d=dossier["dossier_id"],
    )[0]
    assert reached == "geweigerd"
    assert not read_rows(
        done,
        "SELECT 1 FROM bron.epc WHERE :u = ANY (gebouweenheid_ids)",
        u=dossier["gebouweenheid_id"],
    )
    sleutel = f"{dossier['dossier_id']}:epc_nakijken:{woning_id}"
    stap = done.crm.get(tabel="stap", sleutel=sleutel)
    assert stap is not None
    assert stap.velden["status"] == "open"
    assert "een ander adres of een andere gebouweenheid" in str(stap.velden["omschrijving"])


def test_great_expectations_gives_the_verdict_of_the_split(done: Journey, tmp_path: Path) -> None:
    verdict = judge_by_library(done.database.engine("hub_kwaliteit"), tmp_path / "docs")
    reasons = Counter(
        reason.rsplit("[", 1)[1].rstrip("]")
        for (redenen,) in read_rows(
            done,
            "SELECT redenen FROM hub.quarantaine"
            " WHERE opgelost_op IS NULL AND model = 'stg_dossier'",
        )
        for reason in redenen
    )
    broken = {name: n for name, n in verdict["stg_dossier"].items() if n and name in reasons}
    assert broken == dict(reasons)
    assert {name for name, n in verdict["stg_dossier"].items() if n} - set(broken) <= {
        "postcode_aanwezig"
    }
    pages = list((tmp_path / "docs").rglob("*.html"))
    assert pages
    street = str(crm_dossier(done, "normal")["straat"])
    assert not any(street in page.read_text(encoding="utf-8") for page in pages)


def test_the_warehouse_holds_no_identity(done: Journey) -> None:
    with done.engines["eigenaar"].begin() as connection:
        rows = connection.execute(text("SELECT * FROM rapportage.fct_dossier")).mappings().all()
        secrets = [
            str(value)
            for row in connection.execute(
                text("SELECT dossier_id, dossiernummer, straat FROM bron.crm_dossier")
            )
            for value in row
            if value
        ]
    (waiting,) = read_rows(
        done,
        "SELECT count(*) FROM hub.quarantaine WHERE opgelost_op IS NULL AND model = 'stg_dossier'",
    )[0]
    assert waiting > 0
    assert len(rows) == RESIDENTS - waiting
    told = " ".join(str(value) for row in rows for value in row.values())
    assert not [secret for secret in secrets if secret in told]


def test_personal_data_is_sealed_where_it_landed(done: Journey) -> None:
    for tabel in ("profiel", "vraag"):
        for (sealed,) in read_rows(done, f"SELECT persoonsgegevens FROM bron.crm_{tabel}"):
            assert b"naam" not in bytes(sealed)
    assert not read_rows(
        done, "SELECT 1 FROM hub.bericht WHERE position('insz' IN inhoud::text) > 0"
    )
