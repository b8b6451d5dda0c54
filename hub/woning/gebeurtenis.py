"""What one event of a change feed says about dwellings; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.woningpas.basisregisters.wijzigingen import Wijziging, last_part, object_ids

_SOORT = {
    "adressen": "adres",
    "gebouwen": "gebouw",
    "gebouweenheden": "gebouweenheid",
    "percelen": "perceel",
}
# A unit with one of these statuses is no dwelling any more.
_EINDE = ("gehistoreerd", "nietGerealiseerd")
_GEMEENSCHAPPELIJK = "gemeenschappelijkDeel"


@dataclass(frozen=True, slots=True)
class EenheidWijziging:
    """A unit that ended (``einde``), or began or got addresses (``begin``)."""

    gebouweenheid_id: str
    soort: str
    gebouw_id: str | None
    adres_ids: tuple[str, ...]


def find_objecten(feed: str, wijziging: Wijziging) -> Iterator[tuple[str, str]]:
    """Yield the objects an event names by which a dwelling may be known: (soort, object id).

    The object itself, and the addresses that a unit or a parcel got or lost. Not the building of a
    unit: what happens to one unit does not touch its neighbours.
    """
    if wijziging.object_id is not None:
        yield _SOORT[feed], _written(feed, wijziging.object_id)
    for transformatie in wijziging.transformaties:
        yield _SOORT[feed], transformatie.van
    toegekend = wijziging.get("toegekendAdres")
    if toegekend is not None:
        before = set(object_ids(toegekend.oude_waarde))
        after = set(object_ids(toegekend.nieuwe_waarde))
        for adres_id in sorted(before ^ after):
            yield "adres", adres_id


def find_hernummerd(wijziging: Wijziging) -> Iterator[tuple[str, str]]:
    """Yield the addresses that live on as another: (from, to)."""
    for transformatie in wijziging.transformaties:
        yield transformatie.van, transformatie.naar


def read_eenheid(wijziging: Wijziging) -> EenheidWijziging | None:
    """Return what an event of the units says about ends and beginnings; None when nothing.

    The common part of a building is no dwelling.
    """
    if wijziging.object_id is None:
        return None
    if wijziging.soort == "delete" or _new(wijziging, "status") in _EINDE:
        return EenheidWijziging(wijziging.object_id, "einde", None, ())
    if _new(wijziging, "functie") == _GEMEENSCHAPPELIJK:
        return None
    gebouw = wijziging.get("isDeelVan")
    toegekend = wijziging.get("toegekendAdres")
    gekregen: tuple[str, ...] = ()
    if toegekend is not None:
        before = set(object_ids(toegekend.oude_waarde))
        gekregen = tuple(
            adres_id for adres_id in object_ids(toegekend.nieuwe_waarde) if adres_id not in before
        )
    if wijziging.soort != "create" and not gekregen:
        return None
    buildings = object_ids(gebouw.nieuwe_waarde) if gebouw is not None else ()
    return EenheidWijziging(
        wijziging.object_id, "begin", buildings[0] if buildings else None, gekregen
    )


def _new(wijziging: Wijziging, naam: str) -> str | None:
    attribuut = wijziging.get(naam)
    value = attribuut.nieuwe_waarde if attribuut is not None else None
    return last_part(value) if isinstance(value, str) else None


def _written(feed: str, object_id: str) -> str:
    # A cadastral key stands in a URI with a dash, and everywhere else with a slash.
    return object_id.replace("-", "/") if feed == "percelen" else object_id
