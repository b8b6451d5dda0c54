"""Kills count when a process died; what finds nobody is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.errors import CliError
from cli.storm.killer import ORDER_SECONDS, VICTIM_SECONDS, Killer
from cli.storm.outsiders import dated
from cli.storm.plan import POINT, TASK, Kill
from cli.storm.points import Points
from cli.storm.stage import refuse_elsewhere
from hub.kill_point import TAKEN


class Ring:
    """Notes blows and faults; only the targets in `alive` have a process to kill."""

    def __init__(self, *alive: str) -> None:
        self.alive = set(alive)
        self.blows: list[str] = []
        self.faults: list[Mapping[str, Any]] = []

    def strike(self, target: str) -> bool:
        if target in self.alive:
            self.blows.append(target)
        return target in self.alive


def make(ring: Ring, points: Points, *kills: Kill) -> Killer:
    return Killer(tuple(kills), points, ring.strike, ring.faults.append)


@pytest.fixture
def points(tmp_path: Path) -> Points:
    return Points(tmp_path / "points")


def take(points: Points) -> str:
    """Die of the first order, as hub.kill_point does."""
    order = min(path for path in points.folder.iterdir() if path.is_file())
    order.rename(points.folder / TAKEN / order.name)
    return order.name


def test_a_kill_waits_for_its_moment_and_counts_when_a_process_died(points: Points) -> None:
    ring = Ring("scheduler")
    killer = make(ring, points, Kill(5.0, "scheduler"))
    killer.step(4.9)
    assert killer.kills == 0
    killer.step(5.0)
    assert ring.blows == ["scheduler"]
    assert dict(killer.per_target) == {"scheduler": 1}
    assert killer.done


def test_a_victim_that_does_not_run_is_waited_for_and_then_replaced_by_a_task(
    points: Points,
) -> None:
    ring = Ring(TASK)
    killer = make(ring, points, Kill(0.0, "worker"))
    killer.step(0.0)
    killer.step(VICTIM_SECONDS + 1)
    assert killer.kills == 0
    killer.step(VICTIM_SECONDS + 1.1)
    assert dict(killer.per_target) == {TASK: 1}


def test_an_order_at_a_point_counts_once_it_was_taken(points: Points) -> None:
    killer = make(Ring(), points, Kill(0.0, f"{POINT}in_merge"))
    killer.step(0.0)
    assert killer.kills == 0
    assert take(points).startswith("in_merge.")
    killer.step(1.0)
    assert dict(killer.per_target) == {f"{POINT}in_merge": 1}
    assert killer.done


def test_an_order_that_nobody_takes_is_taken_back_and_replaced(points: Points) -> None:
    ring = Ring(TASK)
    killer = make(ring, points, Kill(0.0, f"{POINT}in_merge"))
    killer.step(0.0)
    killer.step(ORDER_SECONDS + 1)
    killer.step(ORDER_SECONDS + 2)
    assert not [path for path in points.folder.iterdir() if path.is_file()]
    assert dict(killer.per_target) == {TASK: 1}


def test_one_order_per_point_waits_at_a_time_and_none_holds_up_another(points: Points) -> None:
    kills = [Kill(0.0, f"{POINT}{point}") for point in ("in_merge", "in_merge", "in_settle")]
    killer = make(Ring(), points, *kills)
    killer.step(0.0)
    assert sorted(path.name for path in points.folder.iterdir()) == [
        "in_merge.1",
        "in_settle.2",
        TAKEN,
    ]
    take(points)
    killer.step(1.0)
    killer.step(1.1)
    assert sorted(path.name for path in points.folder.iterdir()) == [
        "in_merge.3",
        "in_settle.2",
        TAKEN,
    ]


def test_the_fault_that_loses_the_answer_is_ordered_with_its_kill(points: Points) -> None:
    ring = Ring()
    fault = {"systeem": "crm", "operatie": "batch", "soort": "bevestig_en_verbreek"}
    make(ring, points, Kill(0.0, f"{POINT}answer_lost", fault)).step(0.0)
    assert ring.faults == [fault]


def test_at_the_end_no_order_is_left_to_kill_anybody(points: Points) -> None:
    killer = make(Ring(), points, *[Kill(0.0, f"{POINT}in_merge") for _ in range(2)])
    killer.step(0.0)
    take(points)
    killer.end()
    assert killer.kills == 1
    assert killer.done
    assert not [path for path in points.folder.iterdir() if path.is_file()]


def test_a_storm_does_not_begin_while_the_environment_leads_elsewhere() -> None:
    refuse_elsewhere({"PATH": "/bin", "RENOVATIEHUB_HOME": "/x"})
    with pytest.raises(CliError, match="AIRFLOW_CONN_CRM"):
        refuse_elsewhere({"AIRFLOW_CONN_CRM": "{}"})


def test_a_wish_for_a_date_becomes_a_date() -> None:
    assert dated({"retry_after": "-5"}) == {"retry_after": "-5"}
    assert dated({"retry_after": "date:2"})["retry_after"].endswith("GMT")
