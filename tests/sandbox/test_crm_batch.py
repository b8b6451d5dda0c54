"""$batch: one changeset is all or nothing; a malformed batch is refused whole."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.crm_raw import Change, RawCrm, gegeven


@pytest.fixture
def known(crm: RawCrm, seed: int) -> dict[str, Any]:
    """Give resident 0 of a fresh city."""
    crm.sandbox.grow(1, seed)
    return crm.sandbox.resident(0, seed)


def prefill(dossier: str, count: int, etag: str = "*") -> list[Change]:
    """Build the changes that fill a dossier: its own row and ``count`` gegevens."""
    changes: list[Change] = [
        ("PATCH", f"rh_dossiers({dossier})", {"If-Match": etag}, {"rh_bouwjaar": 1966})
    ]
    for number in range(count):
        key = f"rh_gegevens(rh_sleutel='{dossier}:veld{number}')"
        changes.append(("PATCH", key, {}, gegeven(dossier, rh_veld=f"veld{number}")))
    return changes


def test_a_changeset_applies_all_its_changes_and_answers_each(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    dossier = known["crm"]["dossier"]
    answer = crm.batch(prefill(dossier, 3))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=batchresponse_")
    assert answer.text.count("HTTP/1.1 204 No Content\r\n") == 4
    assert re.findall(r"Content-ID: (\d)", answer.text) == ["1", "2", "3", "4"]
    assert crm.get(f"rh_dossiers({dossier})").json()["rh_bouwjaar"] == 1966
    rows = crm.get(f"rh_gegevens?$filter=_rh_dossier_value eq {dossier}").json()["value"]
    assert len(rows) == 3


def test_one_stale_etag_undoes_the_whole_changeset(crm: RawCrm, known: dict[str, Any]) -> None:
    dossier = known["crm"]["dossier"]
    changes = prefill(dossier, 2)
    changes.append(changes.pop(0))
    changes[-1] = (changes[-1][0], changes[-1][1], {"If-Match": 'W/"1"'}, changes[-1][3])
    answer = crm.batch(changes)
    assert answer.status_code == 412
    assert "HTTP/1.1 412 Precondition Failed" in answer.text
    assert "Content-ID: 3" in answer.text
    assert "204" not in answer.text
    rows = crm.get(f"rh_gegevens?$filter=_rh_dossier_value eq {dossier}").json()["value"]
    assert rows == []
    assert not [
        r
        for r in crm.sandbox.journal("crm")
        if r["effect"] and r["dossiernummer"] == known["dossiernummer"]
    ]


def test_continue_on_error_answers_200_with_the_error_inside(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    answer = crm.batch(
        prefill(known["crm"]["dossier"], 1, 'W/"1"'), prefer="odata.continue-on-error"
    )
    assert answer.status_code == 200
    assert "HTTP/1.1 412 Precondition Failed" in answer.text


def test_a_change_may_refer_to_a_row_made_before_it(crm: RawCrm, known: dict[str, Any]) -> None:
    body = {
        "rh_dossier@odata.bind": f"/rh_dossiers({known['crm']['dossier']})",
        "rh_sleutel": f"{known['dossiernummer']}:batch",
        "rh_status": "open",
    }
    changes: list[Change] = [
        ("POST", "rh_stappen", {}, body),
        ("PATCH", "$1", {}, {"rh_status": "gedaan"}),
    ]
    assert crm.batch(changes).status_code == 200
    row = crm.get(f"rh_stappen(rh_sleutel='{known['dossiernummer']}:batch')").json()
    assert row["rh_status"] == "gedaan"
    early: list[Change] = [("PATCH", "$2", {}, {}), ("POST", "rh_stappen", {}, {})]
    assert crm.batch(early).status_code == 400


def test_a_thousand_changes_pass_and_one_more_is_refused(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    dossier = known["crm"]["dossier"]
    assert crm.batch(prefill(dossier, 999)).status_code == 200
    answer = crm.batch(prefill(dossier, 1000))
    assert (answer.status_code, "1000" in answer.json()["error"]["message"]) == (400, True)


def test_lines_without_carriage_return_are_refused(crm: RawCrm, known: dict[str, Any]) -> None:
    assert crm.batch(prefill(known["crm"]["dossier"], 1), newline="\n").status_code == 400


def test_a_read_in_a_changeset_is_refused(crm: RawCrm, known: dict[str, Any]) -> None:
    changes: list[Change] = [("GET", f"rh_dossiers({known['crm']['dossier']})", {}, {})]
    assert crm.batch(changes).status_code == 400


def test_a_read_alone_in_a_batch_is_answered(crm: RawCrm, known: dict[str, Any]) -> None:
    lines = [
        "--b", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
        f"GET /crm/api/data/v9.2/rh_dossiers({known['crm']['dossier']}) HTTP/1.1",
        "Accept: application/json", "", "", "--b--", "",
    ]  # fmt: skip
    head = {"Content-Type": 'multipart/mixed; boundary="b"'}
    answer = crm.call("POST", "$batch", head, data="\r\n".join(lines).encode())
    assert answer.status_code == 200
    assert known["dossiernummer"] in answer.text
