"""Two-way TLS: who we are and whom we trust, as the connection names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from connectors.transport.certificaten import (
    check_moment,
    check_pair,
    read_certificate_file,
    read_certificates,
    read_key_file,
    refuse,
)
from connectors.transport.http import open_session

_CLIENT: Final = "client certificate"
_SERVER: Final = "certificate authority"


@dataclass(frozen=True, slots=True)
class TweezijdigTls:
    """PEM files: our certificate with its chain and key, and the authorities that we trust.

    Without `cabestand` the authorities that this system ships are trusted.
    """

    sleutelbestand: Path | None = None
    certificaatbestand: Path | None = None
    cabestand: Path | None = None


def open_tls_session(system: str, tls: TweezijdigTls, pool_size: int) -> requests.Session:
    """Make a session that shows our certificate and trusts the named authorities.

    Raises:
        AuthenticationError: a file cannot be used.
    """
    session = open_session(pool_size)
    if tls.cabestand is not None:
        data = read_certificate_file(system, tls.cabestand, what=_SERVER)
        for authority in read_certificates(system, data, what=_SERVER):
            check_moment(system, authority, what=_SERVER)
        session.verify = str(tls.cabestand)
    if tls.certificaatbestand is None and tls.sleutelbestand is None:
        return session
    if tls.certificaatbestand is None or tls.sleutelbestand is None:
        raise refuse(
            system, _CLIENT, "the connection names only one of certificate and key",
            "Name both files, or neither",
        )  # fmt: skip
    check_pair(
        system,
        read_key_file(system, tls.sleutelbestand, what=_CLIENT),
        read_certificate_file(system, tls.certificaatbestand, what=_CLIENT),
        what=_CLIENT,
    )
    session.cert = (str(tls.certificaatbestand), str(tls.sleutelbestand))
    return session
