"""What Dialoog holds: aanmeldingen, their withdrawal and their progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.state import State

# The columns stand in the order of the record's fields.
_DDL = """
CREATE TABLE IF NOT EXISTS dialoog_aanmelding (
    referentie TEXT PRIMARY KEY, nummer INTEGER NOT NULL, soort TEXT, dossiernummer TEXT,
    inhoud TEXT, versie INTEGER NOT NULL, idempotency_key TEXT NOT NULL, status TEXT NOT NULL,
    ontvangen_op TEXT NOT NULL, gewijzigd_op TEXT NOT NULL, uitkomst TEXT, ingetrokken_op TEXT);
CREATE INDEX IF NOT EXISTS dialoog_dossier ON dialoog_aanmelding (dossiernummer);
CREATE TABLE IF NOT EXISTS dialoog_sleutel (
    idempotency_key TEXT PRIMARY KEY, referentie TEXT NOT NULL, inhoud_hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dialoog_voortgang (
    id INTEGER PRIMARY KEY AUTOINCREMENT, referentie TEXT NOT NULL, status TEXT NOT NULL,
    tijdstip TEXT NOT NULL, gewijzigd_op TEXT NOT NULL, extra TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS dialoog_voortgang_op ON dialoog_voortgang (gewijzigd_op, id);
"""


@dataclass(slots=True)
class Aanmelding:
    """One aanmelding as Dialoog holds it. ``inhoud`` is None once it is deleted."""

    referentie: str
    nummer: int
    soort: str
    dossiernummer: str | None
    inhoud: str | None
    versie: int
    idempotency_key: str
    status: str
    ontvangen_op: str
    gewijzigd_op: str
    uitkomst: str | None = None
    ingetrokken_op: str | None = None

    @property
    def etag(self) -> str:
        """The version as a strong ETag."""
        return f'"{self.referentie[:8]}-{self.versie}"'

    @property
    def ontvangstnummer(self) -> str:
        """The partner's own number."""
        letters = "DIA" if self.soort == "duurzaam_bouwadvies" else "IGO"
        return f"{letters}-{self.ontvangen_op[:4]}-{self.nummer:06d}"


def now() -> str:
    """Return the moment as text (UTC, microseconds), which sorts as time does."""
    return write_moment(datetime.now(UTC))


def write_moment(moment: datetime) -> str:
    """Write a moment as the partner keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def create_tables(state: State) -> None:
    """Create what is not there yet."""
    state.create(_DDL)


def find(state: State, referentie: str) -> Aanmelding | None:
    """Return an aanmelding, withdrawn ones included, or None."""
    row = state.first("SELECT * FROM dialoog_aanmelding WHERE referentie = ?", (referentie,))
    return Aanmelding(*row) if row else None


def find_last_for_dossier(state: State, dossiernummer: str) -> Aanmelding | None:
    """Return the last aanmelding of a dossier, or None."""
    row = state.first(
        "SELECT * FROM dialoog_aanmelding WHERE dossiernummer = ? ORDER BY nummer DESC LIMIT 1",
        (dossiernummer,),
    )
    return Aanmelding(*row) if row else None


def list_held(state: State, after: str, limit: int) -> list[Aanmelding]:
    """Return what is held, by reference; what was deleted is not."""
    rows = state.query(
        "SELECT * FROM dialoog_aanmelding WHERE referentie > ?"
        " AND coalesce(uitkomst, '') <> 'verwijderd' ORDER BY referentie LIMIT ?",
        (after, limit),
    )
    return [Aanmelding(*row) for row in rows]


def remove(state: State, referentie: str) -> None:
    """Remove every trace of an aanmelding."""
    tabellen = ("aanmelding", "voortgang", "sleutel", "document", "werk")
    for tabel in (f"dialoog_{naam}" for naam in tabellen):
        state.execute(f"DELETE FROM {tabel} WHERE referentie = ?", (referentie,))


def next_number(state: State) -> int:
    """Return the next receipt number."""
    row = state.first("SELECT coalesce(max(nummer), 0) + 1 FROM dialoog_aanmelding")
    return int(row[0]) if row else 1


def save(state: State, aanmelding: Aanmelding) -> None:
    """Write an aanmelding, new or changed."""
    a = aanmelding
    state.execute(
        "INSERT OR REPLACE INTO dialoog_aanmelding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            a.referentie, a.nummer, a.soort, a.dossiernummer, a.inhoud, a.versie,
            a.idempotency_key, a.status, a.ontvangen_op, a.gewijzigd_op, a.uitkomst,
            a.ingetrokken_op,
        ),
    )  # fmt: skip
