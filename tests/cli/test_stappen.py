"""The consultant types the steps of a seed once, whatever is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from cli import outside
from cli.consultant import Consultant
from cli.stappen import EERDER, GEDAAN, LATER, ONBEKEND, OPEN, WEG, Stappen, draw_way
from hub.dossierstatus import list_known_soorten, load_lezingen

NR = "RD-0001-000001"


class Crm:
    """A CRM that keeps steps and applications, and a city in which one resident's row is wrong."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, dict[str, Any]] = {}
        self.writes = 0

    def control(self, _state: object, method: str, path: str, **arguments: Any) -> Any:
        if path.startswith("stad/"):
            return {"geval": "crm_fout_postcode" if path.endswith("000002") else "normal"}
        if method == "GET":
            return {
                "stap": [{"id": key, **row} for key, row in self.rows.items()],
                "aanvraag": [{"id": key, **row} for key, row in self.applications.items()],
            }
        body = arguments["json"]
        self.writes += 1
        if path == "crm/verwijder":
            del self.rows[body["id"]]
            return {}
        row_id = body["id"] or f"s{self.writes}"
        empty = {"dossiernummer": body["dossiernummer"], "vervaldatum": None, "gebeurdop": None}
        rows = self.applications if path == "crm/aanvraag" else self.rows
        rows[row_id] = rows.get(row_id, empty) | body["velden"]
        return {"id": row_id}


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Crm:
    made = Crm()
    monkeypatch.setattr(outside, "control", made.control)
    return made


@pytest.fixture
def stappen(crm: Crm) -> Stappen:
    return Stappen(None)  # type: ignore[arg-type]


def test_a_visit_is_planned_planned_anew_done_and_removed_in_one_row(
    crm: Crm, stappen: Stappen
) -> None:
    assert not stappen.type(NR, "huisbezoek", LATER)
    assert stappen.type(NR, "huisbezoek", OPEN)
    assert not stappen.type(NR, "huisbezoek", OPEN)
    [first] = crm.rows.values()
    assert stappen.type(NR, "huisbezoek", LATER)
    [second] = crm.rows.values()
    assert second["vervaldatum"] > first["vervaldatum"]
    assert stappen.type(NR, "huisbezoek", GEDAAN)
    assert not stappen.type(NR, "huisbezoek", LATER)
    [row] = crm.rows.values()
    assert row["status"] == "gedaan"
    assert stappen.type(NR, "huisbezoek", WEG)
    assert not stappen.type(NR, "huisbezoek", WEG)
    assert crm.rows == {}


def test_what_was_done_before_says_when(crm: Crm, stappen: Stappen) -> None:
    stappen.type(NR, "uitvoering", EERDER)
    [row] = crm.rows.values()
    assert row["gebeurdop"].endswith("Z")


def test_a_seed_gives_the_same_steps_and_every_kind_but_one_is_known() -> None:
    ways = [draw_way(7, bewoner, 3) for bewoner in range(200)]
    assert ways == [draw_way(7, bewoner, 3) for bewoner in range(200)]
    assert 30 < sum(way != () for way in ways) < 100
    kinds = {soort for way in ways for soort, _ in way}
    assert kinds - {ONBEKEND} == kinds & set(list_known_soorten())
    assert ONBEKEND in kinds
    lezingen = {(lezing.soort, lezing.stand) for lezing in load_lezingen().values()}
    standen = {OPEN: "open", GEDAAN: "gedaan", EERDER: "gedaan"}
    for way in ways:
        for soort, daad in way:
            assert soort == ONBEKEND or (soort, standen[daad]) in lezingen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_second_demonstration_types_nothing(crm: Crm, seed: int) -> None:
    def demonstrate() -> tuple[bool, bool, bool]:
        consultant = Consultant(None, residents=12, seed=seed)  # type: ignore[arg-type]
        return consultant.act(), consultant.act(), consultant.finish()

    assert demonstrate() == (True, False, True)
    kinds = {row["soort"] for row in crm.rows.values()}
    assert ONBEKEND in kinds
    numbers = {row["dossiernummer"] for row in crm.rows.values()}
    assert f"RD-{seed:04d}-000002" not in numbers
    written = crm.writes
    assert demonstrate() == (False, False, False)
    assert crm.writes == written
