"""Reading the CRM: sign-on, required headers, single rows, lists and their options."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.sandbox.crm_raw import RawCrm
from tests.sandbox_process import SandboxHandle


def test_a_token_is_given_for_the_right_secret_only(crm: RawCrm) -> None:
    good = crm.sign_on()
    assert good.status_code == 200
    assert good.json()["token_type"] == "Bearer"
    assert good.json()["expires_in"] == 3599
    bad = crm.sign_on(client_secret="fout")
    assert (bad.status_code, bad.json()["error"]) == (401, "invalid_client")
    assert crm.sign_on(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert crm.sign_on(scope="openid").json()["error"] == "invalid_scope"


def test_without_a_valid_token_the_answer_is_401(crm: RawCrm, sandbox: SandboxHandle) -> None:
    assert crm.call("GET", "rh_dossiers", {"Authorization": "Bearer x.y"}).status_code == 401
    sandbox.change_settings("crm", token_geldig=0)
    short = crm.sign_on().json()["access_token"]
    answer = crm.call("GET", "rh_dossiers", {"Authorization": f"Bearer {short}"})
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("header", ["OData-Version", "OData-MaxVersion"])
def test_a_missing_or_other_odata_version_is_400(crm: RawCrm, header: str) -> None:
    assert crm.call("GET", "rh_dossiers", {header: "3.0"}).status_code == 400
    assert crm.call("GET", "rh_dossiers", {header: ""}).status_code == 400


def test_a_row_is_read_by_primary_and_by_alternate_key(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    by_id = crm.get(f"rh_dossiers({known['crm']['dossier']})")
    by_key = crm.get(f"rh_dossiers(rh_dossiernummer='{known['dossiernummer']}')")
    assert by_id.status_code == by_key.status_code == 200
    row = by_id.json()
    assert row == by_key.json()
    assert row["rh_dossiernummer"] == known["dossiernummer"]
    assert row["_rh_profiel_value"] == known["crm"]["profiel"]
    assert row["@odata.etag"] == by_id.headers["ETag"]
    assert row["@odata.context"].endswith("$metadata#rh_dossiers/$entity")
    assert row["modifiedby"] == row["rh_consulent"]


def test_an_etag_that_still_holds_gives_304(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    path = f"rh_dossiers({crm.sandbox.resident(0, seed)['crm']['dossier']})"
    etag = crm.get(path).headers["ETag"]
    assert crm.call("GET", path, {"If-None-Match": etag}).status_code == 304


def test_unknown_rows_sets_and_columns_are_refused(crm: RawCrm) -> None:
    absent = crm.get("rh_dossiers(00000000-0000-4000-8000-000000000000)")
    assert (absent.status_code, absent.json()["error"]["code"]) == (404, "0x80040217")
    assert crm.get("accounts").status_code == 404
    assert crm.get("rh_dossiers(geen-guid)").status_code == 400
    assert crm.get("rh_dossiers?$select=rh_bestaatniet").status_code == 400
    assert crm.get("rh_dossiers?$filter=rh_gemeente eq 'Leuven'").status_code == 400
    assert crm.get("rh_dossiers?$orderby=rh_gemeente").status_code == 400
    assert crm.get("rh_dossiers?$wat=1").status_code == 400


def test_a_list_is_filtered_on_lookups_and_shows_the_columns_asked(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(3, seed)
    known = crm.sandbox.resident(1, seed)["crm"]
    wanted = f"_rh_dossier_value eq {known['dossier']}"
    answer = crm.get(f"rh_aanmeldingen?$filter={quote(wanted)}&$select=rh_soort,rh_volgnummer")
    (row,) = answer.json()["value"]
    assert set(row) == {"@odata.etag", "rh_soort", "rh_volgnummer", "rh_aanmeldingid"}
    assert row["rh_aanmeldingid"] == known["aanmelding"]
    assert (row["rh_soort"], row["rh_volgnummer"]) == ("duurzaam_bouwadvies", 1)
    by_question = crm.get(f"rh_dossiers?$filter=_rh_vraag_value eq {known['vraag']}")
    assert [r["rh_dossierid"] for r in by_question.json()["value"]] == [known["dossier"]]


def test_pages_follow_the_size_preferred_and_hold_every_row_once(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(25, seed)
    link, seen, pages = "rh_vragen?$select=rh_vraagid", [], 0
    while link:
        answer = crm.get(link, "odata.maxpagesize=100")
        assert answer.headers["Preference-Applied"] == "odata.maxpagesize=100"
        body = answer.json()
        assert len(body["value"]) <= 100
        seen += [row["rh_vraagid"] for row in body["value"]]
        link, pages = body.get("@odata.nextLink", ""), pages + 1
    assert len(seen) == len(set(seen))
    assert {crm.sandbox.resident(i, seed)["crm"]["vraag"] for i in range(25)} <= set(seen)
    assert pages == -(-len(seen) // 100)


def test_a_made_up_skiptoken_is_400(crm: RawCrm) -> None:
    assert crm.get("rh_vragen?$skiptoken=l!0~0000").status_code == 400


def test_top_limits_the_answer_and_count_tells_all(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(5, seed)
    body = crm.get("rh_dossiers?$top=2&$count=true").json()
    assert len(body["value"]) == 2
    assert body["@odata.count"] >= 5
    assert "@odata.nextLink" not in body
