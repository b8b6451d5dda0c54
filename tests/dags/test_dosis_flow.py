"""A status from the ledger to DOSIS and the nightly comparison, by what the connection says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from cli import certificates
from cli.database import locate
from hub.keys import load_keyring
from hub.ledger.bericht import NieuwBericht
from tests.hub.ledger_case import Ledger
from tests.hub.test_dosis_kanaal import make_bericht
from tests.postgres_cluster import Cluster, HubDatabase, running_cluster
from tests.sandbox_process import SandboxHandle, running_sandbox

pytestmark = pytest.mark.postgres
BRON = "https://renovatiehub.leuven.example"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("postgres") / "home") as running:
        yield running


@pytest.fixture
def database(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDatabase]:
    with cluster.fresh_database() as made:
        place = locate(cluster.settings, cluster.state)
        for job in ("push", "aansluiting"):
            role = f"hub_{job}"
            connection = {
                "conn_type": "hub_postgres",
                "host": place.host,
                "port": place.port,
                "login": role,
                "password": place.passwords[role],
                "schema": made.name,
            }
            monkeypatch.setenv(f"AIRFLOW_CONN_HUB_{job.upper()}", json.dumps(connection))
        monkeypatch.setenv("RENOVATIEHUB_SLEUTELS", str(cluster.state.sleutels))
        yield made


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path) as running:
        yield running


def magda(sandbox: SandboxHandle) -> dict[str, Any]:
    return {
        "conn_type": "magda",
        "host": f"{sandbox.base_url}/magda/dosis",
        "extra": {"afzender": "0207500123", "hoedanigheid": "energieloket", "bron": BRON},
    }


def rest(sandbox: SandboxHandle, **extra: str) -> dict[str, Any]:
    return {
        "conn_type": "dosis_rest",
        "host": f"{sandbox.base_url}/dosis",
        "login": certificates.ACM_CLIENT,
        "extra": {
            "bron": BRON,
            "sleutelbestand": str(certificates.key_file(sandbox.folder, certificates.ACM)),
            "sleutel_id": certificates.ACM_SLEUTEL_ID,
            "token_url": f"{sandbox.base_url}/acm/op/v1/token",
            "scopes": "dosis",
            **extra,
        },
    }


@pytest.mark.parametrize("road", ["magda", "rest", "rest, reading by magda"])
def test_a_status_goes_by_the_road_of_the_connection(
    road: str, database: HubDatabase, sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_flows

    named: dict[str, dict[str, Any]] = {"MAGDA_DOSIS": magda(sandbox)}
    if road == "rest":
        named = {"MAGDA_DOSIS": rest(sandbox)}
    elif road != "magda":
        reading = rest(sandbox, magda_verbinding="MAGDA_DOSIS_LEZEN")
        named = {"MAGDA_DOSIS": reading, "MAGDA_DOSIS_LEZEN": magda(sandbox)}
    for name, connection in named.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
    inhoud = make_bericht().inhoud
    Ledger(database, load_keyring()).add(
        NieuwBericht("dosis", "een", "dossierstatus", uuid4(), inhoud, kenmerk="gestart")
    )

    assert hub_flows.push("dosis") == {"aangenomen": 1}
    assert hub_flows.collect("dosis") == {"bevestigd": 1, "wacht": 0}
    assert hub_flows.push("dosis") == {}

    asked = [line["operatie"] for line in sandbox.journal("dosis")]
    reads_codes = road != "rest"
    assert asked.count("RegistreerDossier") == 1
    assert asked.count("GeefCodeLijst") == (2 if reads_codes else 0)
    assert len(sandbox.journal("acm")) == (0 if road == "magda" else 1)

    found = hub_flows.compare("dosis")
    assert found.get("niet_te_vergelijken", 0) == (1 if road == "rest" else 0)
    with database.engine("hub_lezer").begin() as connection_:
        codes = connection_.execute(text("SELECT count(*) FROM hub.codelijst")).scalar_one()
        incidents = connection_.execute(
            text("SELECT soort FROM hub.incident WHERE opgelost_op IS NULL")
        ).scalars()
        assert list(incidents) == (["niet_te_vergelijken"] if road == "rest" else [])
    assert (codes > 0) == reads_codes
