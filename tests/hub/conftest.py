"""A PostgreSQL per session, a database and a sandbox per test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.journey_case import RESIDENTS
from tests.hub.ledger_case import Ledger
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import HubDatabase
from tests.sandbox_process import running_sandbox


@pytest.fixture
def journey(
    database: HubDatabase, tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Journey]:
    monkeypatch.setenv("RENOVATIEHUB_TST", "1")
    with running_sandbox(tmp_path) as sandbox:
        yield Journey(database, sandbox, make_keyring())


@pytest.fixture
def ledger(database: HubDatabase) -> Ledger:
    return Ledger(database, make_keyring())


@pytest.fixture
def own(journey: Journey) -> Journey:
    """The same, of the test's own: for tests that change something."""
    journey.sandbox.grow(RESIDENTS)
    journey.run()
    return journey
