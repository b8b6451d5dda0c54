"""The national number (INSZ): check digits always, test numbers only where they are allowed."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stdnum.be import bis, nn

_TEST_MONTHS = range(61, 73)


def insz_status(value: str | None, *, allow_test: bool | None = None) -> str:
    """Return ``geldig``, ``ongeldig`` or ``ontbreekt``.

    Source of the rule: 97 minus the first nine digits modulo 97, with a leading 2 for births
    from 2000 on. TST numbers (month 61-72) are valid only when ``allow_test`` says so, by default
    when ``RENOVATIEHUB_TST`` is ``1``.
    """
    digits = "".join(character for character in value or "" if character.isdigit())
    if not (value or "").strip():
        return "ontbreekt"
    if len(digits) != 11:
        return "ongeldig"
    if nn.is_valid(digits) or bis.is_valid(digits):
        return "geldig"
    allowed = accepts_test() if allow_test is None else allow_test
    if allowed and int(digits[2:4]) in _TEST_MONTHS and _check_digits_hold(digits):
        return "geldig"
    return "ongeldig"


def accepts_test(environment: Mapping[str, str] | None = None) -> bool:
    """Tell whether persons may be fictitious here: with the sandbox, in tests."""
    return (os.environ if environment is None else environment).get("RENOVATIEHUB_TST") == "1"


def _check_digits_hold(digits: str) -> bool:
    stem, check = digits[:9], int(digits[9:])
    return check in (97 - int(stem) % 97, 97 - int("2" + stem) % 97)
