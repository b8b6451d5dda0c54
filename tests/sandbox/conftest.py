"""One sandbox process for all tests of this folder; each test uses a city of its own seed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.sandbox.crm_raw import RawCrm
from tests.sandbox_process import SandboxHandle, running_sandbox

_SEEDS = itertools.count(101)


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    """Run one sandbox for the whole session."""
    with running_sandbox(tmp_path_factory.mktemp("zandbak")) as handle:
        yield handle


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> Iterator[SandboxHandle]:
    """Lend the sandbox without orders or settings left by another test."""
    yield sandbox_process
    sandbox_process.control("DELETE", "/fouten")
    sandbox_process.control("DELETE", "/instellingen")


@pytest.fixture
def seed() -> int:
    """Give a seed that no other test uses."""
    return next(_SEEDS)


@pytest.fixture
def crm(sandbox: SandboxHandle) -> RawCrm:
    """Give a signed-on user of the CRM."""
    return RawCrm(sandbox)
