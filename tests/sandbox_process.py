"""Starts a sandbox process on a free port of this machine, for tests over real HTTP."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import requests

from cli import certificates
from connectors.transport.acm import AcmClient
from connectors.transport.sftp import SftpAdres

_ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 30.0


@dataclass(slots=True)
class SandboxHandle:
    """A running sandbox. ``secrets`` has the keys of the secrets file."""

    base_url: str
    secrets: dict[str, Any]
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    sftp_port: int
    keuring_port: int
    session: requests.Session
    tls_port: int | None = None
    tls: Path | None = None

    @property
    def tls_url(self) -> str:
        """The address where a client certificate is asked."""
        return f"https://127.0.0.1:{self.tls_port}"

    def control(self, method: str, path: str, **options: Any) -> Any:
        """Call the control endpoint, e.g. ``control("POST", "/stad", json={…})``; return its JSON.

        Raises:
            AssertionError: it did not answer 2xx.
        """
        headers = {"Authorization": f"Bearer {self.secrets['control_token']}"}
        url = f"{self.base_url}/_control{path}"
        response = self.session.request(method, url, headers=headers, timeout=60, **options)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def grow(self, residents: int, seed: int = 1) -> int:
        """Let a city live here; return its number of dossiers."""
        body = {"residents": residents, "seed": seed}
        return int(self.control("POST", "/stad", json=body)["dossiers"])

    def resident(self, i: int, seed: int = 1) -> dict[str, Any]:
        """Return what the world knows about resident i (counted from 0)."""
        known: dict[str, Any] = self.control("GET", f"/stad/RD-{seed:04d}-{i + 1:06d}")
        return known

    def journal(self, systeem: str) -> list[dict[str, Any]]:
        """Return all lines of a journal, oldest first."""
        lines: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.control("GET", f"/journaal/{systeem}", params={"na": after})
            lines += page["regels"]
            after = page["volgende"]
        return lines

    def order_fault(self, systeem: str, soort: str, **fields: Any) -> None:
        """Order a fault."""
        body = {"systeem": systeem, "soort": soort, "aantal": 1} | fields
        self.control("POST", "/fouten", json=body)

    def change_settings(self, systeem: str, **values: Any) -> None:
        """Set settings of a system."""
        self.control("POST", f"/instellingen/{systeem}", json=values)

    def kill(self) -> None:
        """End the process without a word (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        self.session.close()
        self.session = requests.Session()
        self.session.trust_env = False

    def start(self) -> None:
        """Start the process again on the same port and state."""
        self.process = _launch(
            self.folder, self.port, self.sftp_port, self.keuring_port, self.tls_port, self.tls
        )
        _wait_until_ready(self)


@contextmanager
def running_sandbox(tmp_path: Path, tls: Path | None = None) -> Iterator[SandboxHandle]:
    """Run a sandbox whose state and secrets lie under ``tmp_path``; stop it at the end.

    With ``tls`` (a folder of `cli.certificates`) MAGDA asks a client certificate and a signature.
    """
    folder = tmp_path / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    keys = {
        "control_token": secrets.token_urlsafe(16),
        "crm": {"client_id": "hub-toepassing", "client_secret": secrets.token_urlsafe(16)},
        "basisregisters": {"api_key": secrets.token_urlsafe(16)},
        "dialoog": {"token": secrets.token_urlsafe(16)},
        "igo": {"token": secrets.token_urlsafe(16), "sftp": make_sftp_secrets()},
    }
    (folder / "secrets.json").write_text(json.dumps(keys), encoding="utf-8")
    certificates.prepare_acm(folder)
    port, sftp_port, keuring_port = _find_port(), _find_port(), _find_port()
    tls_port = _find_port() if tls is not None else None
    session = requests.Session()
    session.trust_env = False
    handle = SandboxHandle(
        base_url=f"http://127.0.0.1:{port}",
        secrets=keys,
        port=port,
        folder=folder,
        process=_launch(folder, port, sftp_port, keuring_port, tls_port, tls),
        sftp_port=sftp_port,
        keuring_port=keuring_port,
        session=session,
        tls_port=tls_port,
        tls=tls,
    )
    try:
        _wait_until_ready(handle)
        yield handle
    finally:
        handle.session.close()
        handle.process.send_signal(signal.SIGTERM)
        try:
            handle.process.wait(10)
        except subprocess.TimeoutExpired:
            handle.process.kill()
            handle.process.wait()


@contextmanager
def attached_sandbox(state: Path, secrets_file: Path) -> Iterator[SandboxHandle]:
    """Run a sandbox on a state and secrets that another process made and left."""
    port = _find_port()
    session = requests.Session()
    session.trust_env = False
    with (state.parent / "attached-sandbox.log").open("ab") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(state),
                "--secrets", str(secrets_file),
            ],
            cwd=_ROOT, stdout=log, stderr=log,
        )  # fmt: skip
    keys = json.loads(secrets_file.read_text(encoding="utf-8"))
    handle = SandboxHandle(f"http://127.0.0.1:{port}", keys, port, state, process, 0, 0, session)
    try:
        _wait_until_ready(handle)
        yield handle
    finally:
        session.close()
        process.terminate()
        process.wait(10)


def _find_port() -> int:
    """Return a free port below those that connections get: nothing takes it before it is used."""
    while True:
        port = secrets.choice(range(12_000, 32_000))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def make_sftp_secrets() -> dict[str, str]:
    """Return how the city signs on at the partner's SFTP server, and that server's key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    return {
        "login": "stad",
        "wachtwoord": secrets.token_urlsafe(16),
        "hostsleutel": key.export_private_key().decode(),
        "hostsleutel_publiek": key.export_public_key().decode().strip(),
    }


def sftp_adres(sandbox: SandboxHandle) -> SftpAdres:
    """Return where IGO takes files, as the city knows it."""
    secrets = sandbox.secrets["igo"]["sftp"]
    return SftpAdres(
        "127.0.0.1",
        sandbox.sftp_port,
        secrets["login"],
        secrets["hostsleutel_publiek"],
        secrets["wachtwoord"],
    )


def acm_client(sandbox: SandboxHandle, *scopes: str) -> AcmClient:
    """Return the hub as the sandbox's ACM knows it."""
    return AcmClient(
        client_id=certificates.ACM_CLIENT,
        sleutel=certificates.key_file(sandbox.folder, certificates.ACM).read_bytes(),
        scopes=scopes,
        sleutel_id=certificates.ACM_SLEUTEL_ID,
        token_url=f"{sandbox.base_url}/acm/op/v1/token",
    )


def _launch(
    folder: Path,
    port: int,
    sftp_port: int,
    keuring_port: int,
    tls_port: int | None,
    tls: Path | None,
) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(folder / "state"),
        "--secrets", str(folder / "secrets.json"), "--sftp-port", str(sftp_port),
        "--acm", str(certificates.clients_file(folder)),
        "--keuring-port", str(keuring_port),
    ]  # fmt: skip
    if tls is not None:
        command += ["--tls-port", str(tls_port), "--tls", str(tls)]
    log = (folder / "sandbox.log").open("ab")
    with log:
        return subprocess.Popen(
            command, cwd=_ROOT, stdout=log, stderr=log, env=dict(os.environ, PYTHONUNBUFFERED="1")
        )


def _wait_until_ready(handle: SandboxHandle) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if handle.process.poll() is not None:
            break
        try:
            if handle.session.get(f"{handle.base_url}/_control/gezond", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    text = (handle.folder / "sandbox.log").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"the sandbox did not start: {text[-2000:]}")
