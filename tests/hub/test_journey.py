"""The whole road against the sandbox: real HTTP, SOAP and PostgreSQL, no Airflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.landing import pull_crm_table
from hub.quality.suite import judge_models
from hub.rapportage import load_fct_dossier
from hub.toegangslog import ChainVerdict, verify_chain
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres

RESIDENTS = 26
CASES = {
    "normal": 0, "geen_start": 1, "geen_toestemming": 2, "toestemming_verlopen": 3, "geen_insz": 4,
    "geen_epc": 5, "meerdere_epcs": 6, "epc_verlopen": 7, "epc_zonder_label": 8,
    "adres_dubbelzinnig": 9, "adres_onbekend": 10, "appartement": 11, "appartement_zonder_bus": 12,
    "adres_verwijderd": 13, "huisnummer_bus": 15, "epc_ander_adres": 16, "typed_value": 17,
}  # fmt: skip


def _number(case: str) -> str:
    return f"RD-0001-{CASES[case] + 1:06d}"


def _rows(journey: Journey, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
    with journey.engines["eigenaar"].begin() as connection:
        return [tuple(row) for row in connection.execute(text(statement), parameters)]


def _crm_dossier(journey: Journey, case: str) -> dict[str, Any]:
    dossier_id = _rows(
        journey, "SELECT dossier_id FROM bron.crm_dossier WHERE dossiernummer = :n", n=_number(case)
    )[0][0]
    record = journey.crm.get(tabel="dossier", object_id=dossier_id)
    assert record is not None
    return dict(record.velden) | {"dossier_id": dossier_id}


def _gegeven(journey: Journey, case: str, veld: str) -> dict[str, Any]:
    dossier_id = _crm_dossier(journey, case)["dossier_id"]
    record = journey.crm.get(tabel="gegeven", sleutel=f"{dossier_id}:{veld}")
    assert record is not None, f"{case} has no gegeven {veld}"
    return dict(record.velden)


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


@pytest.fixture
def own(journey: Journey) -> Journey:
    """The same, of the test's own: for tests that change something."""
    journey.sandbox.grow(RESIDENTS)
    journey.run()
    return journey


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
    assert effects["dosis"]["effecten"] == effects["dosis"]["dossiers"] == r["prefilled"] - 1


def test_going_the_whole_way_again_has_no_effect_anywhere(own: Journey) -> None:
    before = own.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    counts = "SELECT count(*) FROM hub.bericht", "SELECT count(*) FROM hub.gegeven"
    rows = [_rows(own, statement) for statement in counts]
    own.pull()
    own.enrich()
    own.push()
    own.run()
    after = own.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    assert after == before
    assert [_rows(own, statement) for statement in counts] == rows
    assert load_fct_dossier(own.engines["rapportage"])["nieuw_of_gewijzigd"] == 0


def test_a_full_reload_after_an_expired_delta_link_ends_in_the_same_table(own: Journey) -> None:
    table = "SELECT dossier_id, etag, inhoud_hash, verwijderd_op FROM bron.crm_dossier ORDER BY 1"
    before = _rows(own, table)
    own.sandbox.change_settings("crm", delta_geldig=0)
    landed = pull_crm_table(own.engines["pull"], own.crm, own.keyring, tabel="dossier")
    assert (landed.reloaded, landed.changed, landed.deleted) == (True, 0, 0)
    assert _rows(own, table) == before
    assert _rows(own, "SELECT soort, onderwerp FROM hub.incident WHERE soort LIKE 'delta%'") == [
        ("delta_verlopen", "crm dossier")
    ]


def test_every_receivers_effect_has_a_row_in_the_ledger(done: Journey) -> None:
    known = {str(row[0]) for row in _rows(done, "SELECT bericht_id FROM hub.bericht")}
    for systeem in ("crm", "dialoog", "dosis"):
        effects = [line for line in done.sandbox.journal(systeem) if line["effect"]]
        assert effects, systeem
        for line in effects:
            assert line["correlatie_id"] in known, (systeem, line["operatie"], line["sleutel"])


