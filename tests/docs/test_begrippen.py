"""The glossary knows every Dutch word in the names of tables, columns and classes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.postgres_cluster import HubDatabase

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "begrippen.md"

# English words of plumbing: they need no gloss. A Dutch word goes into the glossary, never here.
PLUMBING = frozenset(
    re.findall(
        r"\w+",
        """
        addressed admission admitted asking attempter claim claimed composer senders slots
        batch cursor etag hash id inbox incident link max model object already answer run split
        feature wfs wms
        authentication begun body capabilities change changes check client conflict connector
        chain column consent contract credentials criteria deleted delta detail document done error
        died expired fault feeds files filter gate grant http job json keyring landed log mapping
        known match
        matches measured memory not numbered offline on operation outcome oversized page passage
        permanent
        postgres reader readers receipt record redacting rekey rejected report reply result
        retryable
        sealed sign signer server sftp soap source store summary throttled transport
        turn unknown verdict violation wire writer
        """,
    )
)
_ROW = re.compile(r"^\|(?P<first>[^|]*`[^|]*)\|", re.MULTILINE)
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+")


def read_rows() -> list[str]:
    rows = _ROW.findall(GLOSSARY.read_text(encoding="utf-8"))
    return [term for row in rows for term in re.findall(r"`([^`]+)`", row)]


def split_class_name(name: str) -> list[str]:
    return [word.lower() for word in _CAMEL.findall(name)]


def public_classes() -> Iterator[tuple[str, str]]:
    for room in ("hub", "connectors"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield path.relative_to(ROOT).as_posix(), node.name


def unknown(words: list[str], terms: set[str]) -> set[str]:
    return {word for word in words if word not in terms and word not in PLUMBING}


@pytest.fixture(scope="session")
def terms() -> set[str]:
    return set(read_rows())


@pytest.fixture(scope="session")
def columns(schema: HubDatabase) -> list[tuple[str, str, str]]:
    query = (
        "SELECT table_schema, table_name, column_name FROM information_schema.columns "
        "WHERE table_schema IN ('bron', 'hub', 'rapportage')"
    )
    with schema.engine("hub_eigenaar").connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    assert found, "the schema has no columns: the query is wrong"
    return found


@pytest.mark.postgres
def test_every_table_and_view_has_a_row(
    columns: list[tuple[str, str, str]], terms: set[str]
) -> None:
    missing = {f"{schema}.{table}" for schema, table, _ in columns} - terms
    assert not missing, f"add to docs/begrippen.md: {sorted(missing)}"


@pytest.mark.postgres
def test_every_word_in_a_table_or_column_of_hub_and_rapportage_is_explained(
    columns: list[tuple[str, str, str]], terms: set[str]
) -> None:
    missing = {
        f"{word} ({table}.{column})"
        for schema, table, column in columns
        if schema != "bron"
        for word in unknown([*table.split("_"), *column.split("_")], terms)
    }
    assert not missing, f"add to docs/begrippen.md: {sorted(missing)}"


@pytest.mark.postgres
def test_no_table_is_explained_that_does_not_exist(
    columns: list[tuple[str, str, str]], terms: set[str]
) -> None:
    there = {f"{schema}.{table}" for schema, table, _ in columns}
    assert not {term for term in terms if "." in term} - there, "remove these rows"


def test_every_word_in_a_public_class_is_explained(terms: set[str]) -> None:
    classes = list(public_classes())
    assert len(classes) > 50, "the classes were not found"
    missing = {
        f"{word} ({name} in {path})"
        for path, name in classes
        for word in unknown(split_class_name(name), terms)
    }
    assert not missing, f"add to docs/begrippen.md: {sorted(missing)}"


def test_a_word_is_explained_once() -> None:
    rows = read_rows()
    twice = {term for term in rows if rows.count(term) > 1}
    assert not twice, f"one concept, one word, one row: {sorted(twice)}"


def test_a_new_dutch_word_would_be_seen(terms: set[str]) -> None:
    assert unknown(split_class_name("VerbouwAftrek"), terms) == {"verbouw", "aftrek"}
    assert unknown(["leningaanvraag", "ingediend", "op"], terms) == {
        "leningaanvraag",
        "ingediend",
    }
