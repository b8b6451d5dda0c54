"""One database for all tests of the warehouse in a file; each begins with it empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.magazijn_case import Magazijn
from tests.postgres_cluster import Cluster


@pytest.fixture(scope="module")
def one_magazijn(cluster: Cluster) -> Iterator[Magazijn]:
    with cluster.fresh_database() as database:
        yield Magazijn(database)


@pytest.fixture
def magazijn(one_magazijn: Magazijn, monkeypatch: pytest.MonkeyPatch) -> Magazijn:
    for name in ("RENOVATIEHUB_WIJKEN", "RENOVATIEHUB_WIJK_VELDEN", "RENOVATIEHUB_PARTNERS"):
        monkeypatch.delenv(name, raising=False)
    one_magazijn.keyring = type(one_magazijn.keyring)("k1", {"k1": b"k" * 32}, b"p" * 32)
    one_magazijn.empty()
    return one_magazijn
