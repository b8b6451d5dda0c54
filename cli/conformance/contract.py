"""The contract as the kit needs it: its schemas to hold answers against, its lines to point at."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from connectors.aanmelding.mapping import CONTRACT_FILE, load_contract

# Where in the document a rule stands: its path, and what the line begins with when it is prose.
Rule = tuple[tuple[str, ...], str]


def rule(*path: str, prose: str = "") -> Rule:
    """Name a rule by its path in the document, and a piece of the line inside a text."""
    return path, prose


def read_version() -> str:
    """Return the version of the contract that the kit proves."""
    return str(load_contract()["info"]["version"])


@cache
def _tree() -> yaml.Node:
    tree = yaml.compose(CONTRACT_FILE.read_text(encoding="utf-8"))
    if tree is None:
        raise ValueError("the contract is empty")
    return tree


@cache
def _lines() -> list[str]:
    return CONTRACT_FILE.read_text(encoding="utf-8").splitlines()


def find_line(where: Rule) -> int:
    """Return the number (from 1) of the line on which a rule stands.

    Raises:
        KeyError: the contract has no such place.
    """
    path, prose = where
    node, line = _tree(), 1
    for step in path:
        if not isinstance(node, yaml.MappingNode):
            raise KeyError(step)
        key, node = next(
            ((key, value) for key, value in node.value if key.value == step), (None, node)
        )
        if key is None:
            raise KeyError(step)
        line = key.start_mark.line + 1
    if not prose:
        return line
    for number in range(line, node.end_mark.line + 1):
        if prose in _lines()[number - 1]:
            return number
    raise KeyError(prose)


def read_line(number: int) -> str:
    """Return the text of a line of the contract."""
    return _lines()[number - 1].strip()


@cache
def _validator(schema: str) -> Draft202012Validator:
    # Moments are held against their own rule: one mistake is told once.
    whole = {"$ref": f"#/components/schemas/{schema}", "components": load_contract()["components"]}
    return Draft202012Validator(whole)


def find_faults(schema: str, body: Any) -> list[str]:
    """Return where an answer breaks a schema and by which rule, never its values."""
    return [
        f"/{'/'.join(str(step) for step in error.absolute_path)} ({error.validator})"
        for error in _validator(schema).iter_errors(body)
    ]
