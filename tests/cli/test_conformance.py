"""The kit passes what is right, and finds each planted defect and nothing else."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conformance.contract import find_line, read_line
from cli.conformance.report import describe_end, describe_outcome, write_json
from cli.conformance.run import ALL, FAILED, NOT_JUDGED, PASSED, Verdict, run_checks
from sandbox.dialoog.gebreken import EIGENAARDIG, GEBREKEN
from tests.sandbox_process import SandboxHandle, running_sandbox

ROOT = Path(__file__).resolve().parents[2]
# Which check finds which build of the sandbox's partner.
FINDS = {
    "herhaling_201": "herhaling",
    "nieuwe_sleutel_409": "herhaling_nieuwe_sleutel",
    "bytes_tellen": "herhaling_anders_geschreven",
    "conflict_overschrijft": "andere_inhoud",
    "conflict_toch_bewaard": "andere_inhoud",
    "verouderde_etag_aanvaard": "verouderde_verbetering",
    "if_match_maakt_aan": "verbetering_onbekend",
    "etag_blijft": "verbetering",
    "sleutel_hergebruikt": "sleutel_hergebruikt",
    "intrekking_herleeft": "na_intrekking",
    "tweede_intrekking_409": "nogmaals_intrekken",
    "verwijderd_blijft_zichtbaar": "intrekken",
    "bewaard_zonder_plicht": "intrekken_bewaard",
    "onbekend_veld_aanvaard": "fout_400",
    "mediatype_genegeerd": "fout_415",
    "druk_zonder_retry_after": "te_veel_verzoeken",
    "druk_toch_verwerkt": "te_veel_verzoeken",
    "gelijktijdig_dubbel": "gelijktijdig",
    "traag_houdt_op": "traag",
    "vergeet_na_breuk": "navraag_na_breuk",
    "fout_noemt_bewoner": "persoonsgegevens",
    "fout_als_html": "fout_401",
    "eerste_sleutel_blijft": "navragen",
    "onbekend_is_leeg": "fout_404",
    "bladzijde_slaat_over": "voortgang_bladeren",
    "bladzijde_herhaalt": "voortgang_bladeren",
    "nieuwste_eerst": "voortgang_bladeren",
    "bladzijde_is_plaats": "voortgang_tijdens_bladeren",
    "sinds_is_inclusief": "voortgang_sinds",
    "advies_zonder_soort": "advies",
    "document_verandert": "document",
    "document_andere_inhoud": "document",
    "document_zonder_mediatype": "document",
    "document_zonder_token": "document_afgeschermd",
    "document_geen_pdf": "document",
    "document_zonder_hash": "document",
    "document_elders": "document_adres",
    "document_via_punten": "document_adres",
    "document_omgeleid": "document_adres",
    "bewaard_niet_in_standen": "standen",
    "tijd_zonder_zone": "tijdstippen",
    "onbekende_parameter_400": "onbekende_parameter",
    "probleem_zonder_status": "fout_404",
    "ontvangst_van_een_ander": "aanmelden",
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("conformance")) as handle:
        yield handle


def prove(sandbox: SandboxHandle, build: str) -> Verdict:
    sandbox.change_settings("dialoog", gebrek=build)
    try:
        url, token = f"{sandbox.base_url}/dialoog", sandbox.secrets["dialoog"]["token"]
        return run_checks(url, token, "duurzaam_bouwadvies", lambda _: None)
    finally:
        sandbox.control("DELETE", "/instellingen")


def names(verdict: Verdict, outcome: str) -> set[str]:
    return {found.name for found in verdict.outcomes if found.outcome == outcome}


@pytest.mark.parametrize("build", ["", *EIGENAARDIG])
def test_a_partner_that_keeps_the_contract_passes_every_check(
    sandbox: SandboxHandle, build: str
) -> None:
    verdict = prove(sandbox, build)
    assert {found.name: found.why for found in verdict.outcomes if found.why} == {}
    assert names(verdict, PASSED) == {check.name for check in ALL}


def test_a_partner_that_is_busy_now_and_then_passes_too(sandbox: SandboxHandle) -> None:
    for operatie in ("put", "get", "delete", "list", "standen"):
        sandbox.order_fault("dialoog", "429", operatie=operatie, aantal=3, retry_after=0)
    try:
        verdict = prove(sandbox, "")
    finally:
        sandbox.control("DELETE", "/fouten")
    assert names(verdict, PASSED) == {check.name for check in ALL}


def test_a_partner_that_answers_nonsense_is_a_report_and_no_crash(sandbox: SandboxHandle) -> None:
    sandbox.order_fault("dialoog", "onzin", aantal=1000)
    try:
        verdict = prove(sandbox, "")
    finally:
        sandbox.control("DELETE", "/fouten")
    assert {"fout_401", "fout_404", "aanmelden"} <= names(verdict, FAILED)
    assert {found.why for found in verdict.outcomes if found.outcome == FAILED}


def test_every_planted_defect_has_a_check_that_must_find_it() -> None:
    assert set(FINDS) == set(GEBREKEN)
    assert len(FINDS) >= 15
    assert set(FINDS.values()) <= {check.name for check in ALL}


@pytest.mark.parametrize("defect", FINDS)
def test_a_planted_defect_is_found_by_its_own_check_and_by_no_other(
    sandbox: SandboxHandle, defect: str
) -> None:
    verdict = prove(sandbox, defect)
    assert names(verdict, FAILED) == {FINDS[defect]}
    needed = {check.name: set(check.needs) for check in ALL}
    for name in names(verdict, NOT_JUDGED):
        assert needed[name] & (names(verdict, FAILED) | names(verdict, NOT_JUDGED))


def test_only_test_aanmeldingen_are_made_and_what_stays_is_told(sandbox: SandboxHandle) -> None:
    before = len(sandbox.journal("dialoog"))
    verdict = prove(sandbox, "")
    lines = sandbox.journal("dialoog")[before:]
    bodies = [json.loads(line["inhoud"]) for line in lines if line["inhoud"]]
    assert all(body["dossierNummer"].startswith("proef-") for body in bodies)
    made = {line["sleutel"] for line in lines if line["operatie"] == "put" and line["effect"]}
    token = {"Authorization": f"Bearer {sandbox.secrets['dialoog']['token']}"}
    held = set()
    for referentie in made:
        url = f"{sandbox.base_url}/dialoog/aanmeldingen/{referentie}"
        if sandbox.session.get(url, headers=token, timeout=10).status_code == 200:
            held.add(referentie)
    assert held
    assert set(verdict.left) == held
    assert f"Achtergebleven proefaanmeldingen: {len(held)}." in describe_end(verdict)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_every_check_points_at_a_line_of_the_contract_and_comes_after_what_it_needs(
    check: object,
) -> None:
    found = next(one for one in ALL if one is check)
    assert read_line(find_line(found.where))
    before = [one.name for one in ALL[: ALL.index(found)]]
    assert set(found.needs) <= set(before)


def test_no_two_checks_have_one_name() -> None:
    assert len({check.name for check in ALL}) == len(ALL)


def test_a_rule_that_is_not_in_the_contract_is_an_error() -> None:
    with pytest.raises(KeyError):
        find_line((("paths", "/bestaat-niet"), ""))
    with pytest.raises(KeyError):
        find_line((("info", "description"), "dit staat er niet"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", "conformance", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_answers_in_json_and_exits_with_zero_when_all_passes(
    sandbox: SandboxHandle,
) -> None:
    token = sandbox.secrets["dialoog"]["token"]
    result = run(f"{sandbox.base_url}/dialoog/", f"--token={token}", "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout.splitlines()[-1])
    assert (answer["passed"], answer["failed"], answer["not_judged"]) == (len(ALL), 0, 0)
    assert {"name", "outcome", "why", "contract_line", "rule"} <= set(answer["checks"][0])
    assert token not in result.stdout + result.stderr


def test_the_command_tells_what_failed_why_and_by_which_line(sandbox: SandboxHandle) -> None:
    sandbox.change_settings("dialoog", gebrek="bewaard_zonder_plicht")
    try:
        token = sandbox.secrets["dialoog"]["token"]
        result = run(f"{sandbox.base_url}/dialoog", f"--token={token}")
    finally:
        sandbox.control("DELETE", "/instellingen")
    assert result.returncode == 1
    assert "GEFAALD" in result.stdout
    assert "Intrekking" in result.stdout
    line = find_line((("components", "schemas", "Intrekking", "then"), ""))
    assert f"contract, regel {line}: then: {{required: [bewaarplicht]}}" in result.stdout
    assert "slaagden niet" in result.stderr


def test_a_wrong_token_is_one_finding_and_not_thirty(sandbox: SandboxHandle) -> None:
    verdict = run_checks(f"{sandbox.base_url}/dialoog", "fout", "duurzaam_bouwadvies", print)
    assert {"fout_404", "aanmelden"} == names(verdict, FAILED)
    told = describe_outcome(verdict.outcomes[1])
    assert "gezien: GET gaf 401" in told
    assert write_json(verdict)["failed"] == 2


def test_a_partner_that_is_not_there_is_one_sentence() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    result = run(f"http://127.0.0.1:{port}", "--json")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("renovatiehub: de partner is niet bereikbaar")
    assert run("ftp://partner.example").returncode == 1


def test_a_defect_that_does_not_exist_cannot_be_chosen(sandbox: SandboxHandle) -> None:
    headers = {"Authorization": f"Bearer {sandbox.secrets['control_token']}"}
    url = f"{sandbox.base_url}/_control/instellingen/dialoog"
    answer = sandbox.session.post(url, headers=headers, json={"gebrek": "onzin"}, timeout=10)
    assert answer.status_code == 400
    assert sandbox.control("GET", "/instellingen/dialoog")["gebrek"] == ""
