"""Canonical texts, INSZ, labels, keys, pauses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical import to_canonical
from hub.insz import insz_status
from hub.keys import Keyring, KeyringError, load_keyring
from hub.woning.label import derive_label

KEYRING = Keyring("a", {"a": bytes(32), "b": b"b" * 32}, b"p" * 32)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("  ", None),
        (" Wonen ", "Wonen"),
        (True, "true"),
        (1966, "1966"),
        (Decimal("309.00"), "309"),
        (Decimal("0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (date(2027, 4, 1), "2027-04-01"),
        (datetime(2026, 11, 23, 10, tzinfo=UTC), "2026-11-23T10:00:00+00:00"),
    ],
)
def test_values_have_one_canonical_text(value: object, text: str | None) -> None:
    assert to_canonical(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_a_decimal_survives_the_way_through_its_text(value: Decimal) -> None:
    assert Decimal(to_canonical(value) or "") == value


def _tst(stem: str) -> str:
    return f"{stem}{97 - int(stem) % 97:02d}"


def test_a_test_number_is_valid_only_where_test_numbers_are_allowed() -> None:
    number = _tst("856712001")
    assert insz_status(number, allow_test=True) == "geldig"
    assert insz_status(number, allow_test=False) == "ongeldig"


def test_wrong_check_digits_are_invalid_even_for_a_test_number() -> None:
    number = _tst("856712001")
    wrong = number[:9] + f"{(int(number[9:]) + 1) % 97:02d}"
    assert insz_status(wrong, allow_test=True) == "ongeldig"


@pytest.mark.parametrize("value", ["12", "abc", "856712001999"])
def test_what_is_no_eleven_digits_is_invalid(value: str) -> None:
    assert insz_status(value, allow_test=True) == "ongeldig"


@pytest.mark.parametrize("value", [None, "", "   "])
def test_no_number_is_missing_not_invalid(value: str | None) -> None:
    assert insz_status(value) == "ontbreekt"


@pytest.mark.parametrize(
    ("kengetal", "label"),
    [("-20", "A+"), ("0", "A+"), ("0.01", "A"), ("100", "A"), ("100.01", "B"), ("309", "D"),
     ("500", "E"), ("500.01", "F"), ("900", "F")],
)  # fmt: skip
def test_the_label_follows_from_the_key_figure(kengetal: str, label: str) -> None:
    assert derive_label(Decimal(kengetal)) == label


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_opens_only_for_its_own_row(plain: bytes, context: str) -> None:
    sealed, key_id = KEYRING.encrypt(plain, context=context)
    assert plain not in sealed or len(plain) < 2
    assert KEYRING.decrypt(sealed, key_id, context=context) == plain
    with pytest.raises(KeyringError, match="does not open"):
        KEYRING.decrypt(sealed, key_id, context=context + "x")


def test_an_altered_text_does_not_open() -> None:
    sealed, key_id = KEYRING.encrypt(b"gevoelig", context="rij")
    altered = bytes([sealed[0] ^ 1]) + sealed[1:]
    with pytest.raises(KeyringError, match="does not open"):
        KEYRING.decrypt(altered, key_id, context="rij")


def test_a_retired_key_still_opens_and_an_unknown_one_says_so() -> None:
    retired = Keyring("b", KEYRING.keys, KEYRING.pseudonym_key)
    sealed, key_id = retired.encrypt(b"x", context="rij")
    assert KEYRING.decrypt(sealed, key_id, context="rij") == b"x"
    with pytest.raises(KeyringError, match="'c' is not in"):
        KEYRING.decrypt(sealed, "c", context="rij")


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sleutels.json"
    key = "A" * 43 + "="
    path.write_text(json.dumps({"actief": "a", "sleutels": {"a": key}, "pseudoniem": key}))
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        load_keyring(str(path))
    path.chmod(0o600)
    assert load_keyring(str(path)).active == "a"


@pytest.mark.parametrize("text", ["{}", '{"actief": "a", "sleutels": {"a": "AA=="}}', "{broken"])
def test_a_broken_key_setting_says_what_it_should_hold(text: str) -> None:
    with pytest.raises(KeyringError, match="32 bytes"):
        load_keyring(text)


def test_keys_never_show_in_a_representation() -> None:
    assert "b" * 32 not in repr(KEYRING)
