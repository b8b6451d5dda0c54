"""The plan of a storm: the same seed gives the same storm, and it holds what was promised."""

from __future__ import annotations

from collections import Counter

import pytest

from cli.partners import LONGEST
from cli.stappen import EERDER, GEDAAN, LATER, ONBEKEND, OPEN, WEG, draw_way
from cli.storm.plan import (
    DATABASE,
    OPERATIONS,
    POINT,
    SCHEDULER,
    SFTP,
    SFTP_KINDS,
    STEPS,
    STEPS_ONE_IN,
    count_targets,
    draw_plan,
)
from hub.kill_point import POINTS

SERVICES = ("scheduler", "database", "backend", "dag-processor", "triggerer", "api-server")


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    first = draw_plan(seed=7, dossiers=100, kills=40)
    assert draw_plan(seed=7, dossiers=100, kills=40) == first
    assert draw_plan(seed=8, dossiers=100, kills=40) != first


@pytest.mark.parametrize("kills", [0, 1, 12, 60, 200, 1000])
def test_exactly_the_wanted_number_of_kills_is_planned(kills: int) -> None:
    assert sum(count_targets(kills).values()) == kills
    plan = draw_plan(seed=1, dossiers=50, kills=kills)
    assert Counter(kill.target for kill in plan.kills) == count_targets(kills)


def test_a_large_storm_hits_scheduler_and_database_five_times_and_flows_most() -> None:
    counts = count_targets(200)
    assert counts[SCHEDULER] >= 5
    assert counts[DATABASE] >= 5
    assert sum(n for target, n in counts.items() if target not in SERVICES) > 150
    assert all(counts[POINT + point] > 5 for point in POINTS)


def test_a_kill_after_a_lost_answer_comes_with_the_fault_that_loses_it() -> None:
    plan = draw_plan(seed=3, dossiers=100, kills=200)
    for kill in plan.kills:
        assert (kill.fault is not None) == (kill.target == f"{POINT}answer_lost")
    assert {kill.fault["systeem"] for kill in plan.kills if kill.fault} == {
        "crm",
        "dialoog",
        "dosis",
    }


def test_every_operation_gets_every_kind_of_fault() -> None:
    plan = draw_plan(seed=1, dossiers=30, kills=12)
    seen = {(f.body["systeem"], f.body["operatie"], f.body["soort"]) for f in plan.faults}
    kinds = {"vertraging", "reset", "5xx", "429", "onzin", "half", "bevestig_en_verbreek"}
    for systeem, operaties in OPERATIONS.items():
        for operatie in operaties:
            also = {"uitzondering"} if systeem in ("epc", "dosis") else set()
            for kind in kinds | also:
                assert (systeem, operatie, kind) in seen
    effects = {
        f.body["uitzondering"].get("effect")
        for f in plan.faults
        if f.body["soort"] == "uitzondering"
    }
    assert {True, False} <= effects


def test_listing_progress_documents_and_every_source_are_among_the_operations() -> None:
    for partner in ("dialoog", "igo"):
        assert {"list", "document"} <= set(OPERATIONS[partner])
    assert {"erfgoed", "vergunningen", "bodem", "overstroming"} <= set(OPERATIONS)


def test_a_partner_that_takes_files_fails_as_an_sftp_server_does() -> None:
    plan = draw_plan(seed=1, dossiers=30, kills=12, files=frozenset({"igo"}))
    seen = {
        (f.body["operatie"], f.body["soort"]) for f in plan.faults if f.body["systeem"] == "igo"
    }
    assert seen == {(operatie, kind) for operatie in SFTP for kind in SFTP_KINDS}
    over_http = draw_plan(seed=1, dossiers=30, kills=12)
    assert not any(f.body["operatie"] in SFTP for f in over_http.faults)


def test_the_partners_work_step_by_step_while_the_storm_rages() -> None:
    plan = draw_plan(seed=5, dossiers=100, kills=20)
    assert [work.stap for work in plan.works] == list(range(1, STEPS + 1))
    assert [work.at for work in plan.works] == sorted(work.at for work in plan.works)
    assert plan.seconds * 0.2 < plan.works[0].at
    assert plan.works[-1].at < plan.seconds
    assert STEPS < LONGEST


def test_nobody_is_told_to_wait_for_hours() -> None:
    for seed in range(20):
        for fault in draw_plan(seed=seed, dossiers=300, kills=10).faults:
            wish = fault.body.get("retry_after", "")
            number = wish.removeprefix("date:").lstrip("-")
            assert not number.isdigit() or int(number) <= 3600, wish


def test_the_city_grows_to_its_size_and_people_act_after_they_moved_in() -> None:
    plan = draw_plan(seed=5, dossiers=400, kills=30)
    assert plan.waves[0].at == 0
    assert [wave.residents for wave in plan.waves] == sorted(wave.residents for wave in plan.waves)
    assert plan.waves[-1].residents == 400
    for act in plan.acts:
        there = max(wave.residents for wave in plan.waves if wave.at <= act.at)
        assert act.bewoner < there
    assert {act.soort for act in plan.acts} == {
        "intrekken", "verloopt", "opnieuw", "typen", "stap",
    }  # fmt: skip


def test_a_consultant_plans_does_and_removes_steps_in_their_order() -> None:
    acts = [a for a in draw_plan(seed=5, dossiers=400, kills=30).acts if a.soort == "stap"]
    assert {act.waarde for act in acts} == {OPEN, LATER, GEDAAN, EERDER, WEG}
    assert ONBEKEND in {act.veld for act in acts}
    for bewoner in {act.bewoner for act in acts}:
        mine = [act for act in acts if act.bewoner == bewoner]
        way = list(draw_way(5, bewoner, STEPS_ONE_IN))
        assert [(a.veld, a.waarde) for a in mine if a.waarde not in (LATER, WEG)] == way
        assert all(act.waarde != WEG for act in mine[:-1])


def test_everything_happens_within_the_time_of_the_storm() -> None:
    plan = draw_plan(seed=5, dossiers=400, kills=60)
    moments = [
        step.at for step in (*plan.waves, *plan.kills, *plan.faults, *plan.acts, *plan.works)
    ]
    assert min(moments) >= 0
    assert max(moments) <= plan.seconds
    assert [kill.at for kill in plan.kills] == sorted(kill.at for kill in plan.kills)
