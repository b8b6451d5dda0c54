"""What the tests of an erasure share: plant, run, and scan every column of every table."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from hub.keys import KeyringError
from hub.ledger.bericht import seal_context
from hub.persoon import persoon_context
from hub.quality.split import quarantine_context
from hub.rekey import inbox_context
from hub.voortgang.seal import document_context, voortgang_context
from hub.wissing.run import Wissing, run_wissing, start_wissing
from tests.journey import Journey

WHY = {"reden": "verzoek 2026-117 in het register", "wie": "functionaris"}
_COLUMNS = text(
    "SELECT n.nspname || '.' || c.relname AS tabel, a.attname AS kolom "
    "FROM pg_attribute AS a INNER JOIN pg_class AS c ON a.attrelid = c.oid "
    "INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid "
    "WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND a.attnum > 0 "
    "AND NOT a.attisdropped AND n.nspname IN ('bron', 'hub', 'rapportage', 'public')"
)
# What binds a sealed column to its row: every bytea that is no hash stands here, or the scan fails.
_SEALED = {
    "hub.bericht": ("inhoud", lambda r: seal_context(r["bestemming"], r["sleutel"])),
    "hub.inbox": ("inhoud", inbox_context),
    "hub.quarantaine": (
        "persoonsgegevens", lambda r: quarantine_context(r["model"], r["object_id"]),
    ),
    "bron.crm_profiel": ("persoonsgegevens", lambda r: persoon_context("profiel", r["profiel_id"])),
    "bron.crm_vraag": ("persoonsgegevens", lambda r: persoon_context("vraag", r["vraag_id"])),
    "bron.partner_voortgang": (
        "persoonsgegevens", lambda r: voortgang_context(r["partner"], r["voortgang_id"]),
    ),
    "bron.partner_document": (
        "persoonsgegevens", lambda r: document_context(r["partner"], r["document_id"]),
    ),
    "hub.token": ("waarde", lambda r: "token"),
}  # fmt: skip


def read_tables(journey: Journey) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of the hub."""
    with journey.engines["eigenaar"].begin() as connection:
        tables = sorted({row.tabel for row in connection.execute(_COLUMNS)})
        found = {}
        for table in tables:
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()
            found[table] = [dict(row) for row in rows]
        return found


def scan(journey: Journey, values: Mapping[str, str]) -> set[tuple[str, str, str]]:
    """Return (table, column, name of the value) wherever one of the values is found as a word.

    Sealed columns are opened first.
    """
    words = {
        name: re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
        for name, value in values.items()
    }
    return {
        (table, column, name)
        for table, rows in read_tables(journey).items()
        for row in rows
        for column, content in _open(journey, table, row)
        for name, word in words.items()
        if word.search(content)
    }


def _open(journey: Journey, table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if value is None:
            continue
        if not isinstance(value, bytes | memoryview):
            yield column, json.dumps(value, default=str, ensure_ascii=False)
        elif not column.endswith("hash"):
            sealed, context = _SEALED[table]
            assert column == sealed, f"{table}.{column} is new: tell the scan how to open it"
            try:
                plain = journey.keyring.decrypt(
                    bytes(value), row["sleutel_id"], context=context(row)
                )
            except KeyringError:
                assert table == "hub.token", f"{table} does not open"
                continue
            yield column, plain.decode("utf-8", "replace")


def engine_of(journey: Journey) -> Engine:
    """Return an engine under the role that erases."""
    return journey.database.engine("hub_wissing")


def erase(journey: Journey, profiel_id: UUID) -> Wissing:
    """Erase, with the receivers answering in between, for half a minute at most."""
    engine, deadline = engine_of(journey), time.monotonic() + 30
    wissing_id = start_wissing(engine, journey.keyring, profiel_id, **WHY)
    while True:
        found = run_wissing(engine, journey.keyring, wissing_id)
        if found.stand == "klaar" or time.monotonic() > deadline:
            return found
        journey.push()
        time.sleep(0.3)
