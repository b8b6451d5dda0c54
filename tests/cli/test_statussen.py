"""What residents see against what happened: clean is silent, each offender is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from cli.statussen import (
    Boek,
    Dossier,
    Eigen,
    Getoond,
    Regel,
    Stap,
    check_regels,
    compare,
    find_status,
)
from cli.voortgang import Gebeurtenis
from hub.dossierstatus import load_lezingen

NOW = datetime(2026, 11, 25, 9, 30, 15, 250_000, tzinfo=UTC)
NR, OTHER = "RD-0001-000001", "RD-0001-000002"
LEZINGEN = load_lezingen()


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def shown(naam: str, **names: str) -> Getoond:
    lezing = LEZINGEN[naam]
    actie = None if lezing.actie is None else lezing.actie.format(**names)
    return Getoond(lezing.fase, lezing.code, lezing.detail.format(**names), actie)


DOSSIER = Dossier(NR, True, at(-9000), True, "mijnburgerprofiel")
FILLED = Eigen(NR, "ingevuld", at(-60), "crm")
SIGNED = Eigen(NR, "aangemeld", at(-50), "dialoog", "duurzaam_bouwadvies", "a1")
TAKEN_BACK = replace(SIGNED, wat="ingetrokken", op=at(-20))
ADVISED = Gebeurtenis("dialoog", "2", "a1", NR, "advies_opgemaakt", at(-30), at(-30))
VISIT = Stap("s1", NR, "huisbezoek", "open", at(0), vervaldatum=date(2026, 12, 3))
NOTE = Stap("s2", NR, "afsprakennota", "open", at(-40))
ON_THE_DAY = shown("huisbezoek_open", dag="3 december 2026")

CLEAN = Boek(
    dossiers=[DOSSIER],
    stappen=[NOTE, VISIT],
    eigen=[FILLED, SIGNED],
    stand={NR: ADVISED},
    gehoord=frozenset({"a1"}),
    getoond={NR: ON_THE_DAY},
    lezingen=list(LEZINGEN.values()),
    taken=frozenset({"voortgang", "opvolgen"}),
    regels=[Regel("dosis", "b1", NR), Regel("notificaties", "b2", NR)],
)


def naam(boek: Boek) -> str:
    return find_status(boek)[NR].lezing.naam


def counted(boek: Boek) -> list[tuple[str, str]]:
    found = [*compare(boek).verschillen, *check_regels(boek)]
    return [(v.telling, v.sleutel) for v in found]


def test_both_sides_agree() -> None:
    found = compare(CLEAN)
    assert (found.vergeleken, found.door_stap, list(found.verschillen)) == (1, 1, [])
    assert counted(CLEAN) == []


OFFENDERS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "another status": ({"getoond": {NR: shown("afsprakennota")}}, [("lost", NR)]),
    "the words of another with the same code": (
        {"getoond": {NR: shown("huisbezoek")}}, [("lost", NR)],
    ),
    "another day": (
        {"getoond": {NR: shown("huisbezoek_open", dag="4 december 2026")}}, [("lost", NR)],
    ),
    "what is asked is not told": (
        {"getoond": {NR: replace(ON_THE_DAY, actie=None)}}, [("lost", NR)],
    ),
    "no status": ({"getoond": {}}, [("lost", NR)]),
    "a status of a dossier that nobody started": (
        {"getoond": {NR: ON_THE_DAY, OTHER: shown("gestart")}}, [("unaccounted", OTHER)],
    ),
    "a status of who cannot be reached": (
        {"dossiers": [replace(DOSSIER, bereikbaar=False)]}, [("unaccounted", NR)],
    ),
    "an unknown kind that nobody was told of": (
        {"stappen": [VISIT, replace(NOTE, soort="kijkdag")]}, [("lost", "stap kijkdag")],
    ),
    "a known kind that was reported": (
        {"gemeld": frozenset({"huisbezoek"})}, [("unaccounted", "stap huisbezoek")],
    ),
    "a status that came twice": (
        {"regels": [*CLEAN.regels, CLEAN.regels[0]]}, [("duplicated", "b1")],
    ),
    "a message that came twice": (
        {"regels": [*CLEAN.regels, CLEAN.regels[1]]}, [("duplicated", "b2")],
    ),
    "a message to who wants to be called": (
        {"dossiers": [replace(DOSSIER, voorkeur="telefoon")]}, [("without_consent", "b2")],
    ),
    "a message of a dossier that nobody knows": (
        {"regels": [Regel("notificaties", "b2", OTHER)]}, [("without_consent", "b2")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "offenders"), OFFENDERS.values(), ids=OFFENDERS)
def test_an_offender_is_named_and_nothing_else_is(
    changes: dict[str, Any], offenders: list[tuple[str, str]]
) -> None:
    assert counted(replace(CLEAN, **changes)) == offenders


def test_an_unknown_kind_is_reported_and_no_status_and_a_task_is_neither() -> None:
    unknown = replace(VISIT, stap_id="s9", soort="kijkdag", gewijzigd_op=at(60))
    task = replace(unknown, soort="opvolgen")
    boek = replace(CLEAN, stappen=[VISIT, unknown, task], gemeld=frozenset({"kijkdag"}))
    assert counted(boek) == []


def test_what_happened_last_counts_whoever_told_it() -> None:
    for order in permutations((NOTE, VISIT)):
        assert naam(replace(CLEAN, stappen=order)) == "huisbezoek_open"
    assert naam(replace(CLEAN, stappen=[NOTE])) == "advies_opgemaakt"
    later = replace(ADVISED, tijdstip=at(5), gewijzigd_op=at(5))
    assert naam(replace(CLEAN, stand={NR: later})) == "advies_opgemaakt"
    # It was done before, and only now written down.
    before = replace(VISIT, status="gedaan", gebeurd_op=at(-3600))
    assert naam(replace(CLEAN, stappen=[before])) == "advies_opgemaakt"


def test_in_one_second_the_lower_one_in_the_table_counts() -> None:
    same = replace(ADVISED, tijdstip=at(0.6), gewijzigd_op=at(0.6))
    assert naam(replace(CLEAN, stand={NR: same})) == "huisbezoek_open"
    note = replace(NOTE, gewijzigd_op=at(-0.2))
    assert naam(replace(CLEAN, stappen=[VISIT, note])) == "afsprakennota_open"
    next_second = replace(ADVISED, tijdstip=at(0.8), gewijzigd_op=at(0.8))
    assert naam(replace(CLEAN, stand={NR: next_second})) == "advies_opgemaakt"


def test_of_two_of_one_kind_in_one_second_the_one_written_down_last_counts() -> None:
    one = replace(VISIT, status="gedaan", gebeurd_op=at(-5), vervaldatum=None)
    other = replace(one, stap_id="s0", gewijzigd_op=at(1))
    for order in permutations((one, other)):
        assert find_status(replace(CLEAN, stappen=order))[NR].sleutel == "stap:s0"


def test_a_planned_day_that_is_over_counts_from_its_end_in_brussels() -> None:
    over = replace(VISIT, vervaldatum=date(2026, 11, 24))
    assert over.telt_vanaf == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert VISIT.telt_vanaf == VISIT.gewijzigd_op


def test_a_planned_visit_without_a_day_and_a_step_before_the_agreement_say_nothing() -> None:
    vague = replace(VISIT, vervaldatum=None)
    assert naam(replace(CLEAN, stappen=[vague])) == "advies_opgemaakt"
    never = replace(CLEAN, dossiers=[replace(DOSSIER, start_akkoord=False)], eigen=[], stand={})
    assert find_status(never) == {}


def test_the_hubs_own_statuses() -> None:
    quiet = replace(CLEAN, stappen=[], stand={}, gehoord=frozenset())
    assert naam(replace(quiet, eigen=[FILLED])) == "gestart"
    assert naam(quiet) == "aangemeld"
    taken_back = replace(quiet, eigen=[FILLED, SIGNED, TAKEN_BACK])
    assert naam(taken_back) == "ingetrokken"
    # A partner that told anything speaks for itself.
    assert naam(replace(quiet, gehoord=frozenset({"a1"}))) == "gestart"
    # Another aanmelding stands.
    again = replace(SIGNED, soort="energielening", partner="igo", referentie="a2")
    assert naam(replace(taken_back, eigen=[*taken_back.eigen, again])) == "aangemeld"
    assert find_status(replace(quiet, eigen=[])) == {}


def test_a_withdrawal_counts_from_the_end_of_the_consent_and_never_before_its_sign_up() -> None:
    quiet = replace(CLEAN, stappen=[], stand={}, eigen=[FILLED, SIGNED, TAKEN_BACK])
    key = SIGNED.soort, SIGNED.partner
    for ends, since in (([], -20), ([at(-35)], -35), ([at(-90)], -50), ([at(-90), at(99)], -20)):
        boek = replace(quiet, dossiers=[replace(DOSSIER, eindes={key: ends})])
        assert find_status(boek)[NR].gebeurd_op == at(since)


def test_who_and_for_what_may_be_named_in_any_words_and_the_day_in_one() -> None:
    planned = replace(
        ADVISED, status="ingepland", tijdstip=datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    )
    boek = replace(CLEAN, stappen=[], stand={NR: planned})
    detail = "IGO nodigt u uit voor een gesprek over uw energielening op {dag}."
    for day, wrong in (("2 december 2026", []), ("1 december 2026", [("lost", NR)])):
        seen = replace(shown("ingepland", partner="IGO", dag=day), detail=detail.format(dag=day))
        assert counted(replace(boek, getoond={NR: seen})) == wrong
