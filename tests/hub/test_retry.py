"""Pauses between attempts."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.retry import GIVE_UP_SECONDS, next_pause

ATTEMPTS = st.integers(1, 10_000)
AGES = st.floats(0, GIVE_UP_SECONDS, exclude_max=True)


@given(ATTEMPTS, AGES, st.floats(0, 24 * 3600))
def test_a_pause_the_receiver_asked_for_is_never_shortened(
    attempt: int, age: float, wanted: float
) -> None:
    pause = next_pause(attempt, age, wanted, Random(attempt))
    assert pause is not None
    assert wanted <= pause <= max(wanted, 60.0) * 1.25


@given(ATTEMPTS, AGES)
def test_a_receiver_that_always_says_at_once_is_not_hammered(attempt: int, age: float) -> None:
    pause = next_pause(attempt, age, 0.0, Random(attempt))
    assert pause is not None
    assert pause >= min(2.0 ** min(attempt - 1, 9), 60.0)


def test_many_short_pauses_do_not_use_up_the_attempts() -> None:
    assert next_pause(500, 3600.0, 1.0, Random(1)) is not None


def test_pauses_double_up_to_four_hours_and_end_after_a_day() -> None:
    age, pauses, random = 0.0, [], Random(1)
    while (pause := next_pause(len(pauses) + 1, age, None, random)) is not None:
        pauses.append(pause)
        age += pause
    assert pauses[0] < pauses[3] < pauses[6]
    assert max(pauses) <= 4 * 3600 * 1.25
    assert 24 * 3600 <= age < 29 * 3600
    assert 12 < len(pauses) < 25
