"""MAGDA over two-way TLS: who shows the right certificate is answered, anybody else is told why."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from cli import certificates
from connectors.mijnburgerprofiel.dosis import open_dosis_client
from connectors.transport.errors import AuthenticationError, RetryableError, UnknownOutcomeError
from connectors.transport.tls import TweezijdigTls
from connectors.transport.ws_security import METHODEN, TOKENS, Handtekening
from connectors.woningpas.epc import EpcClient, GebouweenheidId, open_epc_client
from tests.connectors.magda_proef import AFZENDER, dossier, raadpleging
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    certificates.prepare(made)
    return made


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of another authority."""
    made = tmp_path_factory.mktemp("elders")
    certificates.prepare(made)
    return made


@pytest.fixture(scope="module")
def strict_process(
    tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("streng"), tls=folder) as handle:
        handle.grow(3, 1)
        yield handle


@pytest.fixture
def strict(strict_process: SandboxHandle) -> Iterator[SandboxHandle]:
    yield strict_process
    strict_process.control("DELETE", "/instellingen")


def shown(folder: Path, name: str = certificates.CLIENT, ca: Path | None = None) -> TweezijdigTls:
    return TweezijdigTls(
        certificates.key_file(folder, name),
        certificates.certificate_file(folder, name),
        certificates.certificate_file(ca or folder, certificates.CA),
    )


def signed(folder: Path, **options: Any) -> Handtekening:
    return Handtekening(
        certificates.key_file(folder, certificates.CLIENT).read_bytes(),
        certificates.certificate_file(folder, certificates.CLIENT).read_bytes(),
        **options,
    )


def open_client(sandbox: SandboxHandle, **options: Any) -> EpcClient:
    return open_epc_client(f"{sandbox.tls_url}/magda/epc", AFZENDER, **options)


def ask(sandbox: SandboxHandle, client: EpcClient) -> int:
    criteria = GebouweenheidId(sandbox.resident(0)["gebouweenheid_id"])
    return len(client.get_epcs(criteria=criteria, raadpleging=raadpleging()).epcs)


def register(sandbox: SandboxHandle, **options: Any) -> None:
    client = open_dosis_client(f"{sandbox.tls_url}/magda/dosis", AFZENDER, **options)
    client.register_dossier(dossier=dossier(), referte=uuid4())


def refusal(sandbox: SandboxHandle, **options: Any) -> AuthenticationError:
    """The one error, on a look-up and on a registration alike: neither may burn its queue."""
    lines = len(sandbox.journal("epc") + sandbox.journal("dosis"))
    with pytest.raises(AuthenticationError) as caught:
        ask(sandbox, open_client(sandbox, **options))
    with pytest.raises(AuthenticationError) as second:
        register(sandbox, **options)
    assert second.value.observed == caught.value.observed
    assert len(sandbox.journal("epc") + sandbox.journal("dosis")) == lines
    told = str(caught.value)
    assert "PRIVATE" not in told
    assert told.count(". ") >= 2, told
    return caught.value


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("methode", METHODEN)
def test_who_shows_and_signs_with_its_certificate_is_answered(
    strict: SandboxHandle, folder: Path, methode: Any, token: Any
) -> None:
    handtekening = signed(folder, methode=methode, token=token)
    client = open_client(strict, tls=shown(folder), handtekening=handtekening)
    assert ask(strict, client) == 1
    assert ask(strict, client) == 1


def test_a_registration_goes_the_same_way(strict: SandboxHandle, folder: Path) -> None:
    register(strict, tls=shown(folder), handtekening=signed(folder, token="pkipath"))
    assert [line["effect"] for line in strict.journal("dosis")][-1] is True


def test_the_plain_port_lets_nobody_in_unless_a_setting_says_so(
    strict: SandboxHandle, folder: Path
) -> None:
    plain = open_epc_client(f"{strict.base_url}/magda/epc", AFZENDER, handtekening=signed(folder))
    with pytest.raises(AuthenticationError, match="answered 403"):
        ask(strict, plain)
    strict.change_settings("magda", tweezijdig_tls=False)
    assert ask(strict, plain) == 1


def test_a_signature_is_asked_there_unless_a_setting_says_so(
    strict: SandboxHandle, folder: Path
) -> None:
    client = open_client(strict, tls=shown(folder))
    with pytest.raises(AuthenticationError, match="ERR_025"):
        ask(strict, client)
    strict.change_settings("magda", handtekening=False)
    assert ask(strict, client) == 1


def test_a_signature_of_another_authority_is_refused(
    strict: SandboxHandle, folder: Path, elsewhere: Path
) -> None:
    client = open_client(strict, tls=shown(folder), handtekening=signed(elsewhere))
    with pytest.raises(AuthenticationError, match="ERR_025"):
        ask(strict, client)


def test_without_client_certificate_the_server_says_so(strict: SandboxHandle, folder: Path) -> None:
    tls = TweezijdigTls(cabestand=certificates.certificate_file(folder, certificates.CA))
    error = refusal(strict, tls=tls)
    assert error.observed == "the server refused our client certificate: none was shown"
    assert "open the channel" in error.advice


def test_a_client_certificate_of_another_authority_is_refused_by_the_server(
    strict: SandboxHandle, folder: Path, elsewhere: Path
) -> None:
    error = refusal(strict, tls=shown(elsewhere, ca=folder))
    assert error.observed.startswith("the server refused our client certificate: it does not know")


