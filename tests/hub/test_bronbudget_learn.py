"""How places of a source are shared, and how a limit that nobody knows is learned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bronbudget.gate import Report
from hub.bronbudget.grens import Grens, read_grens
from hub.bronbudget.learn import (
    ANSWERS_BETWEEN_TRIES,
    LONGEST_TRY_PAUSE,
    SHORTEST_TRY_PAUSE,
    Host,
    is_ripe,
    learn,
    reconcile,
    share_places,
    start,
)

UNKNOWN = Grens("bron", hoogstens=16)
KNOWN = Grens("bron", hoogstens=16, gelijktijdig=10)


def test_a_known_limit_counts_from_the_first_question_and_an_unknown_one_starts_low() -> None:
    assert start(KNOWN) == Host(10, 10, bekend=True)
    assert start(UNKNOWN) == Host(4, 16, bekend=False)
    assert start(Grens("bron", hoogstens=2)) == Host(2, 2, bekend=False)


def test_sources_behind_one_host_share_its_limits_and_another_stands_alone() -> None:
    assert read_grens("epc").host == "magda"
    assert read_grens("basisregisters").host == "basisregisters"
    assert read_grens("epc").gelijktijdig is None


def test_a_try_that_held_raises_the_limit_by_one_and_never_above_the_bound() -> None:
    host = learn(Host(9, 10, bekend=False, proef_van="ik"), Report(answered=3, held=True), "ik")
    assert (host.grens, host.gelukt, host.proef_van) == (10, 3, None)
    assert learn(host, Report(held=True), "ik").grens == 10


def test_a_refused_try_leaves_the_limit_and_makes_the_next_one_rarer() -> None:
    host = learn(Host(10, 16, bekend=False), Report(answered=1, refused=True), "ik")
    assert (host.grens, host.gelukt, host.tot_proef) == (10, 0, SHORTEST_TRY_PAUSE)
    again = learn(replace(host, tot_proef=0.0), Report(refused=True), "ik")
    assert again.tot_proef == 2 * SHORTEST_TRY_PAUSE
    for _ in range(30):
        again = learn(again, Report(refused=True), "ik")
    assert again.tot_proef == LONGEST_TRY_PAUSE


def test_too_many_lowers_the_limit_once_for_all_that_was_under_way() -> None:
    host = learn(Host(10, 16, bekend=False), Report(too_many=0.2, pause=1.0), "ik")
    assert (host.grens, host.pauze, host.sinds_verlaging) == (7, 1.0, 0.0)
    # Another worker's request, sent before the step down, comes back a moment later.
    same = learn(replace(host, sinds_verlaging=0.1), Report(too_many=0.2), "ander")
    assert same.grens == 7
    assert learn(replace(host, sinds_verlaging=0.5), Report(too_many=0.2), "ander").grens == 4


def test_the_limit_never_falls_below_one() -> None:
    assert learn(Host(1, 16, bekend=False), Report(too_many=0.0), "ik").grens == 1


def test_after_a_refusal_nothing_is_tried_before_enough_answers_and_enough_time() -> None:
    refused = Host(10, 16, bekend=False, proef_pauze=10.0, tot_proef=0.0, gelukt=0)
    assert is_ripe(start(UNKNOWN))
    assert not is_ripe(refused)
    assert is_ripe(replace(refused, gelukt=ANSWERS_BETWEEN_TRIES))
    assert not is_ripe(replace(refused, gelukt=ANSWERS_BETWEEN_TRIES, tot_proef=0.1))


@pytest.mark.parametrize(
    "host",
    [
        Host(10, 10, bekend=True),
        Host(3, 10, bekend=False, proef_van="ander"),
        Host(3, 10, bekend=False, pauze=2.0),
    ],
)
def test_nothing_is_tried_at_a_known_limit_beside_another_or_in_a_pause(host: Host) -> None:
    assert not is_ripe(host)


def test_a_limit_that_becomes_known_or_changes_counts_at_once() -> None:
    learned = Host(6, 16, bekend=False, pauze=2.0)
    assert reconcile(learned, KNOWN) == Host(10, 10, bekend=True, pauze=2.0)
    assert reconcile(learned, Grens("bron", hoogstens=4)).grens == 4
    assert reconcile(learned, Grens("bron", hoogstens=20)).grens == 6
    assert reconcile(learned, UNKNOWN) is learned
    lowered = Host(7, 10, bekend=True)
    assert reconcile(lowered, KNOWN) is lowered


def test_what_the_others_do_not_need_may_be_taken() -> None:
    assert share_places(10, 100, []) == 10
    assert share_places(10, 3, []) == 3
    assert share_places(10, 100, [(2, 2)]) == 8


def test_who_comes_later_gets_an_even_share() -> None:
    assert share_places(10, 100, [(0, 50)]) == 5
    assert share_places(10, 100, [(10, 50)]) == 0
    assert share_places(10, 100, [(4, 50), (3, 50)]) == 3


@given(
    limit=st.integers(1, 20),
    moves=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=60),
)
def test_whoever_renews_in_whatever_order_together_they_stay_within_the_limit(
    limit: int, moves: list[tuple[int, int]]
) -> None:
    held: dict[int, tuple[int, int]] = {}
    for worker, wanted in moves:
        others = [block for other, block in held.items() if other != worker]
        before = held.get(worker, (0, 0))[0]
        granted = share_places(limit, wanted, others)
        assert granted <= wanted
        # What was granted until now may still be in use.
        held[worker] = (max(granted, min(before, limit)), wanted)
        assert sum(places for places, _ in held.values()) <= limit


@given(limit=st.integers(1, 20), workers=st.integers(1, 5))
def test_workers_that_all_want_more_end_with_all_places_evenly(limit: int, workers: int) -> None:
    places = dict.fromkeys(range(workers), 0)
    for _ in range(workers + 2):
        for worker in places:
            others = [(p, 99) for other, p in places.items() if other != worker]
            places[worker] = share_places(limit, 99, others)
    assert sum(places.values()) == limit
    assert max(places.values()) - min(places.values()) <= -(-limit // workers)
