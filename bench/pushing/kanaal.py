"""The channel to the bare receiver, through the HTTP client that a partner gets."""

from __future__ import annotations

import json

from connectors.transport.http import HttpClient
from hub.ledger.bericht import Bericht, Ontvangst


class BenchKanaal:
    """Deliver to the bare receiver."""

    def __init__(self, base_url: str, pool_size: int) -> None:
        self._http = HttpClient(
            "bench",
            base_url,
            headers={"Accept": "application/json", "Authorization": "Bearer bench"},
            pool_size=pool_size,
        )

    def send(self, bericht: Bericht) -> Ontvangst:
        """Put the message under its own key."""
        response = self._http.request(
            "PUT",
            f"berichten/{bericht.sleutel}",
            operation="put",
            key=bericht.sleutel,
            expected={200, 201},
            json=bericht.inhoud,
            headers={"Idempotency-Key": bericht.sleutel},
            correlation_id=bericht.bericht_id,
            changes=True,
        )
        return Ontvangst(str(json.loads(response.content)["referentie"]))

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Ask whether the receiver holds the key."""
        response = self._http.request(
            "GET",
            f"berichten/{bericht.sleutel}",
            operation="get",
            key=bericht.sleutel,
            expected={200, 404},
            correlation_id=bericht.bericht_id,
            changes=False,
        )
        return None if response.status_code == 404 else Ontvangst(bericht.sleutel)

    def read_journal(self) -> dict[str, object]:
        """Return what the receiver got."""
        response = self._http.request(
            "GET", "journal", operation="journal", key="-", expected={200}, changes=False
        )
        journal: dict[str, object] = json.loads(response.content)
        return journal

    def clear_journal(self) -> None:
        """Let the receiver forget."""
        self._http.request(
            "DELETE", "journal", operation="journal", key="-", expected={200}, changes=True
        )
