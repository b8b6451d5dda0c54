"""Whatever is wrong with a key or certificate file is one clear error before anything is sent."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from urllib3.exceptions import MaxRetryError, SSLError

from cli import certificates
from connectors.transport.certificaten import check_pair, find_expiring
from connectors.transport.errors import AuthenticationError
from connectors.transport.handshake import explain_handshake
from connectors.transport.tls import TweezijdigTls, open_tls_session


@pytest.fixture
def tls(tmp_path: Path) -> TweezijdigTls:
    certificates.prepare(tmp_path)
    return TweezijdigTls(
        certificates.key_file(tmp_path, certificates.CLIENT),
        certificates.certificate_file(tmp_path, certificates.CLIENT),
        certificates.certificate_file(tmp_path, certificates.CA),
    )


def refused(tls: TweezijdigTls) -> str:
    with pytest.raises(AuthenticationError) as caught:
        open_tls_session("epc", tls, 1)
    error = caught.value
    told = f"{error}{error.__cause__!r}"
    assert error.done == "Nothing was sent"
    assert error.advice not in ("", AuthenticationError.default_advice)
    assert "PRIVATE KEY" not in told
    assert "MII" not in told
    return str(error)


def files(tls: TweezijdigTls) -> tuple[Path, Path, Path]:
    assert tls.sleutelbestand and tls.certificaatbestand and tls.cabestand
    return tls.sleutelbestand, tls.certificaatbestand, tls.cabestand


def test_good_files_make_a_session_that_trusts_only_the_named_authority(
    tls: TweezijdigTls,
) -> None:
    key, certificate, ca = files(tls)
    session = open_tls_session("epc", tls, 1)
    assert session.cert == (str(certificate), str(key))
    assert session.verify == str(ca)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_file_that_is_not_there_is_named(tls: TweezijdigTls, place: int) -> None:
    path = files(tls)[place]
    path.unlink()
    assert f"{path} cannot be read (No such file" in refused(tls)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_file_with_something_else_in_it_is_told(tls: TweezijdigTls, place: int) -> None:
    files(tls)[place].write_bytes(b"-----BEGIN IETS-----\nAAAA\n-----END IETS-----\n")
    assert "cannot be read" in refused(tls)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o777])
def test_a_key_that_others_may_read_is_not_used(tls: TweezijdigTls, mode: int) -> None:
    key = files(tls)[0]
    key.chmod(mode)
    told = refused(tls)
    assert f"(mode {mode:04o})" in told
    assert f"chmod 600 {key}" in told


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_file_that_is_not_ours_to_read_is_told(tls: TweezijdigTls) -> None:
    files(tls)[0].chmod(0o000)
    assert "Permission denied" in refused(tls)


def test_a_key_of_another_pair_is_told(tls: TweezijdigTls, tmp_path: Path) -> None:
    key = files(tls)[0]
    key.write_bytes(certificates.key_file(tmp_path, certificates.SERVER).read_bytes())
    assert "the key does not belong to the certificate (CN=" in refused(tls)


def test_a_locked_key_is_told(tls: TweezijdigTls) -> None:
    key = files(tls)[0]
    loaded = load_pem_private_key(key.read_bytes(), None)
    locked = BestAvailableEncryption(b"geheim")
    key.write_bytes(loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    told = refused(tls)
    assert "locked with a password" in told
    assert "geheim" not in told


def test_a_key_of_another_kind_than_its_certificate_is_told(tls: TweezijdigTls) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files(tls)[0].write_bytes(pem)
    assert "does not belong to the certificate" in refused(tls)


@pytest.mark.parametrize("days", [366, 4000])
def test_an_expired_certificate_is_told_with_its_day(
    tls: TweezijdigTls, days: int, tmp_path: Path
) -> None:
    key, certificate, _ = (path.read_bytes() for path in files(tls))
    late = datetime.now(UTC) + timedelta(days=days)
    with pytest.raises(AuthenticationError, match=r"expired on \d{4}-\d\d-\d\d"):
        check_pair("epc", key, certificate, what="client certificate", moment=late)


def test_a_certificate_of_the_future_is_told(tls: TweezijdigTls) -> None:
    key, certificate, _ = (path.read_bytes() for path in files(tls))
    early = datetime.now(UTC) - timedelta(days=2)
    with pytest.raises(AuthenticationError, match="valid only from"):
        check_pair("epc", key, certificate, what="client certificate", moment=early)


def test_authorities_that_are_all_over_are_told_and_one_good_one_is_enough(
    tls: TweezijdigTls, tmp_path: Path
) -> None:
    ca = files(tls)[2]
    good = ca.read_bytes()
    over = certificates.certificate_file(tmp_path, certificates.EXPIRED).read_bytes()
    over = over[: over.index(b"-----END CERTIFICATE-----") + 26]
    ca.write_bytes(over)
    assert "certificate authority: the certificate (CN=" in refused(tls)
    ca.write_bytes(over + good)
    assert open_tls_session("epc", tls, 1).verify == str(ca)


def test_a_certificate_without_key_or_a_key_without_certificate_is_told(
    tls: TweezijdigTls,
) -> None:
    key, certificate, ca = files(tls)
    assert "only one of" in refused(TweezijdigTls(key, None, ca))
    assert "only one of" in refused(TweezijdigTls(None, certificate, ca))


def test_what_ends_within_thirty_days_is_found_in_advance(tmp_path: Path) -> None:
    certificates.prepare(tmp_path)
    paths = [certificates.certificate_file(tmp_path, name) for name in ("server", "client", "ca")]
    now = datetime.now(UTC)
    assert find_expiring("magda", paths, moment=now) == []
    soon = now + timedelta(days=340)
    found = find_expiring("magda", [*paths, paths[0]], moment=soon)
    assert [one.bestand for one in found] == paths[:2]
    assert all(soon < one.vervalt_op < soon + timedelta(days=30) for one in found)
    assert "zandbak server" in found[0].onderwerp
    assert len(find_expiring("magda", paths, moment=now + timedelta(days=400))) == 2


def test_what_is_no_matter_of_certificates_is_left_to_others() -> None:
    for problem in (OSError("weg"), ValueError(), TimeoutError()):
        assert explain_handshake(problem) is None


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] text of the library")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "none was shown"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "it is expired"),
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", "it was revoked"),
        ("TLSV1_ALERT_UNKNOWN_CA", "does not know its authority"),
        ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "does not take this kind"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "cannot read it"),
        ("TLSV1_ALERT_ACCESS_DENIED", "no access"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "not accepted"),
    ],
)
def test_every_alert_about_our_certificate_says_what_the_server_means(
    reason: str, says: str
) -> None:
    for problem in (
        alert(reason),
        SSLError(alert(reason)),
        MaxRetryError(None, "/", SSLError(alert(reason))),  # type: ignore[arg-type]
    ):
        told = explain_handshake(problem)
        assert told is not None
        observed, advice = told
        assert observed.startswith("the server refused our client certificate: ")
        assert says in observed
        assert "library" not in observed + advice


@pytest.mark.parametrize(
    "reason", ["WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "TLSV1_ALERT_INTERNAL_ERROR"]
)
def test_a_handshake_that_fails_over_something_else_may_pass(reason: str) -> None:
    assert explain_handshake(SSLError(alert(reason))) is None
