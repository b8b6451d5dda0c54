"""The channels of the partners, as the table and the connections of the sandbox make them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from connectors.transport.errors import AuthenticationError
from hub.partners import TABLE, PartnersError
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("partners")) as handle:
        yield handle


@pytest.fixture
def over_sftp(
    sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, object]:
    """A table in which IGO takes files, and the connection for it."""
    document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    document["partners"]["igo"] |= {"kanaal": "sftp", "verbinding": "IGO_SFTP"}
    table = tmp_path / "partners.yml"
    table.write_text(yaml.safe_dump(document), encoding="utf-8")
    monkeypatch.setenv("RENOVATIEHUB_PARTNERS", str(table))
    secrets = sandbox.secrets["igo"]["sftp"]
    return {
        "conn_type": "aanmelding_sftp",
        "host": "127.0.0.1",
        "port": sandbox.sftp_port,
        "login": secrets["login"],
        "password": secrets["wachtwoord"],
        "extra": {"hostsleutel": secrets["hostsleutel_publiek"]},
    }


def connect(monkeypatch: pytest.MonkeyPatch, name: str, fields: dict[str, object]) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(fields))


def test_a_partner_is_reached_as_its_row_says(
    sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients
    from hub.channels.partner import PartnerKanaal
    from hub.partners import get_partner

    for code in ("dialoog", "igo"):
        connect(
            monkeypatch,
            code.upper(),
            {
                "conn_type": "aanmelding_partner",
                "host": f"{sandbox.base_url}/{code}",
                "password": sandbox.secrets[code]["token"],
            },
        )
        assert isinstance(hub_clients.kanaal(code), PartnerKanaal)
        assert hub_clients.partner_source(get_partner(code)).list_standen().items == ()


def test_one_setting_lets_a_partner_take_files(
    over_sftp: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients
    from hub.channels.bestanden import BestandenKanaal
    from hub.partners import get_partner

    connect(monkeypatch, "IGO_SFTP", over_sftp)
    assert isinstance(hub_clients.kanaal("igo"), BestandenKanaal)
    assert isinstance(hub_clients.ontvangsten("igo"), BestandenKanaal)
    assert hub_clients.partner_source(get_partner("igo")).list_standen().items == ()


def test_a_host_that_is_not_known_is_never_spoken_to(
    over_sftp: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients
    from hub.partners import get_partner

    connect(monkeypatch, "IGO_SFTP", {**over_sftp, "extra": {}})
    with pytest.raises(ValueError, match="hostsleutel"):
        hub_clients.bestanden_client(get_partner("igo"))
    connect(monkeypatch, "IGO_SFTP", {**over_sftp, "extra": {"hostsleutel": "geen sleutel"}})
    with pytest.raises(AuthenticationError, match="cannot be read"):
        hub_clients.bestanden_client(get_partner("igo")).read_stand()


def test_a_destination_that_is_no_partner_is_named() -> None:
    import hub_clients

    with pytest.raises(PartnersError, match="'bank'"):
        hub_clients.kanaal("bank")


def test_the_scanner_is_asked_when_it_has_a_connection(
    sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_clients

    fields = {"conn_type": "clamd", "host": "127.0.0.1", "port": sandbox.keuring_port}
    connect(monkeypatch, "VIRUSKEURING", fields)
    scanner = hub_clients.keuring()
    assert scanner is not None
    assert scanner.keur(b"een document") is None


def test_without_that_connection_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    import hub_clients

    monkeypatch.delenv("AIRFLOW_CONN_VIRUSKEURING", raising=False)
    assert hub_clients.keuring() is None
