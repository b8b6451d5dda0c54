"""Two-way TLS: who we are and whom we trust, as the connection names it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

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


class _ListeningConnection(HTTPSConnection):
    """Hear why a server hung up while we were still sending.

    In TLS 1.3 a server refuses a client certificate after the client took the handshake for done:
    the reason waits to be read when sending fails.
    """

    def send(self, data: Any) -> None:
        """Send; when the server hung up with a reason, raise that.

        Raises: ssl.SSLError with the server's alert, else what sending raises.
        """
        try:
            super().send(data)
        except ssl.SSLEOFError:
            # Nothing else of an answer is to be had: this error is not read past.
            with suppress(ssl.SSLEOFError, ConnectionError, TimeoutError):
                self.sock.recv(1)
            raise


class _ListeningPool(HTTPSConnectionPool):
    ConnectionCls = _ListeningConnection


class _ListeningAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _ListeningPool}


def open_tls_session(system: str, tls: TweezijdigTls, pool_size: int) -> requests.Session:
    """Make a session that shows our certificate and trusts the named authorities.

    Raises:
        AuthenticationError: a file cannot be used.
    """
    session = open_session(pool_size)
    adapter = _ListeningAdapter(pool_connections=4, pool_maxsize=pool_size, max_retries=0)
    session.mount("https://", adapter)
    if tls.cabestand is not None:
        data = read_certificate_file(system, tls.cabestand, what=_SERVER)
        authorities = read_certificates(system, data, what=_SERVER)
        # In a bundle some may be over: the last to end decides.
        last = max(authorities, key=lambda one: one.not_valid_after_utc)
        check_moment(system, last, what=_SERVER)
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
