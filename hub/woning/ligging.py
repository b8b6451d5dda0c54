"""Where a dwelling lies: the outline of its building and its parcels, from the registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.basisregisters.models import Detail, Gebouw, PerceelVlak
from hub.provenance import Waarneming, element
from hub.woning.bevragen import Bron, TeBevragen, Uitslag, opened_once
from hub.woning.omgeving import positie


class GebouwSource(Protocol):
    """The part of the Basisregisters client that tells where a dwelling lies."""

    def get_gebouw(
        self, *, gebouw_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Gebouw]: ...

    def list_percelen(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[str, ...]: ...


class PerceelSource(Protocol):
    """The part of the GRB client that tells where parcels lie."""

    def list_percelen(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[PerceelVlak, ...]: ...


@dataclass(frozen=True, slots=True)
class Plaats:
    """The building, when it is known and stands, and per cadastral key the parcel's outline."""

    gebouw: Gebouw | None
    percelen: Mapping[str, PerceelVlak | None]


def ligging_bron(
    open_registers: Callable[[], GebouwSource], open_grb: Callable[[], PerceelSource]
) -> Bron[Plaats]:
    """Ask for the building of the dwelling and the parcels it stands on.

    The building names its parcels; without a building the parcels of the address count. Of the
    parcels that the GRB draws there, the others are neighbours.
    """
    registers, grb = opened_once(open_registers), opened_once(open_grb)

    def fetch(woning: TeBevragen, look: GelogdeRaadpleging) -> Plaats:
        gebouw = None
        if woning.gebouw_id is not None:
            gebouw = registers().get_gebouw(gebouw_id=woning.gebouw_id, raadpleging=look).waarde
        capakeys = gebouw.capakeys if gebouw else ()
        if not capakeys:
            capakeys = registers().list_percelen(adres_id=woning.adres_id, raadpleging=look)
        drawn: dict[str, PerceelVlak] = {}
        if capakeys and (gebouw or woning.positie):
            place = gebouw.geometrie if gebouw else positie(woning)
            found = grb().list_percelen(ligging=place, raadpleging=look)
            drawn = {vlak.capakey: vlak for vlak in found}
        return Plaats(gebouw, {capakey: drawn.get(capakey) for capakey in sorted(capakeys)})

    return Bron(
        naam="ligging",
        operatie="get_ligging",
        name_object=lambda woning: (
            f"gebouw {woning.gebouw_id}" if woning.gebouw_id else f"adres {woning.adres_id}"
        ),
        fetch=fetch,
        read=read_plaats,
    )


def read_plaats(woning: TeBevragen, plaats: Plaats, now: datetime) -> Uitslag:
    """Return the outlines in EPSG:31370, and the first parcel as the one of the dwelling."""
    values = []
    about, version = f"adres {woning.adres_id}", None
    if plaats.gebouw:
        about, version = f"gebouw {plaats.gebouw.gebouw_id}", plaats.gebouw.versie_id.isoformat()
        outline = plaats.gebouw.geometrie.to_epsg(LAMBERT72).wkt
        values.append(Waarneming("gebouw_geometrie", outline, about, version, now))
    for capakey, vlak in plaats.percelen.items():
        shape = vlak.geometrie.to_epsg(LAMBERT72).wkt if vlak else None
        values.append(
            Waarneming(
                "perceel",
                element(geometrie=shape),
                f"perceel {capakey}",
                None,
                now,
                onderdeel=capakey,
            )
        )
    if plaats.percelen:
        first = next(iter(plaats.percelen))
        values.append(Waarneming("perceel_id", first, about, version, now))
    return Uitslag(values, gevonden=bool(values))
