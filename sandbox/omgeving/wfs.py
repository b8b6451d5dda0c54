"""A WFS 2.0 as GeoServer serves it: capabilities, types, and features by place or by value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.omgeving.fouten import OgcError, read_params
from sandbox.omgeving.keuze import Keuze, read_filter, read_rechthoek
from sandbox.omgeving.lagen import Kaartobject, Laag
from sandbox.stad.omgeving import Kaart, Vorm
from sandbox.stad.vlakken import find_capakey
from sandbox.world import World

GEOMETRIE = "geom"
URN = "urn:ogc:def:crs:EPSG::31370"

_CRS = {URN, "EPSG:31370", "http://www.opengis.net/def/crs/EPSG/0/31370"}
_KNOWN = frozenset({
    "service", "version", "request", "typenames", "typename", "bbox", "srsname", "outputformat",
    "sortby", "count", "startindex", "filter", "cql_filter",
})  # fmt: skip
_JSON = {"application/json", "json"}


def find_layer(request: Request, lagen: dict[str, Laag]) -> Laag | None:
    """Return the layer that a request names, None when it names none or an unknown one."""
    for name, value in request.query_params.multi_items():
        if name.lower() in ("typenames", "typename"):
            return lagen.get(value)
    return None


class Wfs:
    """One service with its layers; each request is a line in the journal."""

    def __init__(self, world: World, lagen: dict[str, Laag], systeem: str) -> None:
        self._world = world
        self._lagen = lagen
        self._systeem = systeem
        self._kaart = Kaart(world.city)
        self._windows = {laag.systeem: Window(60.0) for laag in lagen.values()}

    def identify(self, scope: Scope) -> tuple[str, str]:
        """Name system and operation: ``GetFeature:<layer>``, or the other request's name."""
        request = Request(scope)
        laag = find_layer(request, self._lagen)
        operatie = next(
            (v for k, v in request.query_params.multi_items() if k.lower() == "request"), "?"
        )
        if laag is None:
            return self._systeem, operatie
        return laag.systeem, f"{operatie}:{laag.naam.partition(':')[2]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        systeem, operatie = self.identify(scope)
        sleutel = None
        try:
            if fault := scope.get("sandbox.fout"):
                code = (fault.uitzondering or {}).get("code", "NoApplicableCode")
                raise OgcError(code, "java.io.IOException", status=200)
            response, sleutel = self._answer(request, systeem)
        except OgcError as error:
            response = error.report()
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    systeem,
                    operatie,
                    response.status_code,
                    sleutel=sleutel,
                    correlatie_id=request.headers.get("x-correlation-id"),
                )
            )
        await response(scope, receive, send)

    def _answer(self, request: Request, systeem: str) -> tuple[Response, str | None]:
        if request.method != "GET" or request.url.path.rstrip("/").rpartition("/")[2] != "wfs":
            raise OgcError("OperationNotSupported", "Only GET at wfs", "request", 404)
        settings = self._world.settings.get(systeem)
        window = self._windows.get(systeem)
        pause = window.take(settings["limiet_per_minuut"]) if window else None
        if pause is not None:
            return Response(
                "Too many requests", 429, {"Retry-After": str(max(1, round(pause)))}
            ), None
        params = read_params(request.query_params.multi_items(), _KNOWN)
        if params.get("service", "").upper() != "WFS":
            raise OgcError("MissingParameterValue", "No service WFS", "service")
        operatie = params.get("request")
        if operatie == "GetCapabilities":
            return Response(self._capabilities(request), media_type="application/xml"), None
        if params.get("version") != "2.0.0":
            raise OgcError("InvalidParameterValue", "Version must be 2.0.0", "version")
        naam = params.get("typenames") or params.get("typename") or ""
        laag = self._lagen.get(naam)
        if laag is None:
            raise OgcError("InvalidParameterValue", f"Feature type {naam} unknown", "typeName")
        if operatie == "DescribeFeatureType":
            return Response(_describe(laag), media_type="application/gml+xml"), None
        if operatie == "GetFeature":
            return self._features(laag, params, settings["max_kaartobjecten"])
        raise OgcError("OperationNotSupported", f"No operation {operatie}", "request")

    def _features(
        self, laag: Laag, params: dict[str, str], largest: int | None
    ) -> tuple[Response, str | None]:
        if params.get("outputformat") not in _JSON:
            raise OgcError("InvalidParameterValue", "Only application/json", "outputFormat")
        if params.get("srsname", URN) not in _CRS:
            raise OgcError("InvalidParameterValue", "Unknown coordinate system", "srsName")
        keuze = _read_keuze(params, laag)
        found = [o for i in self._list_places(keuze) for o in laag.list_at(i) if keuze.holds(o)]
        found.sort(key=_sorter(params.get("sortby"), laag))
        start = _number(params, "startindex", 0)
        count = _number(params, "count", len(found))
        if largest is not None:
            count = min(count, largest)
        page = found[start : start + count]
        body = {
            "type": "FeatureCollection",
            "features": [_show(o) for o in page],
            "totalFeatures": len(found),
            "numberMatched": len(found),
            "numberReturned": len(page),
            "timeStamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "crs": {"type": "name", "properties": {"name": URN}} if page else None,
        }
        response = Response(orjson.dumps(body), media_type="application/json;charset=UTF-8")
        return response, keuze.gelijk.get("kadaster_id")

    def _list_places(self, keuze: Keuze) -> list[int] | range:
        capakey = keuze.gelijk.get("kadaster_id")
        if capakey is not None:
            i = find_capakey(capakey)
            return [i] if i is not None and i < self._world.city.size else []
        if keuze.vorm is not None:
            return self._kaart.list_near(*keuze.vorm.bounds)
        return self._kaart.list_all()

    def _capabilities(self, request: Request) -> str:
        here = quoteattr(str(request.url.replace(query="")))
        types = "".join(
            f"<FeatureType><Name>{laag}</Name><Title>{laag}</Title><DefaultCRS>{URN}</DefaultCRS>"
            "</FeatureType>"
            for laag in self._lagen
        )
        operations = "".join(
            f'<ows:Operation name="{name}"><ows:DCP><ows:HTTP><ows:Get xlink:href={here}/>'
            "</ows:HTTP></ows:DCP></ows:Operation>"
            for name in ("GetCapabilities", "DescribeFeatureType", "GetFeature")
        )
        return (
            '<WFS_Capabilities version="2.0.0" xmlns="http://www.opengis.net/wfs/2.0"'
            ' xmlns:ows="http://www.opengis.net/ows/1.1"'
            ' xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<ows:OperationsMetadata>{operations}</ows:OperationsMetadata>"
            f"<FeatureTypeList>{types}</FeatureTypeList></WFS_Capabilities>"
        )


