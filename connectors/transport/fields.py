"""Read JSON answers field by field: a missing or mistyped field is a broken contract.

Errors name the path of the field, never its value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NoReturn, TypeVar
from uuid import UUID

import requests

from connectors.transport.errors import ContractError

Parsed = TypeVar("Parsed")


def parse_datetime(text: str) -> datetime:
    """Parse an ISO 8601 moment with an offset and return it in UTC.

    Raises: ValueError when it is no moment or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A JSON object of an answer, with the place it came from for errors."""

    system: str
    operation: str
    key: str
    values: dict[str, object] = field(repr=False)
    path: str = ""

    def text(self, name: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self.optional_text(name)
        if value is None:
            self.refuse(name, "is missing")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None when it is absent, null or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse(name, "is not a text")
        return value

    def optional_integer(self, name: str) -> int | None:
        """Return a whole number (also one sent as text), or None when absent or null."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "is not a whole number")
        return value

    def optional_number(self, name: str) -> Decimal | None:
        """Return a number exactly as written, or None when absent or null."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(name, "is not a number")
        return Decimal(value)

    def moment(self, name: str) -> datetime:
        """Return a moment in UTC that must be there."""
        moment = _parsed(parse_datetime, self.text(name))
        if moment is None:
            self.refuse(name, "is not a moment with an offset")
        return moment

    def optional_day(self, name: str) -> date | None:
        """Return a date, or None when absent or null."""
        text = self.optional_text(name)
        if text is None:
            return None
        day = _parsed(date.fromisoformat, text)
        if day is None:
            self.refuse(name, "is not a date")
        return day

    def uuid(self, name: str) -> UUID:
        """Return a UUID that must be there."""
        uuid = _parsed(UUID, self.text(name))
        if uuid is None:
            self.refuse(name, "is not a UUID")
        return uuid

    def child(self, name: str) -> JsonObject:
        """Return an object that must be there."""
        child = self.optional_child(name)
        if child is None:
            self.refuse(name, "is missing")
        return child

    def optional_child(self, name: str) -> JsonObject | None:
        """Return an object, or None when absent or null."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(name, "is not an object")
        return self._at(value, name)

    def children(self, name: str) -> Iterator[JsonObject]:
        """Yield the objects of a list that must be there."""
        value = self.values.get(name)
        if not isinstance(value, list):
            self.refuse(name, "is not a list")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                self.refuse(f"{name}[{index}]", "is not an object")
            yield self._at(item, f"{name}[{index}]")

    def refuse(self, name: str, why: str) -> NoReturn:
        """Raise a ContractError that names the field."""
        where = f"{self.path}.{name}" if self.path else name
        raise ContractError(self.system, self.operation, self.key, f"field {where} {why}")

    def _at(self, values: dict[str, object], name: str) -> JsonObject:
        path = f"{self.path}.{name}" if self.path else name
        return JsonObject(self.system, self.operation, self.key, values, path)


def read_object(response: requests.Response, system: str, operation: str, key: str) -> JsonObject:
    """Parse an answer that must be one JSON object; numbers with a point become Decimal.

    Raises: ContractError when it is anything else.
    """
    value = parse_json(response.content)
    if not isinstance(value, dict):
        raise ContractError(system, operation, key, "the answer is not a JSON object")
    return JsonObject(system, operation, key, value)


def read_objects(
    response: requests.Response, system: str, operation: str, key: str
) -> list[JsonObject]:
    """Parse an answer that must be a JSON list of objects, as `read_object`.

    Raises: ContractError when it is anything else.
    """
    value = parse_json(response.content)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ContractError(system, operation, key, "the answer is not a list of JSON objects")
    return [
        JsonObject(system, operation, key, item, f"[{index}]") for index, item in enumerate(value)
    ]


def parse_json(content: bytes) -> object:
    """Return the value that the bytes write in JSON, None when they write none."""
    with suppress(ValueError, RecursionError):
        return json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant)
    return None


def _parsed(parse: Callable[[str], Parsed], text: str) -> Parsed | None:
    # The text of a ValueError quotes the value, so it must not become an error's context.
    with suppress(ValueError):
        return parse(text)
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
