"""Faults to order, the journal and what survives a killed process."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.crm_raw import RawCrm
from tests.sandbox.dialoog_raw import Partner, aanmelding
from tests.sandbox_process import SandboxHandle, running_sandbox


def test_commit_then_drop_keeps_the_effect_and_gives_no_answer(sandbox: SandboxHandle) -> None:
    partner, body = Partner(sandbox), aanmelding()
    sandbox.order_fault("dialoog", "bevestig_en_verbreek", operatie="put")
    with pytest.raises(requests.ConnectionError):
        partner.put(body)
    assert partner.call("GET", f"/{body['referentie']}").status_code == 200
    (line,) = [r for r in sandbox.journal("dialoog") if r["sleutel"] == body["referentie"]][:1]
    assert (line["operatie"], line["effect"], line["status"]) == ("put", True, 201)


def test_a_reset_has_no_effect_and_gives_no_answer(sandbox: SandboxHandle) -> None:
    partner, body = Partner(sandbox), aanmelding()
    sandbox.order_fault("dialoog", "reset", operatie="put")
    with pytest.raises(requests.ConnectionError):
        partner.put(body)
    assert partner.call("GET", f"/{body['referentie']}").status_code == 404
    assert partner.put(body).status_code == 201


def test_half_an_answer_promises_all_of_it_and_breaks_off(sandbox: SandboxHandle) -> None:
    partner, body = Partner(sandbox), aanmelding()
    partner.put(body)
    sandbox.order_fault("dialoog", "half", operatie="get")
    whole = partner.call("GET", f"/{body['referentie']}", stream=True)
    promised = int(whole.headers["Content-Length"])
    got: list[bytes] = []
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        deque(got.append(part) for part in whole.iter_content(1))
    assert len(got) == promised // 2
    assert partner.call("GET", f"/{body['referentie']}").ok


def test_a_fault_waits_for_its_operation_and_ends_after_its_count(sandbox: SandboxHandle) -> None:
    partner, body = Partner(sandbox), aanmelding()
    sandbox.order_fault("dialoog", "5xx", operatie="put", aantal=2, status=502)
    assert partner.call("GET", f"/{body['referentie']}").status_code == 404
    assert [partner.put(body).status_code for _ in range(3)] == [502, 502, 201]
    assert sandbox.control("GET", "/fouten") == {"fouten": []}


@pytest.mark.parametrize("retry_after", ["0", "-5", "7", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_429_carries_the_retry_after_that_was_ordered(crm: RawCrm, retry_after: str) -> None:
    crm.sandbox.order_fault("crm", "429", operatie="list", retry_after=retry_after)
    answer = crm.get("rh_dossiers?$top=1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, retry_after)
    assert answer.json()["error"]["code"] == "0x80072322"


def test_garbage_is_200_but_cannot_be_read(crm: RawCrm) -> None:
    crm.sandbox.order_fault("crm", "onzin", operatie="get:rh_dossiers")
    answer = crm.get("rh_dossiers(00000000-0000-4000-8000-000000000001)")
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_delay_holds_one_answer_back_while_others_go_on(sandbox: SandboxHandle) -> None:
    sandbox.order_fault("basisregisters", "vertraging", seconden=0.4)
    url = f"{sandbox.base_url}/basisregisters/v2/adressen/1"
    start = time.monotonic()
    assert sandbox.session.get(url, timeout=5).status_code == 404
    assert time.monotonic() - start >= 0.4
    start = time.monotonic()
    sandbox.session.get(url, timeout=5)
    assert time.monotonic() - start < 0.4


@pytest.mark.parametrize("path", ["/magda/epc", "/magda/dosis/RegistreerDossier"])
def test_the_soap_services_take_faults_too(sandbox: SandboxHandle, path: str) -> None:
    systeem = "epc" if path.endswith("epc") else "dosis"
    sandbox.order_fault(systeem, "5xx", status=500)
    answer = sandbox.session.post(sandbox.base_url + path, data=b"<x/>", timeout=5)
    assert answer.status_code == 500
    sandbox.order_fault(systeem, "reset")
    with pytest.raises(requests.ConnectionError):
        sandbox.session.post(sandbox.base_url + path, data=b"<x/>", timeout=5)


@pytest.mark.parametrize(
    "order",
    [
        {"systeem": "mars", "soort": "reset"},
        {"systeem": "crm", "soort": "aardbeving"},
        {"systeem": "crm", "soort": "reset", "aantal": 0},
        {"systeem": "crm", "soort": "reset", "kleur": "rood"},
    ],
)
def test_an_order_that_makes_no_sense_is_400(sandbox: SandboxHandle, order: dict[str, Any]) -> None:
    token = {"Authorization": f"Bearer {sandbox.secrets['control_token']}"}
    url = f"{sandbox.base_url}/_control/fouten"
    assert sandbox.session.post(url, json=order, headers=token, timeout=5).status_code == 400


def test_effects_orders_and_settings_survive_a_killed_process(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        sandbox.grow(26, 7)
        before = RawCrm(sandbox)
        path = f"rh_dossiers({sandbox.resident(3, 7)['crm']['dossier']})"
        _, delta = before.follow("rh_dossiers", "odata.track-changes")
        assert before.call("PATCH", path, json={"rh_bouwjaar": 1801}).status_code == 204
        body = aanmelding()
        assert Partner(sandbox).put(body).status_code == 201
        sandbox.order_fault("crm", "5xx", operatie="batch", aantal=3)
        sandbox.change_settings("dosis", verwerkingstijd=1.5)
        effects = sandbox.control("GET", "/effecten")
        sandbox.kill()
        sandbox.start()
        assert sandbox.control("GET", "/effecten") == effects
        assert Partner(sandbox).call("GET", f"/{body['referentie']}").status_code == 200
        assert sandbox.control("GET", "/fouten")["fouten"][0]["aantal"] == 3
        assert sandbox.control("GET", "/instellingen/dosis")["verwerkingstijd"] == 1.5
        after = RawCrm(sandbox)
        assert after.get(path).json()["rh_bouwjaar"] == 1801
        rows, _ = before.follow(delta, "odata.track-changes")
        assert [row["rh_bouwjaar"] for row in rows] == [1801]


def test_a_second_process_on_the_same_state_refuses_to_start(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        with pytest.raises(RuntimeError, match="in use"), running_sandbox(tmp_path):
            pass
        assert sandbox.control("GET", "/gezond") == {"status": "ready"}
