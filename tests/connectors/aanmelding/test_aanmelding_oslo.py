"""The JSON-LD context puts our words into the terms of OSLO Energiehuis, and theirs into ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from connectors.aanmelding.mapping import CONTRACT_FILE, load_contract

FILE = CONTRACT_FILE.parent / "aanmelding.context.jsonld"
CONTEXT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
STANDARD, OURS = CONTEXT["@context"]
# The standard's own context lies at its owner. In the tests a stand-in gives each of its terms an
# address below the vocabulary's; the names of the terms are the owner's.
NS = "https://data.vlaanderen.be/ns/energiehuis#"
OWN = OURS["@vocab"]
# Terms of the profile that none of its three examples uses.
PROFILE = ("Adviesverlening", "Begeleiding", "Adviesverlening.type", "kenmerk")
# The terms of its examples that this contract uses, so that the tests also run without them.
USED = (
    "Financiering", "Basistaak.verstrektAan", "Basistaak.tijdstip", "Basistaak.verrichtDoor",
    "Contact.onderwerp", "Contactinfo.email", "Contactinfo.telefoon", "Gebouw.adres",
    "Renovatieproject.gerenoveerdGebouw", "PubliekeDienstverlening.produceert", "Output",
)  # fmt: skip


def load_stand_in(terms: set[str]) -> Any:
    context = {term: {"@id": NS + term} for term in terms}

    def load(url: str, _options: object = None) -> dict[str, Any]:
        assert url == STANDARD, f"nothing else is read, and {url} was asked"
        return {"contextUrl": None, "documentUrl": url, "document": {"@context": context}}

    return load


def expand(value: Any, terms: set[str] | None = None) -> list[Any]:
    known = set(PROFILE) | set(USED) | (terms or set())
    options = {"expandContext": CONTEXT, "documentLoader": load_stand_in(known)}
    expanded: list[Any] = jsonld.expand(value, options)
    return expanded


def in_our_words(expanded: Any) -> Any:
    """Compact with our words alone: the standard's own would win where they are shorter."""
    words = {}
    for word, given in OURS.items():
        definition = {"@id": given} if isinstance(given, str) else dict(given)
        if not word.startswith("@") and not definition["@id"].startswith("@"):
            definition["@id"] = NS + definition["@id"]
        words[word] = given if word.startswith("@") or given == "@type" else definition
    return jsonld.compact(expanded, {"@context": words})


def addresses(node: Any) -> Iterator[str]:
    """Yield every term of an expanded document: keys and types."""
    if isinstance(node, list):
        for item in node:
            yield from addresses(item)
    elif isinstance(node, dict):
        yield from node.get("@type", ()) if "@value" not in node else ()
        for key, value in node.items():
            if not key.startswith("@"):
                yield key
            if not key.startswith("@") or key == "@reverse":
                yield from addresses(value)


def marked() -> dict[str, str]:
    """Return each field of the contract that says its term of the standard."""
    found = {}
    schemas = load_contract()["components"]["schemas"]
    for schema in schemas.values():
        for name, part in schema.get("properties", {}).items():
            target = schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            if "x-oslo" in part or ("x-oslo" in target and name != "soort"):
                found[name] = part.get("x-oslo") or target["x-oslo"]
    return found


def request_examples() -> dict[str, Any]:
    put = load_contract()["paths"]["/aanmeldingen/{referentie}"]["put"]
    examples = put["requestBody"]["content"]["application/json"]["examples"]
    return {name: example["value"] for name, example in examples.items()}


def test_every_field_that_names_a_term_of_the_standard_leads_to_it() -> None:
    fields = marked()
    assert len(fields) >= 10
    for name, term in fields.items():
        definition = OURS[name]
        given = definition if isinstance(definition, str) else definition["@id"]
        assert given == term, name


def test_every_word_in_the_context_is_a_field_or_a_value_of_the_contract() -> None:
    text = CONTRACT_FILE.read_text(encoding="utf-8")
    for word in OURS:
        assert word.startswith("@") or f"{word}:" in text or word in text


