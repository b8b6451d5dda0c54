"""The partner's desk gives out: progress as files, and the documents that it refers to.

A file is written under a passing name and renamed; its documents lie there first. Every event of
the partner's memory comes out in the order in which it was recorded, once, unless a setting says
otherwise. The document of what was removed is removed here too.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.dialoog.documenten import find_document
from sandbox.sftp.server import DOCUMENTEN, UIT
from sandbox.world import World

_TICK_SECONDS = 0.1
# So many events a file holds at most.
_LINES = 200
_DDL = "CREATE TABLE IF NOT EXISTS sftp_uitgave (een INTEGER PRIMARY KEY, laatste INTEGER NOT NULL)"
_LATER = """
SELECT id, referentie, status, tijdstip, gewijzigd_op, extra FROM dialoog_voortgang
WHERE id > ? ORDER BY id LIMIT ?
"""


class Uitgave:
    """Writes the files of one partner; ``folder`` is where its SFTP server begins."""

    def __init__(self, world: World, folder: Path) -> None:
        world.state.create(_DDL)
        self._state = world.state
        self._settings = world.settings
        self._uit, self._documenten = folder / UIT, folder / DOCUMENTEN
        self._given = {path.stem for path in self._documenten.glob("*.pdf")}

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self.give_out(self._settings.get("igo"))

    def give_out(self, settings: dict[str, Any]) -> None:
        """Write what was recorded since the last file, and take back what was removed."""
        row = self._state.first("SELECT laatste FROM sftp_uitgave")
        rows = self._state.query(_LATER, (int(row[0]) if row else 0, _LINES))
        if rows:
            events = [self._write_event(row, settings) for row in rows]
            self._write_file(events, settings)
            with self._state.write():
                self._state.execute(
                    "INSERT OR REPLACE INTO sftp_uitgave VALUES (1, ?)", (rows[-1][0],)
                )
        self._take_back()

    def _write_event(self, row: tuple[Any, ...], settings: dict[str, Any]) -> dict[str, Any]:
        number, referentie, status, tijdstip, changed, text = row
        extra = json.loads(text)
        if "documenten" in extra:
            extra["documenten"] = [
                document | {"href": self._write_document(document["documentId"], settings)}
                for document in extra["documenten"]
            ]
        return {
            "id": str(number),
            "referentie": referentie,
            "status": status,
            "tijdstip": tijdstip,
            "gewijzigdOp": changed,
        } | extra

    def _write_document(self, document_id: str, settings: dict[str, Any]) -> str:
        inhoud = find_document(self._state, document_id)
        if inhoud is not None:
            if settings["document_anders"]:
                inhoud = inhoud.replace(b"Tf 60 780", b"Tf 61 780")
            _put(self._documenten / f"{document_id}.pdf", inhoud)
            self._given.add(document_id)
        return f"{DOCUMENTEN}/{document_id}.pdf"

    def _write_file(self, events: list[dict[str, Any]], settings: dict[str, Any]) -> None:
        if settings["voortgang_omgekeerd"]:
            events = events[::-1]
        lines = [json.dumps(event) for event in events]
        if settings["voortgang_dubbel"]:
            lines = [line for line in lines for _ in range(2)]
        if settings["voortgang_onzin"]:
            lines[:0] = ['{"id": "half', json.dumps(events[0] | {"id": "x", "status": "zoek"})]
            _put(self._uit / "lijst van Fien.xlsx", b"PK")
        content = "".join(f"{line}\n" for line in lines).encode()
        # After every event in it, and after the file before.
        _put(self._uit / f"voortgang-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.jsonl", content)

    def _take_back(self) -> None:
        (held,) = self._state.first("SELECT count(*) FROM dialoog_document") or (0,)
        if len(self._given) <= held:
            return
        for document_id in sorted(self._given):
            if find_document(self._state, document_id) is None:
                (self._documenten / f"{document_id}.pdf").unlink(missing_ok=True)
                self._given.remove(document_id)


def _put(path: Path, content: bytes) -> None:
    passing = path.with_name(f"{path.name}.deel")
    passing.write_bytes(content)
    passing.rename(path)
