"""The address of a dwelling as a person typed it, brought to the parts the register knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BUS = re.compile(r"\s*(?:\b(?:bus|bte|box)\b\.?|/)\s*(?P<bus>\w[\w.\-]*)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GezochtAdres:
    """The parts of an address; house and bus number without spaces around, letters upper-case."""

    straat: str
    huisnummer: str
    busnummer: str | None
    postcode: str | None
    gemeente: str | None


def parse_adres(
    *,
    straat: str,
    huisnummer: str,
    busnummer: str | None,
    postcode: str | None,
    gemeente: str | None,
) -> GezochtAdres:
    """Split a bus number out of the house number (``12A bus 0301`` is 12A, bus 0301)."""
    house, bus = huisnummer.strip(), (busnummer or "").strip()
    match = _BUS.search(house)
    if match and match.start() > 0:
        house, bus = house[: match.start()].strip(), bus or match["bus"]
    return GezochtAdres(
        straat=" ".join(straat.split()),
        huisnummer=house.upper(),
        busnummer=bus.upper() or None,
        postcode=(postcode or "").strip() or None,
        gemeente=(gemeente or "").strip() or None,
    )
