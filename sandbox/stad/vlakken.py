"""Where dwellings stand: parcels side by side around the centre of each part of the city.

Dwelling i has one square of its own (a parcel) in the part of the city of its address, in four
quarters that grow outwards; its building stands on it. All in Lambert 72 (EPSG:31370), in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isqrt

from sandbox.stad.straten import CENTRES

Ring = tuple[tuple[float, float], ...]
Box = tuple[float, float, float, float]

ZIJDE = 16.0
"""Side of a parcel."""

# The first stands for the cadastral divisions of Leuven, the second for the place of the equal
# address in another part of the city.
_AFDELINGEN = ("24062", "24063")
_NUMMERS, _SECTIES = 9999, 26


@dataclass(frozen=True, slots=True)
class Vlak:
    """An area: its outline and its holes, each closed."""

    buiten: Ring
    gaten: tuple[Ring, ...] = ()

    @property
    def box(self) -> Box:
        """The box around it: least x, least y, largest x, largest y."""
        xs, ys = zip(*self.buiten, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def get_positie(i: int, postcode: str) -> tuple[float, float]:
    """Return a point in the building of dwelling i."""
    x, y = _corner(i, postcode)
    return round(x + 5.0, 2), round(y + 5.0, 2)


def get_voetafdruk(i: int, postcode: str, *, groot: bool) -> Vlak:
    """Return the outline of the building; a large one has a court."""
    x, y = _corner(i, postcode)
    if groot:
        court = _rectangle(x + 7, y + 7, 4, 3)
        return Vlak(_rectangle(x + 1, y + 1, 14, 12), (court[::-1],))
    return Vlak(_rectangle(x + 2, y + 3, 11, 9))


def get_perceel(i: int, postcode: str) -> Vlak:
    """Return the parcel of dwelling i."""
    return Vlak(_rectangle(*_corner(i, postcode), ZIJDE, ZIJDE))


def build_capakey(i: int, plaats: int = 0) -> str:
    """Return the key of the parcel of dwelling i, as it is written: ``24062A0001/00A000``."""
    rest, nummer = divmod(i, _NUMMERS)
    exponent, sectie = divmod(rest, _SECTIES)
    return f"{_AFDELINGEN[plaats]}{chr(65 + sectie)}{nummer + 1:04d}/00{chr(65 + exponent)}000"


def find_capakey(capakey: str) -> int | None:
    """Return i of a cadastral key, written with ``/`` or ``-``; None for another text."""
    key = capakey.replace("-", "/")
    if len(key) != 17 or key[:5] not in _AFDELINGEN or not key[6:10].isdigit():
        return None
    rest = (ord(key[13]) - 65) * _SECTIES + ord(key[5]) - 65
    i = rest * _NUMMERS + int(key[6:10]) - 1
    return i if i >= 0 and build_capakey(i, _AFDELINGEN.index(key[:5])) == key else None


def find_in_box(box: Box, size: int) -> set[int]:
    """Return the dwellings 0 … size - 1 that would be in a box, in whatever part of the city."""
    found = set()
    reach = isqrt(size // 4 + 1) + 1
    for cx, cy in CENTRES.values():
        columns = range(
            max(floor((box[0] - cx) / ZIJDE), -reach - 1),
            min(floor((box[2] - cx) / ZIJDE), reach) + 1,
        )
        rows = range(
            max(floor((box[1] - cy) / ZIJDE), -reach - 1),
            min(floor((box[3] - cy) / ZIJDE), reach) + 1,
        )
        for column in columns:
            for row in rows:
                i = _number(column, row)
                if i < size:
                    found.add(i)
    return found


def _corner(i: int, postcode: str) -> tuple[float, float]:
    quarter, rank = i % 4, i // 4
    shell = isqrt(rank)
    rest = rank - shell * shell
    a, b = (shell, rest) if rest <= shell else (2 * shell - rest, shell)
    column = -a - 1 if quarter & 1 else a
    row = -b - 1 if quarter & 2 else b
    cx, cy = CENTRES[postcode]
    return cx + column * ZIJDE, cy + row * ZIJDE


def _number(column: int, row: int) -> int:
    """Return i of the parcel in a column and row: the inverse of `_corner`."""
    quarter = (1 if column < 0 else 0) | (2 if row < 0 else 0)
    a = -column - 1 if column < 0 else column
    b = -row - 1 if row < 0 else row
    shell = max(a, b)
    rank = shell * shell + (b if a == shell else 2 * shell - a)
    return rank * 4 + quarter


def _rectangle(x: float, y: float, width: float, height: float) -> Ring:
    return (
        (x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y),
    )  # fmt: skip
