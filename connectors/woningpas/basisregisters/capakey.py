"""The cadastral key of a parcel, as people write it and as the register puts it in a URL."""

from __future__ import annotations

import re
from typing import Final

# Afdeling (5), sectie, grondnummer (4), bisnummer (2), exponent (letter or _), macht (3).
_CAPAKEY: Final = re.compile(
    r"(?P<front>[0-9]{5}[A-Z][0-9]{4})[/-](?P<back>[0-9]{2}[A-Z_][0-9]{3})"
)


def parse_capakey(text: str) -> str:
    """Return the key in its written form, ``24126B0031/00V005``; ``-`` is the form in URLs.

    Raises: ValueError when it is no cadastral key.
    """
    found = _CAPAKEY.fullmatch(text)
    if found is None:
        raise ValueError("no cadastral key")
    return f"{found['front']}/{found['back']}"


def to_url(capakey: str) -> str:
    """Return the form that stands in URLs and object ids, ``24126B0031-00V005``."""
    return capakey.replace("/", "-")
