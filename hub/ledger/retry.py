"""When to try again: growing pauses with jitter for a day, the receiver's own wish first."""

from __future__ import annotations

from random import Random

_FIRST_SECONDS = 5.0
_GROWTH = 3.0
_LONGEST_SECONDS = 4 * 3600.0
_GIVE_UP_AFTER = 14  # attempts: with the pauses above about a day


def next_pause(attempt: int, retry_after: float | None, random: Random) -> float | None:
    """Return the pause in seconds before the attempt after ``attempt`` (from 1), or None: give up.

    A pause that the receiver asked for is never shortened; jitter of up to a quarter keeps many
    messages from coming back at once.
    """
    if attempt >= _GIVE_UP_AFTER:
        return None
    pause = min(_FIRST_SECONDS * _GROWTH ** min(attempt - 1, 10), _LONGEST_SECONDS)
    pause = max(pause, 0.0) if retry_after is None else max(retry_after, 0.0)
    return pause * (1 + random.random() / 4)
