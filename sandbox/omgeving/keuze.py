"""Which features a request wants: a rectangle, a FES 2.0 filter or GeoServer's CQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import shapely
from lxml import etree
from shapely.geometry.base import BaseGeometry

from sandbox.omgeving.fouten import OgcError
from sandbox.omgeving.lagen import Kaartobject

_FES = "{http://www.opengis.net/fes/2.0}"
_GELIJK = re.compile(r"\s*(\w+)\s*=\s*'((?:[^']|'')*)'\s*")
_SNIJDT = re.compile(r"\s*INTERSECTS\s*\(\s*(\w+)\s*,(.*)\)\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Keuze:
    """Features that meet a shape and have these values; nothing given means all."""

    vorm: BaseGeometry | None = None
    gelijk: dict[str, str] = field(default_factory=dict)

    def holds(self, o: Kaartobject) -> bool:
        """Tell whether a feature is wanted; a shape that only touches is."""
        if self.vorm is not None and not self.vorm.intersects(shapely.box(*o.vorm)):
            return False
        return all(str(o.eigenschappen[naam]) == waarde for naam, waarde in self.gelijk.items())


def read_rechthoek(text: str, crs: set[str]) -> BaseGeometry:
    """Read ``minx,miny,maxx,maxy[,crs]``.

    Raises:
        OgcError: it is none, or in another coordinate system.
    """
    parts = text.split(",")
    if len(parts) not in (4, 5) or (len(parts) == 5 and parts[4] not in crs):
        raise OgcError("InvalidParameterValue", "bbox must be four numbers and a CRS", "bbox")
    try:
        x1, y1, x2, y2 = map(float, parts[:4])
    except ValueError:
        raise OgcError("InvalidParameterValue", "bbox must hold numbers", "bbox") from None
    if x1 > x2 or y1 > y2:
        raise OgcError("InvalidParameterValue", "bbox is turned inside out", "bbox")
    return shapely.box(x1, y1, x2, y2)


def read_filter(soort: str, text: str, velden: set[str], geometrie: str) -> Keuze:
    """Read a filter on one value (FES or CQL) or on a shape (CQL).

    Raises:
        OgcError: it cannot be read, or names a property that the layer has not.
    """
    if soort == "filter":
        return _checked(*_read_fes(text), velden)
    if found := _GELIJK.fullmatch(text):
        return _checked(found[1], found[2].replace("''", "'"), velden)
    found = _SNIJDT.fullmatch(text)
    if found is None or found[1] != geometrie:
        raise OgcError("InvalidParameterValue", "Could not parse CQL filter list.", "cql_filter")
    try:
        return Keuze(vorm=shapely.from_wkt(found[2]))
    except shapely.errors.ShapelyError:
        raise OgcError("InvalidParameterValue", "Could not parse WKT.", "cql_filter") from None


def _checked(naam: str, waarde: str, velden: set[str]) -> Keuze:
    if naam not in velden:
        raise OgcError("InvalidParameterValue", f"Illegal property name: {naam}", "GetFeature")
    return Keuze(gelijk={naam: waarde})


def _read_fes(text: str) -> tuple[str, str]:
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        raise OgcError("OperationParsingFailed", "filter is no XML", "filter") from None
    gelijk = root.find(f"{_FES}PropertyIsEqualTo")
    if root.tag != f"{_FES}Filter" or len(root) != 1 or gelijk is None:
        raise OgcError("OperationProcessingFailed", "filter is not understood", "filter", 403)
    naam, waarde = gelijk.findtext(f"{_FES}ValueReference"), gelijk.findtext(f"{_FES}Literal")
    if naam is None or waarde is None:
        raise OgcError("OperationParsingFailed", "filter lacks a part", "filter")
    return naam.rpartition(":")[2], waarde
