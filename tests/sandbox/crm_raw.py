"""Speaks to the simulated CRM in bare HTTP, so that no client of ours hides what it does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import requests

from tests.sandbox_process import SandboxHandle

Change = tuple[str, str, dict[str, str], dict[str, Any]]
"""Method, URL below the service root, headers and body of one change in a batch."""


class RawCrm:
    """A signed-on application user."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.base_url}/crm"
        self.root = f"{self.base}/api/data/v9.2/"
        self.headers = {
            "Authorization": f"Bearer {self.sign_on().json()['access_token']}",
            "Accept": "application/json",
            "OData-Version": "4.0",
            "OData-MaxVersion": "4.0",
        }

    def sign_on(self, **fields: str) -> requests.Response:
        """Ask for a token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.sandbox.secrets["crm"]["client_id"],
            "client_secret": self.sandbox.secrets["crm"]["client_secret"],
            "scope": "https://crm.example/.default",
        } | fields
        return self.sandbox.session.post(f"{self.base}/oauth2/v2.0/token", data=form, timeout=10)

    def call(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """Send one request; ``path`` may be a whole link."""
        url = path if path.startswith("http") else self.root + path
        return self.sandbox.session.request(
            method, url, headers=self.headers | (headers or {}), timeout=20, **options
        )

    def get(self, path: str, prefer: str | None = None) -> requests.Response:
        """Read."""
        return self.call("GET", path, {"Prefer": prefer} if prefer else None)

    def batch(
        self, changes: Sequence[Change], *, newline: str = "\r\n", prefer: str | None = None
    ) -> requests.Response:
        """Send one batch with one changeset."""
        lines = ["--batch_1", "Content-Type: multipart/mixed; boundary=changeset_1", ""]
        for number, (method, url, headers, body) in enumerate(changes, start=1):
            lines += [
                "--changeset_1",
                "Content-Type: application/http",
                "Content-Transfer-Encoding: binary",
                f"Content-ID: {number}",
                "",
                f"{method} {url if url.startswith('$') else self.root + url} HTTP/1.1",
                "Content-Type: application/json",
                *(f"{name}: {value}" for name, value in headers.items()),
                "",
                json.dumps(body),
            ]
        lines += ["--changeset_1--", "--batch_1--", ""]
        head = {"Content-Type": "multipart/mixed; boundary=batch_1"}
        if prefer:
            head["Prefer"] = prefer
        return self.call("POST", "$batch", head, data=newline.join(lines).encode())

    def follow(self, path: str, prefer: str) -> tuple[list[dict[str, Any]], str]:
        """Follow nextLinks to the deltaLink; return all rows and that link."""
        rows: list[dict[str, Any]] = []
        link = path
        while True:
            response = self.get(link, prefer)
            assert response.status_code == 200, response.text
            page = response.json()
            rows += page["value"]
            if "@odata.deltaLink" in page:
                return rows, str(page["@odata.deltaLink"])
            link = page["@odata.nextLink"]


def gegeven(dossier: str, **velden: Any) -> dict[str, Any]:
    """Build the payload of a gegeven."""
    return {
        "rh_dossier@odata.bind": f"/rh_dossiers({dossier})",
        "rh_veld": "bouwjaar",
        "rh_waarde": "1966",
        "rh_bron": "epc",
        "rh_bronobject": "20190401-0000000001-1",
        "rh_opgehaaldop": "2026-11-23T10:00:00.123+01:00",
        "rh_afgeleid": False,
    } | velden
