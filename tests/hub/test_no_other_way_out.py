"""Every write to the outside goes through the ledger: only its channels may call one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("hub", "plugins", "dags", "cli", "connectors")
# A request that changes the receiver says so to the transport, by one of these.
MARKS = ("changes", "registers")


def _trees(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def _says_it_writes(node: ast.AST) -> bool:
    return any(
        isinstance(found, ast.keyword)
        and found.arg in MARKS
        and isinstance(found.value, ast.Constant)
        and found.value.value is True
        for found in ast.walk(node)
    )


def _writing_operations() -> set[str]:
    """Return the public methods of the connectors' clients that change an outside system."""
    return {
        method.name
        for path, tree in _trees("connectors")
        if path.parts[1] != "transport"
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and not method.name.startswith("_")
        and _says_it_writes(method)
    }


def test_the_writing_operations_are_found() -> None:
    known = {"write", "put_aanmelding", "delete_aanmelding", "put_batch", "register_dossier"}
    assert known <= _writing_operations()


def test_only_the_channels_of_the_ledger_write_outside() -> None:
    operations = _writing_operations()
    elsewhere = [
        f"{path}:{node.lineno} calls {node.func.attr}"
        for path, tree in _trees(*ROOMS)
        if path.parts[:2] not in (("hub", "channels"), ("connectors", "transport"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in operations
    ]
    assert not elsewhere, "write it down in the ledger instead: " + "; ".join(elsewhere)
