"""The gate counts requests, waits when it must, and knows what a try proves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.transport.admission import NotAdmittedError, admitted_by, passage
from connectors.transport.errors import ThrottledError
from hub.bronbudget.gate import LONGEST_HOLD, LONGEST_PAUSE, Gate, Grant, Turn

FAR = 1e9


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    made = Gate(clock)
    made.allow(Grant(2, FAR))
    return made


def enter(gate: Gate) -> Turn:
    turn = gate.turn()
    turn.enter()
    return turn


def waits(gate: Gate) -> bool:
    """Tell whether one more would have to wait now."""
    with gate.changed:
        return not gate._passes(gate.turn())


def test_a_place_is_free_again_when_the_answer_is_in(gate: Gate) -> None:
    first, _ = enter(gate), enter(gate)
    assert waits(gate)
    first.leave(lost=False)
    assert not waits(gate)


def test_the_place_of_a_lost_answer_stays_taken_for_a_while(gate: Gate, clock: Clock) -> None:
    first, _ = enter(gate), enter(gate)
    first.leave(lost=True)
    assert waits(gate)
    clock.now += 4.9
    assert waits(gate)
    clock.now += 0.2
    assert not waits(gate)


def test_nobody_passes_after_the_lease(gate: Gate, clock: Clock) -> None:
    gate.allow(Grant(2, clock.now + 5))
    assert not waits(gate)
    clock.now += 5
    assert waits(gate)


def test_a_smaller_share_lets_nobody_in_until_enough_have_left(gate: Gate) -> None:
    first, second = enter(gate), enter(gate)
    gate.allow(Grant(1, FAR))
    first.leave(lost=False)
    assert waits(gate)
    second.leave(lost=False)
    assert not waits(gate)


def test_what_was_granted_counts_until_the_next_report(gate: Gate) -> None:
    enter(gate)
    report, held = gate.take_report()
    assert (report.in_use, held) == (1, 2)
    gate.allow(Grant(1, FAR))
    assert gate.take_report()[1] == 1


def test_too_many_lowers_at_once_and_only_once_for_what_was_under_way(
    gate: Gate, clock: Clock
) -> None:
    gate.allow(Grant(10, FAR))
    turns = [enter(gate) for _ in range(10)]
    clock.now += 0.2
    for turn in turns:
        turn.leave(lost=False)
        turn.throttled(None)
    report, places = gate.take_report()
    assert (report.too_many, report.pause) == (pytest.approx(0.2), 1.0)
    assert places == 7
    assert waits(gate)
    clock.now += 1.01
    assert not waits(gate)


def test_news_is_not_overwritten_by_a_grant_that_did_not_know_it(gate: Gate, clock: Clock) -> None:
    gate.allow(Grant(10, FAR, may_try=True))
    turn = enter(gate)
    turn.leave(lost=False)
    turn.throttled(None)
    gate.allow(Grant(10, FAR, may_try=True))
    clock.now += 2
    assert gate.take_report()[1] == 7


def test_retry_after_holds_everybody(gate: Gate, clock: Clock) -> None:
    turn = enter(gate)
    turn.leave(lost=False)
    turn.throttled(20.0)
    assert gate.has_news()
    assert gate.take_report()[0].pause == 20.0
    clock.now += 19.9
    assert waits(gate)
    clock.now += 0.2
    assert not waits(gate)


@pytest.mark.parametrize("asked", [LONGEST_HOLD + 1, 86_400.0, 1e11])
def test_a_source_that_asks_for_days_is_asked_again_after_ten_minutes(
    gate: Gate, clock: Clock, asked: float
) -> None:
    turn = gate.turn()
    turn.enter()
    turn.leave(lost=False)
    turn.throttled(asked)
    assert gate.take_report()[0].pause == LONGEST_HOLD
    clock.now += LONGEST_HOLD - 0.1
    assert waits(gate)
    clock.now += 0.2
    assert not waits(gate)


def test_a_pause_of_another_worker_holds_too(gate: Gate, clock: Clock) -> None:
    gate.allow(Grant(2, FAR, pause=3.0))
    assert waits(gate)
    clock.now += 3.1
    assert not waits(gate)


def test_a_pause_that_is_too_long_is_not_waited_for(gate: Gate) -> None:
    gate.allow(Grant(2, FAR, pause=LONGEST_PAUSE + 30))
    with pytest.raises(NotAdmittedError):
        gate.turn().enter()
    turn = gate.turn()
    with (
        pytest.raises(ThrottledError, match="epc GeefEpc x: nothing may be asked for another 60 s"),
        admitted_by(turn),
        passage("epc", "GeefEpc", "x"),
    ):
        pytest.fail("it was let through")
    assert turn.sent_at is None


def test_no_more_requests_leave_than_were_granted_for_the_minute(gate: Gate) -> None:
    gate.allow(Grant(5, FAR, requests=2))
    for _ in range(2):
        enter(gate).leave(lost=False)
    assert waits(gate)
    report, _ = gate.take_report()
    assert report.sent == 2
    gate.allow(Grant(5, FAR, requests=1))
    assert not waits(gate)


def test_during_a_report_no_request_leaves_of_a_counted_minute(gate: Gate) -> None:
    gate.allow(Grant(5, FAR, requests=2))
    gate.take_report()
    assert waits(gate)


def start_try(gate: Gate, clock: Clock) -> tuple[list[Turn], Turn]:
    gate.allow(Grant(2, FAR, may_try=True))
    others = [enter(gate), enter(gate)]
    # Those are at the source by now.
    clock.now += 0.1
    return others, enter(gate)


def test_only_one_request_at_a_time_goes_above_the_limit(gate: Gate, clock: Clock) -> None:
    (first, _), tried = start_try(gate, clock)
    assert waits(gate)
    first.leave(lost=False)
    # The try stands in its place until one more has left.
    assert waits(gate)
    tried.leave(lost=False)
    assert not waits(gate)


def test_two_tries_that_are_answered_while_all_others_were_there_have_held(
    gate: Gate, clock: Clock
) -> None:
    _, tried = start_try(gate, clock)
    for proofs in (1, 2):
        clock.now += 0.2
        tried.leave(lost=False)
        tried.answered()
        report, _ = gate.take_report()
        assert (report.held, report.answered) == (proofs == 2, 1)
        if proofs == 1:
            tried = enter(gate)


def test_a_try_proves_nothing_when_another_left_just_then(gate: Gate, clock: Clock) -> None:
    (first, _), tried = start_try(gate, clock)
    clock.now += 0.001
    first.leave(lost=False)
    clock.now += 0.2
    tried.leave(lost=False)
    tried.answered()
    report, _ = gate.take_report()
    assert (report.held, report.refused, report.answered) == (False, False, 1)


def test_nothing_is_tried_while_a_request_is_still_on_its_way(gate: Gate, clock: Clock) -> None:
    gate.allow(Grant(2, FAR, may_try=True))
    enter(gate)
    enter(gate)
    assert waits(gate)
    clock.now += 0.1
    assert not waits(gate)


def test_a_refused_try_lowers_nothing_and_pauses_nothing(gate: Gate, clock: Clock) -> None:
    _, tried = start_try(gate, clock)
    tried.leave(lost=False)
    tried.throttled(None)
    report, places = gate.take_report()
    assert (report.refused, report.too_many, report.pause, places) == (True, None, 0.0, 2)


def test_whoever_waits_hears_that_it_is_over(gate: Gate) -> None:
    enter(gate)
    enter(gate)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gate.turn().enter)
        gate.break_off(RuntimeError("the database is gone"))
        with pytest.raises(RuntimeError, match="gone"):
            waiting.result(5)
