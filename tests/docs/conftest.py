"""A real database with the hub's schema: what the texts say is held against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres_cluster import HubDatabase, running_cluster


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubDatabase]:
    """A freshly migrated database; whoever writes in it rolls back."""
    home = tmp_path_factory.mktemp("postgres") / "home"
    with running_cluster(home) as cluster, cluster.fresh_database() as database:
        yield database
