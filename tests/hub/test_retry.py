"""Pauses between attempts."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.retry import GIVE_UP_SECONDS, next_pause

SETBACKS = st.integers(0, 10_000)
AGES = st.floats(0, GIVE_UP_SECONDS, exclude_max=True)


@given(SETBACKS, AGES, st.floats(0, 24 * 3600))
def test_a_pause_the_receiver_asked_for_is_never_shortened(
    setbacks: int, age: float, wanted: float
) -> None:
    pause = next_pause(setbacks, age, wanted, Random(setbacks))
    assert pause is not None
    assert wanted <= pause <= max(wanted, 60.0) * 1.25


@given(SETBACKS, AGES)
def test_a_receiver_that_always_says_at_once_is_not_hammered(setbacks: int, age: float) -> None:
    pause = next_pause(setbacks, age, 0.0, Random(setbacks))
    assert pause is not None
    assert pause >= min(2.0 ** min(setbacks, 9), 60.0)


def test_many_short_pauses_do_not_use_up_the_attempts() -> None:
    assert next_pause(500, 3600.0, 1.0, Random(1)) is not None


def test_pauses_double_up_to_four_hours_and_end_after_a_day() -> None:
    age, pauses, random = 0.0, [], Random(1)
    while (pause := next_pause(len(pauses), age, None, random)) is not None:
        pauses.append(pause)
        age += pause
    assert pauses[0] < pauses[3] < pauses[6]
    assert max(pauses) <= 4 * 3600 * 1.25
    assert 24 * 3600 <= age < 29 * 3600
    assert 12 < len(pauses) < 25
