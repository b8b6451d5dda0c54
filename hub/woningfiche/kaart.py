"""The location map: an SVG drawn from geometry alone, without tiles or internet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import shapely
from shapely.geometry.base import BaseGeometry

from hub.woningfiche.model import Tekening
from hub.woningfiche.tekst import show_number

_WIDTH, _HEIGHT = 300.0, 190.0
# Detail finer than this part of a drawing unit cannot be seen and only makes the page heavy.
_FINEST = 0.25
_SCALES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
# Metres; no place in Flanders lies that far from the origin of Lambert 72.
_FURTHEST = 1e6
# How many parcels are named.
_TOLD = 3
_FONT = "Libertinus Serif, Georgia, serif"
_INK = "#17212b"


class _Frame:
    """The window on the map: Lambert metres to drawing units, north up."""

    def __init__(self, shapes: Sequence[BaseGeometry], margin: float, smallest: float) -> None:
        left, bottom, right, top = shapely.union_all(list(shapes)).bounds
        wide = max(right - left + 2 * margin, smallest)
        high = max(top - bottom + 2 * margin, smallest)
        self.scale = min(_WIDTH / wide, _HEIGHT / high)
        self._x = (left + right) / 2 - _WIDTH / self.scale / 2
        self._y = (bottom + top) / 2 + _HEIGHT / self.scale / 2

    def x(self, east: float) -> str:
        return f"{(east - self._x) * self.scale:.1f}"

    def y(self, north: float) -> str:
        return f"{(self._y - north) * self.scale:.1f}"

    def path(self, shape: BaseGeometry) -> str:
        """Return the outline of all rings of a shape as path data."""
        drawn = shape.simplify(_FINEST / self.scale, preserve_topology=True)
        return "".join(
            "M" + "L".join(f"{self.x(x)} {self.y(y)}" for x, y in ring) + "Z"
            for ring in _rings(drawn)
        )


def name_percelen(percelen: Mapping[str, str]) -> str | None:
    """Return the parcels that can be drawn with their area, for under the map."""
    listed = [
        f"{key} ({_square(area)})"
        for key, wkt in percelen.items()
        if (area := _area(wkt)) is not None
    ]
    if not listed:
        return None
    more = f" en {len(listed) - _TOLD} andere" if len(listed) > _TOLD else ""
    return f"Perceel {', '.join(listed[:_TOLD])}{more}; oppervlakte afgeleid van de kaart"


def draw_kaart(
    *,
    percelen: Mapping[str, str],
    gebouw: str | None,
    positie: str | None,
    rand: float,
    kleinste_zijde: float,
    buren: Iterable[str] = (),
) -> Tekening | None:
    """Return the map of a dwelling, from WKT in EPSG:31370; None when nothing can be drawn.

    ``percelen`` are the parcels by capakey, ``buren`` shapes around that are drawn faintly.
    ``rand`` and ``kleinste_zijde`` are metres.
    """
    parcels = {key: area for key, wkt in percelen.items() if (area := _area(wkt)) is not None}
    building, point = _area(gebouw), _point(positie)
    own = [*parcels.values(), *(shape for shape in (building, point) if shape is not None)]
    if not own:
        return None
    frame = _Frame(own, rand, kleinste_zijde)
    around = [area for wkt in buren if (area := _area(wkt)) is not None]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" '
        f'font-family="{_FONT}" role="presentation">'
        f'<rect width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" fill="#f3f6f8"/>'
    ]
    parts += [_outline(frame, area, "#ffffff", "#c3ccd4", 0.8) for area in around]
    parts += [_outline(frame, area, "#dcebd3", "#4d7a3a", 1.2) for area in parcels.values()]
    if building is not None:
        parts.append(_outline(frame, building, "#c98f6b", "#6f3d1f", 1.2))
    if point is not None:
        x, y = frame.x(point.x), frame.y(point.y)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="5" fill="#ffffff" stroke="{_INK}" stroke-width="1.2"/>'
            f'<circle cx="{x}" cy="{y}" r="2.4" fill="#b3261e"/>'
        )
    metres = _bar_length(frame.scale)
    parts += [_bar(metres, frame.scale), _north(), "</svg>"]
    return Tekening("".join(parts), _words(parcels, building, point, metres))


def _area(wkt: str | None) -> BaseGeometry | None:
    """Return a drawable surface, or None."""
    shape = _read(wkt)
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    return shape if shape.area > 0 else None


def _point(wkt: str | None) -> shapely.Point | None:
    shape = _read(wkt)
    return shape if isinstance(shape, shapely.Point) else None


def _read(wkt: str | None) -> BaseGeometry | None:
    if not wkt:
        return None
    try:
        shape = shapely.force_2d(shapely.from_wkt(wkt))
    except (shapely.errors.ShapelyError, TypeError, ValueError):
        return None
    if shape.is_empty or not all(abs(bound) < _FURTHEST for bound in shape.bounds):
        return None
    return shapely.make_valid(shape) if not shape.is_valid else shape


def _rings(shape: BaseGeometry) -> list[list[tuple[float, float]]]:
    return [
        [(x, y) for x, y, *_ in ring.coords]
        for part in getattr(shape, "geoms", [shape])
        if isinstance(part, shapely.Polygon)
        for ring in (part.exterior, *part.interiors)
    ]


def _outline(frame: _Frame, shape: BaseGeometry, fill: str, line: str, width: float) -> str:
    return (
        f'<path d="{frame.path(shape)}" fill="{fill}" fill-rule="evenodd" stroke="{line}" '
        f'stroke-width="{width}" stroke-linejoin="round"/>'
    )


def _bar_length(scale: float) -> int:
    """Return the longest round length in metres that fits a third of the map."""
    fitting = [metres for metres in _SCALES if metres * scale <= _WIDTH / 3]
    return fitting[-1] if fitting else _SCALES[0]


def _bar(metres: int, scale: float) -> str:
    left, low, long = 10.0, _HEIGHT - 12.0, metres * scale
    return (
        f'<rect x="{left - 5:.1f}" y="{low - 15:.1f}" width="{long + 10:.1f}" height="23" '
        f'fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{left:.1f} {low - 3:.1f}V{low + 3:.1f}M{left:.1f} {low:.1f}H{left + long:.1f}'
        f'M{left + long:.1f} {low - 3:.1f}V{low + 3:.1f}" stroke="{_INK}" stroke-width="1.4" '
        f'fill="none"/><text x="{left + long / 2:.1f}" y="{low - 4:.1f}" font-size="10" '
        f'text-anchor="middle" fill="{_INK}">{metres} m</text>'
    )


def _north() -> str:
    x, y = _WIDTH - 18.0, 14.0
    return (
        f'<circle cx="{x}" cy="{y + 9}" r="15" fill="#ffffff" fill-opacity="0.85"/>'
        f'<path d="M{x} {y - 3}l5 13l-5 -3l-5 3z" fill="{_INK}"/>'
        f'<text x="{x}" y="{y + 20}" font-size="10" font-weight="700" text-anchor="middle" '
        f'fill="{_INK}">N</text>'
    )


def _words(
    parcels: Mapping[str, BaseGeometry],
    building: BaseGeometry | None,
    point: shapely.Point | None,
    metres: int,
) -> str:
    shown = [f"perceel {key} ({_square(area)})" for key, area in list(parcels.items())[:_TOLD]]
    if building is not None:
        shown.append(f"de grondvorm van het gebouw ({_square(building)})")
    if point is not None:
        shown.append("de plaats van de woning als rode stip")
    return f"Liggingsplan met {', '.join(shown)}. Het noorden is boven; de schaallat is {metres} m."


def _square(shape: BaseGeometry) -> str:
    return f"{show_number(Decimal(round(shape.area)))} m²"
