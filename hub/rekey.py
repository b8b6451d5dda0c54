"""Seal anew under the active key what older keys sealed, while the flows run.

Only the keys of sealed texts are renewed. The pseudonym key is not: pseudonyms and content hashes
would change with it (see docs/decisions).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.database import execute, fetch_all
from hub.keys import Keyring, KeyringError
from hub.ledger.bericht import seal_context
from hub.persoon import persoon_context
from hub.quality.split import quarantine_context
from hub.voortgang.seal import document_context, voortgang_context

BATCH = 500
# A row that a worker holds is passed over; three rounds find all but what is held all the time.
_ROUNDS = 3
_PATH = "ops/rekey"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed texts: its table, what comes before its first row, what binds a text."""

    naam: str
    before_first: object
    context: Callable[[Mapping[str, Any]], str]


COLUMNS = (
    SealedColumn("bericht", -1, lambda row: seal_context(row["bestemming"], row["sleutel"])),
    SealedColumn("inbox", -1, lambda row: inbox_context(row)),
    SealedColumn("profiel", UUID(int=0), lambda row: persoon_context("profiel", row["plaats"])),
    SealedColumn("vraag", UUID(int=0), lambda row: persoon_context("vraag", row["plaats"])),
    # Two keys in one place: a partner's code holds no tab.
    SealedColumn("voortgang", "", lambda row: voortgang_context(*row["plaats"].split("\t", 1))),
    SealedColumn("document", "", lambda row: document_context(*row["plaats"].split("\t", 1))),
    SealedColumn(
        "quarantaine",
        UUID(int=0),
        lambda row: quarantine_context(row["model"], row["object_id"]),
    ),
)


@dataclass(frozen=True, slots=True)
class RekeyResult:
    """Rows sealed anew, rows that did not open, retired keys that no row uses, rows still to do."""

    renewed: int
    unreadable: int
    unused: tuple[str, ...]
    left: int


def inbox_context(row: Mapping[str, Any]) -> str:
    """Return what binds a sealed body to its row of the inbox."""
    return f"hub.inbox:{row['bron']}:{row['soort']}:{row['object_id']}:{row['versie']}"


def count_sealed(connection: Connection) -> dict[str, dict[str, int]]:
    """Return the number of sealed texts per key id and table."""
    counts: dict[str, dict[str, int]] = {}
    for row in fetch_all(connection, _PATH, "count"):
        counts.setdefault(row["sleutel_id"], {})[row["tabel"]] = row["aantal"]
    return counts


def rekey(
    engine: Engine,
    keyring: Keyring,
    *,
    batch: int = BATCH,
    on_progress: Callable[[int], None] = lambda _: None,
) -> RekeyResult:
    """Seal everything anew that another key than the active one sealed.

    Each set is a transaction of its own, so that a run that was killed goes on where it stopped. A
    text that changed meanwhile keeps its change. A text that does not open is left as it is.
    ``on_progress`` hears how many rows were renewed so far.
    """
    totals: Counter[str] = Counter()
    unreadable = 0
    for _ in range(_ROUNDS):
        unreadable = 0
        for column in COLUMNS:
            unreadable += _rekey_column(engine, keyring, column, batch, totals, on_progress)
        with engine.begin() as connection:
            counts = count_sealed(connection)
        left = sum(sum(n.values()) for key_id, n in counts.items() if key_id != keyring.active)
        if left == unreadable:
            break
    unused = tuple(sorted(set(keyring.keys) - set(counts) - {keyring.active}))
    return RekeyResult(totals["renewed"], unreadable, unused, left)


def _rekey_column(
    engine: Engine,
    keyring: Keyring,
    column: SealedColumn,
    batch: int,
    totals: Counter[str],
    on_progress: Callable[[int], None],
) -> int:
    """Go once through one column; returns how many texts did not open."""
    after, unreadable = column.before_first, 0
    while True:
        with engine.begin() as connection:
            rows = fetch_all(
                connection,
                _PATH,
                f"take_{column.naam}",
                na=after,
                actief=keyring.active,
                aantal=batch,
            )
            renewed = [pair for row in rows if (pair := _renew(row, column, keyring)) is not None]
            unreadable += len(rows) - len(renewed)
            totals["renewed"] += execute(
                connection,
                _PATH,
                f"put_{column.naam}",
                plaatsen=[row["plaats"] for row, _ in renewed],
                verzegelde=[sealed for _, sealed in renewed],
                sleutels=[keyring.active] * len(renewed),
                oude_verzegelde=[bytes(row["verzegeld"]) for row, _ in renewed],
            )
        on_progress(totals["renewed"])
        if len(rows) < batch:
            return unreadable
        after = rows[-1]["plaats"]


def _renew(
    row: Mapping[str, Any], column: SealedColumn, keyring: Keyring
) -> tuple[Mapping[str, Any], bytes] | None:
    """Return the row with its new text; None when the old one does not open: it stays as it is."""
    context = column.context(row)
    try:
        plain = keyring.decrypt(bytes(row["verzegeld"]), row["sleutel_id"], context=context)
    except KeyringError:
        return None
    return row, keyring.encrypt(plain, context=context)[0]
