"""Where parcels lie, as the GRB draws them (OGC API Features, collection ADP)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import shapely

from connectors.transport.errors import ContractError
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.transport.http import HttpClient
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.basisregisters.gml import read_epsg
from connectors.woningpas.basisregisters.mapping import read_capakey
from connectors.woningpas.basisregisters.models import PerceelVlak

SYSTEM: Final = "grb"
PAGE_SIZE: Final = 500
MOST_PAGES: Final = 20
# A point has no width, and a box without one finds nothing in some implementations.
_MARGIN: Final = 0.5
_CRS: Final = f"http://www.opengis.net/def/crs/EPSG/0/{LAMBERT72}"


def open_grb_client(
    *, base_url: str, timeout: tuple[float, float] = (5.0, 30.0), pool_size: int = 16
) -> GrbClient:
    """Make a client; `base_url` is the service's landing page. Nothing is sent yet.

    Not OWSLib's client (0.35): it drops the timeout it is given, keeps one set of headers for all
    clients of a process, so that a correlation id would leak into another's question, and raises
    the text of a refusal. Decision 0021.
    """
    headers = {"Accept": "application/geo+json"}
    return GrbClient(
        HttpClient(SYSTEM, base_url, headers=headers, timeout=timeout, pool_size=pool_size)
    )


class GrbClient:
    """Reads parcels; safe to share between threads."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def list_percelen(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[PerceelVlak, ...]:
        """Return the parcels that a point, line or area lies on or touches, by cadastral key.

        A building touches its neighbours' parcels: which are its own, the building register says.
        They come in the system the service answers in. An empty answer is no error.
        """
        operation = "list_percelen"
        key = f"dossier {raadpleging.raadpleging.dossier_id}"
        place = ligging.to_epsg(LAMBERT72)
        bounds = place.vorm.buffer(_MARGIN).bounds
        params: Mapping[str, str] | None = {
            "bbox": ",".join(f"{number:.2f}" for number in bounds),
            "bbox-crs": _CRS,
            "crs": _CRS,
            "limit": str(PAGE_SIZE),
        }
        link: str | None = "collections/ADP/items"
        seen: set[str] = set()
        found: dict[str, PerceelVlak] = {}
        while link is not None:
            if link in seen or len(seen) >= MOST_PAGES:
                raise ContractError(SYSTEM, operation, key, "the pages do not end")
            seen.add(link)
            response = self._http.request(
                "GET",
                link,
                operation=operation,
                key=key,
                expected={200},
                params=params,
                correlation_id=raadpleging.raadpleging.correlatie_id,
                refusals={400: ContractError, 406: ContractError},
                changes=False,
            )
            page = read_object(response, SYSTEM, operation, key)
            epsg = _epsg(page, response.headers.get("Content-Crs"))
            for feature in page.children("features"):
                vlak = _map_vlak(feature, epsg)
                if vlak.geometrie.vorm.intersects(ligging.to_epsg(epsg).vorm):
                    found[vlak.capakey] = vlak
            link, params = _next(page), None
        return tuple(found[capakey] for capakey in sorted(found))


def _epsg(page: JsonObject, header: str | None) -> int:
    """Read the system of the coordinates: named in the answer, else in its header."""
    crs = page.optional_child("crs")
    name = crs.child("properties").text("name") if crs else (header or "").strip("<> ")
    try:
        return read_epsg(name)
    except ValueError as problem:
        page.refuse("crs", f"cannot be read: {problem}")


def _next(page: JsonObject) -> str | None:
    for link in page.children("links"):
        if link.optional_text("rel") == "next":
            return link.text("href")
    return None


def _map_vlak(feature: JsonObject, epsg: int) -> PerceelVlak:
    properties = feature.child("properties")
    return PerceelVlak(
        capakey=read_capakey(properties, "CAPAKEY"),
        nis_code=properties.text("NISCODE"),
        geometrie=Ligging(_area(feature.child("geometry")), epsg),
    )


def _area(raw: JsonObject) -> shapely.Polygon | shapely.MultiPolygon:
    kind, coordinates = raw.text("type"), raw.values.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raw.refuse("type", "is no polygon")
    try:
        parts = [
            shapely.Polygon(outer, holes)
            for outer, *holes in (
                [list(_ring(ring)) for ring in _items(part)]
                for part in ([coordinates] if kind == "Polygon" else _items(coordinates))
            )
        ]
    except ValueError:
        parts = []
    area = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if area.is_empty or not area.is_valid:
        raw.refuse("coordinates", "make no area")
    return area


def _items(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise ValueError("no list")
    return value


def _ring(value: object) -> Iterator[tuple[float, float]]:
    for position in _items(value):
        x, y, *_ = _items(position)
        if not isinstance(x, int | Decimal) or not isinstance(y, int | Decimal):
            raise ValueError("no number")
        yield float(x), float(y)
