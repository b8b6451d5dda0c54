"""The address as a person typed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.woning.adres import parse_adres


def _parse(huisnummer: str, busnummer: str | None = None) -> tuple[str, str | None]:
    adres = parse_adres(
        straat="Naamsestraat",
        huisnummer=huisnummer,
        busnummer=busnummer,
        postcode="3000",
        gemeente="Leuven",
    )
    return adres.huisnummer, adres.busnummer


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12", ("12", None)),
        ("12a", ("12A", None)),
        ("12A bus 0301", ("12A", "0301")),
        ("12A BUS 0301", ("12A", "0301")),
        ("12 bus. 3", ("12", "3")),
        ("12 bte 4", ("12", "4")),
        ("12/3", ("12", "3")),
        (" 7 / B2 ", ("7", "B2")),
        ("bus 3", ("BUS 3", None)),
        ("12 A", ("12A", None)),
        ("12, bus 3", ("12", "3")),
        ("12 b 3", ("12", "3")),
        ("12 b", ("12B", None)),
        ("12 - 14", ("12-14", None)),
        ("12-14 bus 3", ("12-14", "3")),
    ],
)
def test_a_bus_number_typed_in_the_house_number_is_split_off(
    typed: str, expected: tuple[str, str | None]
) -> None:
    assert _parse(typed) == expected


def test_a_bus_number_in_its_own_field_wins_over_the_typed_one() -> None:
    assert _parse("12 bus 3", "0007") == ("12", "0007")


@pytest.mark.parametrize("typed", ["3", "bus 3", "Bus. 3", "bte 3", "/3", " 3 "])
def test_the_word_before_a_bus_number_is_left_out(typed: str) -> None:
    assert _parse("12", typed) == ("12", "3")


@given(
    number=st.integers(1, 999),
    letter=st.sampled_from(["", "A", "b"]),
    bus=st.from_regex(r"[0-9]{1,4}|[A-Z][0-9]{1,2}", fullmatch=True),
    joint=st.sampled_from([" bus ", " BUS ", " Bus. ", "/", " / ", " box "]),
)
def test_however_it_is_joined_house_and_bus_number_come_apart(
    number: int, letter: str, bus: str, joint: str
) -> None:
    assert _parse(f"{number}{letter}{joint}{bus}") == (f"{number}{letter.upper()}", bus)


@given(st.text(max_size=40))
def test_no_text_makes_the_parser_fail_or_lose_the_house_number(typed: str) -> None:
    house, _ = _parse(typed)
    assert house or not typed.strip()
