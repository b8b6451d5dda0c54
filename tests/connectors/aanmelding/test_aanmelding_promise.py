"""A minor version of the contract only adds: whoever implements the earlier one still fits."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from connectors.aanmelding.mapping import CONTRACT_FILE, load_contract

EARLIER = sorted((CONTRACT_FILE.parent / "eerder").glob("aanmelding-*.openapi.yaml"))
# Words may change at any time: they bind nobody's program.
PROSE = {"description", "summary", "title", "example", "examples", "x-oslo", "info", "tags"}
# Below these names a new key adds something optional.
MAY_GROW = {
    "paths",
    "responses",
    "properties",
    "schemas",
    "parameters",
    "headers",
    "securitySchemes",
}
METHODS = {"get", "put", "delete", "post", "patch"}
Document = dict[str, Any]


def resolve(node: Any, document: Document) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def find_breaks(
    old: Any, new: Any, documents: tuple[Document, Document], path: str = ""
) -> Iterator[str]:
    """Yield every place where `new` asks or gives other than `old` did."""
    old, new = resolve(old, documents[0]), resolve(new, documents[1])
    here = path.rpartition("/")[2]
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() - PROSE if here != "properties" else old.keys():
            if key not in new:
                yield f"{path}/{key} is gone"
            else:
                yield from find_breaks(old[key], new[key], documents, f"{path}/{key}")
        added = new.keys() - old.keys() - (set() if here == "properties" else PROSE)
        for key in added:
            if here not in MAY_GROW and not (key in METHODS and path.startswith("/paths/")):
                yield f"{path}/{key} is new"
    elif here == "parameters" and isinstance(old, list) and isinstance(new, list):
        before = {p["name"]: p for p in (resolve(p, documents[0]) for p in old)}
        after = {p["name"]: p for p in (resolve(p, documents[1]) for p in new)}
        for name in before.keys() - after.keys():
            yield f"{path}/{name} is gone"
        for name in after.keys() - before.keys():
            if after[name].get("required"):
                yield f"{path}/{name} is new and required"
        for name in before.keys() & after.keys():
            yield from find_breaks(before[name], after[name], documents, f"{path}/{name}")
    elif here in ("required", "enum") and isinstance(old, list) and isinstance(new, list):
        if set(old) != set(new):
            yield f"{path} changed by {sorted(set(old) ^ set(new))}"
    elif old != new:
        yield f"{path} changed"


def read(path: Any) -> Document:
    document: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def breaks(old: Document, new: Document) -> list[str]:
    return sorted(find_breaks(old, new, (old, new)))


def version(document: Document) -> tuple[int, ...]:
    return tuple(int(part) for part in document["info"]["version"].split("."))


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.name)
def test_this_version_keeps_what_an_earlier_one_of_the_same_major_promised(path: Any) -> None:
    old, new = read(path), dict(load_contract())
    assert path.name == f"aanmelding-{old['info']['version']}.openapi.yaml"
    assert version(old) < version(new)
    if version(old)[0] == version(new)[0]:
        assert breaks(old, new) == []


def test_the_version_just_before_is_kept() -> None:
    now = version(dict(load_contract()))
    assert EARLIER
    assert (now[0], now[1] - 1) in {version(read(path))[:2] for path in EARLIER}


def test_what_a_minor_version_added_needs_its_number() -> None:
    old, new = read(EARLIER[-1]), dict(load_contract())
    added = breaks(new, old)
    assert any("/documenten" in found for found in added)
    assert version(new)[1] > version(old)[1]


def _schema(document: Document, name: str) -> Any:
    return document["components"]["schemas"][name]


def _put(document: Document) -> Any:
    return document["paths"]["/aanmeldingen/{referentie}"]["put"]


BREAKING: dict[str, Callable[[Document], object]] = {
    "a path goes": lambda d: d["paths"].pop("/standen"),
    "a method goes": lambda d: d["paths"]["/aanmeldingen/{referentie}"].pop("delete"),
    "a status goes": lambda d: _put(d)["responses"].pop("412"),
    "a field goes": lambda d: _schema(d, "Voortgang")["properties"].pop("adviseur"),
    "a field named like prose goes": lambda d: _schema(d, "Probleem")["properties"].pop("title"),
    "a request needs more": lambda d: _schema(d, "Gebouw")["required"].append("postcode"),
    "an answer needs more": lambda d: _schema(d, "Ontvangst")["required"].append("ontvangstnummer"),
    "an answer promises less": lambda d: _schema(d, "Ontvangst")["required"].remove("ontvangenOp"),
    "a choice goes": lambda d: _schema(d, "Status")["enum"].remove("geweigerd"),
    "a choice comes": lambda d: _schema(d, "Status")["enum"].append("heropend"),
    "a text gets shorter": lambda d: _schema(d, "Aanmelding")["properties"]["vraag"].update(
        maxLength=100
    ),
    "a text gets a limit": lambda d: _schema(d, "Probleem")["properties"]["title"].update(
        maxLength=10
    ),
    "a kind changes": lambda d: _schema(d, "Gebouw")["properties"]["bouwjaar"].update(
        type="string"
    ),
    "a request is opened": lambda d: _schema(d, "Gebouw").pop("additionalProperties"),
    "a parameter becomes needed": lambda d: _put(d)["parameters"].append(
        {"name": "x-nieuw", "in": "header", "required": True, "schema": {"type": "string"}}
    ),
    "sign-on changes": lambda d: d["components"]["securitySchemes"]["token"].update(scheme="basic"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_change_that_breaks_the_promise_is_seen(name: str) -> None:
    changed = copy.deepcopy(dict(load_contract()))
    BREAKING[name](changed)
    assert breaks(dict(load_contract()), changed)


ALLOWED: dict[str, Callable[[Document], object]] = {
    "an optional field": lambda d: _schema(d, "Gebouw")["properties"].update(
        nieuw={"type": "string"}
    ),
    "an optional parameter": lambda d: _put(d)["parameters"].append(
        {"name": "x-nieuw", "in": "header", "schema": {"type": "string"}}
    ),
    "a new path": lambda d: d["paths"].update({"/nieuw": d["paths"]["/standen"]}),
    "a new status": lambda d: _put(d)["responses"].update({"451": {"description": "x"}}),
    "other words": lambda d: _schema(d, "Gebouw").update(description="Anders gezegd."),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_a_change_that_only_adds_is_allowed(name: str) -> None:
    changed = copy.deepcopy(dict(load_contract()))
    ALLOWED[name](changed)
    assert breaks(dict(load_contract()), changed) == []
