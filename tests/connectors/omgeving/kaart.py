"""Answers of map servers, good and bad, for the tests of the clients that ask them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import shapely
from shapely.geometry.base import BaseGeometry

from connectors.transport.errors import ConnectorError, ContractError, RetryableError
from connectors.transport.geometrie import LAMBERT72, LAMBERT2008, Ligging
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from tests.connectors.scripted_server import Answer, Asked

# Places of which no map can say anything: it must not be asked, its silence is no answer.
OFF_THE_MAP = {
    "empty": Ligging(shapely.Polygon(), LAMBERT72),
    "degrees": Ligging(shapely.Point(4.7, 50.88), LAMBERT72),
    "Lambert 2008 that is called Lambert 72": Ligging(shapely.Point(673_000, 674_000), LAMBERT72),
    "Lambert 72 that is called Lambert 2008": Ligging(shapely.Point(173_000, 174_000), LAMBERT2008),
}
SECRET = "Geheimestraat"
JSON = {"Content-Type": "application/json;charset=UTF-8"}
HTML = Answer(
    200, f"<html><body>Onderhoud {SECRET}</body></html>".encode(), {"Content-Type": "text/html"}
)
PERCEEL = Ligging(shapely.box(173_000, 174_000, 173_010, 174_010), LAMBERT72)
PUNT = Ligging(shapely.Point(173_005, 174_005), LAMBERT72)
RAADPLEGING = GelogdeRaadpleging(
    Raadpleging(
        correlatie_id=UUID("3b0c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e11"),
        dossier_id=UUID("0f9e7f0a-93c5-4f0b-8f6d-1c3f4f1f7a22"),
        bron="bodem",
        operatie="list",
        object="gebouweenheid 120000000",
        doel="renovatiedossier",
        rechtsgrond="decreet",
        hoedanigheid="lokaal bestuur",
        namens="consulent-07",
    ),
    datetime(2026, 11, 24, 12, tzinfo=UTC),
)
CORRELATIE = str(RAADPLEGING.raadpleging.correlatie_id)


def logged(correlatie_id: UUID | None = None) -> GelogdeRaadpleging:
    reason = replace(RAADPLEGING.raadpleging, correlatie_id=correlatie_id or uuid4())
    return replace(RAADPLEGING, raadpleging=reason)


def params(asked: Asked) -> dict[str, str]:
    """Read the parameters of a question by lower-case name; none may stand twice."""
    pairs = parse_qsl(urlsplit(asked.path).query, keep_blank_values=True)
    found = {name.lower(): value for name, value in pairs}
    assert len(found) == len(pairs), "a parameter stands twice"
    return found


def feature(
    feature_id: str, vorm: BaseGeometry | None = None, **eigenschappen: object
) -> dict[str, Any]:
    """Write a feature; it covers the whole of PERCEEL unless told otherwise."""
    geometry = json.loads(shapely.to_geojson(PERCEEL.vorm if vorm is None else vorm))
    return {
        "type": "Feature",
        "id": feature_id,
        "geometry": geometry,
        "geometry_name": "geom",
        "properties": eigenschappen,
    }


def collection(features: Sequence[object], **changed: object) -> dict[str, Any]:
    """Write a FeatureCollection as GeoServer does."""
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": list(features),
        "totalFeatures": len(features),
        "numberMatched": len(features),
        "numberReturned": len(features),
        "timeStamp": "2026-11-24T12:00:00.000Z",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31370"}}
        if features
        else None,
        **changed,
    }
    return {name: value for name, value in body.items() if value is not ...}


def as_json(body: object) -> Answer:
    return Answer(200, json.dumps(body).encode(), JSON)


def report(code: str, status: int = 200) -> Answer:
    """Write an OWS exception report."""
    body = (
        '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1">'
        f'<ows:Exception exceptionCode="{code}" locator="typeName">'
        f"<ows:ExceptionText>{SECRET}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    )
    return Answer(status, body.encode(), {"Content-Type": "application/xml"})


def paged(features: Sequence[object], most: int) -> Callable[[Asked], Answer]:
    """Answer as a server that gives at most so many features at once."""

    def script(asked: Asked) -> Answer:
        wanted = params(asked)
        start = int(wanted.get("startindex", "0"))
        page = features[start : start + min(int(wanted["count"]), most)]
        return as_json(collection(page, totalFeatures=len(features), numberMatched=len(features)))

    return script


NIETS = as_json(collection([]))
# What no map client may take for an answer, and how it is sorted.
BAD: dict[str, tuple[Answer, type[ConnectorError]]] = {
    "a page for people": (HTML, ContractError),
    "a refused layer": (report("InvalidParameterValue", 400), ContractError),
    "a refused layer with 200": (report("InvalidParameterValue"), ContractError),
    "a server's own trouble with 200": (report("NoApplicableCode"), RetryableError),
    "a server's own trouble with 403": (report("OperationProcessingFailed", 403), RetryableError),
    "trouble without a report": (Answer(500, b"oops"), RetryableError),
    "an empty answer": (Answer(200, b"", JSON), ContractError),
    "no JSON": (Answer(200, b'\x00{"<onzin', JSON), ContractError),
    "another media type": (replace(NIETS, headers={"Content-Type": "text/plain"}), ContractError),
    "a redirect": (Answer(302, b"", {"Location": "http://127.0.0.1:9/"}), ContractError),
    "too much": (Answer(200, b"[" + b" " * 17_000_000 + b"]", JSON), ContractError),
    "a reset": (Answer(reset=True), RetryableError),
}
