"""From features and the inventory's JSON to our records; pure."""

from __future__ import annotations

import re
from typing import Final

from connectors.transport.fields import JsonObject
from connectors.transport.wfs import Feature, read_dag
from connectors.woningpas.erfgoed.models import Aanduiding, Aanduidingsobject, Rechtsgevolg

# The inventory of objects names no type; its URIs call them so.
ERFGOEDOBJECT: Final = "erfgoedobject"

_BESCHERMD: Final = re.compile(r"(voorlopig )?beschermde?\b", re.IGNORECASE)
_VASTGESTELD: Final = re.compile(r"vastgestelde?\b", re.IGNORECASE)


def read_rechtsgevolg(type_naam: str) -> Rechtsgevolg:
    """Tell the legal consequence from the name of a type, as `vastgesteld bouwkundig erfgoed`.

    Of a transition zone around a protected site it is `ander`.
    """
    if _BESCHERMD.match(type_naam):
        return Rechtsgevolg.BESCHERMD
    if _VASTGESTELD.match(type_naam):
        return Rechtsgevolg.VASTGESTELD
    return Rechtsgevolg.ANDER


def map_aanduiding(feature: Feature) -> Aanduiding:
    """Map a feature of the designated objects.

    Raises: ContractError when a field is missing.
    """
    raw = feature.eigenschappen
    type_naam = raw.text("type_naam")
    return Aanduiding(
        object_id=_number(raw, "aanduid_id"),
        uri=raw.text("uri"),
        naam=raw.text("naam"),
        type=type_naam,
        rechtsgevolg=read_rechtsgevolg(type_naam),
        van=read_dag(raw, "geld_start"),
        tot=read_dag(raw, "geld_einde"),
        locatie=raw.optional_text("locatie"),
    )


def map_erfgoedobject(feature: Feature) -> Aanduiding:
    """Map a feature of the inventoried objects: known, without a designation of its own.

    Raises: ContractError when a field is missing.
    """
    raw = feature.eigenschappen
    return Aanduiding(
        object_id=_number(raw, "erfgoed_id"),
        uri=raw.text("uri"),
        naam=raw.text("naam"),
        type=ERFGOEDOBJECT,
        rechtsgevolg=Rechtsgevolg.ANDER,
        van=None,
        tot=None,
        locatie=raw.optional_text("locatie"),
    )


def map_aanduidingsobject(raw: JsonObject) -> Aanduidingsobject:
    """Map the inventory's JSON of one designated object, whole or as an item of a search.

    Raises: ContractError when a field is missing.
    """
    type_naam = raw.child("type").text("naam")
    actief = raw.child("status").values.get("actief")
    if not isinstance(actief, bool):
        raw.refuse("status.actief", "is not true or false")
    return Aanduidingsobject(
        Aanduiding(
            object_id=_number(raw, "id"),
            uri=raw.text("uri"),
            naam=raw.text("naam"),
            type=type_naam,
            rechtsgevolg=read_rechtsgevolg(type_naam),
            van=read_dag(raw, "geldigheid_start"),
            tot=read_dag(raw, "geldigheid_einde"),
            locatie=raw.optional_text("locatie_samenvatting"),
        ),
        url=raw.text("self"),
        actief=actief,
        korte_beschrijving=raw.optional_text("korte_beschrijving"),
    )


def _number(raw: JsonObject, name: str) -> str:
    number = raw.optional_integer(name)
    if number is None:
        raw.refuse(name, "is missing")
    return str(number)
