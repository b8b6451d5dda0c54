"""OGC API Features (parts 1 and 2) for one collection, ADP, over the parcels of the city."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.basisregisters.gml import transform
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.stad.gebouwen import PerceelFeit
from sandbox.stad.straten import NIS_CODE
from sandbox.stad.vlakken import Box
from sandbox.world import World

SYSTEEM = "grb"
DEFAULT_LIMIT, MAX_LIMIT = 10, 1000
_ITEMS = "collections/ADP/items"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_LAMBERT72 = 31370
_SYSTEMS: dict[str, int | str] = {
    _CRS84: "OGC:CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/31370": _LAMBERT72,
    "http://www.opengis.net/def/crs/EPSG/0/3812": 3812,
}
_PARAMS = {"bbox", "bbox-crs", "crs", "limit", "startIndex", "f"}


class OgcError(Exception):
    """A request the service refuses."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def name_grb_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation: items, or what else was asked."""
    path = scope["path"][len(scope.get("root_path", "")) :].strip("/")
    return SYSTEEM, "items" if path == _ITEMS else path or "landing"


def create_grb_app(world: World) -> ASGIApp:
    """Build the application under ``/grb/ogc/features/v1``."""
    return Grb(world)


class Grb:
    """Reads of the parcels; each is a line in the journal."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._all = Window(60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        systeem, operatie = name_grb_operation(scope)
        try:
            response = self._answer(request, operatie)
        except OgcError as error:
            body = {"type": "about:blank", "title": str(error), "status": error.status}
            response = Response(
                orjson.dumps(body), error.status, media_type="application/problem+json"
            )
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    systeem,
                    operatie,
                    response.status_code,
                    sleutel=request.query_params.get("bbox"),
                    correlatie_id=request.headers.get("x-correlation-id"),
                )
            )
        await response(scope, receive, send)

    def _answer(self, request: Request, operatie: str) -> Response:
        if request.method != "GET":
            raise OgcError(405, "GET only")
        pause = self._all.take(self._world.settings.get(SYSTEEM)["limiet_per_minuut"])
        if pause is not None:
            return Response(
                b"{}", 429, {"Retry-After": str(math.ceil(pause))}, "application/problem+json"
            )
        if operatie != "items":
            raise OgcError(404, "no such resource")
        accept = request.headers.get("accept", "*/*")
        if not any(kind in accept for kind in ("geo+json", "application/json", "*/*")):
            raise OgcError(406, "ask application/geo+json")
        params = dict(request.query_params)
        if unknown := set(params) - _PARAMS:
            raise OgcError(400, f"unknown parameter {sorted(unknown)}")
        crs = params.get("crs", _CRS84)
        if crs not in _SYSTEMS:
            raise OgcError(400, "unknown crs")
        limit = min(_number(params, "limit", DEFAULT_LIMIT), MAX_LIMIT)
        start = _number(params, "startIndex", 0)
        if limit < 1:
            raise OgcError(400, "limit starts at 1")
        box, register = _box(params), self._world.register
        found = register.list_percelen_in_box(box) if box else list(register.list_percelen())
        url = str(request.url.replace(query=""))
        links = [{"title": "This document", "type": "application/geo+json", "rel": "self",
                  "href": str(request.url)}]  # fmt: skip
        if start + limit < len(found):
            following = request.url.include_query_params(startIndex=start + limit, limit=limit)
            links.append({"title": "next page", "type": "application/geo+json", "rel": "next",
                          "href": str(following)})  # fmt: skip
        links.append({"title": "The collection", "type": "application/json", "rel": "collection",
                      "href": url.removesuffix("/items")})  # fmt: skip
        features = [_feature(perceel, _SYSTEMS[crs]) for perceel in found[start : start + limit]]
        body: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": features,
            "numberReturned": len(features),
            "timeStamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z",
            "links": links,
        }
        if crs != _CRS84:
            name = f"urn:ogc:def:crs:EPSG::{_SYSTEMS[crs]}"
            body["crs"] = {"type": "name", "properties": {"name": name}}
        return Response(
            orjson.dumps(body), headers={"Content-Crs": f"<{crs}>"},
            media_type="application/geo+json",
        )  # fmt: skip


def _box(params: dict[str, str]) -> Box | None:
    text = params.get("bbox")
    if text is None:
        return None
    system = params.get("bbox-crs", _CRS84)
    if system not in _SYSTEMS:
        raise OgcError(400, "unknown bbox-crs")
    try:
        left, bottom, right, top = (float(part) for part in text.split(","))
    except ValueError:
        raise OgcError(400, "bbox is four numbers") from None
    if left > right or bottom > top or not all(map(math.isfinite, (left, bottom, right, top))):
        raise OgcError(400, "bbox is least x, least y, largest x, largest y")
    corners = transform(((left, bottom), (right, top)), _SYSTEMS[system], _LAMBERT72)
    return (*corners[0], *corners[1])


def _number(params: dict[str, str], naam: str, default: int) -> int:
    text = params.get(naam, str(default))
    if not text.isdigit() or len(text) > 9:
        raise OgcError(400, f"{naam} is a number")
    return int(text)


def _feature(perceel: PerceelFeit, system: int | str) -> dict[str, Any]:
    rings = [
        [list(position) for position in transform(ring, _LAMBERT72, system)]
        for ring in (perceel.vlak.buiten, *perceel.vlak.gaten)
    ]
    number = int("".join(c for c in perceel.capakey if c.isdigit())) % 10_000_000
    return {
        "type": "Feature",
        "id": f"ADP.{number}",
        "geometry": {"type": "Polygon", "coordinates": rings},
        "geometry_name": "SHAPE",
        "properties": {
            "UIDN": number,
            "OIDN": number,
            "VERSIE": 1,
            "BEGINDATUM": "2011-12-08",
            "VERSDATUM": "2018-12-01",
            "CAPAKEY": perceel.capakey,
            "CANU": perceel.capakey[6:10].lstrip("0"),
            "NISCODE": NIS_CODE,
            "FISCDATUM": "2019-01-01",
            "BHRDR": 2,
            "LBLBHRDR": "AAPD",
            "BGNINV": 13,
            "LBLBGNINV": "aanmaak uniek percelenplan\r\n",
        },
    }
