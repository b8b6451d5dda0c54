"""A process that reads answers: ``python -m hub.reader <file descriptor>``, until the pipe closes.

The first object on the pipe is the function that reads; every answer gets its result or its error.
"""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection


def main() -> None:
    """Read until whoever asks closes the pipe, or is gone."""
    with Connection(int(sys.argv[1])) as line:
        try:
            read = line.recv()
            while True:
                answer = line.recv()
                try:
                    result = read(answer)
                except Exception as error:  # noqa: BLE001
                    # Whoever asked knows what it means.
                    result = error
                line.send(result)
        except (EOFError, OSError):
            return


if __name__ == "__main__":
    main()
