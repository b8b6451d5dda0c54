"""Named points at which a rehearsal of disasters may kill this process; otherwise they do nothing.

The folder in ``RENOVATIEHUB_KILL_POINTS`` holds the orders: a file ``<point>.<number>`` kills the
first process that passes that point. It is moved to ``taken/`` first, so that one order kills once
and whoever ordered it can count. Without the variable, as in production, nothing is looked up.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

VARIABLE = "RENOVATIEHUB_KILL_POINTS"
TAKEN = "taken"

# In the order in which a change travels.
POINTS = (
    "in_merge",  # a page is merged and its transaction is still open
    "between_pages",  # a page is landed, the next one is not asked for
    "in_decision",  # messages are written down and the transaction is still open
    "after_claim",  # messages are claimed, nothing was sent
    "before_send",  # one message is about to leave
    "answer_lost",  # the receiver may hold the message, its answer did not arrive
    "after_answer",  # the receiver answered, nothing is written down yet
    "in_settle",  # the results are written and their transaction is still open
)

# Where a batch of files is handed in: nobody passes them while every partner speaks REST.
FILE_POINTS = (
    "batch_written",  # the batch and its checksum stand under a passing name
    "batch_handed_in",  # the rename is done, nobody was told yet
)


def kill_point(name: str) -> None:
    """Die here, as by ``kill -9``, when an order for this point waits.

    Raises:
        ValueError: there is no such point.
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    if name not in POINTS + FILE_POINTS:
        raise ValueError(f"There is no kill point {name!r}. Add it to POINTS in hub/kill_point.py.")
    for order in sorted(Path(folder).glob(f"{name}.*")):
        try:
            order.rename(order.parent / TAKEN / order.name)
        except FileNotFoundError:
            continue  # another process took it
        os.kill(os.getpid(), signal.SIGKILL)
