"""Answers as the register gives them, for the tests of its client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging

LAMBERT_72 = (
    '<gml:Point srsName="https://www.opengis.net/def/crs/EPSG/0/31370"'
    ' xmlns:gml="http://www.opengis.net/gml/3.2"><gml:pos>173861.12 174216.03</gml:pos></gml:Point>'
)
# A square of 20 m with a square hole of 4 m in it.
SQUARE = (
    '<gml:Polygon srsName="http://www.opengis.net/def/crs/EPSG/0/3812"'
    ' xmlns:gml="http://www.opengis.net/gml/3.2">'
    "<gml:exterior><gml:LinearRing><gml:posList>"
    "673860 674200 673880 674200 673880 674220 673860 674220 673860 674200"
    "</gml:posList></gml:LinearRing></gml:exterior>"
    "<gml:interior><gml:LinearRing><gml:posList>"
    "673866 674206 673870 674206 673870 674210 673866 674210 673866 674206"
    "</gml:posList></gml:LinearRing></gml:interior></gml:Polygon>"
)
CAPAKEY = "24126B0031/00V005"
RAADPLEGING = GelogdeRaadpleging(
    Raadpleging(
        correlatie_id=UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10"),
        dossier_id=UUID("0f9e7f0a-93c5-4f0b-8f6d-1c3f4f1f7a22"),
        bron="basisregisters",
        operatie="get_adres",
        object="adres 2550151",
        doel="renovatiedossier",
        rechtsgrond="decreet",
        hoedanigheid="lokaal bestuur",
        namens="consulent-07",
    ),
    datetime(2026, 11, 23, 12, tzinfo=UTC),
)


def name(field: str, spelling: str, **fields: object) -> dict[str, Any]:
    """Write a named thing of the register."""
    return {**fields, field: {"geografischeNaam": {"spelling": spelling, "taal": "nl"}}}


def adres(object_id: str = "2550151", **changed: object) -> dict[str, Any]:
    """Write the detail of an address."""
    return {
        "@type": "Adres",
        "identificator": {
            "id": f"https://data.vlaanderen.be/id/adres/{object_id}",
            "naamruimte": "https://data.vlaanderen.be/id/adres",
            "objectId": object_id,
            "versieId": "2023-11-01T14:50:05+01:00",
        },
        "gemeente": name("gemeentenaam", "Leuven", objectId="24062"),
        "postinfo": {"objectId": "3000"},
        "straatnaam": name("straatnaam", "Naamsestraat", objectId="1"),
        "huisnummer": "12A",
        "busnummer": "0301",
        "volledigAdres": {
            "geografischeNaam": {"spelling": "Naamsestraat 12A bus 0301, 3000 Leuven", "taal": "nl"}
        },
        "adresPositie": {"geometrie": {"type": "Point", "gml": LAMBERT_72}},
        "adresStatus": "inGebruik",
        "officieelToegekend": True,
        **changed,
    }


def gebouweenheid(object_id: str = "7654321", **changed: object) -> dict[str, Any]:
    """Write the detail of a building unit."""
    return {
        "@type": "Gebouweenheid",
        "identificator": {"objectId": object_id, "versieId": "2023-11-02T07:24:43+01:00"},
        "gebouweenheidPositie": {"geometrie": {"type": "Point", "gml": LAMBERT_72}},
        "gebouweenheidStatus": "gerealiseerd",
        "functie": "nietGekend",
        "gebouw": {"objectId": "6355606"},
        "adressen": [{"objectId": "2550151"}, {"objectId": "2550152"}],
        "afwijkingVastgesteld": False,
        **changed,
    }


def gebouw(object_id: str = "6355606", **changed: object) -> dict[str, Any]:
    """Write the detail of a building."""
    return {
        "@type": "Gebouw",
        "identificator": {"objectId": object_id, "versieId": "2023-11-02T07:24:43+01:00"},
        "gebouwPolygoon": {
            "geometrie": {"type": "Polygon", "gml": SQUARE},
            "geometrieMethode": "ingemetenGRB",
        },
        "gebouwStatus": "gerealiseerd",
        "gebouweenheden": [{"objectId": "7654321", "status": "gerealiseerd"}],
        "percelen": [{"objectId": "24126B0031-00V005"}],
        **changed,
    }


def perceel(capakey: str = CAPAKEY, **changed: object) -> dict[str, Any]:
    """Write the detail of a parcel."""
    return {
        "@type": "Perceel",
        "identificator": {
            "objectId": capakey.replace("/", "-"),
            "versieId": "2023-11-02T07:37:09+01:00",
        },
        "caPaKey": capakey,
        "perceelStatus": "gerealiseerd",
        "adressen": [{"objectId": "2550151"}],
        **changed,
    }


def without(raw: dict[str, Any], path: str) -> dict[str, Any]:
    """Leave out the field at a dotted path."""
    first, _, rest = path.partition(".")
    if not rest:
        return {key: value for key, value in raw.items() if key != first}
    return {**raw, first: without(raw[first], rest)}
