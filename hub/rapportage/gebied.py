"""Neighbourhoods: in which area of the city's GeoJSON a dwelling lies.

``RENOVATIEHUB_WIJKEN`` names the file (RFC 7946: longitude and latitude). Of each feature the
properties ``code`` and ``naam`` count, or those that ``RENOVATIEHUB_WIJK_VELDEN`` names
("code,naam"). Without the setting every dwelling lies in the unknown area. The place itself never
reaches the warehouse.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

ONBEKEND = "onbekend"
_WGS84, _LAMBERT72 = 4326, 31370


class GebiedenError(ValueError):
    """The file with areas cannot be used: what is wrong, and what a person does."""


@dataclass(frozen=True, slots=True)
class Gebieden:
    """The areas by code, with their names; ``versie`` changes when any of them does."""

    versie: str
    namen: dict[str, str]
    _codes: tuple[str, ...] = field(default=(), repr=False)
    _tree: shapely.STRtree | None = field(default=None, repr=False)

    def find(self, *outlines: str | None) -> str:
        """Return the area of the first outline (WKT, Lambert 72) that lies in one, by its centre.

        On a border it is the area that stands first in the file.
        """
        for outline in outlines:
            if outline is None or self._tree is None:
                continue
            try:
                place = shapely.from_wkt(outline)
            except shapely.errors.ShapelyError:
                continue
            if place.is_empty:
                continue
            found = self._tree.query(shapely.point_on_surface(place), predicate="intersects")
            if len(found):
                return self._codes[int(min(found))]
        return ONBEKEND


def load_gebieden() -> Gebieden:
    """Return the areas of the setting, or none.

    Raises:
        GebiedenError: the file cannot be read, or is no GeoJSON with a code and a name per area.
    """
    setting = os.environ.get("RENOVATIEHUB_WIJKEN", "")
    if not setting:
        return Gebieden("geen", {ONBEKEND: ONBEKEND})
    code_field, _, name_field = os.environ.get("RENOVATIEHUB_WIJK_VELDEN", "code,naam").partition(
        ","
    )
    try:
        content = Path(setting).read_bytes()
        features = json.loads(content)["features"]
        read = [
            (str(one["properties"][code_field]), str(one["properties"][name_field]), _area(one))
            for one in features
        ]
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise GebiedenError(
            f"RENOVATIEHUB_WIJKEN: the file with areas cannot be used ({type(error).__name__}). "
            "Nothing was loaded. Give a GeoJSON in longitude and latitude whose features have the "
            f"properties {code_field!r} and {name_field!r}."
        ) from None
    if not read or len({code for code, _, _ in read} | {ONBEKEND}) != len(read) + 1:
        raise GebiedenError(
            "RENOVATIEHUB_WIJKEN: the file has no areas, or two with one code, or one that is "
            f"called {ONBEKEND!r}. Nothing was loaded. Give each area a code of its own."
        )
    told = f"{code_field},{name_field}:".encode() + content
    return Gebieden(
        hashlib.sha256(told).hexdigest()[:16],
        {ONBEKEND: ONBEKEND} | {code: name for code, name, _ in read},
        tuple(code for code, _, _ in read),
        shapely.STRtree(_to_lambert(area for _, _, area in read)),
    )


def _area(feature: dict[str, Any]) -> BaseGeometry:
    return shapely.make_valid(shape(feature["geometry"]))


def _to_lambert(areas: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    transformer = Transformer.from_crs(_WGS84, _LAMBERT72, always_xy=True)

    def to_lambert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return [shapely.transform(area, to_lambert) for area in areas]