def test_every_look_at_a_source_was_logged_before_it_happened(done: Journey) -> None:
    logged = {
        str(correlation): moment
        for correlation, moment in _rows(
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
    dossier_id = _crm_dossier(done, "geen_start")["dossier_id"]
    looks = "SELECT count(*) FROM hub.toegangslog WHERE dossier_id = :d"
    assert _rows(done, looks, d=dossier_id) == [(0,)]
    berichten = "SELECT count(*) FROM hub.bericht WHERE dossier_id = :d"
    assert _rows(done, berichten, d=dossier_id) == [(0,)]


def test_the_access_log_chain_holds_and_shows_tampering(own: Journey) -> None:
    whole = verify_chain(own.engines["lezer"])
    assert whole.entries > RESIDENTS
    assert (whole.broken, whole.first) == (0, None)
    with own.engines["eigenaar"].begin() as connection:
        connection.execute(
            text("UPDATE hub.toegangslog SET namens = 'iemand anders' WHERE volgnummer = 7")
        )
    assert verify_chain(own.engines["lezer"]) == ChainVerdict(whole.entries, 1, 7)
    with own.engines["eigenaar"].begin() as connection:
        connection.execute(text("DELETE FROM hub.toegangslog WHERE volgnummer = 9"))
    assert verify_chain(own.engines["lezer"]) == ChainVerdict(whole.entries - 1, 2, 7)


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
    assert _crm_dossier(done, case)[veld] == expected


def test_every_prefilled_value_has_its_source_and_a_derived_label_says_so(done: Journey) -> None:
    dossier = _crm_dossier(done, "epc_zonder_label")
    gegeven = _gegeven(done, "epc_zonder_label", "epc_label")
    assert gegeven["waarde"] == dossier["epc_label"]
    assert gegeven["afgeleid"] is True
    assert gegeven["bron"] == "epc"
    assert gegeven["bron_object"] == f"attest {dossier['epc_attestnummer']}"
    assert _gegeven(done, "epc_zonder_label", "epc_kengetal")["afgeleid"] is False


def test_an_expired_certificate_gives_its_end_and_the_building_but_no_label(done: Journey) -> None:
    dossier = _crm_dossier(done, "epc_verlopen")
    assert dossier["epc_geldig_tot"] is not None
    assert dossier["epc_kengetal"] is None


def test_a_house_number_with_a_bus_number_in_it_finds_its_unit(done: Journey) -> None:
    assert _crm_dossier(done, "huisnummer_bus")["gebouweenheid_id"] is not None
    assert _crm_dossier(done, "appartement")["gebouweenheid_id"] is not None


def test_a_dwelling_nobody_can_find_becomes_a_task_that_names_the_candidates(
    done: Journey,
) -> None:
    dossier_id = _crm_dossier(done, "appartement_zonder_bus")["dossier_id"]
    (sleutel,) = [
        row[0]
        for row in _rows(
            done,
            "SELECT sleutel FROM hub.bericht WHERE dossier_id = :d AND kenmerk = 'woning_kiezen'",
            d=dossier_id,
        )
    ]
    stap = done.crm.get(tabel="stap", sleutel=sleutel)
    assert stap is not None
    assert "Mogelijk: " in str(stap.velden["omschrijving"])
    assert "bus 0001" in str(stap.velden["omschrijving"])


def test_a_typed_value_is_kept_and_the_authentic_one_stands_beside_it(done: Journey) -> None:
    known = done.sandbox.resident(CASES["typed_value"])
    dossier = _crm_dossier(done, "typed_value")
    gegeven = _gegeven(done, "typed_value", "bouwjaar")
    assert dossier["bouwjaar"] is not None
    assert gegeven["waarde"] is None
    assert gegeven["suggestie"] not in (None, str(dossier["bouwjaar"])), known


def test_a_field_that_a_person_emptied_or_changed_is_never_filled_again(own: Journey) -> None:
    number = _number("normal")
    own.sandbox.control(
        "POST",
        "/crm/wijzig",
        json={"dossiernummer": number, "velden": {"bouwvorm": None, "gebouwtype": "kasteel"}},
    )
    own.run()
    own.run()
    dossier = _crm_dossier(own, "normal")
    assert (dossier["bouwvorm"], dossier["gebouwtype"]) == (None, "kasteel")
    assert _gegeven(own, "normal", "bouwvorm")["suggestie"] is not None
    assert _gegeven(own, "normal", "gebouwtype")["suggestie"] not in (None, "kasteel")


def test_a_person_who_types_between_decision_and_delivery_wins(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.pull()
    journey.enrich()
    journey.sandbox.control(
        "POST",
        "/crm/wijzig",
        json={"dossiernummer": "RD-0001-000001", "velden": {"bouwvorm": "open bebouwing, getypt"}},
    )
    journey.run()
    dossier = _crm_dossier(journey, "normal")
    assert dossier["bouwvorm"] == "open bebouwing, getypt"
    assert dossier["epc_attestnummer"] is not None
    assert _gegeven(journey, "normal", "bouwvorm")["suggestie"] is not None
    states = Counter(
        row[0]
        for row in _rows(journey, "SELECT stand FROM hub.bericht WHERE soort = 'voorinvulling'")
    )
    assert states["overgeslagen"] == 1


def test_a_mended_row_leaves_quarantine_and_goes_the_whole_way(own: Journey) -> None:
    number = "RD-0001-000020"
    open_rows = "SELECT object_id, redenen FROM hub.quarantaine WHERE opgelost_op IS NULL"
    before = _rows(own, open_rows)
    assert any("postcode" in reason for _, reasons in before for reason in reasons)
    own.sandbox.control(
        "POST", "/crm/wijzig", json={"dossiernummer": number, "velden": {"postcode": "3000"}}
    )
    own.run()
    assert len(_rows(own, open_rows)) == len(before) - 1
    stand = "SELECT stand FROM hub.stand_dossier WHERE dossiernummer = :n"
    assert _rows(own, stand, n=number)[0][0] == "bevestigd"


def test_consent_given_later_lets_the_aanmelding_leave(own: Journey) -> None:
    number = _number("geen_toestemming")
    own.sandbox.control("POST", "/crm/toestemming", json={"dossiernummer": number, "tot": None})
    own.run()
    stand = "SELECT stand FROM hub.stand_dossier WHERE dossiernummer = :n"
    assert _rows(own, stand, n=number) == [("bevestigd",)]


def test_a_value_no_source_gives_any_more_is_taken_back_and_can_return(journey: Journey) -> None:
    def touch(veld: str, waarde: str) -> None:
        journey.sandbox.control(
            "POST",
            "/crm/wijzig",
            json={"dossiernummer": "RD-0001-000001", "velden": {veld: waarde}},
        )
        journey.run()
        journey.run()

    def set_current(current: str) -> None:
        with journey.engines["eigenaar"].begin() as connection:
            connection.execute(
                text(f"UPDATE hub.gegeven SET vervangen_op = {current} WHERE veld LIKE 'epc_%'")
            )

    journey.sandbox.grow(1)
    journey.run()
    before = _crm_dossier(journey, "normal")
    set_current("now()")
    touch("epc_attestnummer", "zelf getypt")
    lapsed = _crm_dossier(journey, "normal")
    assert (lapsed["epc_label"], lapsed["epc_kengetal"]) == (None, None)
    assert lapsed["epc_attestnummer"] == "zelf getypt"
    assert lapsed["bouwjaar"] == before["bouwjaar"]
    assert _gegeven(journey, "normal", "epc_label")["waarde"] is None
    set_current("NULL")
    touch("consulent", "consulent-09")
    again = _crm_dossier(journey, "normal")
    assert again["epc_label"] == before["epc_label"]
    assert again["epc_attestnummer"] == "zelf getypt"


@pytest.mark.parametrize("progress", [None, "plaatsbezoek"])
def test_consent_withdrawn_after_delivery_takes_the_aanmelding_back(
    journey: Journey, progress: str | None
) -> None:
    number = "RD-0001-000001"
    journey.sandbox.grow(1)
    journey.run()
    assert journey.reckon(1)["confirmed"] == 1
    if progress:
        body = {"dossiernummer": number, "status": progress}
        journey.sandbox.control("POST", "/dialoog/voortgang", json=body)
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    body = {"dossiernummer": number, "tot": ended}
    journey.sandbox.control("POST", "/crm/toestemming", json=body)
    journey.run()
    journey.run()
    deletes = [line for line in journey.sandbox.journal("dialoog") if line["operatie"] == "delete"]
    assert len(deletes) == 1
    (answer,) = _rows(journey, "SELECT ontvangst FROM hub.bericht WHERE soort = 'intrekking'")
    assert answer[0].startswith("bewaard: " if progress else "verwijderd")
    (aanmelding,) = _rows(journey, "SELECT aanmelding_id, status FROM bron.crm_aanmelding")
    assert aanmelding[1] == "ingetrokken"
    assert journey.reckon(1)["no_consent"] == 1


def test_a_resident_without_insz_is_an_outcome_and_a_task_not_an_error(done: Journey) -> None:
    dossier_id = _crm_dossier(done, "geen_insz")["dossier_id"]
    (outcome,) = _rows(
        done,
        "SELECT stand FROM hub.bericht WHERE dossier_id = :d AND bestemming = 'dosis'",
        d=dossier_id,
    )
    assert outcome == ("overgeslagen",)
    stap = done.crm.get(tabel="stap", sleutel=f"{dossier_id}:insz_aanvullen")
    assert stap is not None
    assert stap.velden["status"] == "open"


def test_an_answer_about_another_dwelling_is_refused_and_reported(done: Journey) -> None:
    (incident,) = _rows(done, "SELECT tekst FROM hub.incident WHERE soort = 'antwoord_geweigerd'")
    assert "another" in incident[0]
    assert _crm_dossier(done, "epc_ander_adres")["adres_id"] is not None


def test_a_source_that_fails_is_asked_again_and_the_rest_goes_on(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.sandbox.order_fault("epc", "5xx")
    journey.pull()
    counts = journey.enrich()
    assert counts["fetch"]["opnieuw"] == 1
    journey.push()
    dossier = _crm_dossier(journey, "normal")
    assert dossier["adres_id"] is not None
    assert dossier["epc_attestnummer"] is None
    journey.run()
    assert _crm_dossier(journey, "normal")["epc_attestnummer"] is not None


def test_an_answer_lost_after_the_receiver_committed_has_one_effect(journey: Journey) -> None:
    journey.sandbox.grow(1)
    for systeem in ("crm", "dialoog"):
        operatie = "batch" if systeem == "crm" else "put"
        journey.sandbox.order_fault(systeem, "bevestig_en_verbreek", operatie=operatie)
    journey.pull()
    journey.enrich()
    journey.push()
    with journey.engines["eigenaar"].begin() as connection:
        connection.execute(text("UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar'"))
    journey.push()
    journey.run()
    assert journey.reckon(1)["confirmed"] == 1
    effects = journey.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": 1})
    assert effects["dialoog"]["effecten"] == 1
    assert effects["crm"]["operaties"]["update:rh_dossiers"]["effecten"] == 1


def test_great_expectations_gives_the_verdict_of_the_split(done: Journey, tmp_path: Path) -> None:
    verdict = judge_models(done.database.engine("hub_kwaliteit"), tmp_path / "docs")
    reasons = Counter(
        reason.rsplit("[", 1)[1].rstrip("]")
        for (redenen,) in _rows(
            done, "SELECT redenen FROM hub.quarantaine WHERE opgelost_op IS NULL"
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
    street = str(_crm_dossier(done, "normal")["straat"])
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
    assert len(rows) == RESIDENTS
    told = " ".join(str(value) for row in rows for value in row.values())
    assert not [secret for secret in secrets if secret in told]


def test_personal_data_is_sealed_where_it_landed(done: Journey) -> None:
    for tabel in ("profiel", "vraag"):
        for (sealed,) in _rows(done, f"SELECT persoonsgegevens FROM bron.crm_{tabel}"):
            assert b"naam" not in bytes(sealed)
    assert not _rows(done, "SELECT 1 FROM hub.bericht WHERE position('insz' IN inhoud::text) > 0")
