"""The demonstration's partners work to the end, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest

from cli import outside, voortgang
from cli.partners import LONGEST, Partners
from cli.storm.rehearse import settle


class World:
    """Two partners; each aanmelding of theirs lives so many steps."""

    def __init__(self, **lives: list[int]) -> None:
        self.lives = lives
        self.done = {naam: [0] * len(of) for naam, of in lives.items()}
        self.asked: list[int] = []

    def control(self, _state: object, _method: str, path: str, *, json: dict[str, int]) -> Any:
        naam, stap = path.partition("/")[0], json["stap"]
        self.asked.append(stap)
        before = sum(self.done[naam])
        self.done[naam] = [
            max(done, min(stap, life))
            for done, life in zip(self.done[naam], self.lives[naam], strict=True)
        ]
        left = sum(life > stap for life in self.lives[naam])
        return {"vastgelegd": sum(self.done[naam]) - before, "te_gaan": left}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(dialoog=[4, 0, 6], igo=[1])
    monkeypatch.setattr(outside, "control", made.control)
    return made


def test_they_work_step_by_step_until_nobody_has_a_step_left(world: World) -> None:
    partners = Partners(None, seed=1)  # type: ignore[arg-type]
    assert partners.work(1) == (3, 2)
    assert partners.finish() == 8
    assert world.done == world.lives
    assert world.asked[2:] == [stap for stap in range(1, 7) for _ in voortgang.PARTNERS]
    assert partners.finish() == 0


def test_a_life_without_end_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(world.lives, "igo", [10_000])
    Partners(None, seed=1).finish()  # type: ignore[arg-type]
    assert max(world.asked) == LONGEST


def test_the_dust_has_not_settled_while_partners_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    going_on = [5, 2, 0, 0, 0]
    counts = {"open": 0, "landed": 3}
    for name, stub in {
        "_round": lambda _bells, _in_time: rounds.append(1) or len(rounds) < 9,
        "fetch_one": lambda *_: {"berichten": 1},
        "reckon": lambda *_args, **_more: counts,
    }.items():
        monkeypatch.setattr(f"cli.storm.rehearse.{name}", stub)
    ended = settle(_Engine(), None, None, 1, 3, lambda: going_on.pop(0))  # type: ignore[arg-type]
    # The third round is the first before which nobody did anything.
    assert (ended, len(rounds)) == (True, 3)


class _Engine:
    def begin(self) -> _Engine:
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
