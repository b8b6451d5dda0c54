"""Applications in the demonstration: typed once, and held against what DOSIS shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli import outside
from cli.aanvragen import WEGEN, Aanvragen, draw_aanvraag
from cli.state import State
from cli.statussen import Boek, Dossier, Getoond, Regel, check_regels, compare
from cli.statussen_aanvragen import Aanvraag
from hub.dossierstatus import AANVRAAG, list_regelingen, load_lezingen

NR, OWN = "RD-0001-000001", "RA-0001-000001"
PREMIE = "Mijn VerbouwPremie"
LEZINGEN = load_lezingen()


def shown(naam: str, regeling: str = PREMIE) -> Getoond:
    lezing = LEZINGEN[naam]
    actie = None if lezing.actie is None else lezing.actie.format(regeling=regeling)
    return Getoond(lezing.fase, lezing.code, lezing.detail.format(regeling=regeling), actie)


DOSSIER = Dossier(NR, True, None, True, "mijnburgerprofiel")
APPLIED = Aanvraag(OWN, NR, "premie", PREMIE, "beslist_geweigerd")
CLEAN = Boek(
    dossiers=[DOSSIER], stappen=(), eigen=(), stand={}, gehoord=frozenset(),
    getoond={OWN: shown("premie_beslist_geweigerd")}, lezingen=list(LEZINGEN.values()),
    aanvragen=[APPLIED],
)  # fmt: skip


def counted(boek: Boek) -> list[tuple[str, str]]:
    found = [*compare(boek).verschillen, *check_regels(boek)]
    return [(v.telling, v.sleutel) for v in found]


def test_both_sides_agree() -> None:
    assert counted(CLEAN) == []
    assert (compare(CLEAN).vergeleken, compare(CLEAN).aanvragen) == (0, 1)


OFFENDERS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing": ({"getoond": {}}, [("lost", OWN)]),
    "another status": ({"getoond": {OWN: shown("premie_betaald")}}, [("lost", OWN)]),
    "another scheme": (
        {"getoond": {OWN: shown("premie_beslist_geweigerd", "Iets anders")}}, [("lost", OWN)],
    ),
    "what is asked is not told": (
        {"getoond": {OWN: replace(shown("premie_beslist_geweigerd"), actie=None)}}, [("lost", OWN)],
    ),
    "of a dossier that did not start": (
        {"dossiers": [replace(DOSSIER, start_akkoord=False)]}, [("unaccounted", OWN)],
    ),
    "of who cannot be reached": (
        {"dossiers": [replace(DOSSIER, bereikbaar=False)]}, [("unaccounted", OWN)],
    ),
    "a status that no list knows": (
        {"aanvragen": [replace(APPLIED, status="kwijt")]}, [("unaccounted", OWN)],
    ),
    "one that nobody applied for": ({"aanvragen": []}, [("unaccounted", OWN)]),
    "a message to who wants to be called": (
        {
            "dossiers": [replace(DOSSIER, voorkeur="telefoon")],
            "regels": [Regel("notificaties", "b1", OWN)],
        },
        [("without_consent", "b1")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "offenders"), OFFENDERS.values(), ids=OFFENDERS)
def test_an_offender_is_named_and_nothing_else_is(
    changes: dict[str, Any], offenders: list[tuple[str, str]]
) -> None:
    assert counted(replace(CLEAN, **changes)) == offenders


def test_a_step_of_the_name_of_an_application_is_unknown() -> None:
    assert "premie" not in {one.soort for one in CLEAN.lezingen if one.tabel != AANVRAAG}


def test_what_is_drawn_the_hub_knows() -> None:
    for soort, regeling, standen in WEGEN:
        assert regeling in list_regelingen(soort)
        assert {f"{soort}_{stand}" for stand in standen} <= LEZINGEN.keys()
    assert [draw_aanvraag(1, n, 10) for n in range(200)] == [
        draw_aanvraag(1, n, 10) for n in range(200)
    ]
    assert any(draw_aanvraag(1, n, 10) for n in range(40))


def test_a_second_demonstration_types_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: dict[str, dict[str, Any]] = {}

    def control(_state: State, _method: str, path: str, *, json: Any = None) -> Any:
        if path == "crm/stand":
            return {"aanvraag": list(rows.values())}
        key = json["id"] or f"a{len(rows)}"
        held = rows.get(key, {"id": key, "dossiernummer": json["dossiernummer"]})
        rows[key] = held | json["velden"]
        return {"id": key}

    monkeypatch.setattr(outside, "control", control)
    for typed in (True, False):
        aanvragen = Aanvragen(State(tmp_path))
        aanvragen.look()
        assert aanvragen.begin(NR, "premie", PREMIE, "aangevraagd") is typed
        assert aanvragen.go_on(NR, "betaald") is typed
    assert [(row["soort"], row["status"]) for row in rows.values()] == [("premie", "betaald")]
