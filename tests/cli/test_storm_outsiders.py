"""What residents do in a storm: every consent they gave ends, and may come back."""

from __future__ import annotations

from typing import Any

import pytest

from cli import outside
from cli.storm.outsiders import Outsiders
from cli.storm.plan import Act, Plan

DIALOOG = ("duurzaam_bouwadvies", "dialoog")
IGO = ("energielening", "igo")


def act(monkeypatch: pytest.MonkeyPatch, known: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Let a resident withdraw and consent anew; return path, kind, partner and whether it ends."""
    asked: list[tuple[str, str, str, bool]] = []

    def control(_state: object, _method: str, path: str, json: dict[str, Any] | None = None) -> Any:
        if json is not None and path.startswith("crm/"):
            asked.append((path, json["soort"], json["partner"], "tot" in json))
        return known

    monkeypatch.setattr(outside, "control", control)
    acts = (Act(1.0, "intrekken", 0), Act(2.0, "opnieuw", 0))
    outsiders = Outsiders(None, Plan(3.0, (), (), (), acts), seed=1)  # type: ignore[arg-type]
    outsiders.step(2.0)
    return asked


@pytest.mark.parametrize(
    ("dialoog", "igo", "given"),
    [(True, True, [DIALOOG, IGO]), (True, False, [DIALOOG]), (False, True, [IGO])],
)
def test_what_a_resident_gave_ends_and_is_given_anew(
    monkeypatch: pytest.MonkeyPatch, dialoog: bool, igo: bool, given: list[tuple[str, str]]
) -> None:
    known = {
        "geval": "normal", "igo": "energielening",
        "toestemming_dialoog": dialoog, "toestemming_igo": igo,
    }  # fmt: skip
    assert act(monkeypatch, known) == [
        *(("crm/toestemming", *consent, True) for consent in given),
        *(
            (path, *consent, False)
            for consent in given
            for path in ("crm/toestemming", "crm/aanmelding")
        ),
    ]


def test_who_gave_none_has_none_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "geval": "normal", "igo": None, "toestemming_dialoog": False, "toestemming_igo": False,
    }  # fmt: skip
    assert act(monkeypatch, known) == []


@pytest.mark.parametrize(("geval", "removed"), [("normal", 1), ("crm_fout_postcode", 0)])
def test_steps_are_typed_changed_and_removed_and_counted(
    monkeypatch: pytest.MonkeyPatch, geval: str, removed: int
) -> None:
    asked: list[tuple[str, str | None]] = []

    def control(_state: object, _method: str, path: str, json: dict[str, Any] | None = None) -> Any:
        if json is not None and path.startswith("crm/"):
            asked.append((path, json["id"]))
        return {"id": "s1", "geval": geval}

    monkeypatch.setattr(outside, "control", control)
    daden = ("gedaan", "gedaan", "weg", "weg")
    acts = tuple(Act(1.0 + n, "stap", 0, "huisbezoek", daad) for n, daad in enumerate(daden))
    outsiders = Outsiders(None, Plan(9.0, (), (), (), acts), seed=1)  # type: ignore[arg-type]
    outsiders.step(9.0)
    assert asked == [("crm/stap", None), ("crm/verwijder", "s1")][: 1 + removed]
    assert outsiders.counts == {"stap_gedaan": 1} | dict.fromkeys(["stap_weg"] * removed, 1)
