"""What Notificaties holds: every bundle that came in, and whom it reached when."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.notificaties.bundel import Bundel
from sandbox.state import State

_BRUSSELS = ZoneInfo("Europe/Brussels")
_DDL = """
CREATE TABLE IF NOT EXISTS notificatie (
    id INTEGER PRIMARY KEY, bundel_id TEXT NOT NULL, insz TEXT NOT NULL,
    dossiernummer TEXT NOT NULL, categorie TEXT NOT NULL, waarden TEXT NOT NULL,
    ontvangen REAL NOT NULL, verwerkt REAL NOT NULL, bezorgd INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS notificatie_bundel ON notificatie (bundel_id, id);
CREATE INDEX IF NOT EXISTS notificatie_dossier ON notificatie (dossiernummer, id);
"""
_PAGE = 500


class Notificaties:
    """Bundles in the order they came in, kept over a restart; call ``add`` in ``state.write()``."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)

    def holds(self, bundel_id: str) -> bool:
        """Tell whether a bundle of this Id was taken in before."""
        row = self._state.first("SELECT 1 FROM notificatie WHERE bundel_id = ?", (bundel_id,))
        return row is not None

    def add(self, bundel: Bundel, processing_time: float) -> None:
        """Take a bundle in; after its last day it reaches nobody."""
        received = time.time()
        handled = received + processing_time
        day = datetime.fromtimestamp(handled, UTC).astimezone(_BRUSSELS).date()
        reaches = bundel.vervaldatum is None or day <= bundel.vervaldatum
        self._state.execute_many(
            "INSERT INTO notificatie (bundel_id, insz, dossiernummer, categorie, waarden,"
            " ontvangen, verwerkt, bezorgd) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    bundel.bundel_id, insz, bundel.dossiernummer, bundel.categorie,
                    json.dumps(bundel.waarden), received, handled, int(reaches),
                )
                for insz in bundel.inszs
            ],
        )  # fmt: skip

    def list_bundels(self, after: str) -> tuple[list[dict[str, Any]], str | None]:
        """Return a page of the bundles by Id, how often each came in, and where to go on."""
        rows = self._state.query(
            "SELECT bundel_id, count(*) FROM notificatie WHERE bundel_id > ?"
            " GROUP BY bundel_id, insz ORDER BY bundel_id LIMIT ?",
            (after, _PAGE + 1),
        )
        page = [{"Id": bundel_id, "aantal": count} for bundel_id, count in rows[:_PAGE]]
        return page, page[-1]["Id"] if len(rows) > _PAGE else None

    def list_read(self, dossiernummer: str | None) -> list[dict[str, Any]]:
        """Return what residents found in Mijn Burgerprofiel until now, oldest first."""
        rows = self._state.query(
            "SELECT bundel_id, insz, dossiernummer, categorie, waarden, ontvangen, verwerkt"
            " FROM notificatie WHERE bezorgd = 1 AND verwerkt <= ?"
            " AND (? IS NULL OR dossiernummer = ?) ORDER BY id",
            (time.time(), dossiernummer, dossiernummer),
        )
        return [
            {
                "id": bundel_id,
                "insz": insz,
                "dossiernummer": nummer,
                "categorie": categorie,
                "waarden": json.loads(waarden),
                "ontvangen_op": _moment(received),
                "bezorgd_op": _moment(handled),
            }
            for bundel_id, insz, nummer, categorie, waarden, received, handled in rows
        ]

    def lose(self, dossiernummer: str) -> int:
        """Lose the messages of dossiers (``%`` for any), as an owner may; return how many."""
        with self._state.write():
            cursor = self._state.execute(
                "DELETE FROM notificatie WHERE dossiernummer LIKE ?", (dossiernummer,)
            )
        return cursor.rowcount


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
