"""No source is asked but through consult: the road by which every look is judged and logged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("hub", "plugins", "dags", "cli")
GATE = "hub/raadplegen.py"
LOG = "hub/toegangslog.py"
PROOF = "raadpleging"


def _trees(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield path.relative_to(ROOT).as_posix(), tree


def _parameters(function: ast.FunctionDef | ast.Lambda) -> dict[str, ast.expr | None]:
    given = function.args
    return {one.arg: one.annotation for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}


def _looking_operations() -> set[str]:
    """Return the public methods of the sources' clients that need the proof of a logged look."""
    return {
        method.name
        for _, tree in _trees("connectors/woningpas")
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and not method.name.startswith("_")
        and PROOF in _parameters(method)
    }


def _calls_without_consult(path: str, tree: ast.Module, operations: set[str]) -> Iterator[str]:
    """Yield calls of a source whose proof is not the argument of the function around it.

    Only consult hands out proofs (the tests below), so a function that passes on the proof it got
    can run by consult alone.
    """

    def walk(node: ast.AST, handed: frozenset[str]) -> Iterator[str]:
        if isinstance(node, ast.Lambda | ast.FunctionDef):
            handed = frozenset(_parameters(node))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in operations
        ):
            proofs = [one.value for one in node.keywords if one.arg == PROOF]
            if not any(isinstance(one, ast.Name) and one.id in handed for one in proofs):
                yield f"{path}:{node.lineno} calls {node.func.attr}"
        for child in ast.iter_child_nodes(node):
            yield from walk(child, handed)

    yield from walk(tree, frozenset())


def _users(name: str, *rooms: str) -> set[str]:
    """Return the files that make one of these."""
    return {
        path
        for path, tree in _trees(*rooms)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
        )
    }


def test_the_looking_operations_are_found() -> None:
    known = {"match_adres", "get_adres", "list_gebouweenheden", "get_gebouweenheid", "get_epcs"}
    assert known <= _looking_operations()


def test_the_proof_of_a_look_is_made_by_the_log_alone() -> None:
    assert _users("GelogdeRaadpleging", *ROOMS, "connectors") == {LOG}
    assert _users("Raadpleging", *ROOMS, "connectors") == {GATE}


def test_a_look_is_recorded_by_consult_alone() -> None:
    recorders = {
        path
        for path, tree in _trees("hub", "plugins", "dags")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "record"
    }
    assert recorders == {GATE}


def test_no_source_is_called_without_the_proof_that_consult_hands_out() -> None:
    operations = _looking_operations()
    found = [
        line
        for path, tree in _trees(*ROOMS)
        for line in _calls_without_consult(path, tree, operations)
    ]
    assert not found, "ask through hub.raadplegen.consult instead: " + "; ".join(found)


def test_a_call_that_passes_consult_by_would_be_seen() -> None:
    by = ast.parse("def f(source):\n    source.get_epcs(criteria=1, raadpleging=make())\n")
    without = ast.parse("def f(source):\n    source.get_epcs(criteria=1)\n")
    through = ast.parse("consult(call=lambda q, look: source.get_epcs(raadpleging=look))\n")
    assert list(_calls_without_consult("x", by, {"get_epcs"})) == ["x:2 calls get_epcs"]
    assert list(_calls_without_consult("x", without, {"get_epcs"})) == ["x:2 calls get_epcs"]
    assert list(_calls_without_consult("x", through, {"get_epcs"})) == []
