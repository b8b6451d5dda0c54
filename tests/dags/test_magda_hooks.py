"""From a connection's fields to a client of MAGDA: each field does what its label says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import certificates, outside
from cli.state import State
from connectors.transport.errors import AuthenticationError

Connect = Callable[..., None]


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path)
    certificates.prepare(state.sandbox_tls)
    return state


@pytest.fixture
def connect(state: State, airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Set both MAGDA connections as the demo does, with these extra fields laid over them."""

    def lay(**extra: Any) -> None:
        for name, connection in outside.connections(state).items():
            if name.startswith("MAGDA_"):
                connection["extra"] = connection["extra"] | extra
            monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))

    lay()
    return lay


def test_the_demos_connections_make_clients(connect: Connect) -> None:
    import hub_hooks

    assert hub_hooks.epc_client()
    assert hub_hooks.dosis_client()
    assert hub_hooks.expiring_certificates() == []


@pytest.mark.parametrize("methode", ["rsa-sha256", "rsa-sha1", None])
@pytest.mark.parametrize("vorm", ["x509v3", "pkipath", None])
def test_method_and_form_come_from_the_connection(
    connect: Connect, methode: str | None, vorm: str | None
) -> None:
    import hub_hooks

    connect(handtekening=methode, certificaatvorm=vorm)
    found = hub_hooks._handtekening(hub_hooks._connection("MAGDA_EPC"), "epc")
    assert found is not None
    assert (found.methode, found.token) == (methode or "rsa-sha256", vorm or "x509v3")


def test_a_method_that_nobody_knows_is_told_with_those_that_are(connect: Connect) -> None:
    import hub_hooks

    connect(handtekening="rsa-md5")
    with pytest.raises(ValueError, match="Give one of rsa-sha256, rsa-sha1"):
        hub_hooks.epc_client()


def test_without_files_nothing_is_signed_and_nobody_is_shown(connect: Connect) -> None:
    import hub_hooks

    names = ("sleutelbestand", "certificaatbestand", "tls_sleutelbestand",
             "tls_certificaatbestand", "tls_cabestand")  # fmt: skip
    connect(**dict.fromkeys(names))
    connection = hub_hooks._connection("MAGDA_EPC")
    assert hub_hooks._handtekening(connection, "epc") is None
    assert hub_hooks._tls(connection) is None
    assert hub_hooks.epc_client()
    assert hub_hooks.expiring_certificates() == []


@pytest.mark.parametrize("field", ["sleutelbestand", "tls_sleutelbestand"])
def test_a_key_that_others_may_read_stops_the_run(
    connect: Connect, state: State, tmp_path: Path, field: str
) -> None:
    import hub_hooks

    key = tmp_path / "open.key"
    key.write_bytes(certificates.key_file(state.sandbox_tls, certificates.CLIENT).read_bytes())
    key.chmod(0o644)
    connect(**{field: str(key)})
    for open_client in (hub_hooks.epc_client, hub_hooks.dosis_client):
        with pytest.raises(AuthenticationError, match="chmod 600"):
            open_client()


def test_a_wsdl_of_the_owner_is_read_from_the_connection(connect: Connect) -> None:
    import hub_hooks

    connect(wsdlbestand="/nergens/owner.wsdl")
    with pytest.raises(FileNotFoundError):
        hub_hooks.epc_client()


def test_what_ends_soon_is_found_once_per_file(connect: Connect, state: State) -> None:
    import hub_hooks

    for path in state.sandbox_tls.iterdir():
        path.unlink()
    certificates.prepare(state.sandbox_tls, now=datetime.now(UTC) - timedelta(days=350))
    (found,) = hub_hooks.expiring_certificates()
    assert found.bestand.name == "client.pem"
    assert found.vervalt_op - datetime.now(UTC) < timedelta(days=16)
