"""The channel to residents, as the connection of the sandbox makes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from cli import certificates
from connectors.transport.errors import AuthenticationError
from connectors.transport.tokens import MemoryTokenStore
from hub.ledger.bericht import Bericht
from hub.melding.compose import make_inhoud
from hub.melding.status import Status
from tests.connectors.magda_proef import INSZ
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("notificaties")) as handle:
        yield handle


@pytest.fixture
def connection(sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    import hub_clients

    monkeypatch.setattr("hub.keys.load_keyring", lambda: None)
    monkeypatch.setattr("hub.tokens.PostgresTokenStore", lambda *_: MemoryTokenStore())
    monkeypatch.setattr(hub_clients, "hub_engine", lambda _: None)
    return {
        "conn_type": "notificaties",
        "host": f"{sandbox.base_url}/notificaties",
        "login": certificates.ACM_CLIENT,
        "extra": {
            "sleutelbestand": str(certificates.key_file(sandbox.folder, certificates.ACM)),
            "sleutel_id": certificates.ACM_SLEUTEL_ID,
            "scopes": "notificaties",
            "token_url": f"{sandbox.base_url}/acm/op/v1/token",
        },
    }


def connect(monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any]) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NOTIFICATIES", json.dumps(fields))


def make_bericht() -> Bericht:
    status = Status("gestart", "Ingediend", "Samenstelling", "Uw dossier is gestart.", 1234)
    inhoud = make_inhoud(status, "RD-0001-000001", datetime(2026, 11, 25, 9, tzinfo=UTC))
    return Bericht(
        uuid4(), "notificaties", f"{uuid4()}:gestart", "melding", False, True,
        inhoud | {"insz": INSZ},
    )  # fmt: skip


def test_a_message_goes_out_by_the_connection(
    sandbox: SandboxHandle, connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients

    connect(monkeypatch, connection)
    receipt = hub_clients.kanaal("notificaties").send(make_bericht())
    (found,) = sandbox.control("GET", "/notificaties")["berichten"]
    assert (found["id"], found["insz"]) == (receipt.referentie, INSZ)


def test_without_an_address_to_read_it_cannot_be_asked(
    connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients

    connect(monkeypatch, connection)
    assert not hub_clients.notificaties_client(None).can_be_asked
    told = connection["extra"] | {"leesadres": f"{connection['host']}/ontvangen"}
    connect(monkeypatch, connection | {"extra": told})
    client = hub_clients.notificaties_client(None)
    assert client.can_be_asked
    assert client.list_ontvangen().volgende is None


def test_a_key_that_is_not_there_is_named(
    connection: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients

    told = connection["extra"] | {"sleutelbestand": "/geen/sleutel.pem"}
    connect(monkeypatch, connection | {"extra": told})
    with pytest.raises(AuthenticationError):
        hub_clients.kanaal("notificaties")
    connect(monkeypatch, connection | {"extra": {}})
    with pytest.raises(ValueError, match="sleutelbestand"):
        hub_clients.kanaal("notificaties")
