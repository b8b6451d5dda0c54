"""The journal: what each outside system received, in its own words, independent of the hub.

A line with ``effect`` true means that the receiver's state changed. Lines are written in the same
transaction as the effect itself, so the journal can neither miss nor invent one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.state import State

SYSTEMEN = (
    "crm", "basisregisters", "grb", "epc", "dialoog", "igo", "dosis",
    "erfgoed", "vergunningen", "bodem", "overstroming", "acm", "notificaties",
    "viruskeuring",
)  # fmt: skip

_DDL = """
CREATE TABLE IF NOT EXISTS journaal (
    id INTEGER PRIMARY KEY, tijdstip TEXT NOT NULL, systeem TEXT NOT NULL, operatie TEXT NOT NULL,
    sleutel TEXT, dossiernummer TEXT, effect INTEGER NOT NULL, status INTEGER NOT NULL,
    correlatie_id TEXT, idempotency_key TEXT, inhoud TEXT);
CREATE INDEX IF NOT EXISTS journaal_systeem ON journaal (systeem, id);
CREATE INDEX IF NOT EXISTS journaal_effect
    ON journaal (systeem, dossiernummer, operatie) WHERE effect = 1;
"""
_INSERT = """
INSERT INTO journaal (tijdstip, systeem, operatie, sleutel, dossiernummer, effect, status,
                      correlatie_id, idempotency_key, inhoud)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_PER_OPERATIE = """
SELECT operatie, count(*), count(DISTINCT dossiernummer) FROM journaal
WHERE systeem = ? AND effect = 1 AND coalesce(dossiernummer, '') BETWEEN ? AND ?
GROUP BY operatie ORDER BY operatie
"""
_TOTAL = """
SELECT count(*), count(DISTINCT dossiernummer) FROM journaal
WHERE systeem = ? AND effect = 1 AND coalesce(dossiernummer, '') BETWEEN ? AND ?
"""
_COLUMNS = (
    "id", "tijdstip", "systeem", "operatie", "sleutel", "dossiernummer", "effect", "status",
    "correlatie_id", "idempotency_key", "inhoud",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Regel:
    """One line to write. ``status`` 0 means that the connection was closed without an answer."""

    systeem: str
    operatie: str
    status: int
    sleutel: str | None = None
    dossiernummer: str | None = None
    effect: bool = False
    correlatie_id: str | None = None
    idempotency_key: str | None = None
    inhoud: str | None = None


class Journal:
    """Append lines and read them back."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)

    def record(self, *regels: Regel) -> None:
        """Append lines; call inside ``state.write()`` together with the effect."""
        self.record_many(regels)

    def record_many(self, regels: Iterable[Regel]) -> None:
        """Append many lines at one moment (UTC, milliseconds)."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._state.execute_many(
            _INSERT,
            [
                (
                    now,
                    r.systeem,
                    r.operatie,
                    r.sleutel,
                    r.dossiernummer,
                    int(r.effect),
                    r.status,
                    r.correlatie_id,
                    r.idempotency_key,
                    r.inhoud,
                )
                for r in regels
            ],
        )

    def page(self, systeem: str, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return up to ``limit`` lines with id > ``after`` and the id to go on from, or None."""
        rows = self._state.query(
            "SELECT * FROM journaal WHERE systeem = ? AND id > ? ORDER BY id LIMIT ?",
            (systeem, after, limit + 1),
        )
        regels = [dict(zip(_COLUMNS, row, strict=True)) for row in rows[:limit]]
        for regel in regels:
            regel["effect"] = bool(regel["effect"])
        return regels, regels[-1]["id"] if len(rows) > limit else None

    def effects(self, systeem: str, first: str | None, last: str | None) -> dict[str, Any]:
        """Count effects and distinct dossiers per operation, dossiernummer in [first, last]."""
        parameters = (systeem, first or "", last or "~")
        per_operatie = self._state.query(_PER_OPERATIE, parameters)
        total = self._state.first(_TOTAL, parameters) or (0, 0)
        return {
            "effecten": total[0],
            "dossiers": total[1],
            "operaties": {o: {"effecten": n, "dossiers": d} for o, n, d in per_operatie},
        }
