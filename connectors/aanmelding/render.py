"""Write the contract as a page for people: ``python -m connectors.aanmelding.render``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from connectors.aanmelding.mapping import CONTRACT_FILE, load_contract

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "aanmelding_contract.md"
_SOURCE: Final = "../connectors/aanmelding/contract"
_METHODS: Final = ("put", "get", "delete")
Node = Mapping[str, Any]


def render_page(contract: Node) -> str:
    """Return the whole page as Markdown."""
    return "\n".join(_page(contract)).rstrip() + "\n"


def _page(contract: Node) -> Iterator[str]:
    info = contract["info"]
    yield f"# {info['title']} ({info['version']})"
    yield (
        f"Deze bladzijde is gemaakt uit [{CONTRACT_FILE.name}]({_SOURCE}/{CONTRACT_FILE.name}), "
        "het contract zelf; wijzig dat, en draai `python -m connectors.aanmelding.render`."
    )
    yield f"De JSON-LD-context: [aanmelding.context.jsonld]({_SOURCE}/aanmelding.context.jsonld)."
    yield f"\n{info['summary']}\n"
    yield info["description"]
    yield "## Oproepen"
    for path, item in contract["paths"].items():
        for method in _METHODS:
            if method in item:
                yield from _operation(contract, path, method, item)
    yield "## Fouten die overal hetzelfde zijn"
    for name, answer in contract["components"]["responses"].items():
        yield f"### {name}"
        yield f"{_one_line(answer['description'])}\n"
        yield from _examples(contract, name, answer)
    yield "## Inhouden"
    for name, schema in contract["components"]["schemas"].items():
        yield from _schema(contract, name, schema)


def _operation(contract: Node, path: str, method: str, item: Node) -> Iterator[str]:
    operation = item[method]
    yield f"### {method.upper()} {path}"
    yield f"{operation['summary']}\n"
    if "description" in operation:
        yield operation["description"]
    yield "| parameter | waar | verplicht | betekenis |\n|---|---|---|---|"
    for given in [*item.get("parameters", ()), *operation.get("parameters", ())]:
        parameter = _resolve(contract, given)
        needed = "ja" if parameter.get("required") else "nee"
        said = _one_line(parameter["description"])
        yield f"| `{parameter['name']}` | {parameter['in']} | {needed} | {said} |"
    yield "\n| antwoord | betekenis | inhoud |\n|---|---|---|"
    answers = {
        status: _resolve(contract, answer) for status, answer in operation["responses"].items()
    }
    for status, answer in answers.items():
        kinds = ", ".join(
            f"`{kind}` {_type(content['schema'])}" for kind, content in answer["content"].items()
        )
        heads = "".join(f"; `{name}`" for name in answer.get("headers", ()))
        yield f"| {status} | {_one_line(answer['description'])} | {kinds}{heads} |"
    yield ""
    own = {s: answers[s] for s, answer in operation["responses"].items() if "$ref" not in answer}
    contents = {"verzoek": operation["requestBody"]} if "requestBody" in operation else {}
    for status, answer in {**contents, **own}.items():
        yield from _examples(contract, status, answer)


def _examples(contract: Node, status: str, answer: Node) -> Iterator[str]:
    for content in answer["content"].values():
        for name, given in content["examples"].items():
            example = _resolve(contract, given)
            yield f"<details><summary>{status}: {example.get('summary', name)}</summary>\n"
            text = json.dumps(example["value"], ensure_ascii=False, indent=2)
            yield f"```json\n{text}\n```\n</details>\n"


def _schema(contract: Node, name: str, schema: Node) -> Iterator[str]:
    yield f"### {name}"
    yield f"{_one_line(schema['description'])}{_oslo(schema)}\n"
    if "properties" not in schema:
        yield f"{_limits(schema)}\n"
        return
    yield "| veld | soort | verplicht | betekenis |\n|---|---|---|---|"
    for field, part in schema["properties"].items():
        needed = "ja" if field in schema.get("required", ()) else "nee"
        said = _one_line(_resolve(contract, part).get("description", ""))
        yield f"| `{field}` | {_type(part)} {_limits(part)} | {needed} | {said}{_oslo(part)} |"
    yield ""


def _resolve(contract: Node, node: Any) -> Any:
    while "$ref" in node:
        target: Any = contract
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _type(schema: Node) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if schema.get("type") == "array":
        return f"lijst van {_type(schema['items'])}"
    return str(schema.get("format") or schema.get("type", ""))


def _limits(schema: Node) -> str:
    told = [f"`{choice}`" for choice in schema.get("enum", ())]
    names = ("minLength", "maxLength", "minimum", "maximum", "maxItems")
    told += [f"{name} {schema[name]}" for name in names if name in schema]
    if "pattern" in schema:
        told.append(f"`{schema['pattern'].replace('|', chr(92) + '|')}`")
    return f"({', '.join(told)})" if told else ""


def _oslo(schema: Node) -> str:
    return f" OSLO: `{schema['x-oslo']}`." if "x-oslo" in schema else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    PAGE.write_text(render_page(load_contract()), encoding="utf-8")
