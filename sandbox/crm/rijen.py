"""The rows of the CRM, in one table; every change takes the next version of the whole service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from sandbox.crm.schema import Tabel, format_moment
from sandbox.state import State

_DDL = """
CREATE TABLE IF NOT EXISTS crm_rij (
    tabel TEXT NOT NULL, id TEXT NOT NULL, versie INTEGER NOT NULL, gewist INTEGER NOT NULL,
    sleutel TEXT, profiel TEXT, dossier TEXT, inhoud BLOB NOT NULL,
    PRIMARY KEY (tabel, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS crm_rij_versie ON crm_rij (tabel, versie);
CREATE UNIQUE INDEX IF NOT EXISTS crm_rij_sleutel ON crm_rij (tabel, sleutel)
    WHERE gewist = 0 AND sleutel IS NOT NULL;
CREATE INDEX IF NOT EXISTS crm_rij_dossier ON crm_rij (tabel, dossier) WHERE dossier IS NOT NULL;
CREATE INDEX IF NOT EXISTS crm_rij_profiel ON crm_rij (tabel, profiel) WHERE profiel IS NOT NULL;
"""
_LINKED = {
    "profiel": "SELECT inhoud FROM crm_rij WHERE tabel = ? AND profiel = ? AND gewist = 0"
    " ORDER BY versie",
    "dossier": "SELECT inhoud FROM crm_rij WHERE tabel = ? AND dossier = ? AND gewist = 0"
    " ORDER BY versie",
}
_UPDATE = "UPDATE crm_rij SET versie = ?, inhoud = ? WHERE tabel = ? AND id = ?"
_UPSERT = """
INSERT INTO crm_rij (tabel, id, versie, gewist, sleutel, profiel, dossier, inhoud)
VALUES (?, ?, ?, 0, ?, ?, ?, ?)
ON CONFLICT (tabel, id) DO UPDATE SET versie = excluded.versie, gewist = 0,
    sleutel = excluded.sleutel, profiel = excluded.profiel, dossier = excluded.dossier,
    inhoud = excluded.inhoud
"""


@dataclass(slots=True)
class Rij:
    """One row as it stands: its version and all its columns."""

    id: str
    versie: int
    velden: dict[str, Any]


class Rijen:
    """Find, write and delete rows."""

    def __init__(self, state: State) -> None:
        self.state = state
        state.create(_DDL)
        row = state.first("SELECT max(versie) FROM crm_rij")
        self._versie: int = (row and row[0]) or 1000
        # Number of a dossier by its id; a number never passes to another dossier.
        self._nummers: dict[str, str] = {}

    @property
    def versie(self) -> int:
        """The version last handed out, over all tables."""
        return self._versie

    @contextmanager
    def write(self) -> Iterator[None]:
        """Run the block as one transaction; when it fails its versions are free again.

        A token for changes names a version: after a restart none may be above what is stored.
        """
        before = self._versie
        try:
            with self.state.write():
                yield
        except BaseException:
            self._versie = before
            raise

    def find(self, tabel: Tabel, row_id: str) -> Rij | None:
        """Return a row by primary key, or None."""
        found = self.state.first(
            "SELECT id, versie, inhoud FROM crm_rij WHERE tabel = ? AND id = ? AND gewist = 0",
            (tabel.naam, row_id),
        )
        return _row(found)

    def find_by_key(self, tabel: Tabel, sleutel: str) -> Rij | None:
        """Return a row by alternate key, or None."""
        found = self.state.first(
            "SELECT id, versie, inhoud FROM crm_rij"
            " WHERE tabel = ? AND sleutel = ? AND gewist = 0 AND sleutel IS NOT NULL",
            (tabel.naam, sleutel),
        )
        return _row(found)

    def exists(self, naam: str, row_id: str) -> bool:
        """Tell whether a row is there."""
        return bool(
            self.state.first(
                "SELECT 1 FROM crm_rij WHERE tabel = ? AND id = ? AND gewist = 0", (naam, row_id)
            )
        )

    def list_of(self, naam: str, lookup: str, row_id: str) -> list[dict[str, Any]]:
        """Return the rows that point to a profiel or a dossier."""
        rows = self.state.query(_LINKED[lookup], (naam, row_id))
        return [orjson.loads(inhoud) for (inhoud,) in rows]

    def save(self, tabel: Tabel, row_id: str, velden: dict[str, Any], by: str) -> Rij:
        """Write a row, new or changed; ``velden`` may leave columns of a new row out.

        Raises:
            sqlite3.IntegrityError: the alternate key belongs to another row.
        """
        rij = self._stamp(tabel, row_id, velden, by, format_moment(datetime.now(UTC)))
        self.state.execute(_UPSERT, _parameters(tabel, rij))
        return rij

    def update(self, tabel: Tabel, before: Rij, velden: dict[str, Any], by: str) -> Rij:
        """Write a row that is there; cheaper than ``save`` when its key and lookups stay.

        Raises:
            sqlite3.IntegrityError: the alternate key belongs to another row.
        """
        linked = [kolom.naam for kolom in tabel.lookups]
        if tabel.alternate:
            linked.append(tabel.alternate)
        if any(velden.get(naam) != before.velden.get(naam) for naam in linked):
            return self.save(tabel, before.id, velden, by)
        rij = self._stamp(tabel, before.id, velden, by, format_moment(datetime.now(UTC)))
        self.state.execute(_UPDATE, (rij.versie, orjson.dumps(rij.velden), tabel.naam, rij.id))
        return rij

    def save_many(
        self, rows: Iterable[tuple[Tabel, str, dict[str, Any]]], by: str | None = None
    ) -> None:
        """Write many new rows in one go; a row's own ``modifiedby`` stands when ``by`` is None."""
        now = format_moment(datetime.now(UTC))
        self.state.execute_many(
            _UPSERT,
            (
                _parameters(
                    tabel, self._stamp(tabel, row_id, velden, by or velden["modifiedby"], now)
                )
                for tabel, row_id, velden in rows
            ),
        )

    def delete(self, tabel: Tabel, row_id: str) -> None:
        """Delete a row; change tracking tells it."""
        self._versie += 1
        self.state.execute(
            "UPDATE crm_rij SET gewist = 1, versie = ?, sleutel = NULL, profiel = NULL,"
            " dossier = NULL, inhoud = '{}' WHERE tabel = ? AND id = ?",
            (self._versie, tabel.naam, row_id),
        )

    def find_dossiernummer(self, naam: str, velden: dict[str, Any]) -> str | None:
        """Return the dossier number a row belongs to, or None."""
        if naam == "dossier":
            number = velden.get("rh_dossiernummer")
            return None if number is None else str(number)
        dossier = velden.get("_rh_dossier_value")
        if dossier is None:
            return None
        if dossier not in self._nummers:
            found = self.state.first(
                "SELECT sleutel FROM crm_rij WHERE tabel = 'dossier' AND id = ?", (dossier,)
            )
            if found is None or found[0] is None:
                return None
            self._nummers[dossier] = found[0]
        return self._nummers[dossier]

    def _stamp(self, tabel: Tabel, row_id: str, velden: dict[str, Any], by: str, now: str) -> Rij:
        self._versie += 1
        full: dict[str, Any] = {"@odata.etag": f'W/"{self._versie}"'}
        for naam in tabel.kolommen:
            full[naam] = velden.get(naam)
        full[tabel.key] = row_id
        full["createdon"] = full["createdon"] or now
        full["modifiedon"] = now
        full["modifiedby"] = by
        return Rij(row_id, self._versie, full)


def _parameters(tabel: Tabel, rij: Rij) -> tuple[object, ...]:
    velden = rij.velden
    return (
        tabel.naam,
        rij.id,
        rij.versie,
        velden.get(tabel.alternate) if tabel.alternate else None,
        velden.get("_rh_profiel_value"),
        velden.get("_rh_dossier_value"),
        orjson.dumps(velden),
    )


def _row(found: tuple[Any, ...] | None) -> Rij | None:
    return None if found is None else Rij(found[0], found[1], orjson.loads(found[2]))
