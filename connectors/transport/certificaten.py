"""Keys and certificates that a connection names: PEM files, checked before anything is sent.

Whatever is wrong with one is an `AuthenticationError`: the run stops, nothing of the queue is
spent. Its text names files, subjects and moments, never what a key file holds.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from connectors.transport.errors import AuthenticationError

WARN_BEFORE: Final = timedelta(days=30)

_OPERATION: Final = "sign_on"
_DONE: Final = "Nothing was sent"
_RENEW: Final = "Ask for a new certificate and name its file in the connection"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verval:
    """A certificate that ends soon, or has ended (UTC)."""

    bestand: Path
    onderwerp: str
    vervalt_op: datetime


def refuse(system: str, what: str, observed: str, advice: str) -> AuthenticationError:
    """Make the error for key material that cannot be used; `what` names its use."""
    return AuthenticationError(system, _OPERATION, what, observed, done=_DONE, advice=advice)


def read_key_file(system: str, path: Path, *, what: str) -> bytes:
    """Return a private key's file (PEM), which only its owner may read.

    Raises:
        AuthenticationError: the file is not there, not ours to read, or open to others.
    """
    data = _read(system, path, what)
    mode = path.stat().st_mode
    if mode & _OTHERS:
        observed = f"{path} can be read by others than its owner (mode {stat.S_IMODE(mode):04o})"
        raise refuse(system, what, observed, f"Give it mode 0600: chmod 600 {path}")
    return data


def read_certificate_file(system: str, path: Path, *, what: str) -> bytes:
    """Return a file of certificates (PEM).

    Raises:
        AuthenticationError: the file is not there or not ours to read.
    """
    return _read(system, path, what)


def check_pair(
    system: str, sleutel: bytes, certificaat: bytes, *, what: str, moment: datetime | None = None
) -> tuple[x509.Certificate, ...]:
    """Check that a key and its certificates (PEM) can be used now; return them, our own first.

    Raises:
        AuthenticationError: one cannot be read, they do not belong together, or the certificate
            is not valid at this moment.
    """
    chain = order_chain(read_certificates(system, certificaat, what=what))
    own = chain[0]
    try:
        key = load_pem_private_key(sleutel, None)
    except TypeError:
        raise refuse(
            system, what, "the key is locked with a password",
            "Take the password off the key file and give that mode 0600",
        ) from None  # fmt: skip
    except ValueError:
        raise refuse(
            system, what, "the key cannot be read",
            "Name a file with a private key in PEM in the connection",
        ) from None  # fmt: skip
    if key.public_key() != own.public_key():
        observed = f"the key does not belong to the certificate ({describe(own)})"
        raise refuse(system, what, observed, "Name the key and the certificate of one pair")
    check_moment(system, own, what=what, moment=moment)
    return chain


def read_certificates(system: str, data: bytes, *, what: str) -> list[x509.Certificate]:
    """Return the certificates of a PEM file, in its order; at least one.

    Raises:
        AuthenticationError: there is none that can be read.
    """
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        raise refuse(
            system, what, "the certificate cannot be read",
            "Name a file with the certificate in PEM in the connection",
        ) from None  # fmt: skip


def check_moment(
    system: str, certificate: x509.Certificate, *, what: str, moment: datetime | None = None
) -> None:
    """Check that a certificate is valid now; warn in the log when it ends within 30 days.

    Raises:
        AuthenticationError: it is expired or not valid yet.
    """
    now = moment or datetime.now(UTC)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        observed = f"the certificate ({describe(certificate)}) expired on {end:%Y-%m-%d}"
        raise refuse(system, what, observed, _RENEW)
    if now < begin:
        observed = f"the certificate ({describe(certificate)}) is valid only from {begin:%Y-%m-%d}"
        raise refuse(system, what, observed, "Check this machine's clock, or wait until then")
    if end - now < WARN_BEFORE:
        _log.warning("%s: the %s expires on %s; ask for a new one", system, what, f"{end:%Y-%m-%d}")


def order_chain(certificates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Put each certificate before the one that issued it, our own first.

    The first of the file is our own, as every tool writes it; what does not belong to its chain
    is left out.
    """
    chain = [certificates[0]]
    rest = list(certificates[1:])
    while chain[-1].subject != chain[-1].issuer:
        found = next((one for one in rest if one.subject == chain[-1].issuer), None)
        if found is None:
            break
        rest.remove(found)
        chain.append(found)
    return tuple(chain)


def write_pkipath(chain: Sequence[x509.Certificate]) -> bytes:
    """Encode a chain as a PkiPath: a DER sequence from the authority down to our own."""
    content = b"".join(one.public_bytes(Encoding.DER) for one in reversed(chain))
    if len(content) < 0x80:
        return bytes([0x30, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([0x30, 0x80 | len(length)]) + length + content


def find_expiring(
    system: str,
    paths: Iterable[Path],
    *,
    moment: datetime | None = None,
    within: timedelta = WARN_BEFORE,
) -> list[Verval]:
    """Return the certificates in these files that end within so much time, the first to end first.

    Raises:
        AuthenticationError: a file cannot be read.
    """
    limit = (moment or datetime.now(UTC)) + within
    found = [
        Verval(path, describe(one), one.not_valid_after_utc)
        for path in dict.fromkeys(paths)
        for one in read_certificates(system, _read(system, path, str(path)), what=str(path))
        if one.not_valid_after_utc < limit
    ]
    return sorted(found, key=lambda one: one.vervalt_op)


def describe(certificate: x509.Certificate) -> str:
    """Name a certificate by its subject."""
    return certificate.subject.rfc4514_string()[:120] or "no subject"


def _read(system: str, path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        observed = f"{path} cannot be read ({error.strerror or type(error).__name__})"
    raise refuse(
        system, what, observed,
        "Name an existing file in the connection that the hub's own user may read",
    )  # fmt: skip
