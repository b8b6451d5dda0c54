"""Speaks to the simulated Dialoog in bare HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import requests

from tests.sandbox_process import SandboxHandle


class Partner:
    """Bare HTTP to Dialoog."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.base_url}/dialoog/aanmeldingen"

    def call(
        self, method: str, path: str = "", headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """Send one request with the token."""
        token = {"Authorization": f"Bearer {self.sandbox.secrets['dialoog']['token']}"}
        return self.sandbox.session.request(
            method, self.base + path, headers=token | (headers or {}), timeout=10, **options
        )

    def put(
        self, body: dict[str, Any], key: str | None = None, **headers: str
    ) -> requests.Response:
        """Send an aanmelding."""
        head = {"Idempotency-Key": key or f"sleutel:{uuid4()}"}
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("PUT", f"/{body['referentie']}", head, json=body)


def aanmelding(**velden: Any) -> dict[str, Any]:
    """Build a body with the fields that must be there."""
    return {
        "referentie": str(uuid4()),
        "soort": "duurzaam_bouwadvies",
        "dossierNummer": "RD-9001-000001",
        "ingediendOp": "2026-11-10T09:15:00Z",
        "aanvrager": {"voornaam": "Joris", "naam": "Verzonnen"},
        "gebouw": {
            "straat": "Diestsesteenweg",
            "huisnummer": "7",
            "postcode": "3010",
            "gemeente": "Leuven",
        },
    } | velden
