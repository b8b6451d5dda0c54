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
    import hub_clients
    import hub_sources

    assert hub_sources.epc_client()
    assert hub_clients.dosis_client()
    assert hub_clients.expiring_certificates() == []


@pytest.mark.parametrize("methode", ["rsa-sha256", "rsa-sha1", None])
@pytest.mark.parametrize("vorm", ["x509v3", "pkipath", None])
def test_method_and_form_come_from_the_connection(
    connect: Connect, methode: str | None, vorm: str | None
) -> None:
    import hub_access

    connect(handtekening=methode, certificaatvorm=vorm)
    found = hub_access.magda_handtekening(hub_access.get_connection("MAGDA_EPC"), "epc")
    assert found is not None
    assert (found.methode, found.token) == (methode or "rsa-sha256", vorm or "x509v3")


def test_a_method_that_nobody_knows_is_told_with_those_that_are(connect: Connect) -> None:
    import hub_sources

    connect(handtekening="rsa-md5")
    with pytest.raises(ValueError, match="Give one of rsa-sha256, rsa-sha1"):
        hub_sources.epc_client()


def test_without_files_nothing_is_signed_and_nobody_is_shown(connect: Connect) -> None:
    import hub_access
    import hub_clients
    import hub_sources

    names = ("sleutelbestand", "certificaatbestand", "tls_sleutelbestand",
             "tls_certificaatbestand", "tls_cabestand")  # fmt: skip
    connect(**dict.fromkeys(names))
    connection = hub_access.get_connection("MAGDA_EPC")
    assert hub_access.magda_handtekening(connection, "epc") is None
    assert hub_access.magda_tls(connection) is None
    assert hub_sources.epc_client()
    assert hub_clients.expiring_certificates() == []


@pytest.mark.parametrize("field", ["sleutelbestand", "tls_sleutelbestand"])
def test_a_key_that_others_may_read_stops_the_run(
    connect: Connect, state: State, tmp_path: Path, field: str
) -> None:
    import hub_clients
    import hub_sources

    key = tmp_path / "open.key"
    key.write_bytes(certificates.key_file(state.sandbox_tls, certificates.CLIENT).read_bytes())
    key.chmod(0o644)
    connect(**{field: str(key)})
    for open_client in (hub_sources.epc_client, hub_clients.dosis_client):
        with pytest.raises(AuthenticationError, match="chmod 600"):
            open_client()


def test_a_wsdl_of_the_owner_is_read_from_the_connection(connect: Connect) -> None:
    import hub_sources

    connect(wsdlbestand="/nergens/owner.wsdl")
    with pytest.raises(FileNotFoundError):
        hub_sources.epc_client()


def test_what_ends_soon_is_found_once_per_file(connect: Connect, state: State) -> None:
    import hub_clients

    for path in state.sandbox_tls.iterdir():
        path.unlink()
    certificates.prepare(state.sandbox_tls, now=datetime.now(UTC) - timedelta(days=350))
    (found,) = hub_clients.expiring_certificates()
    assert found.bestand.name == "client.pem"
    assert found.vervalt_op - datetime.now(UTC) < timedelta(days=16)


REST = {
    "conn_type": "dosis_rest",
    "host": "https://dosis.test",
    "login": "renovatiehub",
    "extra": {"bron": "https://renovatiehub.leuven.example", "scopes": "dosis notificaties"},
}


@pytest.fixture
def rest(state: State, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Let DOSIS be reached over REST, with these extra fields laid over it."""
    certificates.prepare_acm(state.sandbox_tls)
    monkeypatch.setenv("RENOVATIEHUB_SLEUTELS", str(state.sleutels))
    state.secrets()
    key = str(certificates.key_file(state.sandbox_tls, certificates.ACM))

    def lay(**extra: Any) -> None:
        fields = {**REST["extra"], "sleutelbestand": key, **extra}  # type: ignore[dict-item]
        monkeypatch.setenv("AIRFLOW_CONN_MAGDA_DOSIS", json.dumps(REST | {"extra": fields}))

    lay()
    return lay


def test_the_connections_type_chooses_the_road_to_dosis(
    connect: Connect, state: State, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    import hub_clients
    from connectors.mijnburgerprofiel.dosis import DosisClient, DosisRestClient
    from hub.database import make_engine

    engine = make_engine("postgresql://nergens/niets")
    assert isinstance(hub_clients.dosis_dienst(engine), DosisClient)
    assert isinstance(hub_clients.dosis_lezer(), DosisClient)
    lay = request.getfixturevalue("rest")
    assert isinstance(hub_clients.dosis_dienst(engine), DosisRestClient)
    assert hub_clients.dosis_lezer() is None
    assert hub_clients.dosis_bron() == "https://renovatiehub.leuven.example"
    assert hub_clients.expiring_certificates() == []
    lezen = outside.connections(state)["MAGDA_DOSIS"]
    monkeypatch.setenv("AIRFLOW_CONN_MAGDA_DOSIS_LEZEN", json.dumps(lezen))
    lay(magda_verbinding="MAGDA_DOSIS_LEZEN")
    assert isinstance(hub_clients.dosis_lezer(), DosisClient)


def test_what_the_rest_connection_says_is_what_acm_is_told(rest: Connect) -> None:
    import hub_access
    from connectors.transport.acm import AUDIENCE, TOKEN_URL
    from hub.database import make_engine

    engine = make_engine("postgresql://nergens/niets")

    def read() -> Any:
        return hub_access.acm_sign_on(hub_access.get_connection("MAGDA_DOSIS"), engine)._client

    told = read()
    assert (told.client_id, told.scopes) == ("renovatiehub", ("dosis", "notificaties"))
    assert (told.token_url, told.audience, told.sleutel_id) == (TOKEN_URL, AUDIENCE, None)
    rest(token_url="https://acm.test/token", audience="https://acm.test", sleutel_id="k2")
    told = read()
    assert (told.token_url, told.audience) == ("https://acm.test/token", "https://acm.test")
    assert told.sleutel_id == "k2"


def test_a_client_key_that_others_may_read_is_refused(rest: Connect, state: State) -> None:
    import hub_clients
    from hub.database import make_engine

    key = certificates.key_file(state.sandbox_tls, certificates.ACM)
    key.chmod(0o644)
    with pytest.raises(AuthenticationError, match="mode 0644"):
        hub_clients.dosis_dienst(make_engine("postgresql://nergens/niets"))


def test_without_scopes_the_connection_says_what_to_fill_in(rest: Connect) -> None:
    import hub_clients
    from hub.database import make_engine

    rest(scopes="")
    with pytest.raises(ValueError, match="no field 'scopes'"):
        hub_clients.dosis_dienst(make_engine("postgresql://nergens/niets"))
