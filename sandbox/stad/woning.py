"""Dwelling i: its street, number, building, units and addresses, as the registers hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sandbox.stad.gevallen import VAST, get_woning_geval
from sandbox.stad.straten import DIAKRIETEN, DUBBEL, STRATEN, Straat
from sandbox.stad.vlakken import get_positie
from sandbox.stad.worp import draw

ADRES_BASIS = 20_000_000
GEBOUW_BASIS = 10_000_000
EENHEID_BASIS = 120_000_000
PER_WONING = 64
MAX_WONINGEN = 500_000

# Places within a dwelling: 0 the only address, 1..40 units of an apartment building.
ANDERE = 50
"""The equal address in the other deelgemeente, or the neighbour a wrong EPC answer names."""
GEMEENSCHAPPELIJK = 63

_START = datetime(2011, 5, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AdresFeit:
    """One address of the register. ``positie`` is Lambert 72 (EPSG:31370), in metres."""

    adres_id: int
    straat: Straat
    huisnummer: str
    busnummer: str | None
    positie: tuple[float, float]
    gewijzigd_op: datetime
    verwijderd: bool
    status: str = "inGebruik"

    @property
    def postcode(self) -> str:
        """The postcode of the address."""
        return self.straat.postcode


@dataclass(frozen=True, slots=True)
class EenheidFeit:
    """One gebouweenheid of the register."""

    gebouweenheid_id: int
    gebouw_id: int
    functie: str
    adres_ids: tuple[int, ...]
    positie: tuple[float, float]
    gewijzigd_op: datetime
    verwijderd: bool = False
    status: str = "gerealiseerd"


@dataclass(frozen=True, slots=True)
class Woning:
    """What stands at place i; the resident lives at number ``bewoond`` of both tuples."""

    i: int
    geval: str
    adressen: tuple[AdresFeit, ...]
    eenheden: tuple[EenheidFeit, ...]
    bewoond: int


@lru_cache(maxsize=32_768)
def get_woning(i: int) -> Woning:
    """Return dwelling i."""
    geval = get_woning_geval(i)
    rank = 0 if i < len(VAST) else 1 + i // 100  # unique among the dwellings of one special case
    if geval == "adres_dubbelzinnig":
        nummer = str(2 * rank + 1)
        adressen = (_adres(i, 0, DUBBEL[0], nummer), _adres(i, ANDERE, DUBBEL[1], nummer))
        eenheden = (_eenheid(i, 0, 0, DUBBEL[0]), _eenheid(i, ANDERE, ANDERE, DUBBEL[1], 1))
        return Woning(i, geval, adressen, eenheden, 0)
    if geval == "diakrieten":
        adres = _adres(i, 0, DIAKRIETEN, _number_diakrieten(i))
        return Woning(i, geval, (adres,), (_eenheid(i, 0, 0, DIAKRIETEN),), 0)
    straat = STRATEN[(i * 37 + 11) % len(STRATEN)]
    nummer = str(2 * (i // len(STRATEN)) + 1 + draw("even", i) % 2)
    if geval in ("appartement", "appartement_zonder_bus"):
        bussen = [f"{verdieping:02d}{deur:02d}" for verdieping in range(8) for deur in range(1, 6)]
        return _building(i, geval, straat, nummer, bussen, draw("bus", i) % 40)
    if geval == "huisnummer_bus":
        bussen = [f"{verdieping:02d}{deur:02d}" for verdieping in range(4) for deur in (1, 2)]
        return _building(i, geval, straat, f"{nummer}A", bussen, bussen.index("0301"))
    adres = _adres(i, 0, straat, nummer, verwijderd=geval == "adres_verwijderd")
    eenheden = () if geval == "adres_verwijderd" else (_eenheid(i, 0, 0, straat),)
    return Woning(i, geval, (adres,), eenheden, 0)


def find_place(object_id: int, basis: int) -> tuple[int, int] | None:
    """Return (i, place) of an adres or gebouweenheid id, or None for an id of another kind."""
    number = object_id - basis
    if not 0 <= number < MAX_WONINGEN * PER_WONING:
        return None
    return divmod(number, PER_WONING)


def _number_diakrieten(i: int) -> str:
    # Two dwellings in every hundred have this case: their rest modulo 100 keeps them apart.
    return str(i + 1) if i < len(VAST) else str(100 + (i // 100) * 2 + (i % 2))


def _building(
    i: int, geval: str, straat: Straat, nummer: str, bussen: list[str], bewoond: int
) -> Woning:
    adressen = tuple(_adres(i, k, straat, nummer, bus) for k, bus in enumerate(bussen, start=1))
    eenheden = tuple(_eenheid(i, k, k, straat) for k in range(1, len(bussen) + 1))
    gemeen = _eenheid(i, GEMEENSCHAPPELIJK, None, straat)
    return Woning(i, geval, adressen, (*eenheden, gemeen), bewoond)


def _adres(
    i: int,
    place: int,
    straat: Straat,
    huisnummer: str,
    busnummer: str | None = None,
    verwijderd: bool = False,
) -> AdresFeit:
    return AdresFeit(
        adres_id=ADRES_BASIS + i * PER_WONING + place,
        straat=straat,
        huisnummer=huisnummer,
        busnummer=busnummer,
        positie=get_positie(i, straat.postcode),
        gewijzigd_op=build_moment("adres", i, place),
        verwijderd=verwijderd,
    )


def _eenheid(i: int, place: int, adres: int | None, straat: Straat, gebouw: int = 0) -> EenheidFeit:
    return EenheidFeit(
        gebouweenheid_id=EENHEID_BASIS + i * PER_WONING + place,
        gebouw_id=GEBOUW_BASIS + i * 2 + gebouw,
        functie="gemeenschappelijkDeel" if adres is None else "nietGekend",
        adres_ids=() if adres is None else (ADRES_BASIS + i * PER_WONING + adres,),
        positie=get_positie(i, straat.postcode),
        gewijzigd_op=build_moment("eenheid", i, place),
    )


def build_moment(*words: object) -> datetime:
    """Return when something of the register last changed."""
    return _START + timedelta(seconds=draw("moment", *words) % (14 * 365 * 86_400))
