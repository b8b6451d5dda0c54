"""From the register's JSON to our records; pure."""

from __future__ import annotations

from decimal import Decimal

from connectors.transport.fields import JsonObject
from connectors.transport.geometrie import Ligging
from connectors.woningpas.basisregisters.capakey import parse_capakey
from connectors.woningpas.basisregisters.gml import parse_gml
from connectors.woningpas.basisregisters.models import (
    Adres,
    AdresMatch,
    Gebouw,
    Gebouweenheid,
    Perceel,
)


def map_match(raw: JsonObject) -> AdresMatch:
    """Map one candidate; what was not recognised is absent."""
    identificator = raw.optional_child("identificator")
    score = raw.optional_number("score")
    if score is None or not Decimal(0) <= score <= Decimal(100):
        raw.refuse("score", "is not between 0 and 100")
    postinfo = raw.optional_child("postinfo")
    gemeente = raw.optional_child("gemeente")
    straatnaam = raw.optional_child("straatnaam")
    return AdresMatch(
        adres_id=None if identificator is None else identificator.text("objectId"),
        score=score,
        straatnaam=None if straatnaam is None else _spelling(straatnaam, "straatnaam"),
        huisnummer=raw.optional_text("huisnummer"),
        busnummer=raw.optional_text("busnummer"),
        postcode=None if postinfo is None else postinfo.text("objectId"),
        gemeente=None if gemeente is None else _spelling(gemeente, "gemeentenaam"),
        status=raw.optional_text("adresStatus"),
    )


def map_adres(raw: JsonObject) -> Adres:
    """Map the detail of an address."""
    identificator = raw.child("identificator")
    gemeente = raw.child("gemeente")
    return Adres(
        adres_id=identificator.text("objectId"),
        versie_id=identificator.moment("versieId"),
        straatnaam=_spelling(raw.child("straatnaam"), "straatnaam"),
        huisnummer=raw.text("huisnummer"),
        busnummer=raw.optional_text("busnummer"),
        postcode=raw.child("postinfo").text("objectId"),
        gemeente=_spelling(gemeente, "gemeentenaam"),
        nis_code=gemeente.text("objectId"),
        status=raw.text("adresStatus"),
        volledig_adres=_spelling(raw, "volledigAdres"),
        positie=_positie(raw.optional_child("adresPositie")),
    )


def map_gebouw(raw: JsonObject) -> Gebouw:
    """Map the detail of a building."""
    identificator = raw.child("identificator")
    return Gebouw(
        gebouw_id=identificator.text("objectId"),
        versie_id=identificator.moment("versieId"),
        status=raw.text("gebouwStatus"),
        geometrie=_ligging(raw.child("gebouwPolygoon"), "Polygon"),
        gebouweenheid_ids=tuple(unit.text("objectId") for unit in raw.children("gebouweenheden")),
        capakeys=tuple(read_capakey(perceel, "objectId") for perceel in raw.children("percelen")),
    )


def map_gebouweenheid(raw: JsonObject) -> Gebouweenheid:
    """Map the detail of a building unit."""
    identificator = raw.child("identificator")
    return Gebouweenheid(
        gebouweenheid_id=identificator.text("objectId"),
        versie_id=identificator.moment("versieId"),
        gebouw_id=raw.child("gebouw").text("objectId"),
        status=raw.text("gebouweenheidStatus"),
        functie=raw.text("functie"),
        adres_ids=tuple(adres.text("objectId") for adres in raw.children("adressen")),
        positie=_positie(raw.optional_child("gebouweenheidPositie")),
    )


def map_perceel(raw: JsonObject) -> Perceel:
    """Map the detail of a parcel."""
    identificator = raw.child("identificator")
    return Perceel(
        capakey=read_capakey(raw, "caPaKey"),
        versie_id=identificator.moment("versieId"),
        status=raw.text("perceelStatus"),
        adres_ids=tuple(adres.text("objectId") for adres in raw.children("adressen")),
    )


def read_capakey(raw: JsonObject, name: str) -> str:
    """Return the cadastral key in a field, in its written form."""
    try:
        return parse_capakey(raw.text(name))
    except ValueError as problem:
        raw.refuse(name, f"cannot be read: {problem}")


def _positie(raw: JsonObject | None) -> Ligging | None:
    return None if raw is None else _ligging(raw, "Point")


def _ligging(raw: JsonObject, kind: str) -> Ligging:
    geometrie = raw.child("geometrie")
    try:
        ligging = parse_gml(geometrie.text("gml"))
    except ValueError as problem:
        geometrie.refuse("gml", f"cannot be read: {problem}")
    if ligging.vorm.geom_type != kind:
        geometrie.refuse("gml", f"is no {kind.lower()}")
    return ligging


def _spelling(raw: JsonObject, name: str) -> str:
    return raw.child(name).child("geografischeNaam").text("spelling")
