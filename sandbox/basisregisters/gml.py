"""Shapes as GML, in Lambert 72 (EPSG:31370) or Lambert 2008 (EPSG:3812)."""

from __future__ import annotations

from functools import cache

from pyproj import Transformer

from sandbox.stad.vlakken import Ring, Vlak

LAMBERT72 = 31370
LAMBERT2008 = 3812
_NAMESPACE = 'xmlns:gml="http://www.opengis.net/gml/3.2"'


def write_point(positie: tuple[float, float], epsg: int) -> str:
    """Write a point that is given in Lambert 72."""
    return (
        f'<gml:Point srsName="{name_srs(epsg)}" {_NAMESPACE}>'
        f"<gml:pos>{_write([positie], epsg)}</gml:pos></gml:Point>"
    )


def write_polygon(vlak: Vlak, epsg: int) -> str:
    """Write an area that is given in Lambert 72."""
    inner = "".join(f"<gml:interior>{_ring(gat, epsg)}</gml:interior>" for gat in vlak.gaten)
    return (
        f'<gml:Polygon srsName="{name_srs(epsg)}" {_NAMESPACE}>'
        f"<gml:exterior>{_ring(vlak.buiten, epsg)}</gml:exterior>{inner}</gml:Polygon>"
    )


def name_srs(epsg: int) -> str:
    """Return the URI of a reference system."""
    return f"https://www.opengis.net/def/crs/EPSG/0/{epsg}"


def transform(positions: Ring, van: int | str, naar: int | str) -> Ring:
    """Bring positions (x first) from one reference system into another."""
    if van == naar:
        return positions
    transformer = _transformer(van, naar)
    return tuple(transformer.transform(x, y) for x, y in positions)


@cache
def _transformer(van: int | str, naar: int | str) -> Transformer:
    return Transformer.from_crs(van, naar, always_xy=True)


def _ring(ring: Ring, epsg: int) -> str:
    return f"<gml:LinearRing><gml:posList>{_write(ring, epsg)}</gml:posList></gml:LinearRing>"


def _write(positions: Ring | list[tuple[float, float]], epsg: int) -> str:
    return " ".join(f"{x:.2f} {y:.2f}" for x, y in transform(tuple(positions), LAMBERT72, epsg))
