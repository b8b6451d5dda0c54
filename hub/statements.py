"""SQL lives in files under sql/; this module hands out the named statements in them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

SQL_ROOT = Path(__file__).resolve().parent.parent / "sql"
_NAME_LINE = re.compile(r"^-- name: (?P<name>[a-z_]+)\s*$", re.MULTILINE)


@cache
def load_statements(path: str) -> dict[str, str]:
    """Return the statements of ``sql/<path>.sql`` by name.

    Raises:
        ValueError: the file holds no line ``-- name: <name>``.
    """
    text = (SQL_ROOT / f"{path}.sql").read_text(encoding="utf-8")
    marks = list(_NAME_LINE.finditer(text))
    if not marks:
        raise ValueError(f"sql/{path}.sql names no statement. Add a line '-- name: <name>'.")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {
        mark["name"]: text[mark.end() : end].strip().rstrip(";")
        for mark, end in zip(marks, ends, strict=True)
    }


def statement(path: str, name: str) -> str:
    """Return one named statement.

    Raises:
        KeyError: the file has no statement of that name.
    """
    return load_statements(path)[name]
