"""The address of a dwelling as a person typed it, brought to the parts the register knows."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from hub.config import load_config

_BUS = re.compile(
    r"\s*(?:\b(?:bus|bte|box|b(?=[.\s]+\d))\b\.?|/)\s*(?P<bus>\w[\w.\-]*)\s*$", re.IGNORECASE
)
_BUS_WORD = re.compile(r"^(?:bus|bte|box)\b[.\s]*(?=\w)|^/\s*(?=\w)", re.IGNORECASE)
_RANGE = re.compile(r"(?P<first>\d+)\s*[-\u2013]\s*(?P<last>\d+)")


@dataclass(frozen=True, slots=True)
class GezochtAdres:
    """The parts of an address; house and bus number without spaces around, letters upper-case."""

    straat: str
    huisnummer: str
    busnummer: str | None
    postcode: str | None
    gemeente: str | None

    @property
    def reeks(self) -> tuple[int, int] | None:
        """The first and last house number of a range (``12-14``); None for a single one."""
        match = _RANGE.fullmatch(self.huisnummer)
        return (int(match["first"]), int(match["last"])) if match else None

    @property
    def busnummer_anders(self) -> str | None:
        """The bus number with or without zeros before it, as the register may spell it."""
        if not (self.busnummer or "").isdigit():
            return None
        bare = bus_key(self.busnummer)
        return bare if bare != self.busnummer else bare.zfill(4)

    @property
    def postcodes(self) -> frozenset[str]:
        """The postcodes it may have: the one typed, else those of its deelgemeente; empty is any.

        The name of the city itself says nothing: people write it for every part.
        """
        if self.postcode:
            return frozenset({self.postcode})
        for deelgemeente, postcodes in load_config("bronnen")["deelgemeenten"].items():
            if fold(deelgemeente) == fold(self.gemeente or ""):
                return frozenset(postcodes)
        return frozenset()


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
    if match and (before := house[: match.start()].strip(" ,;")):
        house, bus = before, bus or match["bus"]
    if house[:1].isdigit():
        house = re.sub(r"\s+", "", house)
    return GezochtAdres(
        straat=" ".join(straat.split()),
        huisnummer=house.upper(),
        busnummer=_BUS_WORD.sub("", bus).upper() or None,
        postcode=(postcode or "").strip() or None,
        gemeente=(gemeente or "").strip() or None,
    )


def fold(text: str) -> str:
    """Return a name for comparing: no case, accents, punctuation or double spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def house_key(huisnummer: str | None) -> str:
    """Return a house number for comparing: ``12 a`` is ``12A``."""
    return re.sub(r"\s+", "", huisnummer or "").upper()


def bus_key(busnummer: str | None) -> str:
    """Return a bus number for comparing; empty without one.

    Registers pad a bus number with zeros and people do not (``0301``, ``301``), people write the
    word before it and registers do not. Letters keep their zeros: ``0A`` is not ``A``.
    """
    bus = _BUS_WORD.sub("", house_key(busnummer))
    return (bus.lstrip("0") or "0") if bus.isdigit() else bus
