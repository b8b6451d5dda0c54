"""A place on the map with the coordinate system it is told in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

LAMBERT72: Final = 31370
LAMBERT2008: Final = 3812


@dataclass(frozen=True, slots=True)
class Ligging:
    """A point, line or area in metres; `epsg` is 31370 (Lambert 72) or 3812 (Lambert 2008)."""

    vorm: BaseGeometry
    epsg: int

    def to_epsg(self, epsg: int) -> Ligging:
        """Return the same place in another coordinate system."""
        if epsg == self.epsg:
            return self
        transformer = _transformer(self.epsg, epsg)

        def transform(places: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(transformer.transform(places[:, 0], places[:, 1]))

        return Ligging(shapely.transform(self.vorm, transform), epsg)

    @property
    def wkt(self) -> str:
        """The shape as WKT, to the centimetre: finer is noise of the transformation."""
        return shapely.to_wkt(self.vorm, rounding_precision=2)


@cache
def _transformer(van: int, naar: int) -> Transformer:
    return Transformer.from_crs(van, naar, always_xy=True)