def _read_keuze(params: dict[str, str], laag: Laag) -> Keuze:
    given = [name for name in ("bbox", "filter", "cql_filter") if name in params]
    if len(given) > 1:
        raise OgcError("InvalidParameterValue", "Only one of bbox, filter, cql_filter", given[1])
    if not given:
        return Keuze()
    if given[0] == "bbox":
        return Keuze(vorm=read_rechthoek(params["bbox"], _CRS))
    return read_filter(given[0], params[given[0]], {*laag.velden}, GEOMETRIE)


def _sorter(sortby: str | None, laag: Laag) -> Any:
    if sortby is None:
        return lambda o: o.feature_id
    name = sortby.partition(" ")[0]
    if name not in laag.velden:
        raise OgcError("InvalidParameterValue", f"No property {name}", "sortBy")
    return lambda o: (str(o.eigenschappen[name]), o.feature_id)


def _number(params: dict[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not text.isdigit():
        raise OgcError("InvalidParameterValue", f"{name} is no number", name)
    return int(text)


def _show(o: Kaartobject) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": o.feature_id,
        "geometry": {"type": "MultiPolygon", "coordinates": [[_ring(o.vorm)]]},
        "geometry_name": GEOMETRIE,
        "properties": o.eigenschappen,
    }


def _ring(vorm: Vorm) -> list[list[float]]:
    x1, y1, x2, y2 = vorm
    return [[x1, y1], [x2, y1], [x2, y2], [x1, y2], [x1, y1]]


def _describe(laag: Laag) -> str:
    prefix, _, naam = laag.naam.partition(":")
    fields = "".join(
        f'<xsd:element name="{veld}" type="xsd:string" minOccurs="0"/>' for veld in laag.velden
    )
    return (
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:{prefix}="urn:{prefix}"'
        f' targetNamespace="urn:{prefix}"><xsd:complexType name="{naam}Type"><xsd:sequence>'
        f'<xsd:element name="{GEOMETRIE}" type="gml:MultiSurfacePropertyType"/>{fields}'
        f'</xsd:sequence></xsd:complexType><xsd:element name="{naam}" type="{prefix}:{naam}Type"/>'
        "</xsd:schema>"
    )
