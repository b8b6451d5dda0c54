"""One temporary server for all benchmarks of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.workplace import Workplace, temporary_workplace


@pytest.fixture(scope="session")
def place() -> Iterator[Workplace]:
    with temporary_workplace() as made:
        yield made
