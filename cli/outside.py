"""The outside systems on this machine: the sandbox as a process, and its connections."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

from cli import certificates
from cli.errors import CliError
from cli.processes import Launch
from cli.state import State

NAME = "sandbox"
# Its other ports: where MAGDA asks for a client certificate, where IGO takes files, and where the
# scanner listens.
TLS, SFTP, KEURING = "sandbox-tls", "sandbox-sftp", "sandbox-keuring"
PORTS = (NAME, TLS, SFTP, KEURING)
# The setting with the address of the CRM's page for a resident.
PAGE = "RENOVATIEHUB_BEWONERSPAGINA"
# So many lines of a journal are asked for at once.
_PAGE = 1000


def base_url(state: State) -> str:
    """Return the sandbox's address."""
    elsewhere = os.environ.get("RENOVATIEHUB_SANDBOX_URL")
    if elsewhere:
        return elsewhere.rstrip("/")
    ports = state.get("ports") or {}
    return f"http://127.0.0.1:{ports.get(NAME, 0)}"


def resident_page(state: State) -> str:
    """Return the address of the sandbox CRM's page for a resident, a place for the number in it."""
    return f"{base_url(state)}/crm/bewoner/{{dossiernummer}}"


def tls_url(state: State) -> str:
    """Return the address at which the sandbox asks for a client certificate."""
    ports = state.get("ports") or {}
    return f"https://{urlsplit(base_url(state)).hostname}:{ports.get(TLS, 0)}"


def connections(state: State) -> dict[str, dict[str, Any]]:
    """Return the connections to the sandbox, by the names the flows use."""
    secrets, base, tls = state.secrets()["sandbox"], base_url(state), tls_url(state)
    key = str(certificates.key_file(state.sandbox_tls, certificates.CLIENT))
    certificate = str(certificates.certificate_file(state.sandbox_tls, certificates.CLIENT))
    magda = {
        "conn_type": "magda",
        "extra": {
            "afzender": "0207500123",
            "naam": "Stad Leuven",
            "hoedanigheid": "energieloket",
            "bron": "https://renovatiehub.leuven.example",
            "sleutelbestand": key,
            "certificaatbestand": certificate,
            "certificaatvorm": "pkipath",
            "tls_sleutelbestand": key,
            "tls_certificaatbestand": certificate,
            "tls_cabestand": str(certificates.certificate_file(state.sandbox_tls, certificates.CA)),
        },
    }
    return {
        "CRM": {
            "conn_type": "crm_odata",
            "host": f"{base}/crm",
            "login": secrets["crm"]["client_id"],
            "password": secrets["crm"]["client_secret"],
            "extra": {
                "token_url": f"{base}/crm/oauth2/v2.0/token",
                "scope": f"{base}/crm/.default",
            },
        },
        "BASISREGISTERS": {
            "conn_type": "basisregisters",
            "host": f"{base}/basisregisters/v2",
            "password": secrets["basisregisters"]["api_key"],
            "extra": {
                "wijzigingen_url": f"{base}/basisregisters/v3",
                "grb_url": f"{base}/grb/ogc/features/v1",
            },
        },
        "ERFGOED": {
            "conn_type": "wfs",
            "host": f"{base}/mercator/wfs",
            "extra": {"inventaris": f"{base}/inventaris"},
        },
        "VERGUNNINGEN": {"conn_type": "wfs", "host": f"{base}/mercator/wfs"},
        "BODEM": {"conn_type": "wfs", "host": f"{base}/dov/wfs"},
        "OVERSTROMING": {"conn_type": "wms", "host": f"{base}/waterinfo"},
        "MAGDA_EPC": magda | {"host": f"{tls}/magda/epc"},
        "MAGDA_DOSIS": magda | {"host": f"{tls}/magda/dosis"},
        "NOTIFICATIES": {
            "conn_type": "notificaties",
            "host": f"{base}/notificaties",
            "login": certificates.ACM_CLIENT,
            "extra": {
                "sleutelbestand": str(certificates.key_file(state.sandbox_tls, certificates.ACM)),
                "sleutel_id": certificates.ACM_SLEUTEL_ID,
                "scopes": "notificaties",
                "token_url": f"{base}/acm/op/v1/token",
                "leesadres": f"{base}/notificaties/ontvangen",
            },
        },
        **{
            partner.upper(): {
                "conn_type": "aanmelding_partner",
                "host": f"{base}/{partner}",
                "password": secrets[partner]["token"],
            }
            for partner in ("dialoog", "igo")
        },
        "IGO_SFTP": {
            "conn_type": "aanmelding_sftp",
            "host": urlsplit(base).hostname,
            "port": int((state.get("ports") or {}).get(SFTP, 0)),
            "login": secrets["igo"]["sftp"]["login"],
            "password": secrets["igo"]["sftp"]["wachtwoord"],
            "extra": {"hostsleutel": secrets["igo"]["sftp"]["hostsleutel_publiek"]},
        },
        "VIRUSKEURING": {
            "conn_type": "clamd",
            "host": urlsplit(base).hostname,
            "port": int((state.get("ports") or {}).get(KEURING, 0)),
        },
    }


def launch(state: State, env: dict[str, str], host: str = "127.0.0.1") -> Launch:
    """Return how the sandbox starts."""
    folder = state.home / "sandbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    certificates.prepare(state.sandbox_tls)
    certificates.prepare_acm(state.sandbox_tls)
    ports = state.get("ports") or {}
    command = [
        sys.executable, "-P", "-m", "sandbox", "--host", host,
        "--port", str(ports[NAME]), "--state", str(folder),
        "--secrets", str(state.sandbox_secrets),
        "--sftp-port", str(ports[SFTP]), "--keuring-port", str(ports[KEURING]),
        "--tls-port", str(ports[TLS]), "--tls", str(state.sandbox_tls),
        "--acm", str(certificates.clients_file(state.sandbox_tls)),
    ]  # fmt: skip
    return Launch(NAME, command, env, state.logs / "sandbox.log")


def is_ready(state: State) -> bool:
    """Ask the sandbox whether it is ready."""
    try:
        answer = _session().get(f"{base_url(state)}/_control/gezond", timeout=5)
        return answer.ok and bool(answer.json().get("status") == "ready")
    except (requests.RequestException, ValueError):
        return False


def control(state: State, method: str, path: str, **arguments: Any) -> Any:
    """Call the sandbox's control endpoint.

    Raises:
        CliError: it does not do what was asked.
    """
    token = state.secrets()["sandbox"]["control_token"]
    try:
        answer = _session().request(
            method,
            f"{base_url(state)}/_control/{path}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=(5, 300),
            **arguments,
        )
        answer.raise_for_status()
        return answer.json()
    except (requests.RequestException, ValueError) as error:
        log = state.logs / "sandbox.log"
        raise CliError(
            f"The sandbox fails at {method} {path} ({type(error).__name__}); read {log}."
        ) from None


def list_effects(state: State, systeem: str) -> Iterator[dict[str, Any]]:
    """Read a receiver's journal page by page; give the lines that changed it, in their order.

    Raises:
        CliError: the sandbox does not answer.
    """
    after: int | None = 0
    while after is not None:
        params = {"na": after, "limit": _PAGE}
        page = control(state, "GET", f"journaal/{systeem}", params=params)
        after = page["volgende"]
        yield from (line for line in page["regels"] if line["effect"])


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
