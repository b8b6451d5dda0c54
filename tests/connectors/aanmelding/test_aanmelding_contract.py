"""The published contract is a sound OpenAPI 3.1 document and keeps its own promises."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors.aanmelding.client import STATUS
from connectors.aanmelding.mapping import find_faults, load_contract
from connectors.aanmelding.models import Soort, Status, Uitkomst

CONTRACT: dict[str, Any] = dict(load_contract())
METHODS = ("get", "put", "post", "delete", "patch")
UUID_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

# The parts of OpenAPI 3.1 that this document uses, as a schema of our own: anything else in it
# is a slip of the pen.
TEXT = {"type": "string", "minLength": 1}
REF = {
    "type": "object",
    "required": ["$ref"],
    "properties": {"$ref": {"type": "string", "pattern": "^#/components/"}},
    "additionalProperties": False,
}


def closed(required: str, optional: str = "", /, **properties: object) -> dict[str, object]:
    """Describe an object that has these fields and no other."""
    names = [*required.split(), *optional.split()]
    return {
        "type": "object",
        "required": required.split(),
        "properties": {name: properties.get(name, {}) for name in names},
        "additionalProperties": False,
    }


def or_ref(schema: dict[str, object]) -> dict[str, object]:
    return {"if": {"required": ["$ref"]}, "then": REF, "else": schema}


def every(schema: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "minProperties": 1, "additionalProperties": schema}


EXAMPLE = or_ref(closed("value", "summary", summary=TEXT))
CONTENT = every(closed("schema examples", schema={"type": "object"}, examples=every(EXAMPLE)))
HEADER = or_ref(
    closed("description schema", "required", description=TEXT, required={"type": "boolean"})
)
RESPONSE = or_ref(
    closed(
        "description content", "headers", description=TEXT, headers=every(HEADER), content=CONTENT
    )
)
PARAMETER = or_ref(
    closed(
        "name in description schema",
        "required example",
        description=TEXT,
        required={"type": "boolean"},
        **{"in": {"enum": ["path", "query", "header"]}},
    )
)
OPERATION = closed(
    "operationId tags summary responses",
    "description parameters requestBody",
    operationId={"type": "string", "pattern": "^[a-z][A-Za-z]+$"},
    summary=TEXT,
    description=TEXT,
    parameters={"type": "array", "items": PARAMETER},
    requestBody=closed("required content", required={"const": True}, content=CONTENT),
    responses={
        "type": "object",
        "patternProperties": {"^[1-5][0-9]{2}$": RESPONSE},
        "additionalProperties": False,
        "minProperties": 2,
    },
)
DOCUMENT = closed(
    "openapi info servers security tags paths components",
    openapi={"const": "3.1.0"},
    info=closed(
        "title version summary description license",
        title=TEXT,
        version={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        license=closed("name identifier"),
    ),
    servers={"type": "array", "minItems": 1, "items": closed("url description")},
    security={"const": [{"token": []}]},
    tags={"type": "array", "items": closed("name description")},
    paths={
        "type": "object",
        "patternProperties": {
            "^/": closed(
                "",
                "parameters get put delete",
                parameters={"type": "array", "items": PARAMETER},
                get=OPERATION,
                put=OPERATION,
                delete=OPERATION,
            )
        },
        "additionalProperties": False,
    },
    components=closed(
        "securitySchemes parameters headers examples responses schemas",
        parameters=every(PARAMETER),
        headers=every(HEADER),
        examples=every(EXAMPLE),
        responses=every(RESPONSE),
        schemas=every({"type": "object"}),
        securitySchemes={
            "const": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": CONTRACT["components"]["securitySchemes"]["token"][
                        "description"
                    ],
                }
            }
        },
    ),
)


def resolve(node: Any) -> Any:
    """Follow a reference inside the document."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = CONTRACT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def walk(node: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{path}/{index}")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, item[method])
        for path, item in CONTRACT["paths"].items()
        for method in METHODS
        if method in item
    ]


