"""The layers of the two WFS: their fields, and their features at the dwellings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.stad.omgeving import (
    LAGEN_VERGUNNING,
    Vorm,
    list_aanduidingen,
    list_erfgoedobjecten,
    list_uitspraken,
    list_vergunningen,
)

ID = "https://id.erfgoed.net"
INVENTARIS = "https://inventaris.onroerenderfgoed.be"


@dataclass(frozen=True, slots=True)
class Kaartobject:
    """One feature: its id, its rectangle and its properties in order."""

    feature_id: str
    vorm: Vorm
    eigenschappen: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Laag:
    """A layer: the journal's system, its fields and what it holds at a dwelling."""

    naam: str
    systeem: str
    velden: tuple[str, ...]
    list_at: Callable[[int], Iterable[Kaartobject]]


def _aanduidingen(i: int) -> Iterable[Kaartobject]:
    for a in list_aanduidingen(i):
        yield Kaartobject(
            f"ps_aandobj.{a.aanduid_id}",
            a.vorm,
            {
                "aanduid_id": a.aanduid_id,
                "naam": a.naam,
                "alt_naam": None,
                "type_uri": f"{ID}/thesauri/aanduidingstypes/{a.type_id}",
                "type_naam": a.type_naam,
                "locatie": a.locatie,
                "geld_start": a.start.isoformat(),
                "geld_einde": a.einde.isoformat() if a.einde else None,
                "url": f"{INVENTARIS}/aanduidingsobjecten/{a.aanduid_id}",
                "uri": f"{ID}/aanduidingsobjecten/{a.aanduid_id}",
                "dataverant": f"{ID}/actoren/501",
            },
        )


def _erfgoedobjecten(i: int) -> Iterable[Kaartobject]:
    for o in list_erfgoedobjecten(i):
        yield Kaartobject(
            f"lu_wet_erfgobj_pub.{o.erfgoed_id}",
            o.vorm,
            {
                "erfgoed_id": o.erfgoed_id,
                "naam": o.naam,
                "uri": f"{ID}/erfgoedobjecten/{o.erfgoed_id}",
                "url": f"{INVENTARIS}/erfgoedobjecten/{o.erfgoed_id}",
                "locatie": o.locatie,
                "dataverant": f"{ID}/actoren/2158",
            },
        )


def _vergunningen(laag: str) -> Callable[[int], Iterable[Kaartobject]]:
    def list_at(i: int) -> Iterable[Kaartobject]:
        for v in list_vergunningen(i):
            if v.laag == laag:
                yield Kaartobject(
                    f"lu_omv_{laag}_v2.{v.projectnummer[4:]}",
                    v.vorm,
                    {
                        "projectnummer": v.projectnummer,
                        "datum_indiening": f"{v.indiening}Z",
                        "datum_huidige_toestand": f"{v.toestand}Z",
                        "voorwerp_uuid": str(v.voorwerp_uuid),
                    },
                )

    return list_at


def _uitspraken(i: int) -> Iterable[Kaartobject]:
    for u in list_uitspraken(i):
        yield Kaartobject(
            f"uitspraak_bodemonderzoeken.{u.nummer}",
            u.vorm,
            {"kadaster_id": u.capakey, "uitspraak": u.uitspraak},
        )


_AANDUIDING = (
    "aanduid_id", "naam", "alt_naam", "type_uri", "type_naam", "locatie", "geld_start",
    "geld_einde", "url", "uri", "dataverant",
)  # fmt: skip
_ERFGOED = ("erfgoed_id", "naam", "uri", "url", "locatie", "dataverant")
_VERGUNNING = ("projectnummer", "datum_indiening", "datum_huidige_toestand", "voorwerp_uuid")

MERCATOR = {
    laag.naam: laag
    for laag in (
        Laag("ps:ps_aandobj", "erfgoed", _AANDUIDING, _aanduidingen),
        Laag("lu:lu_wet_erfgobj_pub", "erfgoed", _ERFGOED, _erfgoedobjecten),
        *(
            Laag(f"lu:lu_omv_{naam}_v2", "vergunningen", _VERGUNNING, _vergunningen(naam))
            for naam in LAGEN_VERGUNNING
        ),
    )
}
DOV = {
    "ovam:uitspraak_bodemonderzoeken": Laag(
        "ovam:uitspraak_bodemonderzoeken", "bodem", ("kadaster_id", "uitspraak"), _uitspraken
    )
}
