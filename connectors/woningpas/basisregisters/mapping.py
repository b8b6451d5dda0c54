"""From the register's JSON to our records; pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from connectors.transport.fields import JsonObject
from connectors.woningpas.basisregisters.models import Adres, AdresMatch, Gebouweenheid, Positie

_GML_POINT: Final = re.compile(
    r"\s*<(?P<prefix>(?:[A-Za-z]\w*:)?)Point\b[^<>]*?\bsrsName\s*=\s*"
    r"(?:\"(?P<srs>[^\"<>]*)\"|'(?P<srs_single>[^'<>]*)')[^<>]*>"
    r"\s*<(?P=prefix)pos\b[^<>]*>(?P<pos>[^<>]*)</(?P=prefix)pos\s*>"
    r"\s*</(?P=prefix)Point\s*>\s*",
    re.ASCII,
)
_EPSG: Final = re.compile(r"(?:.*[/:])?(?P<code>31370|3812)")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,12})?")


def parse_positie(gml: str) -> Positie:
    """Read a GML point; the reference system comes from its srsName.

    Raises: ValueError when it is no point or stands in another reference system.
    """
    point = _GML_POINT.fullmatch(gml)
    if point is None:
        raise ValueError("no GML point")
    epsg = _EPSG.fullmatch(point["srs"] or point["srs_single"] or "")
    if epsg is None:
        raise ValueError("unknown reference system")
    numbers = point["pos"].split()
    if len(numbers) != 2 or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise ValueError("no two coordinates")
    return Positie(float(numbers[0]), float(numbers[1]), int(epsg["code"]))


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
        positie=_positie(raw.optional_child("adresPositie")),
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


def _positie(raw: JsonObject | None) -> Positie | None:
    if raw is None:
        return None
    geometrie = raw.child("geometrie")
    try:
        return parse_positie(geometrie.text("gml"))
    except ValueError as problem:
        geometrie.refuse("gml", f"cannot be read: {problem}")


def _spelling(raw: JsonObject, name: str) -> str:
    return raw.child(name).child("geografischeNaam").text("spelling")
