"""Which changes are told: each filter, and any order in which changes arrive and messages leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.melding import oordeel
from hub.melding.oordeel import DossierFeiten, Melding, Wijziging, judge
from hub.melding.regels import BRUSSELS, Regels

# A Tuesday noon in Leuven.
NU = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
REGELS = Regels(
    verouderd=timedelta(days=7),
    terugkijken=timedelta(days=30),
    venster=timedelta(minutes=15),
    stil_van=time(20),
    stil_tot=time(8),
    titel_lengte=60,
    tekst_lengte=300,
)


def make_change(status: str = "a", **fields: Any) -> Wijziging:
    values: dict[str, Any] = {
        "sleutel": f"d:{status}:{uuid4()}",
        "status": status,
        "op": NU,
        "is_getoond": True,
        "melden": True,
    }
    return Wijziging(**(values | fields))


def make_dossier(*changes: Wijziging, **fields: Any) -> DossierFeiten:
    values: dict[str, Any] = {
        "dossier_id": uuid4(),
        "is_weg": False,
        "insz_status": "geldig",
        "voorkeur": "mijnburgerprofiel",
    }
    return DossierFeiten(wijzigingen=changes, **(values | fields))


def have(stand: str, *, te_bevragen: bool = False) -> Melding:
    return Melding(uuid4(), stand, te_bevragen)


def outcomes(dossier: DossierFeiten, nu: datetime = NU) -> list[tuple[str, str | None]]:
    found = judge(dossier, REGELS, nu, same_words=lambda one, other: one.status == other.status)
    return [(one.wijziging.status, one.reden) for one in found]


def test_a_change_is_told_after_its_window() -> None:
    (one,) = judge(make_dossier(make_change()), REGELS, NU, same_words=lambda *_: False)
    assert one.reden is None
    assert one.niet_voor == NU + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("dossier", "change", "reason"),
    [
        ({"is_weg": True}, {}, oordeel.WEG),
        ({"insz_status": "ontbreekt"}, {}, oordeel.GEEN_PERSOON),
        ({"insz_status": "ongeldig"}, {}, oordeel.GEEN_PERSOON),
        ({"voorkeur": "mail"}, {}, oordeel.ANDERE_VOORKEUR),
        ({"voorkeur": "geen"}, {}, oordeel.ANDERE_VOORKEUR),
        ({"voorkeur": None}, {}, oordeel.ANDERE_VOORKEUR),
        ({}, {"melden": False}, oordeel.NIET_MELDEN),
        ({}, {"is_getoond": False}, oordeel.NIET_GETOOND),
        ({}, {"op": NU - timedelta(days=7, seconds=1)}, oordeel.VEROUDERD),
    ],
)
def test_each_filter_gives_its_reason(
    dossier: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    assert outcomes(make_dossier(make_change(**change), **dossier)) == [("a", reason)]
    # The same for a message that waited when this became so.
    waiting = make_change(**change, melding=have("klaar"))
    assert outcomes(make_dossier(waiting, **dossier)) == [("a", reason)]


def test_a_change_of_exactly_the_term_is_still_news() -> None:
    assert outcomes(make_dossier(make_change(op=NU - timedelta(days=7)))) == [("a", None)]


def test_of_several_changes_only_the_last_is_told() -> None:
    changes = [make_change(status) for status in "abc"]
    assert outcomes(make_dossier(*changes)) == [
        ("a", oordeel.INGEHAALD),
        ("b", oordeel.INGEHAALD),
        ("c", None),
    ]


def test_what_waits_gives_way_to_what_is_newer() -> None:
    dossier = make_dossier(make_change("a", melding=have("klaar")), make_change("b"))
    assert outcomes(dossier) == [("a", oordeel.INGEHAALD), ("b", None)]


@pytest.mark.parametrize("stand", ["onderweg", "bevestigd", "in_twijfel", "opgegeven"])
def test_what_left_stays_as_it_is(stand: str) -> None:
    dossier = make_dossier(make_change("a", melding=have(stand)), make_change("b"))
    assert outcomes(dossier) == [("b", None)]


def test_what_may_have_arrived_is_not_taken_back() -> None:
    doubt = make_change("a", melding=have("klaar", te_bevragen=True))
    assert outcomes(make_dossier(doubt, make_change("b"))) == [("b", None)]


def test_an_older_change_that_comes_late_is_not_told_after_a_newer_one() -> None:
    dossier = make_dossier(make_change("a"), make_change("b", melding=have("bevestigd")))
    assert outcomes(dossier) == [("a", oordeel.INGEHAALD)]


def test_a_change_that_is_not_told_takes_nobodys_place() -> None:
    dossier = make_dossier(make_change("a"), make_change("b", melden=False))
    assert outcomes(dossier) == [("a", None), ("b", oordeel.NIET_MELDEN)]


def test_the_same_words_are_not_told_twice_in_a_row() -> None:
    sent = make_change("a", melding=have("bevestigd"))
    assert outcomes(make_dossier(sent, make_change("a"))) == [("a", oordeel.HERHALING)]
    between = make_change("b", melding=have("bevestigd"))
    assert outcomes(make_dossier(sent, between, make_change("a"))) == [("a", None)]


def test_what_came_back_to_what_the_resident_read_last_is_no_news() -> None:
    sent = make_change("a", melding=have("bevestigd"))
    waiting = make_change("b", melding=have("klaar"))
    assert outcomes(make_dossier(sent, waiting, make_change("a"))) == [
        ("b", oordeel.INGEHAALD),
        ("a", oordeel.HERHALING),
    ]


def test_words_that_never_arrived_may_be_told_again() -> None:
    given_up = make_change("a", melding=have("opgegeven"))
    assert outcomes(make_dossier(given_up, make_change("a"))) == [("a", None)]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("2026-11-24T12:00", "2026-11-24T12:15"),
        ("2026-11-24T19:44", "2026-11-24T19:59"),
        ("2026-11-24T19:45", "2026-11-25T08:00"),
        ("2026-11-24T23:59", "2026-11-25T08:00"),
        ("2026-11-25T07:44", "2026-11-25T08:00"),
        ("2026-11-25T07:46", "2026-11-25T08:01"),
        # The night in which the clock goes back, and the one in which it goes forward.
        ("2026-10-24T22:00", "2026-10-25T08:00"),
        ("2027-03-27T22:00", "2027-03-28T08:00"),
    ],
)
def test_nothing_is_told_at_night(clock: str, expected: str) -> None:
    changed = datetime.fromisoformat(clock).replace(tzinfo=BRUSSELS)
    told = REGELS.earliest(changed, changed)
    assert told == datetime.fromisoformat(expected).replace(tzinfo=BRUSSELS)
    assert not REGELS.is_still(told)


def test_hours_within_a_day_can_be_still_too() -> None:
    siesta = replace(REGELS, stil_van=time(12), stil_tot=time(14))
    noon = datetime(2026, 11, 24, 12, 30, tzinfo=BRUSSELS)
    assert siesta.is_still(noon)
    assert siesta.earliest(noon, noon) == datetime(2026, 11, 24, 14, 0, tzinfo=BRUSSELS)
    never = replace(REGELS, stil_van=time(12), stil_tot=time(12))
    assert not never.is_still(noon)


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_no_moment_is_told_in_the_still_hours_or_before_its_window(minutes: int) -> None:
    changed = NU + timedelta(minutes=minutes)
    told = REGELS.earliest(changed, changed)
    assert not REGELS.is_still(told)
    assert changed + REGELS.venster <= told < changed + timedelta(days=1)


class World:
    """A dossier whose changes become known, are decided about and are sent, in any order."""

    def __init__(self, statuses: str) -> None:
        self.changes = [make_change(status) for status in statuses]
        self.known: set[int] = set()
        self.rows: dict[str, tuple[str, datetime]] = {}
        self.delivered: list[int] = []
        self.nu = NU

    def arrive(self, place: int) -> None:
        place %= len(self.changes)
        if place not in self.known:
            self.known.add(place)
            self.changes[place] = replace(self.changes[place], op=self.nu)

    def decide(self) -> None:
        shown = [
            replace(one, melding=have(self.rows[one.sleutel][0]) if self.has(one) else None)
            for place, one in enumerate(self.changes)
            if place in self.known
        ]
        dossier = make_dossier(*shown)
        for one in judge(dossier, REGELS, self.nu, same_words=lambda a, b: a.status == b.status):
            key = one.wijziging.sleutel
            if one.reden is None:
                assert key not in self.rows, "a change gets one outcome"
                assert one.niet_voor is not None
                self.rows[key] = ("klaar", one.niet_voor)
            else:
                assert self.rows.get(key, ("klaar",))[0] == "klaar"
                self.rows[key] = ("overgeslagen", self.nu)

    def has(self, one: Wijziging) -> bool:
        return one.sleutel in self.rows

    def deliver(self) -> None:
        self.decide()
        for place, one in enumerate(self.changes):
            stand, moment = self.rows.get(one.sleutel, ("", self.nu))
            if stand == "klaar" and moment <= self.nu:
                self.rows[one.sleutel] = ("bevestigd", moment)
                self.delivered.append(place)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 5)),
        st.tuples(st.just("decide"), st.none()),
        st.tuples(st.just("deliver"), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 600)),
    ),
    max_size=30,
)


@settings(max_examples=400, deadline=None)
@given(st.text("abc", min_size=1, max_size=6), STEPS)
def test_in_any_order_the_last_change_is_told_once_and_nothing_goes_back(
    statuses: str, steps: list[tuple[str, int | None]]
) -> None:
    world = World(statuses)
    for step, number in steps:
        if step == "arrive" and number is not None:
            world.arrive(number)
        elif step == "wait" and number is not None:
            world.nu += timedelta(minutes=number)
        elif step == "decide":
            world.decide()
        else:
            world.deliver()
    for place in range(len(world.changes)):
        world.arrive(place)
    world.decide()
    for _ in range(3):
        world.nu += timedelta(hours=13)
        world.deliver()
        world.decide()
    words = [world.changes[place].status for place in world.delivered]
    assert world.delivered == sorted(set(world.delivered)), "no message twice, none goes back"
    assert all(one != other for one, other in pairwise(words))
    assert words[-1] == statuses[-1], "the resident ends with the last change"
    assert len(world.rows) == len(world.changes), "every change has its outcome"
