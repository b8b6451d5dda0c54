"""The buildings and parcels of a dwelling, as the registers hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.stad.vlakken import Vlak, build_capakey, get_perceel, get_voetafdruk
from sandbox.stad.woning import ANDERE, GEBOUW_BASIS, PER_WONING, AdresFeit, Woning, build_moment

_GROOT = 8
"""From this number of units on a building is a large one."""


@dataclass(frozen=True, slots=True)
class GebouwFeit:
    """One building of the register, on one parcel."""

    gebouw_id: int
    eenheid_ids: tuple[int, ...]
    capakey: str
    voetafdruk: Vlak
    gewijzigd_op: datetime
    verwijderd: bool = False
    status: str = "gerealiseerd"


@dataclass(frozen=True, slots=True)
class PerceelFeit:
    """One parcel of the register; ``capakey`` as it is written, with a slash."""

    capakey: str
    adres_ids: tuple[int, ...]
    gebouw_ids: tuple[int, ...]
    vlak: Vlak
    gewijzigd_op: datetime
    verwijderd: bool = False
    status: str = "gerealiseerd"


def list_gebouwen(woning: Woning) -> tuple[GebouwFeit, ...]:
    """Return the buildings of a dwelling: one, two where its address is double, or none."""
    found = []
    for nummer, adres in _sites(woning):
        gebouw_id = GEBOUW_BASIS + woning.i * 2 + nummer
        units = tuple(e.gebouweenheid_id for e in woning.eenheden if e.gebouw_id == gebouw_id)
        if units:
            vlak = get_voetafdruk(woning.i, adres.postcode, groot=len(units) >= _GROOT)
            capakey = build_capakey(woning.i, nummer)
            moment = build_moment("gebouw", woning.i, nummer)
            found.append(GebouwFeit(gebouw_id, units, capakey, vlak, moment))
    return tuple(found)


def list_percelen(woning: Woning) -> tuple[PerceelFeit, ...]:
    """Return the parcels of a dwelling; a removed address is no longer on its parcel."""
    gebouwen = list_gebouwen(woning)
    found = []
    for nummer, site in _sites(woning):
        capakey = build_capakey(woning.i, nummer)
        adressen = tuple(
            a.adres_id for a in woning.adressen if a.postcode == site.postcode and not a.verwijderd
        )
        op_perceel = tuple(g.gebouw_id for g in gebouwen if g.capakey == capakey)
        vlak = get_perceel(woning.i, site.postcode)
        moment = build_moment("perceel", woning.i, nummer)
        found.append(PerceelFeit(capakey, adressen, op_perceel, vlak, moment))
    return tuple(found)


def _sites(woning: Woning) -> tuple[tuple[int, AdresFeit], ...]:
    """Return an address per place where something of this dwelling stands, numbered."""
    first = woning.adressen[0]
    others = [a for a in woning.adressen if a.adres_id % PER_WONING == ANDERE]
    return ((0, first), *((1, other) for other in others[:1]))
