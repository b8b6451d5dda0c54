"""A model with a rule of every kind on a table of its own, and three ways to hold it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from hub import statements
from hub.keys import Keyring
from hub.quality import rules, verdict
from hub.quality.generate import render_checks
from hub.quality.rules import Model, load_model
from hub.quality.split import finish_split, split_rows
from hub.quality.suite import judge_by_library
from tests.journey import make_keyring
from tests.postgres_cluster import HubDatabase

PATH = "staging/stg_proef"
COLUMNS = {
    "id": "uuid", "naam": "text", "actief": "boolean", "soort": "text", "code": "text",
    "getal": "numeric", "tekst": "text", "als_geheel": "text", "als_getal": "text",
    "als_datum": "text", "als_moment": "text", "dag": "date", "gebeurd_op": "timestamptz",
    "nummer": "text", "ouder": "uuid", "van": "date", "tot": "date",
}  # fmt: skip
SEALED = ("naam", "tekst")
_RULES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("naam_er", "not_null", "fail", {"kolom": "naam"}),
    ("is_actief", "is_true", "fail", {"kolom": "actief"}),
    ("soort_bekend", "in_set", "warn", {"kolom": "soort", "waarden": ["a", "b"]}),
    ("code_vorm", "match", "fail", {"kolom": "code", "patroon": "^[A-Z]{2}[0-9]+$"}),
    ("getal_tussen", "between", "fail", {"kolom": "getal", "minimum": -5, "maximum": 10.5}),
    ("tekst_lengte", "length", "fail", {"kolom": "tekst", "minimum": 2, "maximum": 4}),
    ("leest_geheel", "type", "fail", {"kolom": "als_geheel", "als": "geheel_getal"}),
    ("leest_getal", "type", "warn", {"kolom": "als_getal", "als": "getal"}),
    ("leest_datum", "type", "fail", {"kolom": "als_datum", "als": "datum"}),
    ("leest_moment", "type", "fail", {"kolom": "als_moment", "als": "moment"}),
    ("dag_tussen", "date_between", "fail",
     {"kolom": "dag", "vanaf": "2000-01-01", "tot": "2030-12-31"}),
    ("niet_later", "not_in_future", "fail", {"kolom": "gebeurd_op", "speling_uur": 1}),
    ("nummer_uniek", "unique", "fail", {"kolom": "nummer"}),
    ("ouder_bekend", "reference", "fail", {"kolom": "ouder", "naar": "bron.proef.id"}),
    ("tot_na_van", "row_condition", "fail", {"voorwaarde": "tot >= van"}),
    ("volledig", "completeness", "fail", {"kolom": "soort", "maximum": 0.3}),
    ("gewoon", "volume", "fail", {"laatste": 3, "minimum": 0.5, "maximum": 2}),
    ("vers", "freshness", "fail", {"kolom": "gebeurd_op", "hoogstens_uur": 24}),
    ("gelijk", "equality", "warn", {
        "links": "SELECT 'a' AS sleutel, count(*) AS aantal FROM bron.proef",
        "rechts": "SELECT 'a' AS sleutel, count(DISTINCT nummer) AS aantal FROM bron.proef",
    }),
]  # fmt: skip


def make_document() -> dict[str, Any]:
    """Return the rules as they stand in a file."""
    return {
        "model": "stg_proef", "tabel": "bron.proef", "herkomst": "crm proef", "versie": "code",
        "beschrijving": "b", "eigenaar": "e", "sleutel": "id", "bewaring": "b",
        "kolommen": {
            name: {"persoonsgegeven": name in SEALED, "beschrijving": "b"} for name in COLUMNS
        },
        "checks": [
            {"naam": naam, "soort": soort, "ernst": ernst, "reden": f"reden {naam}",
             "waarom": "w", **given}
            for naam, soort, ernst, given in _RULES
        ],
    }  # fmt: skip


class Proef:
    """The table in a database, its rules in a folder."""

    def __init__(self, database: HubDatabase, folder: Path, patch: pytest.MonkeyPatch) -> None:
        root = folder / "sql"
        shutil.copytree(statements.SQL_ROOT / "ops", root / "ops")
        (root / "staging").mkdir()
        (root / f"{PATH}.yml").write_text(yaml.safe_dump(make_document()), encoding="utf-8")
        for module in (statements, rules):
            patch.setattr(module, "SQL_ROOT", root)
        load_model.cache_clear()
        statements.load_statements.cache_clear()
        self.model: Model = load_model(PATH)
        (root / f"{PATH}_check.sql").write_text(render_checks(self.model, PATH), encoding="utf-8")
        self.folder, self.keyring = folder, make_keyring()
        self.owner = database.engine("hub_eigenaar")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        with self.owner.begin() as connection:
            connection.execute(text(f"CREATE TABLE bron.proef ({columns}, PRIMARY KEY (id))"))

    def fill(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace what the table holds, and forget what was measured."""
        names = ", ".join(COLUMNS)
        values = ", ".join(f":{name}" for name in COLUMNS)
        with self.owner.begin() as connection:
            connection.execute(text("TRUNCATE bron.proef, hub.quarantaine, hub.regelmeting"))
            if rows:
                insert = text(f"INSERT INTO bron.proef ({names}) VALUES ({values})")
                connection.execute(insert, [dict(row) for row in rows])

    def split(self, keyring: Keyring | None = None) -> Counter[str]:
        """Split the whole table; return the broken rows per rule over rows."""
        with self.owner.begin() as connection:
            connection.execute(
                text("CREATE TEMPORARY TABLE stg_proef ON COMMIT DROP AS SELECT * FROM bron.proef")
            )
            (count,) = connection.execute(text("SELECT count(*) FROM stg_proef")).one()
            split_rows(connection, keyring or self.keyring, PATH, rows=count, run="proef")
            found = connection.execute(
                text("SELECT unnest(fouten || waarschuwingen) AS regel FROM gebroken")
            )
            broken = Counter(row.regel for row in found)
            finish_split(connection, PATH)
        return broken

    def judge_tables(self) -> dict[str, int]:
        """Judge the rules over the table in SQL; nothing of it stays."""
        connection = self.owner.connect()
        try:
            return verdict.judge_models(connection, [PATH], run="proef").get("stg_proef", {})
        finally:
            connection.rollback()
            connection.close()

    def judge_by_library(self) -> dict[str, int]:
        """Let Great Expectations judge it all."""
        return judge_by_library(self.owner, self.folder / "docs")["stg_proef"]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read as the owner."""
        with self.owner.begin() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]
