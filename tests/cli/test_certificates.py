"""The sandbox's certificates: made once, for their owner only, and anew when the end is near."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cli import certificates, outside
from cli.state import State

NAMES = (certificates.CA, certificates.SERVER, certificates.CLIENT, certificates.EXPIRED)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    certificates.prepare(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificates.certificate_file(folder, name).read_bytes())


def test_each_file_is_for_its_owner_only(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {
        f"{name}.{kind}" for name in NAMES for kind in ("pem", "key")
    }
    for path in made.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_key_and_certificate_belong_together_and_lead_to_the_authority(made: Path) -> None:
    ca = read(made, certificates.CA)
    for name in NAMES:
        context = ssl.create_default_context()
        context.load_cert_chain(
            certificates.certificate_file(made, name), certificates.key_file(made, name)
        )
        read(made, name).verify_directly_issued_by(ca)


def test_one_of_them_is_expired_and_the_others_are_good_for_months(made: Path) -> None:
    now = datetime.now(UTC)
    assert read(made, certificates.EXPIRED).not_valid_after_utc < now
    for name in NAMES[:3]:
        assert read(made, name).not_valid_after_utc > now + timedelta(days=90)


def test_a_second_time_changes_nothing(made: Path) -> None:
    before = contents(made)
    certificates.prepare(made)
    assert contents(made) == before


def test_near_the_end_what_ends_is_made_anew_by_the_same_authority(tmp_path: Path) -> None:
    begin = datetime.now(UTC) - timedelta(days=340)
    certificates.prepare(tmp_path, now=begin)
    before = contents(tmp_path)
    certificates.prepare(tmp_path)
    changed = {name for name, data in contents(tmp_path).items() if data != before[name]}
    assert changed == {"server.pem", "server.key", "client.pem", "client.key"}
    read(tmp_path, certificates.CLIENT).verify_directly_issued_by(read(tmp_path, certificates.CA))


def test_with_a_new_authority_everything_is_made_anew(tmp_path: Path) -> None:
    certificates.prepare(tmp_path)
    before = contents(tmp_path)
    certificates.key_file(tmp_path, certificates.CA).write_text("kapot")
    certificates.prepare(tmp_path)
    after = contents(tmp_path)
    assert all(after[name] != before[name] for name in before)


def test_the_sandboxs_magda_connections_are_signed_and_over_two_way_tls(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.remember(ports=dict(zip(outside.PORTS, range(20001, 20005), strict=True)))
    launch = outside.launch(state, {})
    assert "--tls-port" in launch.command
    found = outside.connections(state)
    for name, path in (("MAGDA_EPC", "/magda/epc"), ("MAGDA_DOSIS", "/magda/dosis")):
        assert found[name]["host"] == f"https://127.0.0.1:20002{path}"
        extra = found[name]["extra"]
        for field in ("sleutelbestand", "certificaatbestand", "tls_sleutelbestand",
                      "tls_certificaatbestand", "tls_cabestand"):  # fmt: skip
            assert Path(extra[field]).is_relative_to(tmp_path)
            assert Path(extra[field]).exists()


def test_a_sandbox_elsewhere_has_its_second_port_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENOVATIEHUB_SANDBOX_URL", "http://sandbox:8090")
    state = State(tmp_path)
    state.remember(ports={outside.TLS: 8091})
    assert outside.connections(state)["MAGDA_EPC"]["host"] == "https://sandbox:8091/magda/epc"
