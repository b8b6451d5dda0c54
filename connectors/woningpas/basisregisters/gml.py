"""Read the GML that the register gives: points and polygons, in the system their srsName tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import shapely
from lxml import etree

from connectors.transport.geometrie import LAMBERT72, LAMBERT2008, Ligging

_NAMESPACES: Final = ("http://www.opengis.net/gml/3.2", "http://www.opengis.net/gml")
_EPSG: Final = re.compile(rf"(?:.*[/:])?(?P<code>{LAMBERT72}|{LAMBERT2008})")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,20})?", re.ASCII)
_LONGEST: Final = 4 * 1024 * 1024


def read_epsg(name: str) -> int:
    """Return the code of a reference system by its name: 31370 or 3812.

    Raises: ValueError when it is another system.
    """
    found = _EPSG.fullmatch(name)
    if found is None:
        raise ValueError("unknown reference system")
    return int(found["code"])


def parse_gml(text: str) -> Ligging:
    """Read a GML point, or a polygon with its holes; coordinates in metres, x first.

    Nothing outside the text is read: a document type or an entity is refused.

    Raises: ValueError when it is anything else; its text never quotes what was read.
    """
    element = _parse(text)
    kind = _local(element)
    if kind not in ("Point", "Polygon"):
        raise ValueError("no GML point or polygon")
    epsg = read_epsg(element.get("srsName") or "")
    vorm = shapely.Point(_point(element)) if kind == "Point" else _polygon(element)
    return Ligging(vorm, epsg)


def _parse(text: str) -> etree._Element:
    if len(text) > _LONGEST or "<!" in text:
        raise ValueError("no GML: it is too long, or declares more than elements")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        element = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeError):
        element = None
    # Outside the handler: the parser's own text may quote what it read.
    if element is None:
        raise ValueError("no GML: it is not well-formed XML")
    return element


def _point(element: etree._Element) -> tuple[float, float]:
    (position,) = _only(element, "pos")
    pairs = _pairs(position)
    if len(pairs) != 1:
        raise ValueError("no two coordinates")
    return pairs[0]


def _polygon(element: etree._Element) -> shapely.Polygon:
    parts = list(_children(element))
    names = [_local(part) for part in parts]
    if names[:1] != ["exterior"] or set(names[1:]) - {"interior"}:
        raise ValueError("no GML polygon: it is not one exterior and its interiors")
    outer, *holes = (_ring(part) for part in parts)
    polygon = shapely.Polygon(outer, holes)
    if not polygon.is_valid or polygon.is_empty:
        raise ValueError("the rings make no area")
    return polygon


def _ring(boundary: etree._Element) -> list[tuple[float, float]]:
    (ring,) = _only(boundary, "LinearRing")
    (positions,) = _only(ring, "posList")
    pairs = _pairs(positions)
    if len(pairs) < 4 or pairs[0] != pairs[-1]:
        raise ValueError("a ring is not closed")
    return pairs


def _pairs(element: etree._Element) -> list[tuple[float, float]]:
    if len(element) or element.get("srsDimension", "2") != "2":
        raise ValueError("no two coordinates")
    numbers = (element.text or "").split()
    if len(numbers) % 2 or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise ValueError("no two coordinates")
    values = [float(number) for number in numbers]
    return list(zip(values[::2], values[1::2], strict=True))


def _only(element: etree._Element, name: str) -> list[etree._Element]:
    children = list(_children(element))
    if [_local(child) for child in children] != [name]:
        raise ValueError(f"it holds something else than one {name}")
    return children


def _children(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        # An entity or a processing instruction has no name that is a text.
        if not isinstance(child.tag, str):
            raise ValueError("no GML: it holds more than elements")
        yield child


def _local(element: etree._Element) -> str:
    name = etree.QName(element)
    return name.localname if name.namespace in _NAMESPACES else ""
