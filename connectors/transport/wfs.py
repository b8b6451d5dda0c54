"""Features of a WFS 2.0 at a place or with a value, all of them or an error.

OWSLib writes the question; `HttpClient` sends it (decision 0022).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import requests
import shapely
from owslib.etree import etree
from owslib.feature.wfs200 import WebFeatureService_2_0_0
from owslib.fes2 import Filter, PropertyIsEqualTo
from shapely.geometry.base import BaseGeometry

from connectors.transport.errors import ContractError, RetryableError
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.transport.http import HttpClient
from connectors.transport.ogc import check_media_type, fetch, to_lambert72

PAGE_SIZE: Final = 100
MOST_PAGES: Final = 50
# Layers are drawn on different versions of the parcels: their borders overlap by decimetres.
# What reaches less than this far into the asked shape (metres) is the neighbour's.
RAND: Final = 0.5

_JSON: Final = frozenset({"application/json", "application/geo+json"})
_URN: Final = f"urn:ogc:def:crs:EPSG::{LAMBERT72}"
_CRS: Final = re.compile(rf"(?:.*[:/])?{LAMBERT72}")
_VERSION: Final = "2.0.0"
_DAG: Final = re.compile(r"\d{4}-\d{2}-\d{2}Z?", re.ASCII)
_BRUSSELS: Final = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Laag:
    """A layer by its name, and the property that gives its features a steady order."""

    naam: str
    volgorde: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its id at the source, its shape in Lambert 72 and its properties."""

    feature_id: str
    vorm: BaseGeometry
    eigenschappen: JsonObject


class WfsClient:
    """Asks the layers of one WFS; safe to share between threads.

    One request per layer and page: what OWSLib needs of the capabilities (the address, the
    layers, their coordinate system) is configuration and is not asked.
    """

    def __init__(
        self, http: HttpClient, lagen: Sequence[Laag], *, page_size: int = PAGE_SIZE
    ) -> None:
        self._http = http
        self._page_size = page_size
        capabilities = _capabilities(http.base_url, [laag.naam for laag in lagen])
        self._wfs = WebFeatureService_2_0_0(http.base_url, _VERSION, xml=capabilities)

    def list_at(
        self, laag: Laag, ligging: Ligging, *, operation: str, key: str, correlation_id: UUID
    ) -> tuple[Feature, ...]:
        """Return the features of a layer that lie at a place, those that only touch it left out.

        The server is asked for the rectangle around the place; which shapes count is judged here.

        Raises: the error family; ContractError when a feature lies elsewhere than was asked, or
            the place lies off the map.
        """
        vorm = to_lambert72(ligging, self._http.system, operation, key)
        x1, y1, x2, y2 = vorm.buffer(RAND).bounds
        url = self._url(laag, bbox=(round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2), _URN))
        kern: BaseGeometry = vorm.buffer(-RAND)
        if kern.is_empty:
            kern = vorm.representative_point()
        gevraagd = shapely.box(x1, y1, x2, y2).buffer(1)
        found = []
        for feature in self._read(url, operation, key, correlation_id):
            # A server that swaps axes or answers in degrees would otherwise seem to have nothing.
            if not feature.vorm.envelope.intersects(gevraagd):
                raise self._refused(operation, key, "a feature lies outside of what was asked")
            if kern.intersects(feature.vorm):
                found.append(feature)
        return tuple(found)

    def list_equal(
        self,
        laag: Laag,
        eigenschap: str,
        waarde: str,
        *,
        operation: str,
        key: str,
        correlation_id: UUID,
    ) -> tuple[Feature, ...]:
        """Return the features of a layer of which a property has exactly this value.

        Raises: the error family; ContractError when a feature has another value.
        """
        vraag = etree.tostring(Filter(PropertyIsEqualTo(eigenschap, waarde)).toXML())
        url = self._url(laag)
        found = []
        for feature in self._read(url, operation, key, correlation_id, {"FILTER": vraag.decode()}):
            if feature.eigenschappen.text(eigenschap) != waarde:
                feature.eigenschappen.refuse(eigenschap, "is not what was asked")
            found.append(feature)
        return tuple(found)

    def _url(self, laag: Laag, bbox: tuple[float, float, float, float, str] | None = None) -> str:
        """Write a GetFeature without its page."""
        url: str = self._wfs.getGETGetFeatureRequest(
            typename=[laag.naam],
            bbox=bbox,
            srsname=_URN,
            outputFormat="application/json",
            sortby=[laag.volgorde],
        )
        return url

    def _read(
        self,
        url: str,
        operation: str,
        key: str,
        correlation_id: UUID,
        params: dict[str, str] | None = None,
    ) -> Iterator[Feature]:
        """Yield the features of all pages, each once; nothing is cut off in silence."""
        seen: set[str] = set()
        matched: int | None = None
        for _ in range(MOST_PAGES):
            page = {**(params or {}), "count": str(self._page_size)}
            if seen:
                page["startIndex"] = str(len(seen))
            response = fetch(
                self._http,
                url,
                operation=operation,
                key=key,
                correlation_id=correlation_id,
                params=page,
            )
            answer = self._open(response, operation, key)
            features = list(_features(answer))
            for feature in features:
                if feature.feature_id in seen:
                    raise self._moved(operation, key, "the pages overlap")
                seen.add(feature.feature_id)
                yield feature
            counted = _count(answer, "numberMatched", "totalFeatures")
            if "startIndex" in page and counted != matched:
                raise self._moved(operation, key, "the features changed between two pages")
            matched = counted
            if matched is not None and len(seen) > matched:
                raise self._refused(operation, key, "there are more features than it counted")
            if len(seen) == matched or not features:
                if matched is not None and len(seen) < matched:
                    raise self._moved(operation, key, "a page is empty before the last feature")
                return
        raise self._refused(operation, key, "the pages do not end")

    def _open(self, response: requests.Response, operation: str, key: str) -> JsonObject:
        check_media_type(response, _JSON, self._http.system, operation, key)
        answer = read_object(response, self._http.system, operation, key)
        if answer.text("type") != "FeatureCollection":
            answer.refuse("type", "is not FeatureCollection")
        return answer

    def _refused(self, operation: str, key: str, observed: str) -> ContractError:
        return ContractError(self._http.system, operation, key, observed)

    def _moved(self, operation: str, key: str, observed: str) -> RetryableError:
        return RetryableError(self._http.system, operation, key, observed)


