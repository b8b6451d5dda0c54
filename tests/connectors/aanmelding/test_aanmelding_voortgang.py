"""An event that cannot be read is told without its values, and stops no other."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.models import GeweigerdeVoortgang, Status, Voortgang
from connectors.aanmelding.voortgang import map_voortgang
from connectors.transport.errors import ContractError
from connectors.transport.fields import JsonObject

REFERENTIE = "6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10"
EVENT: dict[str, Any] = {
    "id": "1002",
    "referentie": REFERENTIE,
    "status": "advies_opgemaakt",
    "tijdstip": "2026-11-20T15:00:00Z",
    "gewijzigdOp": "2026-11-20T16:02:44+01:00",
    "adviesSoort": "dubo",
    "adviseur": "Joris Verzonnen",
    "documenten": [
        {
            "documentId": "77",
            "titel": "Advies",
            "mediatype": "application/pdf",
            "href": "https://partner.example/v1/documenten/77",
            "grootte": 9,
            "sha256": "0" * 64,
        }
    ],
    "nieuwVeld": {"later": True},
}
DOCUMENT = EVENT["documenten"][0]
# Any JSON that a partner could send, also what no text can be stored as.
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(*items: object) -> list[Voortgang | GeweigerdeVoortgang]:
    raw = JsonObject("igo", "list_voortgang", "nu", {"items": list(items)})
    return list(map_voortgang(raw).items)


def with_document(**fields: object) -> dict[str, Any]:
    return EVENT | {"documenten": [DOCUMENT | fields]}


def test_a_sound_event_is_read_whole_and_unknown_fields_are_passed_over() -> None:
    (event,) = read(EVENT)
    assert isinstance(event, Voortgang)
    assert (event.voortgang_id, event.referentie) == ("1002", UUID(REFERENTIE))
    assert (event.status, event.advies_soort) == (Status.ADVIES_OPGEMAAKT, "dubo")
    assert event.gewijzigd_op.isoformat() == "2026-11-20T15:02:44+00:00"
    (document,) = event.documenten
    assert (document.document_id, document.grootte) == ("77", 9)


@pytest.mark.parametrize(
    ("bad", "reden"),
    [
        ("x", "the event is not a JSON object"),
        (EVENT | {"id": None}, "field id is missing"),
        (EVENT | {"id": "a\nb"}, "field id holds a character that cannot be printed"),
        (EVENT | {"id": "x" * 101}, "field id is longer than 100 characters"),
        (EVENT | {"referentie": "Fien"}, "field referentie is not a UUID"),
        (EVENT | {"status": "zoek"}, "field status is not a known value"),
        (EVENT | {"tijdstip": "2026-11-20T15:00:00"}, "field tijdstip is not a moment"),
        (EVENT | {"gewijzigdOp": 7}, "field gewijzigdOp is not a text"),
        (EVENT | {"adviesSoort": "Fien"}, "field adviesSoort is not a known value"),
        (EVENT | {"adviseur": "\0"}, "field adviseur holds a character that is none"),
        (EVENT | {"adviseur": "\ud800"}, "field adviseur holds a character that is none"),
        (EVENT | {"documenten": {}}, "field documenten is not a list"),
        (EVENT | {"documenten": [DOCUMENT] * 21}, "field documenten holds more than 20"),
        (EVENT | {"documenten": ["x"]}, "field documenten[0] is not an object"),
        (with_document(href=None), "field documenten[0].href is missing"),
        (with_document(titel="x" * 201), "field documenten[0].titel is longer than 200"),
        (with_document(grootte="veel"), "field documenten[0].grootte is not a whole number"),
        (with_document(grootte=2**60), "field documenten[0].grootte is out of range"),
    ],
    ids=str,
)
def test_an_event_that_cannot_be_read_is_told_without_its_values(bad: object, reden: str) -> None:
    refused, good = read(bad, EVENT)
    assert isinstance(good, Voortgang)
    assert isinstance(refused, GeweigerdeVoortgang)
    assert refused.reden.startswith(reden)
    assert "Fien" not in refused.reden
    known = isinstance(bad, dict) and bad["id"] == "1002"
    assert refused.voortgang_id == ("1002" if known else None)


@given(st.lists(anything | st.dictionaries(st.sampled_from(sorted(EVENT)), anything), max_size=4))
def test_whatever_a_partner_sends_every_item_is_told_of(items: list[Any]) -> None:
    told = read(*items, EVENT)
    assert len(told) == len(items) + 1
    assert isinstance(told[-1], Voortgang)
    for one in told:
        # It can be written down as it is.
        json.dumps(one.voortgang_id, ensure_ascii=False).encode()


@given(st.sampled_from(sorted(EVENT)), anything)
def test_one_odd_field_breaks_nothing(name: str, value: Any) -> None:
    (told,) = read(EVENT | {name: value})
    if isinstance(told, Voortgang):
        repr(told).encode()
        for text in (told.adviseur, *(doc.titel for doc in told.documenten)):
            (text or "").encode()


@pytest.mark.parametrize("values", [{}, {"items": None}, {"items": [], "volgende": []}])
def test_only_a_page_that_is_no_page_breaks_the_contract(values: dict[str, Any]) -> None:
    with pytest.raises(ContractError):
        map_voortgang(JsonObject("igo", "list_voortgang", "nu", values))
