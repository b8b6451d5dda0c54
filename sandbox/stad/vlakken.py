"""Where dwellings stand: parcels side by side around the centre of each part of the city.

Dwelling i has one square of its own (a parcel) in the part of the city of its address, in four
quarters that grow outwards; its building stands on it. All in Lambert 72 (EPSG:31370), in metres.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, isqrt

from sandbox.stad.straten import CENTRES

Ring = tuple[tuple[float, float], ...]
Box = tuple[float, float, float, float]

ZIJDE = 16.0
"""Side of a parcel."""

# Cadastral divisions per part of the city; 24126 is that of the owner's sample, the others stand
# for what we do not know.
_AFDELINGEN = {
    "3000": "24501", "3001": "24051", "3010": "24054", "3012": "24126", "3018": "24127",
}  # fmt: skip
_SECTIES = "ABCDEF"
_NUMMERS = 9000


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


def build_capakey(i: int, postcode: str) -> str:
    """Return the cadastral key of that parcel, as it is written."""
    nummer, macht = i // len(_SECTIES) % _NUMMERS + 1, i // len(_SECTIES) // _NUMMERS
    exponent = "_" if macht == 0 and i % 7 == 0 else "ABCDEFGHKLMNPRSTVWXYZ"[i % 21]
    sectie = _SECTIES[i % len(_SECTIES)]
    return f"{_AFDELINGEN[postcode]}{sectie}{nummer:04d}/00{exponent}{macht:03d}"


def find_capakey(capakey: str) -> tuple[int, str] | None:
    """Return (i, postcode) of a cadastral key, written with ``/`` or ``-``; None for another."""
    key = capakey.replace("-", "/")
    postcodes = [code for code, afdeling in _AFDELINGEN.items() if key.startswith(afdeling)]
    if not postcodes or len(key) != 17 or key[5] not in _SECTIES:
        return None
    nummer, macht = key[6:10], key[14:]
    if not (nummer.isdigit() and macht.isdigit()):
        return None
    i = (int(macht) * _NUMMERS + int(nummer) - 1) * len(_SECTIES) + _SECTIES.index(key[5])
    return (i, postcodes[0]) if build_capakey(i, postcodes[0]) == key else None


def find_in_box(box: Box, size: int) -> Iterator[tuple[int, str]]:
    """Yield (i, postcode) of every parcel 0 … size - 1 that a box touches, were it there."""
    reach = isqrt(size // 4 + 1) + 1
    for postcode, (cx, cy) in CENTRES.items():
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
                    yield i, postcode


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
