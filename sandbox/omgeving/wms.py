"""The flood maps: GetFeatureInfo of three map services, as ArcGIS Server answers it."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.omgeving.fouten import OgcError, read_params
from sandbox.stad.omgeving import SOORTEN_OVERSTROMING, Kaart, get_gridcode, get_perceel
from sandbox.world import World

_PAD = re.compile(
    r"/services/informatieplicht/overstromingsgevoelige_gebieden_(\w+)/MapServer/WMSServer"
)
_KNOWN = frozenset({
    "service", "version", "request", "layers", "query_layers", "styles", "format", "crs", "srs",
    "bbox", "width", "height", "i", "j", "x", "y", "info_format", "feature_count", "transparent",
    "exceptions",
})  # fmt: skip
_FORMATS = ("text/xml", "application/geojson")


def name_wms_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation by the kind of flood: ``GetFeatureInfo:pluviaal``."""
    found = _PAD.fullmatch(scope["path"][len(scope.get("root_path", "")) :])
    return "overstroming", f"GetFeatureInfo:{found[1] if found else '?'}"


class Overstromingskaart:
    """Three map services with one layer each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kaart = Kaart(world.city)
        self._window = Window(60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        systeem, operatie = name_wms_operation(scope)
        versie = "1.3.0"
        try:
            if fault := scope.get("sandbox.fout"):
                code = (fault.uitzondering or {}).get("code", "NoApplicableCode")
                raise OgcError(code, "Error processing request")
            soort = operatie.partition(":")[2]
            if request.method != "GET" or soort not in SOORTEN_OVERSTROMING:
                response = Response("<html><body>Not Found</body></html>", 404)
            else:
                params = read_params(request.query_params.multi_items(), _KNOWN)
                versie = params.get("version", versie)
                response = self._answer(params, soort)
        except OgcError as error:
            response = error.wms_report(versie)
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    systeem,
                    operatie,
                    response.status_code,
                    correlatie_id=request.headers.get("x-correlation-id"),
                )
            )
        await response(scope, receive, send)

    def _answer(self, params: dict[str, str], soort: str) -> Response:
        pause = self._window.take(self._world.settings.get("overstroming")["limiet_per_minuut"])
        if pause is not None:
            return Response("", 429, {"Retry-After": str(max(1, round(pause)))})
        x, y = _read_point(params)
        codes = [
            (i, code)
            for i in self._kaart.list_near(x, y, x, y)
            for x1, y1, x2, y2 in [get_perceel(i)]
            if x1 <= x <= x2 and y1 <= y <= y2 and (code := get_gridcode(i, soort)) is not None
        ][: int(params.get("feature_count", "1"))]
        if params["info_format"] == "text/xml":
            fields = "".join(
                f'<FIELDS OBJECTID="{i + 1}" Shape="Polygon" gridcode={quoteattr(str(code))}/>'
                for i, code in codes
            )
            return Response(
                '<?xml version="1.0" encoding="UTF-8"?>\n<FeatureInfoResponse'
                ' xmlns:esri_wms="http://www.esri.com/wms" xmlns="http://www.esri.com/wms">'
                f"{fields}</FeatureInfoResponse>",
                media_type="text/xml",
            )
        features = [
            {"type": "Feature", "id": i + 1, "properties": {"OBJECTID": i + 1, "gridcode": code}}
            for i, code in codes
        ]
        body = {"type": "FeatureCollection", "features": features}
        return Response(orjson.dumps(body), media_type="application/geojson")


def _read_point(params: dict[str, str]) -> tuple[float, float]:
    """Return the place of the asked pixel's middle; checks what a strict server checks.

    Raises:
        OgcError: a parameter is missing or wrong for the version.
    """
    versie = params.get("version")
    if params.get("service", "WMS") != "WMS" or params.get("request") != "GetFeatureInfo":
        raise OgcError("OperationNotSupported", "Only GetFeatureInfo")
    if versie not in ("1.1.1", "1.3.0"):
        raise OgcError("InvalidParameterValue", "Version must be 1.1.1 or 1.3.0")
    crs, column, row = ("crs", "i", "j") if versie == "1.3.0" else ("srs", "x", "y")
    needed = (
        "layers", "query_layers", "styles", crs, "bbox", "width", "height", column, row,
        "info_format",
    )  # fmt: skip
    for name in needed:
        if name not in params:
            raise OgcError("MissingParameterValue", f"Parameter {name} is missing")
    if params["layers"] != "0" or params["query_layers"] != "0":
        raise OgcError("LayerNotDefined", "Layer unknown")
    if params[crs] != "EPSG:31370":
        raise OgcError("InvalidCRS" if versie == "1.3.0" else "InvalidSRS", "CRS unknown")
    if params["info_format"] not in _FORMATS:
        raise OgcError("InvalidFormat", "info_format unknown")
    try:
        x1, y1, x2, y2 = map(float, params["bbox"].split(","))
        width, height = int(params["width"]), int(params["height"])
        i, j = int(params[column]), int(params[row])
        int(params.get("feature_count", "1"))
    except ValueError:
        raise OgcError("InvalidParameterValue", "A number cannot be read") from None
    if not (0 <= i < width and 0 <= j < height and x1 < x2 and y1 < y2):
        raise OgcError("InvalidPoint", "The point lies outside of the map")
    return x1 + (i + 0.5) * (x2 - x1) / width, y2 - (j + 0.5) * (y2 - y1) / height
