"""Faults to order: what goes wrong next, at which system and operation, and how many times."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.state import State

SOORTEN = (
    "vertraging", "reset", "5xx", "429", "onzin", "half", "bevestig_en_verbreek", "uitzondering",
)  # fmt: skip

_DDL = "CREATE TABLE IF NOT EXISTS fout (id INTEGER PRIMARY KEY, bestelling TEXT NOT NULL)"


class FaultError(ValueError):
    """The order cannot be understood."""


@dataclass(slots=True)
class Fault:
    """One order. ``aantal`` counts down; ``operatie`` None means every operation of the system.

    ``uitzondering`` is for the MAGDA systems: ``{"code": "60009", "niveau": "antwoord"}``; its
    levels are fault, repliek and antwoord.
    """

    systeem: str
    soort: str
    aantal: int = 1
    operatie: str | None = None
    seconden: float | None = None
    retry_after: str | None = None
    status: int | None = None
    uitzondering: dict[str, Any] | None = None
    id: int = 0

    def hits(self, systeem: str, operatie: str) -> bool:
        """Tell whether the order is for this request; ``list`` also hits ``list:rh_dossiers``."""
        if self.systeem != systeem:
            return False
        return self.operatie in (None, operatie, operatie.partition(":")[0])


class Faults:
    """The open orders, oldest first, kept over a restart."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)
        self._open = [
            Fault(**{**json.loads(text), "id": number})
            for number, text in state.query("SELECT id, bestelling FROM fout ORDER BY id")
        ]

    def order(self, body: dict[str, Any], systemen: tuple[str, ...]) -> Fault:
        """Add an order from the control endpoint's body.

        Raises:
            FaultError: a field is unknown, missing or of the wrong kind.
        """
        known = {f for f in Fault.__dataclass_fields__ if f != "id"}
        if unknown := set(body) - known:
            raise FaultError(f"unknown field {sorted(unknown)}")
        if body.get("systeem") not in systemen:
            raise FaultError(f"systeem must be one of {', '.join(systemen)}")
        if body.get("soort") not in SOORTEN:
            raise FaultError(f"soort must be one of {', '.join(SOORTEN)}")
        values = {k: v for k, v in body.items() if v is not None}
        if isinstance(values.get("retry_after"), int | float):
            values["retry_after"] = str(values["retry_after"])
        aantal = values.get("aantal", 1)
        if not isinstance(aantal, int) or aantal < 1:
            raise FaultError("aantal must be a positive integer")
        fault = Fault(**values)
        if fault.soort == "uitzondering" and not fault.uitzondering:
            raise FaultError("uitzondering needs {code, niveau}")
        with self._state.write():
            cursor = self._state.execute(
                "INSERT INTO fout (bestelling) VALUES (?)", (json.dumps(asdict(fault)),)
            )
        fault.id = int(cursor.lastrowid or 0)
        self._open.append(fault)
        return fault

    def take(self, systeem: str, operatie: str) -> Fault | None:
        """Use up one count of the oldest order that hits this request, if any."""
        for fault in self._open:
            if fault.hits(systeem, operatie):
                fault.aantal -= 1
                with self._state.write():
                    if fault.aantal:
                        self._state.execute(
                            "UPDATE fout SET bestelling = ? WHERE id = ?",
                            (json.dumps(asdict(fault)), fault.id),
                        )
                    else:
                        self._state.execute("DELETE FROM fout WHERE id = ?", (fault.id,))
                if not fault.aantal:
                    self._open.remove(fault)
                return fault
        return None

    def clear(self) -> int:
        """Cancel all orders; return how many there were."""
        count = len(self._open)
        self._open.clear()
        with self._state.write():
            self._state.execute("DELETE FROM fout")
        return count

    def list_open(self) -> list[dict[str, Any]]:
        """Return the open orders."""
        return [asdict(fault) for fault in self._open]
