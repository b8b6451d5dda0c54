"""A field that is missing or of another kind is named, and its value is not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.errors import ContractError
from connectors.transport.fields import JsonObject, parse_datetime, read_object

SECRET = "Fien Voorbeeld"


def answer(body: bytes) -> requests.Response:
    response = requests.Response()
    response._content = body
    return response


def obj(**values: object) -> JsonObject:
    return JsonObject("proef", "vraag", "7", values)


def test_a_field_comes_out_typed() -> None:
    raw = obj(
        tekst="a",
        leeg="",
        getal=3,
        tekstgetal="12",
        prijs=Decimal("4.50"),
        dag="2026-11-23",
        moment="2026-11-23T12:00:00+01:00",
        sleutel="6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10",
        kind={"x": "y"},
        lijst=[{"x": "1"}, {"x": "2"}],
    )
    assert raw.text("tekst") == "a"
    assert raw.optional_text("leeg") is None
    assert raw.optional_integer("getal") == 3
    assert raw.optional_integer("tekstgetal") == 12
    assert raw.optional_number("getal") == Decimal(3)
    assert raw.optional_number("prijs") == Decimal("4.50")
    assert raw.optional_day("dag") == date(2026, 11, 23)
    assert raw.moment("moment") == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert raw.uuid("sleutel") == UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10")
    assert raw.child("kind").text("x") == "y"
    assert [item.text("x") for item in raw.children("lijst")] == ["1", "2"]


def test_what_may_be_absent_is_none() -> None:
    raw = obj(nul=None)
    for name in ("nul", "weg"):
        assert raw.optional_text(name) is None
        assert raw.optional_integer(name) is None
        assert raw.optional_number(name) is None
        assert raw.optional_day(name) is None
        assert raw.optional_child(name) is None


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", None),
        ("text", ""),
        ("text", 1),
        ("optional_text", ["x"]),
        ("optional_integer", SECRET),
        ("optional_integer", True),
        ("optional_integer", Decimal("1.5")),
        ("optional_number", SECRET),
        ("optional_number", False),
        ("optional_day", SECRET),
        ("moment", SECRET),
        ("moment", "2026-11-23T12:00:00"),
        ("moment", "0001-01-01T00:00:00+10:00"),
        ("uuid", SECRET),
        ("child", None),
        ("child", SECRET),
        ("optional_child", [1]),
    ],
)
def test_another_kind_breaks_the_contract_and_shows_no_value(method: str, value: object) -> None:
    with pytest.raises(ContractError) as caught:
        getattr(obj(kind={"veld": value}).child("kind"), method)("veld")
    assert "field kind.veld" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("value", [None, {}, SECRET])
def test_a_list_that_is_none_breaks_the_contract(value: object) -> None:
    with pytest.raises(ContractError, match="field lijst is not a list"):
        list(obj(lijst=value).children("lijst"))


def test_a_list_of_other_things_names_the_place() -> None:
    with pytest.raises(ContractError, match=r"field lijst\[1\] is not an object"):
        list(obj(lijst=[{}, SECRET]).children("lijst"))


def test_a_number_keeps_its_digits() -> None:
    raw = read_object(answer(b'{"n": 437.123456789012345678}'), "proef", "vraag", "7")
    assert raw.optional_number("n") == Decimal("437.123456789012345678")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"x"', b"<html>", b'{"a": NaN}', b"\xff\xfe", b"[" * 200_000, b'{"a":'],
)
def test_an_answer_that_is_no_object_breaks_the_contract(body: bytes) -> None:
    with pytest.raises(ContractError, match="not a JSON object"):
        read_object(answer(body), "proef", "vraag", "7")


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_keeps_its_instant(moment: datetime) -> None:
    parsed = None
    try:
        parsed = parse_datetime(moment.isoformat())
    except ValueError:
        assert moment.year in (1, 9999) or moment.utcoffset() is None
    if parsed is not None:
        assert parsed == moment.astimezone(UTC)
        assert parsed.tzinfo is UTC


@given(st.text())
def test_any_text_is_a_moment_in_utc_or_a_value_error(text: str) -> None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC
