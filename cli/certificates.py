"""The sandbox's own authority, and what it signs: the server, the hub as client, an expired one.

Made at set-up in one folder of the state, every file readable by its owner only, and made anew
when the end is near. Nothing outside this machine trusts them. So is the key with which the hub
signs on at the sandbox's ACM, which knows its public half.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cli.state import disk_errors

CA, SERVER, CLIENT, EXPIRED = "ca", "server", "client", "verlopen"
ACM = "acm"
# How the sandbox's ACM knows the hub, and what the hub may ask for there.
ACM_CLIENT, ACM_SLEUTEL_ID = "renovatiehub", "zandbak-1"
ACM_SCOPES = ("dosis", "notificaties")

_CA_LIFE = timedelta(days=3650)
_LIFE = timedelta(days=365)
# Longer than a demo or a storm, and longer than the hub's own warning.
_RENEW_BEFORE = timedelta(days=45)
_HOSTS = ("localhost", "sandbox")
_ADDRESSES = ("127.0.0.1", "::1")
_PURPOSES = {
    SERVER: [ExtendedKeyUsageOID.SERVER_AUTH],
    CLIENT: [ExtendedKeyUsageOID.CLIENT_AUTH],
    EXPIRED: [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
}

Pair = tuple[rsa.RSAPrivateKey, x509.Certificate]


def certificate_file(folder: Path, name: str) -> Path:
    """Return where a certificate with its chain lies (PEM)."""
    return folder / f"{name}.pem"


def key_file(folder: Path, name: str) -> Path:
    """Return where a private key lies (PEM)."""
    return folder / f"{name}.key"


def prepare(folder: Path, *, now: datetime | None = None) -> None:
    """Make what is missing, damaged or near its end; leave the rest as it is."""
    moment = now or datetime.now(UTC)
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _read(folder, CA, moment)
        renew_all = authority is None
        if authority is None:
            authority = _make_authority(moment)
            _keep(folder, CA, authority, [])
        for name in (SERVER, CLIENT):
            if renew_all or _read(folder, name, moment) is None:
                _keep(folder, name, _make(authority, name, moment, _LIFE), [authority[1]])
        if renew_all or not key_file(folder, EXPIRED).exists():
            past = moment - 2 * _LIFE
            _keep(folder, EXPIRED, _make(authority, EXPIRED, past, _LIFE), [authority[1]])


def clients_file(folder: Path) -> Path:
    """Return where stands who may sign on at the sandbox's ACM (JSON, public keys only)."""
    return folder / "acm.json"


def prepare_acm(folder: Path) -> None:
    """Make the hub's key for ACM when it is missing, and register its public half."""
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = key_file(folder, ACM)
        if not path.exists():
            _write(path, _pem(_make_key()))
        key = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey), "it was made here"
        jwk = _jwk(key.public_key(), ACM_SLEUTEL_ID)
        client = {"jwks": {"keys": [jwk]}, "scopes": list(ACM_SCOPES)}
        document = {"clients": {ACM_CLIENT: client}}
        _write(clients_file(folder), json.dumps(document, indent=1).encode())


def _jwk(key: rsa.RSAPublicKey, key_id: str) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id,
        "n": _base64url(numbers.n),
        "e": _base64url(numbers.e),
    }


def _base64url(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read(folder: Path, name: str, moment: datetime) -> Pair | None:
    """Return a pair that is good for a while yet, else None."""
    try:
        key = load_pem_private_key(key_file(folder, name).read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(certificate_file(folder, name).read_bytes())
    except (FileNotFoundError, TypeError, ValueError):
        return None
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
        return None
    return None if certificate.not_valid_after_utc - moment < _RENEW_BEFORE else (key, certificate)


def _make_authority(moment: datetime) -> Pair:
    key, name = _make_key(), _name("Renovatiehub zandbak CA")
    usage = _usage(digital_signature=False, key_cert_sign=True)
    builder = _builder(key, name, name, moment, _CA_LIFE, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return key, builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _make(authority: Pair, name: str, moment: datetime, life: timedelta) -> Pair:
    ca_key, ca = authority
    key = _make_key()
    subject = _name(f"Renovatiehub zandbak {name}")
    builder = _builder(key, subject, ca.subject, moment, life, ca_key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_usage(digital_signature=True, key_cert_sign=False), True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(_PURPOSES[name]), False)
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in _HOSTS]
    names += [x509.IPAddress(ip_address(address)) for address in _ADDRESSES]
    builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    return key, builder.sign(ca_key, hashes.SHA256())


def _builder(
    key: rsa.RSAPrivateKey,
    subject: x509.Name,
    issuer: x509.Name,
    moment: datetime,
    life: timedelta,
    issuer_key: rsa.RSAPublicKey,
) -> x509.CertificateBuilder:
    begin = moment - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), False)
    )


def _usage(*, digital_signature: bool, key_cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=digital_signature,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _keep(folder: Path, name: str, pair: Pair, chain: Sequence[x509.Certificate]) -> None:
    key, certificate = pair
    _write(key_file(folder, name), _pem(key))
    certificates = [certificate, *chain]
    _write(
        certificate_file(folder, name),
        b"".join(one.public_bytes(Encoding.PEM) for one in certificates),
    )


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.touch(0o600)
    temporary.write_bytes(data)
    temporary.replace(path)
