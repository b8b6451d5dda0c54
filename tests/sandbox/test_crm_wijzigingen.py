"""Change tracking: the first full read, what changed since, deletions and expired links."""

from __future__ import annotations

import pytest

from tests.sandbox.crm_raw import RawCrm

TRACK = "odata.track-changes, odata.maxpagesize=40"


def test_the_first_read_gives_all_rows_and_a_delta_link(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(30, seed)
    first = crm.get("rh_dossiers", TRACK)
    assert first.headers["Preference-Applied"].startswith("odata.track-changes")
    rows, delta = crm.follow("rh_dossiers", TRACK)
    numbers = [row["rh_dossiernummer"] for row in rows]
    assert len(numbers) == len(set(numbers))
    assert {f"RD-{seed:04d}-{i:06d}" for i in range(1, 31)} <= set(numbers)
    empty, _ = crm.follow(delta, TRACK)
    assert empty == []


def test_a_delta_link_gives_what_was_made_changed_and_deleted(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(3, seed)
    _, delta = crm.follow("rh_dossiers", TRACK)
    known = [crm.sandbox.resident(i, seed) for i in range(3)]
    body = {"dossiernummer": known[0]["dossiernummer"], "velden": {"rh_bouwjaar": 1930}}
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    gone = known[1]["crm"]["dossier"]
    crm.sandbox.control("POST", "/crm/verwijder", json={"tabel": "dossier", "id": gone})
    crm.sandbox.grow(4, seed)
    rows, later = crm.follow(delta, TRACK)
    changed = {r["rh_dossiernummer"]: r for r in rows if "rh_dossiernummer" in r}
    assert set(changed) == {known[0]["dossiernummer"], f"RD-{seed:04d}-000004"}
    assert changed[known[0]["dossiernummer"]]["rh_bouwjaar"] == 1930
    (deleted,) = [r for r in rows if "reason" in r]
    assert (deleted["id"], deleted["reason"]) == (gone, "deleted")
    assert deleted["@odata.context"].endswith("$metadata#rh_dossiers/$deletedEntity")
    assert crm.follow(later, TRACK)[0] == []


def test_a_change_during_the_first_read_is_not_lost(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(30, seed)
    page = crm.get("rh_dossiers", "odata.track-changes, odata.maxpagesize=1").json()
    number = page["value"][0]["rh_dossiernummer"]
    body = {"dossiernummer": number, "velden": {"rh_bouwjaar": 1777}}
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    _, delta = crm.follow(page["@odata.nextLink"], TRACK)
    rows, _ = crm.follow(delta, TRACK)
    assert [(r["rh_dossiernummer"], r["rh_bouwjaar"]) for r in rows] == [(number, 1777)]


def test_changes_come_in_pages_and_a_row_changed_again_comes_later(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(5, seed)
    _, delta = crm.follow("rh_dossiers", TRACK)
    numbers = [f"RD-{seed:04d}-{i:06d}" for i in range(1, 6)]
    for number in numbers:
        body = {"dossiernummer": number, "velden": {"rh_bouwjaar": 1900}}
        crm.sandbox.control("POST", "/crm/wijzig", json=body)
    prefer = "odata.track-changes, odata.maxpagesize=2"
    page = crm.get(delta, prefer).json()
    assert [r["rh_dossiernummer"] for r in page["value"]] == numbers[:2]
    body = {"dossiernummer": numbers[4], "velden": {"rh_bouwjaar": 1901}}
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    rest, later = crm.follow(page["@odata.nextLink"], prefer)
    assert [r["rh_dossiernummer"] for r in rest] == numbers[2:4]
    (last,) = crm.follow(later, prefer)[0]
    assert (last["rh_dossiernummer"], last["rh_bouwjaar"]) == (numbers[4], 1901)


def test_an_expired_delta_link_is_410_with_an_error(crm: RawCrm) -> None:
    _, delta = crm.follow("rh_stappen", TRACK)
    crm.sandbox.change_settings("crm", delta_geldig=0)
    answer = crm.get(delta, TRACK)
    assert answer.status_code == 410
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize(
    "option",
    [
        "$filter=rh_dossiernummer eq 'x'",
        "$orderby=rh_dossiernummer",
        "$expand=rh_profiel",
        "$top=3",
    ],
)
def test_track_changes_refuses_other_query_options(crm: RawCrm, option: str) -> None:
    answer = crm.get(f"rh_dossiers?{option}", "odata.track-changes")
    assert answer.status_code == 400
    assert "track-changes" in answer.json()["error"]["message"]


def test_select_travels_along_in_the_delta_link(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    _, delta = crm.follow("rh_dossiers?$select=rh_bouwjaar", TRACK)
    number = f"RD-{seed:04d}-000001"
    body = {"dossiernummer": number, "velden": {"rh_bouwjaar": 1888}}
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    (row,) = crm.follow(delta, TRACK)[0]
    assert set(row) == {"@odata.etag", "rh_bouwjaar", "rh_dossierid"}
