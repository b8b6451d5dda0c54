"""The connection types that Airflow's interface shows, and the hooks behind them."""

from __future__ import annotations

import ast
import json
import tomllib
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from hub_connections import NAMES, get_provider_info

ROOT = Path(__file__).resolve().parents[2]


def test_airflow_finds_them_through_the_projects_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    entry = project["entry-points"]["apache_airflow_provider"]["provider_info"]
    assert entry == "hub_connections:get_provider_info"
    assert get_provider_info()["package-name"] == project["name"]


def test_the_answer_is_what_airflow_demands_of_a_provider() -> None:
    found = find_spec("airflow")
    if found is None or found.origin is None:
        pytest.fail("Airflow is not installed beside the tests")
    schema = json.loads((Path(found.origin).parent / "provider_info.schema.json").read_text())
    jsonschema.validate(get_provider_info(), schema)


def test_every_type_has_a_hook_and_named_fields() -> None:
    tree = ast.parse((ROOT / "plugins" / "hub_hooks.py").read_text())
    hooks = {f"hub_hooks.{node.name}" for node in tree.body if isinstance(node, ast.ClassDef)}
    types = get_provider_info()["connection-types"]
    assert {found["connection-type"] for found in types} == set(NAMES)
    for found in types:
        assert found["hook-class-name"] in hooks
        assert found["ui-field-behaviour"]["relabeling"]["host"]


def test_a_secret_has_a_field_that_is_masked() -> None:
    # Airflow masks the standard field `password`; no secret may stand in an extra field.
    for found in get_provider_info()["connection-types"]:
        for name in found["conn-fields"]:
            assert (
                not {"secret", "token", "wachtwoord"} & set(name.split("_")) or name == "token_url"
            )


def test_what_airflow_reads_while_it_is_imported_does_not_import_airflow() -> None:
    tree = ast.parse((ROOT / "plugins" / "hub_connections.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= {"__future__", "typing"}