def test_our_fullest_example_expands_to_the_terms_of_the_standard() -> None:
    [expanded] = expand(request_examples()["volledig"])
    assert expanded["@type"] == [f"{NS}Adviesverlening"]
    assert expanded[f"{NS}Contact.onderwerp"][0]["@value"].startswith("Hoe isoleer ik")
    [aanvrager] = expanded[f"{NS}Basistaak.verstrektAan"]
    assert aanvrager[f"{NS}Contactinfo.email"] == [{"@value": "fien.voorbeeld@example.org"}]
    [gebouw] = expanded[f"{NS}Renovatieproject.gerenoveerdGebouw"]
    assert gebouw[f"{NS}Gebouw.adres"] == [{"@id": "https://data.vlaanderen.be/id/adres/1234567"}]
    assert {(k["@type"], k["@value"]) for k in gebouw[f"{NS}kenmerk"]} == {
        (f"{OWN}energielabel", "E"),
        (f"{OWN}kengetal", 437.5),
    }


@pytest.mark.parametrize(
    ("soort", "klasse"),
    [
        ("duurzaam_bouwadvies", "Adviesverlening"),
        ("renovatiebegeleiding", "Begeleiding"),
        ("energielening", "Financiering"),
    ],
)
def test_every_kind_is_a_basistaak_of_the_standard(soort: str, klasse: str) -> None:
    [expanded] = expand({**request_examples()["minimaal"], "soort": soort})
    assert expanded["@type"] == [NS + klasse]


def test_progress_expands_to_the_terms_of_the_standard() -> None:
    page = load_contract()["paths"]["/aanmeldingen"]["get"]["responses"]["200"]
    items = page["content"]["application/json"]["examples"]["bladzijde"]["value"]["items"]
    found = set(addresses(expand(items)))
    assert {f"{NS}Basistaak.tijdstip", f"{NS}Basistaak.verrichtDoor"} <= found
    assert {f"{NS}Adviesverlening.type", f"{NS}PubliekeDienstverlening.produceert"} <= found


@pytest.mark.parametrize("name", request_examples())
def test_no_field_of_an_example_is_lost_and_it_reads_back(name: str) -> None:
    example = request_examples()[name]
    back = in_our_words(expand(example))
    back.pop("@context")
    assert back == example


def read_terms(node: Any) -> Iterator[str]:
    """Yield the terms that an example of the standard uses, as it writes them."""
    if isinstance(node, list):
        for item in node:
            yield from read_terms(item)
    elif isinstance(node, dict):
        kinds = node.get("@type", ())
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            if ":" not in kind:
                yield kind
        for key, value in node.items():
            if not key.startswith("@"):
                yield key
                yield from read_terms(value)


SAMPLES = ("financiering-lening", "klantencontact-energiescan", "energiehuis")


def read_sample(voorbeelden: Path, name: str) -> Any:
    [path] = (voorbeelden / "oslo-energiehuis" / "datavoorbeelden").glob(f"*{name}.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SAMPLES)
def test_an_example_of_the_standard_reads_back_whole(voorbeelden: Path, name: str) -> None:
    sample = read_sample(voorbeelden, name)
    terms = set(read_terms(sample["@graph"]))
    # One example turns a term round that only its own context names.
    turned = {d["@reverse"] for d in sample["@context"][1].values() if "@reverse" in d}
    options = {"documentLoader": load_stand_in(terms | turned)}
    expanded = jsonld.expand(sample, options)
    told = {address.removeprefix(NS) for address in addresses(expanded) if address.startswith(NS)}
    assert told | (set(sample["@context"][1]) if turned else set()) >= terms
    once = jsonld.compact(expanded, sample["@context"], options)
    assert jsonld.expand(once, options) == expanded


def test_a_loan_in_the_words_of_the_standard_is_read_in_ours(voorbeelden: Path) -> None:
    sample = read_sample(voorbeelden, "financiering-lening")
    terms = set(read_terms(sample["@graph"]))
    options = {"documentLoader": load_stand_in(terms | set(PROFILE) | set(USED))}
    ours = in_our_words(jsonld.expand(sample, options))
    assert ours["soort"] == "energielening"
    assert "aanvrager" in ours
    assert "tijdstip" in ours
    assert "gebouw" in ours[f"{NS}Financiering.financieringVan"]


def test_the_terms_this_contract_uses_are_the_owners(voorbeelden: Path) -> None:
    graphs = (read_sample(voorbeelden, name)["@graph"] for name in SAMPLES)
    terms = {term for graph in graphs for term in read_terms(graph)}
    assert set(USED) <= terms