def contents() -> list[tuple[str, Any, Any]]:
    """List every (place, schema, example value) of the document."""
    found = []
    for path, node in walk(CONTRACT):
        if isinstance(node, dict) and set(node) == {"schema", "examples"}:
            for name, example in node["examples"].items():
                found.append((f"{path}/{name}", node["schema"], resolve(example)["value"]))
    return found


def validator(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(
        {**schema, "components": CONTRACT["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def test_the_document_has_the_structure_of_openapi() -> None:
    errors = list(Draft202012Validator(DOCUMENT).iter_errors(CONTRACT))
    assert [f"{error.json_path}: {error.message[:80]}" for error in errors] == []


def test_every_reference_leads_somewhere_and_everything_shared_is_used() -> None:
    used = {node["$ref"] for _, node in walk(CONTRACT) if isinstance(node, dict) and "$ref" in node}
    for reference in used:
        assert resolve({"$ref": reference}) is not None
    shared = {
        f"#/components/{kind}/{name}"
        for kind, parts in CONTRACT["components"].items()
        if kind != "securitySchemes"
        for name in parts
    }
    assert used == shared


@pytest.mark.parametrize("name", sorted(CONTRACT["components"]["schemas"]))
def test_every_schema_is_a_json_schema_with_a_description_per_field(name: str) -> None:
    schema = CONTRACT["components"]["schemas"][name]
    Draft202012Validator.check_schema(schema)
    assert schema["description"]
    for field, part in schema.get("properties", {}).items():
        whole = resolve(part)
        described = whole.get("description") or whole.get("items")
        assert described, f"{name}.{field} has no description"
    assert set(schema.get("required", ())) <= set(schema.get("properties", ()))


def test_every_operation_has_its_own_name_and_its_path_parameters() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert sorted(names) == [
        "deleteAanmelding",
        "getAanmelding",
        "getDocument",
        "listStanden",
        "listVoortgang",
        "putAanmelding",
    ]
    for path, _, operation in operations():
        shared = CONTRACT["paths"][path].get("parameters", [])
        parameters = [resolve(p) for p in [*shared, *operation.get("parameters", [])]]
        assert {p["name"] for p in parameters if p["in"] == "path"} == set(
            re.findall(r"\{(\w+)\}", path)
        )
        assert "x-correlation-id" in {p["name"] for p in parameters}


def test_every_operation_tells_how_it_can_fail() -> None:
    for path, method, operation in operations():
        answers = set(operation["responses"])
        assert {"200", "400", "401", "403", "429", "500", "503"} <= answers, (path, method)
        for status, answer in operation["responses"].items():
            kinds = set(resolve(answer)["content"])
            good = "application/pdf" if path.startswith("/documenten/") else "application/json"
            expected = good if status < "300" else "application/problem+json"
            assert kinds == {expected}, (path, method, status)
    put = CONTRACT["paths"]["/aanmeldingen/{referentie}"]["put"]["responses"]
    assert {"201", "409", "412", "415", "422"} <= set(put)


def test_the_client_knows_what_every_status_of_the_contract_means() -> None:
    told = {int(s) for _, _, operation in operations() for s in operation["responses"]}
    # 500 means another thing for a read than for a write, which the transport decides.
    assert told - {200, 201, 500} <= set(STATUS)


@pytest.mark.parametrize(
    ("place", "schema", "value"), contents(), ids=[place for place, _, _ in contents()]
)
def test_every_example_is_valid(place: str, schema: Any, value: Any) -> None:
    assert [error.message for error in validator(schema).iter_errors(value)] == []


def test_a_problem_example_carries_the_status_it_stands_under() -> None:
    for _, _, operation in operations():
        for status, answer in operation["responses"].items():
            content = resolve(answer)["content"].get("application/problem+json")
            for example in (content or {"examples": {}})["examples"].values():
                assert resolve(example)["value"]["status"] == int(status)


def test_persons_in_the_examples_are_fictitious() -> None:
    text = json.dumps([value for _, _, value in contents()], ensure_ascii=False)
    assert set(re.findall(r'"naam": "([^"]*)"', text)) == {"Voorbeeld", "Verzonnen"}
    assert set(re.findall(r"[\w.]+@([\w.]+)", text)) == {"example.org"}
    bare = UUID_SHAPE.sub("", text)
    assert not re.search(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|(?<!\d)\d{11}(?!\d)", bare)


def request_examples() -> dict[str, dict[str, Any]]:
    put = CONTRACT["paths"]["/aanmeldingen/{referentie}"]["put"]
    examples = put["requestBody"]["content"]["application/json"]["examples"]
    return {name: example["value"] for name, example in examples.items()}


@pytest.mark.parametrize("place", [(), ("aanvrager",), ("gebouw",)])
def test_a_request_with_an_unknown_field_is_refused(place: tuple[str, ...]) -> None:
    body = copy.deepcopy(request_examples()["volledig"])
    part = body
    for step in place:
        part = part[step]
    part["insz"] = "90610112345"
    assert find_faults(body) == [f"/{'/'.join(place)} additionalProperties"]


def test_a_request_never_asks_for_an_insz_or_a_birth_date() -> None:
    names = {
        field.lower()
        for name in ("Aanmelding", "Aanvrager", "Gebouw")
        for field in CONTRACT["components"]["schemas"][name]["properties"]
    }
    assert not names & {"insz", "rijksregisternummer", "geboortedatum", "bisnummer"}


@pytest.mark.parametrize(
    "path",
    [
        "referentie",
        "soort",
        "dossierNummer",
        "ingediendOp",
        "aanvrager",
        "gebouw",
        "aanvrager.voornaam",
        "aanvrager.naam",
        "gebouw.straat",
        "gebouw.huisnummer",
        "gebouw.gemeente",
    ],
)
def test_a_request_without_a_needed_field_is_refused(path: str) -> None:
    body = copy.deepcopy(request_examples()["minimaal"])
    *steps, last = path.split(".")
    part = body
    for step in steps:
        part = part[step]
    del part[last]
    assert find_faults(body) == [f"/{'/'.join(steps)} required"]


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("referentie", "6D1C2B7E-4A7B-4F0E-9A51-0C8A6D2F3E10", "pattern"),
        ("soort", "tuinadvies", "enum"),
        ("aanvrager.email", "geen adres", "format"),
        ("aanvrager.naam", "", "minLength"),
        ("aanvrager.telefoon", None, "type"),
        ("gebouw.postcode", "30O0", "pattern"),
        ("gebouw.postcode", "0999", "pattern"),
        ("gebouw.energielabel", "G", "enum"),
        ("gebouw.bouwjaar", 1931.5, "type"),
        ("gebouw.kengetal", "437", "type"),
        ("gebouw.adresId", "abc", "pattern"),
        ("vraag", "x" * 4001, "maxLength"),
    ],
)
def test_a_request_with_a_wrong_value_is_refused_and_the_value_is_not_told(
    path: str, value: object, rule: str
) -> None:
    body = copy.deepcopy(request_examples()["volledig"])
    *steps, last = path.split(".")
    part = body
    for step in steps:
        part = part[step]
    part[last] = value
    assert find_faults(body) == [f"/{'/'.join([*steps, last])} {rule}"]


def test_keeping_after_a_withdrawal_needs_a_duty() -> None:
    kept = {
        "referentie": request_examples()["volledig"]["referentie"],
        "uitkomst": "bewaard",
        "ingetrokkenOp": "2026-11-15T10:00:00Z",
    }
    schema = {"$ref": "#/components/schemas/Intrekking"}
    assert not validator(schema).is_valid(kept)
    assert validator(schema).is_valid({**kept, "uitkomst": "verwijderd"})


def test_our_words_are_those_of_the_contract() -> None:
    schemas = CONTRACT["components"]["schemas"]
    assert schemas["Soort"]["enum"] == [soort.value for soort in Soort]
    assert schemas["Status"]["enum"] == [status.value for status in Status]
    outcomes = schemas["Intrekking"]["properties"]["uitkomst"]["enum"]
    assert outcomes == [uitkomst.value for uitkomst in Uitkomst]
