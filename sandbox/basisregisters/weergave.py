"""How addresses, buildings, units and parcels look in answers (JSON, camelCase, GML)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.basisregisters.gml import LAMBERT72, write_point, write_polygon
from sandbox.stad.gebouwen import GebouwFeit, PerceelFeit
from sandbox.stad.straten import GEMEENTE, NIS_CODE, Straat
from sandbox.stad.woning import AdresFeit, EenheidFeit

CONTEXT = "https://docs.basisregisters.vlaanderen.be/context"
_ID = "https://data.vlaanderen.be/id"
_BRUSSELS = ZoneInfo("Europe/Brussels")


def build_etag(kind: str, object_id: int | str, gewijzigd_op: datetime) -> str:
    """Return the (strong) ETag of a detail."""
    text = f"{kind}/{object_id}/{gewijzigd_op.isoformat()}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()}"'


def show_gemeente(root: str) -> dict[str, Any]:
    """Show the municipality as part of an address."""
    return {
        "objectId": NIS_CODE,
        "detail": f"{root}/gemeenten/{NIS_CODE}",
        "gemeentenaam": {"geografischeNaam": {"spelling": GEMEENTE, "taal": "nl"}},
    }


def show_straatnaam(root: str, straat: Straat) -> dict[str, Any]:
    """Show the street name as part of an address."""
    return {
        "objectId": str(straat.straatnaam_id),
        "detail": f"{root}/straatnamen/{straat.straatnaam_id}",
        "straatnaam": {"geografischeNaam": {"spelling": straat.naam, "taal": "nl"}},
    }


def write_address(adres: AdresFeit) -> str:
    """Write an address on one line."""
    bus = f" bus {adres.busnummer}" if adres.busnummer else ""
    return f"{adres.straat.naam} {adres.huisnummer}{bus}, {adres.postcode} {GEMEENTE}"


def show_adres(root: str, adres: AdresFeit, epsg: int = LAMBERT72) -> dict[str, Any]:
    """Show an address in full."""
    body: dict[str, Any] = {
        "@context": f"{CONTEXT}/adres/2023-02-28/adres_detail.jsonld",
        "@type": "Adres",
        "identificator": _identify("adres", adres.adres_id, adres.gewijzigd_op),
        "gemeente": show_gemeente(root),
        "postinfo": {"objectId": adres.postcode, "detail": f"{root}/postinfo/{adres.postcode}"},
        "straatnaam": show_straatnaam(root, adres.straat),
        "huisnummer": adres.huisnummer,
        "busnummer": adres.busnummer,
        "volledigAdres": {"geografischeNaam": {"spelling": write_address(adres), "taal": "nl"}},
        "adresPositie": _place(adres.positie, epsg, "positieSpecificatie", "gebouweenheid"),
        "adresStatus": adres.status,
        "officieelToegekend": True,
    }
    if adres.busnummer is None:
        del body["busnummer"]
    return body


def show_adres_item(root: str, adres: AdresFeit) -> dict[str, Any]:
    """Show an address in a list."""
    item: dict[str, Any] = {
        "@type": "Adres",
        "identificator": _identify("adres", adres.adres_id, adres.gewijzigd_op),
        "detail": f"{root}/adressen/{adres.adres_id}",
        "huisnummer": adres.huisnummer,
        "busnummer": adres.busnummer,
        "volledigAdres": {"geografischeNaam": {"spelling": write_address(adres), "taal": "nl"}},
        "adresStatus": adres.status,
    }
    if adres.busnummer is None:
        del item["busnummer"]
    return item


def show_match(root: str, adres: AdresFeit, score: float) -> dict[str, Any]:
    """Show an address as a match."""
    body = show_adres(root, adres)
    del body["@context"]
    links = [
        {"href": f"{root}/{kind}?adresObjectId={adres.adres_id}", "rel": kind, "type": "GET"}
        for kind in ("percelen", "gebouweenheden")
    ]
    head = {"@type": "Adres", "identificator": body.pop("identificator")}
    head["detail"] = f"{root}/adressen/{adres.adres_id}"
    del body["@type"]
    return head | body | {"score": score, "links": links}


def show_gebouweenheid(
    root: str, eenheid: EenheidFeit, adressen: list[AdresFeit], epsg: int
) -> dict[str, Any]:
    """Show a building unit in full; removed addresses are no longer named."""
    return {
        "@context": f"{CONTEXT}/gebouweenheid/2023-02-28/gebouweenheid_detail.jsonld",
        "@type": "Gebouweenheid",
        "identificator": _identify("gebouweenheid", eenheid.gebouweenheid_id, eenheid.gewijzigd_op),
        "gebouweenheidPositie": _place(
            eenheid.positie, epsg, "positieGeometrieMethode", "afgeleidVanObject"
        ),
        "gebouweenheidStatus": eenheid.status,
        "functie": eenheid.functie,
        "gebouw": {
            "objectId": str(eenheid.gebouw_id),
            "detail": f"{root}/gebouwen/{eenheid.gebouw_id}",
        },
        "adressen": [
            {"objectId": str(a.adres_id), "detail": f"{root}/adressen/{a.adres_id}"}
            for a in adressen
            if not a.verwijderd
        ],
        "afwijkingVastgesteld": False,
    }


def show_gebouweenheid_item(root: str, eenheid: EenheidFeit) -> dict[str, Any]:
    """Show a building unit in a list."""
    return {
        "@type": "Gebouweenheid",
        "identificator": _identify("gebouweenheid", eenheid.gebouweenheid_id, eenheid.gewijzigd_op),
        "detail": f"{root}/gebouweenheden/{eenheid.gebouweenheid_id}",
        "gebouweenheidStatus": eenheid.status,
    }


def show_gebouw(
    root: str, gebouw: GebouwFeit, eenheden: list[EenheidFeit], epsg: int
) -> dict[str, Any]:
    """Show a building in full."""
    perceel = gebouw.capakey.replace("/", "-")
    return {
        "@context": f"{CONTEXT}/gebouw/2023-02-28/gebouw_detail.jsonld",
        "@type": "Gebouw",
        "identificator": _identify("gebouw", gebouw.gebouw_id, gebouw.gewijzigd_op),
        "gebouwPolygoon": {
            "geometrie": {"type": "Polygon", "gml": write_polygon(gebouw.voetafdruk, epsg)},
            "geometrieMethode": "ingemetenGRB",
        },
        "gebouwStatus": gebouw.status,
        "gebouweenheden": [
            {
                "objectId": str(e.gebouweenheid_id),
                "detail": f"{root}/gebouweenheden/{e.gebouweenheid_id}",
                "status": e.status,
            }
            for e in eenheden
        ],
        "percelen": [{"objectId": perceel, "detail": f"{root}/percelen/{perceel}"}],
    }


def show_gebouw_item(root: str, gebouw: GebouwFeit) -> dict[str, Any]:
    """Show a building in a list."""
    return {
        "@type": "Gebouw",
        "identificator": _identify("gebouw", gebouw.gebouw_id, gebouw.gewijzigd_op),
        "detail": f"{root}/gebouwen/{gebouw.gebouw_id}",
        "gebouwStatus": gebouw.status,
    }


def show_perceel(root: str, perceel: PerceelFeit) -> dict[str, Any]:
    """Show a parcel in full; the register does not tell where it lies."""
    return {
        "@context": f"{CONTEXT}/perceel/2023-02-28/perceel_detail.jsonld",
        "@type": "Perceel",
        "identificator": _identify(
            "perceel", perceel.capakey.replace("/", "-"), perceel.gewijzigd_op
        ),
        "caPaKey": perceel.capakey,
        "perceelStatus": perceel.status,
        "adressen": [
            {"objectId": str(adres_id), "detail": f"{root}/adressen/{adres_id}"}
            for adres_id in perceel.adres_ids
        ],
    }


def show_perceel_item(root: str, perceel: PerceelFeit) -> dict[str, Any]:
    """Show a parcel in a list."""
    object_id = perceel.capakey.replace("/", "-")
    return {
        "@type": "Perceel",
        "identificator": _identify("perceel", object_id, perceel.gewijzigd_op),
        "detail": f"{root}/percelen/{object_id}",
        "caPaKey": perceel.capakey,
        "perceelStatus": perceel.status,
    }


def _identify(kind: str, object_id: int | str, gewijzigd_op: datetime) -> dict[str, str]:
    return {
        "id": f"{_ID}/{kind}/{object_id}",
        "naamruimte": f"{_ID}/{kind}",
        "objectId": str(object_id),
        "versieId": gewijzigd_op.astimezone(_BRUSSELS).isoformat(timespec="seconds"),
    }


def _place(positie: tuple[float, float], epsg: int, field: str, value: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "geometrie": {"type": "Point", "gml": write_point(positie, epsg)},
        "positieGeometrieMethode": "aangeduidDoorBeheerder",
    }
    body[field] = value
    return body
