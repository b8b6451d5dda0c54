"""Ask the flood maps for the class of one place; every question was logged before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import requests
from owslib.crs import Crs

from connectors.transport.errors import ContractError
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.transport.http import HttpClient
from connectors.transport.ogc import (
    LARGEST_ANSWER,
    check_media_type,
    fetch,
    local_name,
    parse_xml,
    to_lambert72,
)
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.overstroming.mapping import map_klasse
from connectors.woningpas.overstroming.models import Klasse, Overstroming

SYSTEM: Final = "overstroming"
SOORTEN: Final = ("pluviaal", "fluviaal", "vanuit_de_zee")
PAD: Final = "services/informatieplicht/overstromingsgevoelige_gebieden_{soort}/MapServer/WMSServer"

_CRS: Final = f"EPSG:{LAMBERT72}"
# The asked point is the middle pixel of a small map: 101 pixels of 0.1 m. A server also tells
# what lies a few pixels from the asked one, so a pixel is small.
_PIXELS: Final = 101
_PIXEL: Final = 0.1

_XML: Final = frozenset({"text/xml", "application/xml"})
_JSON: Final = frozenset({"application/geojson", "application/geo+json", "application/json"})


@dataclass(frozen=True, slots=True)
class WmsVorm:
    """How this server is spoken to; `pad` holds {soort} and stands below the base URL."""

    versie: str = "1.3.0"
    antwoord: str = "text/xml"
    laag: str = "0"
    pad: str = PAD

    def __post_init__(self) -> None:
        """Refuse what the client cannot speak.

        Raises: ValueError.
        """
        if self.versie not in ("1.1.1", "1.3.0"):
            raise ValueError("The WMS version must be 1.1.1 or 1.3.0")
        if self.antwoord not in _XML | _JSON:
            raise ValueError("The format of the answer must be text/xml or application/geojson")
        if "{soort}" not in self.pad:
            raise ValueError("The path must hold {soort}")


def open_client(
    *, base_url: str, vorm: WmsVorm | None = None, timeout: tuple[float, float] = (5.0, 30.0)
) -> OverstromingClient:
    """Make a client; `base_url` is the server up to `services`. Nothing is sent yet."""
    http = HttpClient(SYSTEM, base_url, timeout=timeout, largest_answer=LARGEST_ANSWER)
    return OverstromingClient(http, vorm or WmsVorm())


class OverstromingClient:
    """The flood classes of a place; safe to share between threads."""

    def __init__(self, http: HttpClient, vorm: WmsVorm) -> None:
        self._http = http
        self._vorm = vorm

    def get_klassen(self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging) -> Overstroming:
        """Return the class of each kind of flood at a point, or at the inner point of an area.

        Three requests. The maps have no area where no flood is modelled: that is class A.

        Raises: the error family; ContractError for a class the legend does not know, or a place
            off the map.
        """
        vorm = to_lambert72(ligging, SYSTEM, "get_klassen", raadpleging.raadpleging.object)
        punt = vorm.representative_point()
        x, y = round(punt.x, 2), round(punt.y, 2)
        klassen = {soort: self._ask(soort, x, y, raadpleging) for soort in SOORTEN}
        return Overstroming(**klassen, x=x, y=y)

    def _ask(self, soort: str, x: float, y: float, raadpleging: GelogdeRaadpleging) -> Klasse:
        operation, key = f"get_klassen {soort}", raadpleging.raadpleging.object
        response = fetch(
            self._http,
            self._vorm.pad.format(soort=soort),
            operation=operation,
            key=key,
            correlation_id=raadpleging.raadpleging.correlatie_id,
            params=self._params(x, y),
        )
        if self._vorm.antwoord in _XML:
            check_media_type(response, _XML, SYSTEM, operation, key)
            return map_klasse(_read_fields(response, operation, key))
        check_media_type(response, _JSON, SYSTEM, operation, key)
        answer = read_object(response, SYSTEM, operation, key)
        return map_klasse([area.child("properties") for area in answer.children("features")])

    def _params(self, x: float, y: float) -> dict[str, str]:
        half = _PIXELS * _PIXEL / 2
        bbox = [x - half, y - half, x + half, y + half]
        nieuw = self._vorm.versie == "1.3.0"
        if nieuw and Crs(_CRS).axisorder == "yx":
            bbox = [bbox[1], bbox[0], bbox[3], bbox[2]]
        midden = str(_PIXELS // 2)
        return {
            "SERVICE": "WMS",
            "VERSION": self._vorm.versie,
            "REQUEST": "GetFeatureInfo",
            "LAYERS": self._vorm.laag,
            "QUERY_LAYERS": self._vorm.laag,
            "STYLES": "",
            "FORMAT": "image/png",
            "CRS" if nieuw else "SRS": _CRS,
            "BBOX": ",".join(f"{side:.2f}" for side in bbox),
            "WIDTH": str(_PIXELS),
            "HEIGHT": str(_PIXELS),
            "I" if nieuw else "X": midden,
            "J" if nieuw else "Y": midden,
            "INFO_FORMAT": self._vorm.antwoord,
            "FEATURE_COUNT": "20",
        }


def _read_fields(response: requests.Response, operation: str, key: str) -> list[JsonObject]:
    """Read ArcGIS's text/xml: one FIELDS element per area, its properties as attributes."""
    root = parse_xml(response.content)
    if root is None or local_name(root) != "FeatureInfoResponse":
        raise ContractError(SYSTEM, operation, key, "the answer is no FeatureInfoResponse")
    return [
        JsonObject(SYSTEM, operation, key, {str(k): v for k, v in fields.attrib.items()}, "FIELDS")
        for fields in root.iter()
        if local_name(fields) == "FIELDS"
    ]
