"""A city whose statuses are shown; messages are decided about by each test anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub.journey_case import RESIDENTS, read_rows
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox


@pytest.fixture(scope="module")
def arrived(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RENOVATIEHUB_TST", "1")
        folder = tmp_path_factory.mktemp("meldingen")
        with cluster.fresh_database() as database, running_sandbox(folder) as sandbox:
            journey = Journey(database, sandbox, make_keyring())
            sandbox.grow(RESIDENTS)
            journey.run()
            yield journey


@pytest.fixture
def waiting(arrived: Journey) -> Iterator[Journey]:
    """Nobody was told of anything yet, as if this code were new."""
    forget(arrived)
    preferences = read_rows(arrived, "SELECT profiel_id, contact_voorkeur FROM bron.crm_profiel")
    yield arrived
    arrived.sandbox.control("DELETE", "/fouten")
    arrived.sandbox.control("DELETE", "/instellingen")
    with arrived.engines["eigenaar"].begin() as connection:
        for profiel_id, voorkeur in preferences:
            connection.exec_driver_sql(
                "UPDATE bron.crm_profiel SET contact_voorkeur = %s WHERE profiel_id = %s",
                (voorkeur, profiel_id),
            )
    forget(arrived)


def forget(journey: Journey) -> None:
    """Remove every message at both sides, with what came of it."""
    with journey.engines["eigenaar"].begin() as connection:
        for table in ("poging", "bericht"):
            connection.exec_driver_sql(
                f"DELETE FROM hub.{table} WHERE bericht_id IN"
                " (SELECT bericht_id FROM hub.bericht WHERE bestemming = 'notificaties')"
            )
        connection.exec_driver_sql("UPDATE hub.kanaal SET gestopt_op = NULL, stopreden = NULL")
        connection.exec_driver_sql("DELETE FROM hub.incident")
    journey.sandbox.control("POST", "/notificaties/verlies", json={"dossiernummer": "%"})