def read_dag(eigenschappen: JsonObject, naam: str) -> date | None:
    """Return a day that servers write as a date, a date with Z or a moment; None when absent.

    A moment counts as its day in Belgium.
    """
    text = eigenschappen.optional_text(naam)
    if text is None:
        return None
    dag = _dag(text)
    if dag is None:
        eigenschappen.refuse(naam, "is not a day")
    return dag


def _dag(text: str) -> date | None:
    with suppress(ValueError, OverflowError):
        if _DAG.fullmatch(text):
            return date.fromisoformat(text.removesuffix("Z"))
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else moment.astimezone(_BRUSSELS)).date()
    return None


def _features(answer: JsonObject) -> Iterator[Feature]:
    features = list(answer.children("features"))
    returned = _count(answer, "numberReturned")
    if returned is not None and returned != len(features):
        answer.refuse("numberReturned", "is not the number of features")
    if not features:
        return
    crs = answer.child("crs").child("properties")
    if not _CRS.fullmatch(crs.text("name")):
        crs.refuse("name", f"is not EPSG:{LAMBERT72}")
    for feature in features:
        yield Feature(feature.text("id"), _vorm(feature), feature.child("properties"))


def _vorm(feature: JsonObject) -> BaseGeometry:
    geometry = feature.child("geometry").values
    vorm: BaseGeometry | None = None
    try:
        text = json.dumps(geometry, default=float, allow_nan=False)
        vorm = shapely.force_2d(shapely.make_valid(shapely.from_geojson(text)))
    except (shapely.errors.ShapelyError, ValueError, TypeError, RecursionError, OverflowError):
        vorm = None
    if vorm is None or vorm.is_empty:
        feature.refuse("geometry", "is no shape")
    return vorm


def _count(answer: JsonObject, *names: str) -> int | None:
    """Return the first count that is told; None when the server says it does not know."""
    for name in names:
        if answer.values.get(name) not in (None, "unknown"):
            return answer.optional_integer(name)
    return None


def _capabilities(url: str, lagen: Sequence[str]) -> str:
    """Write the little of a capabilities document that OWSLib needs to write a GetFeature."""
    types = "".join(
        f"<FeatureType><Name>{escape(laag)}</Name><Title>{escape(laag)}</Title>"
        f"<DefaultCRS>{_URN}</DefaultCRS></FeatureType>"
        for laag in lagen
    )
    return (
        f'<WFS_Capabilities version="{_VERSION}" xmlns="http://www.opengis.net/wfs/2.0"'
        ' xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:DCP><ows:HTTP>'
        f"<ows:Get xlink:href={quoteattr(url)}/>"
        "</ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>"
        f"<FeatureTypeList>{types}</FeatureTypeList></WFS_Capabilities>"
    )
