"""The sandbox as a process of its own, and what it counted."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

_READY_SECONDS = 60.0
_ROOT = Path(__file__).resolve().parents[2]


class Source:
    """The sandbox's GeefEpc, and the control over it."""

    def __init__(self, base_url: str, token: str) -> None:
        self.url = f"{base_url}/magda/epc"
        self._control = f"{base_url}/_control"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def is_ready(self) -> bool:
        """Tell whether it answers."""
        try:
            return self._session.get(f"{self._control}/gezond", timeout=5).ok
        except requests.RequestException:
            return False

    def set_limit(self, at_once: int | None, answer_seconds: float) -> None:
        """Set how many questions it takes at once and how long an answer takes."""
        self._call(
            "POST",
            "instellingen/epc",
            json={"max_gelijktijdig": at_once, "antwoordtijd": answer_seconds},
        )

    def start_counting(self) -> None:
        """Forget the requests of before."""
        self._call("DELETE", "drukte/epc")

    def read_count(self) -> dict[str, int]:
        """Return what it counted: ``aantal``, ``meeste``, ``boven_limiet``."""
        counted: dict[str, int] = self._call("GET", "drukte/epc")
        return counted

    def list_dwellings(self, wanted: int) -> list[dict[str, Any]]:
        """Let a city live here and return as many of its dwellings with a unit of their own."""
        residents = wanted + wanted // 4 + 30
        self._call("POST", "stad", json={"residents": residents, "seed": 1})
        found: dict[str, dict[str, Any]] = {}
        for number in range(1, residents + 1):
            known = self._call("GET", f"stad/RD-0001-{number:06d}")
            if known["gebouweenheid_id"] is not None:
                found.setdefault(known["gebouweenheid_id"], known)
            if len(found) == wanted:
                return list(found.values())
        raise LookupError(f"The city has {len(found)} dwellings with a unit; {wanted} are needed.")

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self._session.request(
            method, f"{self._control}/{path}", timeout=(5, 120), **arguments
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def running_source() -> Iterator[Source]:
    """Start the sandbox on a free port; its state is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="renovatiehub-bron-") as name:
        folder = Path(name)
        token = secrets.token_urlsafe(16)
        keys = {
            "control_token": token,
            "crm": {"client_id": "bench", "client_secret": secrets.token_urlsafe(16)},
            "basisregisters": {"api_key": secrets.token_urlsafe(16)},
            "dialoog": {"token": secrets.token_urlsafe(16)},
            "igo": {"token": secrets.token_urlsafe(16), "sftp": {}},
        }
        (folder / "secrets.json").write_text(json.dumps(keys), encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with (folder / "sandbox.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    sys.executable, "-P", "-m", "sandbox", "--port", str(port),
                    "--state", str(folder / "state"), "--secrets", str(folder / "secrets.json"),
                ],
                cwd=_ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            source = Source(f"http://127.0.0.1:{port}", token)
            deadline = time.monotonic() + _READY_SECONDS
            while not source.is_ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise TimeoutError("The sandbox did not start.")
                time.sleep(0.05)
            yield source
        finally:
            process.terminate()
            process.wait(10)
