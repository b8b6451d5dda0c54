"""Writing to the CRM: upsert, preconditions, alternate keys and strict payloads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.crm_raw import RawCrm, gegeven


@pytest.fixture
def known(crm: RawCrm, seed: int) -> dict[str, Any]:
    """Give resident 0 of a fresh city."""
    crm.sandbox.grow(1, seed)
    return crm.sandbox.resident(0, seed)


def test_an_update_is_204_and_names_the_application_user(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    path = f"rh_dossiers({known['crm']['dossier']})"
    before = crm.get(path).json()
    answer = crm.call(
        "PATCH", path, {"If-Match": before["@odata.etag"]}, json={"rh_bouwjaar": 1966}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["OData-EntityId"] == crm.root + path
    after = crm.get(path).json()
    assert after["rh_bouwjaar"] == 1966
    assert after["modifiedby"] == crm.sandbox.secrets["crm"]["client_id"]
    assert after["@odata.etag"] != before["@odata.etag"]
    untouched = {k for k in before if before[k] == after[k]}
    assert set(before) - untouched <= {"rh_bouwjaar", "modifiedby", "modifiedon", "@odata.etag"}


def test_a_stale_etag_is_412_and_changes_nothing(crm: RawCrm, known: dict[str, Any]) -> None:
    path = f"rh_dossiers({known['crm']['dossier']})"
    etag = crm.get(path).headers["ETag"]
    body = {"dossiernummer": known["dossiernummer"], "velden": {"rh_epclabel": "B"}}
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    answer = crm.call("PATCH", path, {"If-Match": etag}, json={"rh_epclabel": "C"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (412, "0x80060882")
    assert crm.get(path).json()["rh_epclabel"] == "B"


def test_if_match_star_on_an_absent_row_is_404(crm: RawCrm) -> None:
    path = "rh_dossiers(00000000-0000-4000-8000-000000000001)"
    assert crm.call("PATCH", path, {"If-Match": "*"}, json={}).status_code == 404


def test_if_none_match_star_on_a_present_row_is_412(crm: RawCrm, known: dict[str, Any]) -> None:
    path = f"rh_dossiers({known['crm']['dossier']})"
    answer = crm.call("PATCH", path, {"If-None-Match": "*"}, json={"rh_bouwjaar": 1})
    assert answer.status_code == 412


def test_a_patch_on_an_alternate_key_makes_and_then_updates_one_row(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    dossier = known["crm"]["dossier"]
    path = f"rh_gegevens(rh_sleutel='{dossier}:bouwjaar')"
    assert crm.call("PATCH", path, json=gegeven(dossier)).status_code == 204
    assert crm.call("PATCH", path, json={"rh_waarde": "1967"}).status_code == 204
    listed = crm.get(f"rh_gegevens?$filter=_rh_dossier_value eq {dossier}").json()["value"]
    (row,) = listed
    assert (row["rh_sleutel"], row["rh_waarde"]) == (f"{dossier}:bouwjaar", "1967")
    assert row["rh_opgehaaldop"] == "2026-11-23T09:00:00Z"
    operaties = [
        r["operatie"]
        for r in crm.sandbox.journal("crm")
        if r["effect"] and r["dossiernummer"] == known["dossiernummer"]
    ]
    assert operaties == ["create:rh_gegevens", "update:rh_gegevens"]


def test_a_quote_and_a_slash_in_an_alternate_key_are_read_right(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    dossier = known["crm"]["dossier"]
    path = f"rh_gegevens(rh_sleutel='{dossier}:d''Oude%2FWeg%20é')"
    assert crm.call("PATCH", path, json=gegeven(dossier)).status_code == 204
    assert crm.get(path).json()["rh_sleutel"] == f"{dossier}:d'Oude/Weg é"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"rh_kleur": "rood"}, "0x80048d19"),
        ({"rh_bouwjaar": "1966"}, "0x80048d19"),
        ({"rh_bouwjaar": 1966.5}, "0x80048d19"),
        ({"rh_startakkoord": "ja"}, "0x80048d19"),
        ({"rh_epckengetal": "309"}, "0x80048d19"),
        ({"rh_epcgeldigtot": "31-12-2030"}, "0x80048d19"),
        ({"rh_epcgeldigtot": "2030-02-31"}, "0x80048d19"),
        ({"rh_startakkoordop": "2026-01-01"}, "0x80048d19"),
        ({"rh_gemeente": "x" * 401}, "0x80044331"),
        ({"rh_status": "gesloten"}, "0x80048408"),
        ({"modifiedon": "2026-01-01T00:00:00Z"}, "0x80048d19"),
        ({"_rh_profiel_value": None}, "0x80048d19"),
        ({"rh_profiel@odata.bind": "/rh_dossiers(rh_dossiernummer='RD-0000-000000')"}, None),
    ],
)
def test_an_unknown_column_or_wrong_value_is_400_and_changes_nothing(
    crm: RawCrm, known: dict[str, Any], payload: dict[str, Any], code: str | None
) -> None:
    path = f"rh_dossiers({known['crm']['dossier']})"
    before = crm.get(path).json()
    answer = crm.call("PATCH", path, json=payload | {"rh_epclabel": "A"})
    assert answer.status_code == 400
    if code is not None:
        assert answer.json()["error"]["code"] == code
    assert crm.get(path).json() == before


def test_a_lookup_to_a_row_that_is_not_there_is_404(crm: RawCrm, known: dict[str, Any]) -> None:
    dossier = "00000000-0000-4000-8000-00000000dead"
    path = f"rh_gegevens(rh_sleutel='{dossier}:x')"
    assert crm.call("PATCH", path, json=gegeven(dossier)).status_code == 404
    assert crm.get(path).status_code == 404


def test_a_post_makes_a_row_and_a_second_with_the_same_key_is_412(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    body = {
        "rh_dossier@odata.bind": f"rh_dossiers({known['crm']['dossier']})",
        "rh_sleutel": f"{known['dossiernummer']}:stap",
        "rh_soort": "insz_aanvullen",
        "rh_status": "open",
        "rh_vervaldatum": "2026-12-01",
    }
    made = crm.call("POST", "rh_stappen", {"Prefer": "return=representation"}, json=body)
    assert made.status_code == 201
    assert made.json()["_rh_dossier_value"] == known["crm"]["dossier"]
    again = crm.call("POST", "rh_stappen", json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (412, "0x80060892")


def test_a_delete_takes_the_row_away_once(crm: RawCrm, known: dict[str, Any]) -> None:
    path = f"rh_aanmeldingen({known['crm']['aanmelding']})"
    assert crm.call("DELETE", path, {"If-Match": 'W/"1"'}).status_code == 412
    assert crm.call("DELETE", path).status_code == 204
    assert crm.call("DELETE", path).status_code == 404
    assert crm.get(path).status_code == 404


def test_a_body_that_is_not_json_or_not_declared_so_is_refused(
    crm: RawCrm, known: dict[str, Any]
) -> None:
    path = f"rh_dossiers({known['crm']['dossier']})"
    head = {"Content-Type": "application/json"}
    assert crm.call("PATCH", path, head, data=b"{onzin").status_code == 400
    assert crm.call("PATCH", path, head, data=b"[1]").status_code == 400
    assert crm.call("PATCH", path, {"Content-Type": "text/plain"}, data=b"{}").status_code == 415


def test_the_limits_per_user_answer_429_with_retry_after(crm: RawCrm) -> None:
    crm.sandbox.change_settings("crm", limiet_per_300s=0)
    busy = crm.get("WhoAmI")
    assert (busy.status_code, busy.json()["error"]["code"]) == (429, "0x80072322")
    assert int(busy.headers["Retry-After"]) >= 0
    crm.sandbox.change_settings("crm", limiet_per_300s=None, max_gelijktijdig=0)
    crowded = crm.get("WhoAmI")
    assert (crowded.status_code, crowded.json()["error"]["code"]) == (429, "0x80072326")
    crm.sandbox.change_settings("crm", max_gelijktijdig=52)
    assert crm.get("WhoAmI").json()["UserId"] == crm.sandbox.secrets["crm"]["client_id"]
