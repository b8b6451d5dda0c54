"""When to try again: growing pauses with jitter for a day, the receiver's own wish first."""

from __future__ import annotations

from random import Random

GIVE_UP_SECONDS = 24 * 3600.0
_FIRST_SECONDS = 5.0
_LONGEST_SECONDS = 4 * 3600.0
# A receiver that says "at once" at every attempt is still not hammered.
_FIRST_WISH_SECONDS = 1.0
_LONGEST_WISH_SECONDS = 60.0


def next_pause(
    setbacks: int, age: float, retry_after: float | None, random: Random
) -> float | None:
    """Return the pause in seconds after one more setback than ``setbacks``, or None: give up.

    ``age`` is how long ago the first attempt began, in seconds; after a day a person must look.
    Pauses double. One that the receiver asked for is never shortened; jitter of up to a quarter
    keeps many messages from coming back at once.
    """
    if age >= GIVE_UP_SECONDS:
        return None
    doubling = 2.0 ** min(setbacks, 20)
    if retry_after is None:
        pause = min(_FIRST_SECONDS * doubling, _LONGEST_SECONDS)
    else:
        pause = max(retry_after, min(_FIRST_WISH_SECONDS * doubling, _LONGEST_WISH_SECONDS))
    return pause * (1 + random.random() / 4)
