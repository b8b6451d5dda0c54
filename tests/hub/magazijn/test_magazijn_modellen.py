"""What each model makes of landed rows, as cases in YAML: ``gevallen/<model>/<case>.yml``.

``gegeven``: landed rows by table, keys by name (``d1``; ``m1@<moment>`` for a key made then).
``verwacht``: the rows of the model, with the columns that matter; a pseudonym by the name of its
key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from tests.hub.magazijn_case import FEITEN, TABELLEN, Magazijn, land

pytestmark = pytest.mark.postgres
CASES = sorted((Path(__file__).parent / "gevallen").glob("*/*.yml"))


def test_every_model_has_cases() -> None:
    assert {path.parent.name for path in CASES} == set(FEITEN)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_gives_what_it_expects(path: Path, magazijn: Magazijn) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(case) == {"waarom", "gegeven", "verwacht"}
    with magazijn.owner.begin() as connection:
        for tabel in sorted(case["gegeven"], key=TABELLEN.index):
            for row in case["gegeven"][tabel]:
                land(connection, tabel, row)
    magazijn.load()
    model = path.parent.name
    with magazijn.owner.connect() as connection:
        found = [
            dict(row)
            for row in connection.execute(text(f"SELECT * FROM rapportage.{model}")).mappings()
        ]
    expected = [
        {column: _expect(magazijn, column, value) for column, value in row.items()}
        for row in case["verwacht"]
    ]
    columns = {column for row in expected for column in row}
    shown = [{name: _show(row[name]) for name in columns} for row in found]
    assert sorted(shown, key=str) == sorted(
        ({name: row.get(name) for name in columns} for row in expected), key=str
    )


def _expect(magazijn: Magazijn, column: str, value: Any) -> Any:
    if column.endswith("_pseudoniem") and value is not None:
        return magazijn.pseudonym(column.removesuffix("_pseudoniem"), value)
    return _show(value)


def _show(value: Any) -> Any:
    """Return a value so that a day of YAML and of the database are alike, and numbers too."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return value
    return float(value) if hasattr(value, "__float__") else str(value)
