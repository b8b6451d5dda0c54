"""Retry-After is read the same way whatever a receiver writes in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.http import LONGEST_RETRY_AFTER, parse_retry_after

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("0", 0.0),
        ("-5", 0.0),
        ("17", 17.0),
        (" 17 ", 17.0),
        ("1.5", 1.5),
        ("86400", 86400.0),
        ("86401", 86400.0),
        ("9" * 400, 86400.0),
        ("9" * 4000, None),
        ("nan", None),
        ("inf", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 13:00:30 +0100", 30.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
        ("\u0661\u0667", None),
    ],
)
def test_a_retry_after_means_this_many_seconds(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_whole_seconds_are_kept_within_their_bounds(seconds: int) -> None:
    expected = min(max(float(seconds), 0.0), LONGEST_RETRY_AFTER)
    assert parse_retry_after(str(seconds), NOW) == expected


@given(st.integers(min_value=-(10**8), max_value=10**8))
def test_a_date_is_the_distance_from_now(seconds: int) -> None:
    text = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(text, NOW) == min(max(float(seconds), 0.0), LONGEST_RETRY_AFTER)


@given(st.text())
def test_any_text_gives_nothing_or_a_pause_within_a_day(text: str) -> None:
    seconds = parse_retry_after(text, NOW)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER
