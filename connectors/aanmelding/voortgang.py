"""Read the partner's progress, event by event: one that cannot be read stops no other. Pure."""

from __future__ import annotations

from typing import Final

from connectors.aanmelding.mapping import read_choice
from connectors.aanmelding.models import (
    AdviesSoort,
    DocumentVerwijzing,
    GeweigerdeVoortgang,
    Status,
    Voortgang,
    VoortgangBladzijde,
)
from connectors.transport.errors import ContractError
from connectors.transport.fields import JsonObject

# The bounds of the contract.
_LONGEST_KEY: Final = 100
_LONGEST_NAME: Final = 200
_LONGEST_HREF: Final = 2048
_MOST_DOCUMENTS: Final = 20
# The largest whole number that every reader of JSON keeps exactly.
_LARGEST_NUMBER: Final = 2**53 - 1


def map_voortgang(raw: JsonObject) -> VoortgangBladzijde:
    """Read a page of progress.

    Raises: ContractError when it is no page: without a list of items, or with a `volgende` that
    is no text.
    """
    items = raw.values.get("items")
    if not isinstance(items, list):
        raw.refuse("items", "is not a list")
    return VoortgangBladzijde(
        tuple(read_event(raw.system, raw.operation, raw.key, item) for item in items),
        raw.optional_text("volgende"),
    )


def read_event(
    system: str, operation: str, key: str, item: object
) -> Voortgang | GeweigerdeVoortgang:
    """Read one event of the contract, or say why it cannot be read, without its values."""
    if not isinstance(item, dict):
        return GeweigerdeVoortgang(None, "the event is not a JSON object")
    raw = JsonObject(system, operation, key, item)
    try:
        return _event(raw)
    except ContractError as error:
        return GeweigerdeVoortgang(_readable_id(raw), error.observed)


def _event(raw: JsonObject) -> Voortgang:
    soort = None
    if raw.optional_text("adviesSoort") is not None:
        soort = read_choice(raw, "adviesSoort", AdviesSoort).value
    return Voortgang(
        voortgang_id=_key(raw, "id"),
        referentie=raw.uuid("referentie"),
        status=read_choice(raw, "status", Status),
        tijdstip=raw.moment("tijdstip"),
        gewijzigd_op=raw.moment("gewijzigdOp"),
        advies_soort=soort,
        adviseur=_text(raw, "adviseur", _LONGEST_NAME),
        documenten=_documents(raw),
    )


def _documents(raw: JsonObject) -> tuple[DocumentVerwijzing, ...]:
    if raw.values.get("documenten") is None:
        return ()
    documenten = tuple(_document(doc) for doc in raw.children("documenten"))
    if len(documenten) > _MOST_DOCUMENTS:
        raw.refuse("documenten", f"holds more than {_MOST_DOCUMENTS}")
    return documenten


def _document(raw: JsonObject) -> DocumentVerwijzing:
    """Read a reference; whether it keeps its word is seen when the document is fetched."""
    grootte = raw.optional_integer("grootte")
    if grootte is not None and not 0 <= grootte <= _LARGEST_NUMBER:
        raw.refuse("grootte", "is out of range")
    return DocumentVerwijzing(
        document_id=_key(raw, "documentId"),
        titel=_needed(raw, "titel", _LONGEST_NAME),
        mediatype=_needed(raw, "mediatype", _LONGEST_KEY),
        href=_needed(raw, "href", _LONGEST_HREF),
        grootte=grootte,
        sha256=_text(raw, "sha256", _LONGEST_KEY),
    )


def _key(raw: JsonObject, name: str) -> str:
    text = _needed(raw, name, _LONGEST_KEY)
    if not text.isprintable():
        raw.refuse(name, "holds a character that cannot be printed")
    return text


def _needed(raw: JsonObject, name: str, longest: int) -> str:
    text = _text(raw, name, longest)
    if text is None:
        raw.refuse(name, "is missing")
    return text


def _text(raw: JsonObject, name: str, longest: int) -> str | None:
    text = raw.optional_text(name)
    if text is None:
        return None
    if len(text) > longest:
        raw.refuse(name, f"is longer than {longest} characters")
    # Neither can be stored anywhere: a null character, and half of a UTF-16 pair.
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raw.refuse(name, "holds a character that is none")
    return text


def _readable_id(raw: JsonObject) -> str | None:
    try:
        return _key(raw, "id")
    except ContractError:
        return None
