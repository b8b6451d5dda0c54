"""The page about the contract is made from the contract."""

from __future__ import annotations

import copy
from typing import Any

from connectors.aanmelding.mapping import load_contract
from connectors.aanmelding.render import PAGE, render_page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(load_contract()), (
        "run: python -m connectors.aanmelding.render"
    )


def test_the_page_tells_every_operation_status_and_field() -> None:
    contract, page = load_contract(), render_page(load_contract())
    for path, item in contract["paths"].items():
        for method in {"get", "put", "delete"} & item.keys():
            section = page.partition(f"### {method.upper()} {path}\n")[2].partition("\n### ")[0]
            for status in item[method]["responses"]:
                assert f"| {status} |" in section
    for name, schema in contract["components"]["schemas"].items():
        section = page.partition(f"### {name}\n")[2].partition("\n### ")[0]
        for field in schema.get("properties", ()):
            assert f"| `{field}` |" in section


def test_a_change_of_the_contract_changes_the_page() -> None:
    changed: dict[str, Any] = copy.deepcopy(dict(load_contract()))
    changed["components"]["schemas"]["Gebouw"]["properties"]["bouwjaar"]["minimum"] = 1500
    assert render_page(changed) != render_page(load_contract())
