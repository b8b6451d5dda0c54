"""What the maps hold at each dwelling: heritage, permits, soil, floods; follows from i alone.

The first dwellings are the hard cases, so that each is there in the smallest city. Shapes are
rectangles (x1, y1, x2, y2) in Lambert 72, metres.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sandbox.stad import vlakken
from sandbox.stad.straten import GEMEENTE
from sandbox.stad.vlakken import build_capakey
from sandbox.stad.woning import MAX_WONINGEN, get_woning
from sandbox.stad.worp import draw, pick

if TYPE_CHECKING:
    from sandbox.stad.city import City

Vorm = tuple[float, float, float, float]

AANDUIDING_BASIS = 300_000
PER_PLAATS = 4
ERFGOED_BASIS = 5_000_000
SOORTEN_OVERSTROMING = ("pluviaal", "fluviaal", "vanuit_de_zee")
LAGEN_VERGUNNING = ("gd", "vk", "iioa", "kh")

_CEL = 50.0
_GEBOUW = 4.0
_TYPES = {
    "beschermd": (1, "beschermd monument"),
    "gezicht": (3, "beschermd stads- of dorpsgezicht, intrinsiek"),
    "vastgesteld": (9, "vastgesteld bouwkundig erfgoed"),
    "beeindigd": (9, "vastgesteld bouwkundig erfgoed"),
    "ander": (10, "erfgoedlandschap"),
    "buur": (1, "beschermd monument"),
}
_VAST_ERFGOED = {
    0: ("beschermd",), 1: ("vastgesteld",), 2: ("beeindigd",), 3: (), 4: ("object",),
    5: ("gezicht", "vastgesteld", "object"), 6: ("ander",), 7: ("buur",),
}  # fmt: skip
_VAST_VERGUNNINGEN = {0: 2, 1: 0, 3: 7, 5: 1}
_VAST_BODEM = {0: 1, 1: 0, 2: 2}
_VAST_OVERSTROMING = {0: (None, 0, None), 1: (1, 2, 3), 2: (3, None, 0), 3: (2, 1, None)}
_UITSPRAKEN = (
    "Laatste bodemonderzoek ontdekte geen bodemverontreiniging",
    "Aanwezige bodemverontreiniging vraagt geen verder onderzoek/sanering",
    "Aanwezige bodemverontreiniging vraagt verder onderzoek/sanering",
    "Resultaten van bodemonderzoek nog niet verwerkt",
    "Er is een oriënterend bodemonderzoek nodig",
)


@dataclass(frozen=True, slots=True)
class Aanduiding:
    """A designated object; ``einde`` None while it is in force."""

    aanduid_id: int
    naam: str
    type_id: int
    type_naam: str
    start: date
    einde: date | None
    locatie: str
    vorm: Vorm


@dataclass(frozen=True, slots=True)
class Erfgoedobject:
    """An object of the inventory without a legal consequence of its own."""

    erfgoed_id: int
    naam: str
    locatie: str
    vorm: Vorm


@dataclass(frozen=True, slots=True)
class Vergunning:
    """A project for which a permit was asked; ``laag`` is one of LAGEN_VERGUNNING."""

    laag: str
    projectnummer: str
    voorwerp_uuid: UUID
    indiening: date
    toestand: date
    vorm: Vorm


@dataclass(frozen=True, slots=True)
class Uitspraak:
    """What soil research said of a parcel."""

    nummer: int
    capakey: str
    uitspraak: str
    vorm: Vorm


class Kaart:
    """Finds the dwellings near a rectangle; grows with the city."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._size = 0
        self._cellen: dict[tuple[int, int], list[int]] = defaultdict(list)

    def list_near(self, x1: float, y1: float, x2: float, y2: float) -> list[int]:
        """Return the dwellings of which a shape may meet the rectangle, in order."""
        self._grow()
        kolommen = range(int(x1 // _CEL) - 1, int(x2 // _CEL) + 2)
        rijen = range(int(y1 // _CEL) - 1, int(y2 // _CEL) + 2)
        if len(kolommen) * len(rijen) > len(self._cellen):
            return list(range(self._size))
        return sorted(i for k in kolommen for r in rijen for i in self._cellen.get((k, r), ()))

    def list_all(self) -> range:
        """Return the dwellings that exist."""
        return self._city.list_woningen()

    def _grow(self) -> None:
        for i in range(self._size, self._city.size):
            x, y = get_positie(i)
            self._cellen[int(x // _CEL), int(y // _CEL)].append(i)
        self._size = self._city.size


def get_positie(i: int) -> tuple[float, float]:
    """Return where dwelling i stands."""
    woning = get_woning(i)
    if woning.eenheden:
        return woning.eenheden[min(woning.bewoond, len(woning.eenheden) - 1)].positie
    return woning.adressen[woning.bewoond].positie


def get_perceel(i: int) -> Vorm:
    """Return the parcel of dwelling i."""
    return vlakken.get_perceel(i, _get_postcode(i)).box


def list_aanduidingen(i: int) -> tuple[Aanduiding, ...]:
    """Return the designated objects of dwelling i, ended ones included."""
    gevallen = [geval for geval in _list_erfgoed(i) if geval != "object"]
    return tuple(_aanduiding(i, k, geval) for k, geval in enumerate(gevallen))


def find_aanduiding(aanduid_id: int) -> tuple[int, Aanduiding] | None:
    """Return a designated object with its dwelling, or None."""
    i, k = divmod(aanduid_id - AANDUIDING_BASIS, PER_PLAATS)
    if not 0 <= i < MAX_WONINGEN:
        return None
    found = list_aanduidingen(i)
    return (i, found[k]) if k < len(found) else None


def list_erfgoedobjecten(i: int) -> tuple[Erfgoedobject, ...]:
    """Return the objects of the inventory at dwelling i."""
    if "object" not in _list_erfgoed(i):
        return ()
    object_ = Erfgoedobject(ERFGOED_BASIS + i, f"Burgerhuis {i + 1}", _locatie(i), _square(i))
    return (object_,)


def list_vergunningen(i: int) -> tuple[Vergunning, ...]:
    """Return the projects at dwelling i, oldest first."""
    worp = draw("vergunningen", i) % 100
    aantal = _VAST_VERGUNNINGEN.get(i, 0 if worp < 60 else 1 if worp < 85 else 2 + worp % 3)
    found = []
    for k in range(aantal):
        indiening = date(2018, 3, 1) + timedelta(days=300 * k + draw("ingediend", i, k) % 300)
        found.append(
            Vergunning(
                laag="gd" if k < 2 else LAGEN_VERGUNNING[k % 4],
                projectnummer=f"OMV_{indiening.year}{(i * 8 + k) % 10**8:08d}",
                voorwerp_uuid=UUID(int=draw("voorwerp", i, k) << 64 | draw("u", i, k), version=4),
                indiening=indiening,
                toestand=indiening + timedelta(days=30 + draw("toestand", i, k) % 120),
                vorm=_square(i),
            )
        )
    return tuple(found)


def list_uitspraken(i: int) -> tuple[Uitspraak, ...]:
    """Return what is known of the soil of the parcel of dwelling i; mostly nothing."""
    worp = draw("bodem", i) % 100
    aantal = _VAST_BODEM.get(i, 0 if worp < 78 else 1 if worp < 97 else 2)
    return tuple(
        Uitspraak(
            i * PER_PLAATS + k, build_capakey(i), pick(_UITSPRAKEN, "soil", i, k), get_perceel(i)
        )
        for k in range(aantal)
    )


def get_gridcode(i: int, soort: str) -> int | None:
    """Return the code of the flood area at dwelling i, None where there is no area."""
    if i in _VAST_OVERSTROMING:
        return _VAST_OVERSTROMING[i][SOORTEN_OVERSTROMING.index(soort)]
    if soort == "vanuit_de_zee":
        return None
    worp = draw("overstroming", soort, i) % 100
    return None if worp < 60 else 0 if worp < 70 else 1 if worp < 85 else 2 if worp < 95 else 3


def describe_omgeving(i: int) -> dict[str, Any]:
    """Return the truth about dwelling i, for tests; the neighbour's heritage is not its own."""
    x, y = get_positie(i)
    return {
        "positie": [x, y],
        "perceel": list(get_perceel(i)),
        "capakey": build_capakey(i),
        "aanduidingen": [
            {"id": str(a.aanduid_id), "type": a.type_naam, "beeindigd": a.einde is not None}
            for a in list_aanduidingen(i)
            if _list_erfgoed(i) != ("buur",)
        ],
        "erfgoedobjecten": [str(o.erfgoed_id) for o in list_erfgoedobjecten(i)],
        "vergunningen": [v.projectnummer for v in list_vergunningen(i)],
        "bodem": [u.uitspraak for u in list_uitspraken(i)],
        "overstroming": {
            soort: "ABCD"[get_gridcode(i, soort) or 0] for soort in SOORTEN_OVERSTROMING
        },
    }


def _list_erfgoed(i: int) -> tuple[str, ...]:
    if i in _VAST_ERFGOED:
        return _VAST_ERFGOED[i]
    worp = draw("erfgoed", i) % 100
    for grens, gevallen in (
        (3, ("beschermd",)), (10, ("vastgesteld",)), (12, ("beeindigd",)), (13, ("ander",)),
        (15, ("gezicht", "object")), (25, ("object",)),
    ):  # fmt: skip
        if worp < grens:
            return gevallen
    return ()


def _aanduiding(i: int, k: int, geval: str) -> Aanduiding:
    type_id, type_naam = _TYPES[geval]
    vorm = _square(i)
    if geval == "buur":  # a wall, drawn on an older parcel map: 20 cm over the border
        _, y1, x2, y2 = get_perceel(i)
        vorm = (x2 - 0.2, y1, x2 + 0.3, y2)
    start = date(1980, 1, 1) + timedelta(days=draw("aangeduid", i, k) % 14_000)
    return Aanduiding(
        aanduid_id=AANDUIDING_BASIS + i * PER_PLAATS + k,
        naam=f"Burgerhuis {i + 1}",
        type_id=type_id,
        type_naam=type_naam,
        start=start,
        einde=date(2020, 6, 30) if geval == "beeindigd" else None,
        locatie=_locatie(i),
        vorm=vorm,
    )


def _get_postcode(i: int) -> str:
    woning = get_woning(i)
    return woning.adressen[woning.bewoond].postcode


def _locatie(i: int) -> str:
    woning = get_woning(i)
    adres = woning.adressen[woning.bewoond]
    return f"{adres.straat.naam} {adres.huisnummer} ({GEMEENTE})"


def _square(i: int) -> Vorm:
    x, y = get_positie(i)
    return (
        round(x - _GEBOUW, 2), round(y - _GEBOUW, 2), round(x + _GEBOUW, 2), round(y + _GEBOUW, 2),
    )  # fmt: skip
