"""Random texts for the simple types of a schema: its edges, signs, blanks and strange letters."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping

_LETTERS = "abcABC 019-_.,;:'\"<>&éëßΩ我🏠\t\n"
_MOMENTS = (
    "2018-09-12T10:01:52+02:00", "2001-12-17T09:30:47Z", "2018-09-12T24:00:00",
    "2024-02-29T24:00:00Z", "2018-09-12T10:01:52", "0001-01-01T00:00:00Z", "2018-03-25T02:30:00",
    "9999-12-31T23:59:59-14:00", "2018-09-12T10:01:52.5", "2018-09-12T10:01:52.123456789+14:00",
)  # fmt: skip
_DAYS = ("2000-00-00", "2017-04-01", "2027-04-01", "9999-12-31", "2024-02-30", "0000-19-39",
         ",000-01-01")  # fmt: skip
_BOOLEANS = ("true", "false", "1", "0", " true\n", "\tfalse ")


def write_text(chance: random.Random, least: int, most: int) -> str:
    """A text of `least` to `most` characters, both often."""
    length = chance.choice((least, most, chance.randint(least, most)))
    return "".join(chance.choice(_LETTERS) for _ in range(length))


def _integer(chance: random.Random) -> str:
    number = str(chance.choice((0, 7, 10 ** chance.randint(1, 40), chance.randint(0, 99999))))
    return chance.choice(("", "", "-", "+")) + chance.choice(("", "", "00", "\n ")[:3]) + number


def _long(chance: random.Random) -> str:
    edge = chance.choice((2**63 - 1, -(2**63), 0, chance.randint(1, 10**8)))
    return chance.choice(("{}", "{}", " {} ", "\n{}")).format(edge)


def _base64(chance: random.Random) -> str:
    text = base64.b64encode(chance.randbytes(chance.randint(0, 60))).decode()
    return text[:8] + chance.choice(("", "\n", " ")) + text[8:] if len(text) > 8 else text


def _decimal(digits: int) -> Callable[[random.Random], str]:
    def write(chance: random.Random) -> str:
        whole = chance.choice(("0", "7", "0012", str(chance.randint(0, 10**30))))
        part = "".join(chance.choice("0123456789") for _ in range(digits))
        # The dot of the owner's pattern stands for any character, a figure too.
        return chance.choice(("", "-", "+")) + whole + chance.choice((".", ".", "5")) + part

    return write


BUILT_IN: Mapping[str, Callable[[random.Random], str]] = {
    "string": lambda chance: write_text(chance, 0, 60),
    "boolean": lambda chance: chance.choice(_BOOLEANS),
    "integer": _integer,
    "long": _long,
    "dateTime": lambda chance: chance.choice(_MOMENTS),
    "base64Binary": _base64,
}
PATTERNS: Mapping[str, Callable[[random.Random], str]] = {
    r"[0-2,9][0-9]{3}-[0-1][0-9]-[0-3][0-9]": lambda chance: chance.choice(_DAYS),
    r"[-+]?(\d+.\d\d)": _decimal(2),
    r"[-+]?(\d+.\d\d\d)": _decimal(3),
    r"#[0-9a-fA-F]{6}": lambda chance: f"#{chance.randrange(2**24):06{chance.choice('xX')}}",
    r"[\p{L}\p{N}\s\-]*": lambda chance: chance.choice(("", "3000", "Éå-ñ 1", "B-3000")),
    r"[0-2,9][0-9]{3}": lambda chance: chance.choice(("1998", "0000", ",999", "9999")),
}
