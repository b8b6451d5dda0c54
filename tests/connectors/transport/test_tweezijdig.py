"""A server that refuses our certificate is heard, however quickly it hangs up."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli import certificates
from connectors.transport.errors import AuthenticationError, RetryableError
from connectors.transport.tls import TweezijdigTls
from connectors.woningpas.epc import GebouwId
from tests.connectors.magda_proef import (
    dossier,
    open_dosis_client,
    open_epc,
    raadpleging,
    repliek,
    uitzonderingen,
)

TIMES = 6


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The certificates of the server's authority, and those of another."""
    made = tmp_path_factory.mktemp("tls"), tmp_path_factory.mktemp("elders")
    for folder in made:
        certificates.prepare(folder)
    return made


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = repliek("GeefEpc", antwoord=uitzonderingen("30001"))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay silent."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module", params=["TLSv1_2", "TLSv1_3"])
def url(request: pytest.FixtureRequest, folders: tuple[Path, Path]) -> Iterator[str]:
    """A server on blocking sockets: it refuses and hangs up in one breath."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion[request.param]
    context.load_cert_chain(folders[0] / "server.pem", folders[0] / "server.key")
    context.load_verify_locations(folders[0] / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def shown(folder: Path | None, authority: Path) -> TweezijdigTls:
    ca = authority / "ca.pem"
    if folder is None:
        return TweezijdigTls(cabestand=ca)
    return TweezijdigTls(folder / "client.key", folder / "client.pem", ca)


def look(url: str, tls: TweezijdigTls) -> int:
    client = open_epc(f"{url}/magda/epc", tls=tls, timeout=(5.0, 5.0))
    return len(client.get_epcs(criteria=GebouwId("1"), raadpleging=raadpleging()).waarschuwingen)


def register(url: str, tls: TweezijdigTls) -> None:
    client = open_dosis_client(f"{url}/magda/dosis", tls=tls, timeout=(5.0, 5.0))
    client.register_dossier(dossier=dossier(), referte=uuid4())


def test_our_own_certificate_is_taken(url: str, folders: tuple[Path, Path]) -> None:
    assert look(url, shown(folders[0], folders[0])) == 1


@pytest.mark.parametrize("known", [True, False])
def test_the_servers_reason_is_heard_every_time(
    url: str, folders: tuple[Path, Path], known: bool
) -> None:
    tls = shown(None if known else folders[1], folders[0])
    for _ in range(TIMES):
        for act in (look, register):
            with pytest.raises(AuthenticationError, match="the server refused our client"):
                act(url, tls)


def test_a_server_of_an_unknown_authority_is_not_spoken_to(
    url: str, folders: tuple[Path, Path]
) -> None:
    for act in (look, register):
        with pytest.raises(AuthenticationError, match="certificate is not trusted"):
            act(url, shown(folders[0], folders[1]))


def test_where_nobody_listens_it_may_pass(folders: tuple[Path, Path]) -> None:
    with pytest.raises(RetryableError):
        look("https://127.0.0.1:9", shown(folders[0], folders[0]))