def test_a_client_certificate_for_another_purpose_is_refused_by_the_server(
    strict: SandboxHandle, folder: Path
) -> None:
    error = refusal(strict, tls=shown(folder, certificates.SERVER))
    assert error.observed.startswith("the server refused our client certificate")


def test_an_expired_client_certificate_is_not_even_shown(
    strict: SandboxHandle, folder: Path
) -> None:
    error = refusal(strict, tls=shown(folder, certificates.EXPIRED))
    assert "expired on" in error.observed
    assert error.done == "Nothing was sent"


def test_a_client_certificate_that_expires_while_we_run_is_refused_by_the_server(
    strict: SandboxHandle, folder: Path, tmp_path: Path
) -> None:
    copied = TweezijdigTls(
        tmp_path / "client.key", tmp_path / "client.pem", shown(folder).cabestand
    )
    assert copied.sleutelbestand is not None
    assert copied.certificaatbestand is not None

    def put(name: str) -> None:
        for kind in ("key", "pem"):
            data = (folder / f"{name}.{kind}").read_bytes()
            path = tmp_path / f"client.{kind}"
            path.write_bytes(data)
            path.chmod(0o600)

    put(certificates.CLIENT)
    client = open_client(strict, tls=copied, handtekening=signed(folder))
    put(certificates.EXPIRED)
    with pytest.raises(AuthenticationError, match="client certificate: it is expired"):
        ask(strict, client)


def test_a_server_whose_authority_we_do_not_know_is_not_spoken_to(
    strict: SandboxHandle, folder: Path, elsewhere: Path
) -> None:
    for tls in (shown(folder, ca=elsewhere), TweezijdigTls(*list(_files(folder))[:2])):
        error = refusal(strict, tls=tls)
        assert error.observed.startswith("the server's certificate is not trusted (")
        assert "certificate" in error.observed
        assert "ask the owner which authority" in error.advice


def _files(folder: Path) -> Iterator[Path | None]:
    tls = shown(folder)
    yield from (tls.sleutelbestand, tls.certificaatbestand, tls.cabestand)


def test_a_server_under_another_name_is_not_spoken_to(strict: SandboxHandle, folder: Path) -> None:
    url = f"https://127.0.0.2:{strict.tls_port}/magda/epc"
    client = open_epc_client(url, AFZENDER, tls=shown(folder))
    with pytest.raises((AuthenticationError, RetryableError)) as caught:
        ask(strict, client)
    # Where only 127.0.0.1 is bound nobody listens under the other name.
    assert type(caught.value) is RetryableError or "IP address mismatch" in str(caught.value)


@pytest.mark.parametrize("name", [certificates.EXPIRED, certificates.CLIENT])
def test_a_server_with_an_expired_or_wrong_certificate_is_not_spoken_to(
    tmp_path: Path, folder: Path, name: str
) -> None:
    served = tmp_path / "tls"
    served.mkdir()
    (served / "ca.pem").write_bytes((folder / "ca.pem").read_bytes())
    for kind in ("pem", "key"):
        (served / f"server.{kind}").write_bytes((folder / f"{name}.{kind}").read_bytes())
    with running_sandbox(tmp_path, tls=served) as sandbox:
        sandbox.grow(1, 1)
        error = refusal(sandbox, tls=shown(folder))
    assert error.observed.startswith("the server's certificate is not trusted (")
    if name == certificates.EXPIRED:
        assert "expired" in error.observed


def test_a_server_without_tls_is_no_matter_of_certificates(
    strict: SandboxHandle, folder: Path
) -> None:
    client = open_epc_client(
        f"https://127.0.0.1:{strict.port}/magda/epc", AFZENDER, tls=shown(folder)
    )
    with pytest.raises(RetryableError):
        ask(strict, client)


def test_the_sandbox_shuts_its_tls_door_to_who_shows_nothing(
    strict: SandboxHandle, folder: Path
) -> None:
    with pytest.raises((requests.exceptions.ConnectionError, ssl.SSLError)):
        requests.post(
            f"{strict.tls_url}/magda/epc",
            data=b"",
            verify=str(certificates.certificate_file(folder, certificates.CA)),
            timeout=5,
        )


def test_the_door_opens_again_after_a_restart(folder: Path, tmp_path: Path) -> None:
    with running_sandbox(tmp_path, tls=folder) as sandbox:
        sandbox.grow(1, 1)
        sandbox.kill()
        sandbox.start()
        client = open_client(sandbox, tls=shown(folder), handtekening=signed(folder))
        assert ask(sandbox, client) == 1


def test_a_line_cut_after_the_work_was_done_is_an_unknown_outcome_over_tls_too(
    strict: SandboxHandle, folder: Path
) -> None:
    options = {"tls": shown(folder), "handtekening": signed(folder)}
    strict.order_fault("dosis", "bevestig_en_verbreek")
    with pytest.raises(UnknownOutcomeError):
        register(strict, **options)
    assert strict.journal("dosis")[-1]["effect"] is True
    strict.order_fault("epc", "reset")
    client = open_client(strict, **options)
    with pytest.raises(RetryableError):
        ask(strict, client)
    assert ask(strict, client) == 1


def test_a_near_end_is_told_in_the_log_and_nothing_of_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificates.prepare(tmp_path, now=datetime.now(UTC) - timedelta(days=346))
    open_epc_client("https://127.0.0.1:9/magda/epc", AFZENDER, tls=shown(tmp_path))
    (record,) = caplog.records
    assert "epc: the client certificate expires on" in record.getMessage()
