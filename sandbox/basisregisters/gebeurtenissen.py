"""Events of the change feeds as CloudEvents (version 3), for objects as they begin and change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sandbox.basisregisters.gml import LAMBERT72, LAMBERT2008, write_point, write_polygon
from sandbox.stad.gebouwen import GebouwFeit, PerceelFeit, list_gebouwen, list_percelen
from sandbox.stad.gevallen import get_woning_geval
from sandbox.stad.straten import NIS_CODE
from sandbox.stad.woning import AdresFeit, EenheidFeit, get_woning

Feit = AdresFeit | GebouwFeit | EenheidFeit | PerceelFeit

# feed -> the word in the type of an event, the word in URIs, the event of the owner at the start
FEEDS = {
    "adressen": ("address", "adres", "AddressWasMigratedToStreetName"),
    "gebouwen": ("building", "gebouw", "BuildingWasMigrated"),
    "gebouweenheden": ("buildingunit", "gebouweenheid", "BuildingWasMigrated"),
    "percelen": ("parcel", "perceel", "ParcelWasMigrated"),
}
# How many events a dwelling begins with, per feed, by its case.
_FEED_ORDER = tuple(FEEDS)
_GEWOON = (1, 1, 1, 1)
_AANTALLEN = {
    "appartement": (40, 1, 41, 1),
    "appartement_zonder_bus": (40, 1, 41, 1),
    "huisnummer_bus": (8, 1, 9, 1),
    "adres_dubbelzinnig": (2, 2, 2, 2),
    "adres_verwijderd": (2, 0, 0, 1),
}
_ID = "https://data.vlaanderen.be/id"
_OORZAKEN = UUID("2f7a1f0e-5c64-4f0b-9a55-0d7b5b0f3c11")
_BRUSSELS = ZoneInfo("Europe/Brussels")


def feed_of(feit: Feit) -> str:
    """Return the feed that tells of an object."""
    return {
        AdresFeit: "adressen", GebouwFeit: "gebouwen", EenheidFeit: "gebouweenheden",
        PerceelFeit: "percelen",
    }[type(feit)]  # fmt: skip


def id_of(feit: Feit) -> str:
    """Return the object id."""
    if isinstance(feit, AdresFeit):
        return str(feit.adres_id)
    if isinstance(feit, GebouwFeit):
        return str(feit.gebouw_id)
    if isinstance(feit, EenheidFeit):
        return str(feit.gebouweenheid_id)
    return feit.capakey.replace("/", "-")


def list_beginnings(i: int, feed: str) -> list[tuple[str, Feit]]:
    """Return what a feed tells when dwelling i comes to be: (create or delete, object)."""
    woning = get_woning(i)
    if feed == "adressen":
        begun: list[tuple[str, Feit]] = []
        for adres in woning.adressen:
            begun.append(("create", adres))
            if adres.verwijderd:
                begun.append(("delete", adres))
        return begun
    feiten: dict[str, tuple[Feit, ...]] = {
        "gebouwen": list_gebouwen(woning),
        "gebouweenheden": woning.eenheden,
        "percelen": list_percelen(woning),
    }
    return [("create", feit) for feit in feiten[feed]]


def count_beginnings(i: int, feed: str) -> int:
    """Return how many events `list_beginnings` has, without building the dwelling."""
    return _AANTALLEN.get(get_woning_geval(i), _GEWOON)[_FEED_ORDER.index(feed)]


def show_beginning(soort: str, feit: Feit, feed_url: str) -> dict[str, Any]:
    """Show the event with which an object came to be, or was removed long ago."""
    attributen = _attributes(feit) if soort == "create" else []
    oorzaak = uuid5(_OORZAKEN, f"{soort} {id_of(feit)}")
    gebeurtenis = FEEDS[feed_of(feit)][2]
    return show_event(
        soort, feit, attributen, feed_url=feed_url, tijd=feit.gewijzigd_op, oorzaak=str(oorzaak),
        gebeurtenis=gebeurtenis,
    )  # fmt: skip


def show_event(
    soort: str,
    feit: Feit,
    attributen: list[dict[str, Any]],
    *,
    feed_url: str,
    tijd: datetime,
    oorzaak: str,
    gebeurtenis: str,
) -> dict[str, Any]:
    """Show one event; its id is given when it takes its place in the feed."""
    word, naam, _ = FEEDS[feed_of(feit)]
    local = tijd.astimezone(_BRUSSELS)
    offset = local.isoformat()[-6:]
    return {
        "specversion": "1.0",
        "id": "",
        "time": f"{local:%Y-%m-%dT%H:%M:%S.%f}0{offset}",
        "type": f"basisregisters.{word}.{soort}.v1",
        "source": feed_url,
        "datacontenttype": "application/json",
        "dataschema": f"{feed_url}/schema",
        "basisregisterseventtype": gebeurtenis,
        "basisregisterscausationid": oorzaak,
        "subject": f"{_ID}/{naam}/{id_of(feit)}",
        "data": {
            "objectId": id_of(feit),
            "naamruimte": f"{_ID}/{naam}",
            "versieId": local.isoformat(timespec="seconds"),
            "nisCodes": [NIS_CODE],
            "attributen": attributen,
        },
    }


def show_status_change(feit: Feit, nieuw: str) -> dict[str, Any]:
    """Show that the status of an object became another."""
    return attribute("status", status_uri(feit, feit.status), status_uri(feit, nieuw))


def show_addresses_change(feit: EenheidFeit, nieuw: tuple[int, ...]) -> dict[str, Any]:
    """Show that other addresses belong to a unit."""
    return attribute("toegekendAdres", _addresses(feit.adres_ids), _addresses(nieuw))


def show_creation(feit: Feit) -> list[dict[str, Any]]:
    """Show all properties of a new object."""
    return _attributes(feit)


def status_uri(feit: Feit, status: str) -> str:
    """Return the concept of a status."""
    return f"{_ID}/concept/{FEEDS[feed_of(feit)][1]}status/{status}"


def attribute(naam: str, oud: Any, nieuw: Any) -> dict[str, Any]:
    """Show one property with its old and new value."""
    return {"naam": naam, "oudeWaarde": oud, "nieuweWaarde": nieuw}


def _attributes(feit: Feit) -> list[dict[str, Any]]:
    values: dict[str, Any] = {}
    if isinstance(feit, AdresFeit):
        values["heeftStraatnaam"] = f"{_ID}/straatnaam/{feit.straat.straatnaam_id}"
        values["status"] = status_uri(feit, "inGebruik")
        values["huisnummer"] = feit.huisnummer
        if feit.busnummer is not None:
            values["busnummer"] = feit.busnummer
        values["heeftPostinfo"] = f"{_ID}/postinfo/{feit.postcode}"
        values["officieelToegekend"] = True
        values["positie.methode"] = f"{_ID}/concept/geometriemethode/aangeduidDoorBeheerder"
        values["positie.specificatie"] = f"{_ID}/concept/geometriespecificatie/gebouweenheid"
        values["positie.geometrie"] = _points(feit.positie)
    elif isinstance(feit, GebouwFeit):
        values["status"] = status_uri(feit, feit.status)
        values["geometrie.methode"] = f"{_ID}/concept/2Dgeometriemethode/ingemetenGRB"
        values["geometrie.geometrie"] = [
            {"type": "Polygoon", "gml": write_polygon(feit.voetafdruk, epsg)}
            for epsg in (LAMBERT72, LAMBERT2008)
        ]
    elif isinstance(feit, EenheidFeit):
        values["status"] = status_uri(feit, feit.status)
        values["functie"] = f"{_ID}/concept/gebouweenheidfunctie/{feit.functie}"
        values["positie.methode"] = f"{_ID}/concept/geometriemethode/afgeleidVanObject"
        values["positie.geometrie"] = _points(feit.positie)
        values["toegekendAdres"] = _addresses(feit.adres_ids)
        values["isDeelVan"] = f"{_ID}/gebouw/{feit.gebouw_id}"
        values["afwijkingVastgesteld"] = False
    else:
        values["status"] = status_uri(feit, feit.status)
        values["toegekendAdres"] = _addresses(feit.adres_ids)
    return [attribute(naam, None, waarde) for naam, waarde in values.items()]


def _points(positie: tuple[float, float]) -> list[dict[str, str]]:
    return [
        {"type": "Punt", "gml": write_point(positie, epsg)} for epsg in (LAMBERT72, LAMBERT2008)
    ]


def _addresses(adres_ids: tuple[int, ...]) -> list[str]:
    return [f"{_ID}/adres/{adres_id}" for adres_id in adres_ids]
