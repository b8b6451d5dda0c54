"""The sources about the place of a dwelling: how each is asked, and what its answer says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import shapely

from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.bodem.models import Uitspraak
from connectors.woningpas.erfgoed.models import Aanduiding, Rechtsgevolg
from connectors.woningpas.overstroming.models import Overstroming
from connectors.woningpas.vergunningen.models import Vergunning
from hub.provenance import Waarneming, element
from hub.woning.bevragen import Bron, OnvraagbaarError, TeBevragen, Uitslag, opened_once

T = TypeVar("T")
_BRUSSELS = ZoneInfo("Europe/Brussels")


class ErfgoedSource(Protocol):
    """The part of the heritage client that the woningbeeld needs."""

    def list_aanduidingen(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[Aanduiding, ...]: ...


class VergunningenSource(Protocol):
    """The part of the permits client that the woningbeeld needs."""

    def list_vergunningen(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[Vergunning, ...]: ...


class BodemSource(Protocol):
    """The part of the soil client that the woningbeeld needs."""

    def list_uitspraken(
        self, *, capakey: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[Uitspraak, ...]: ...


class OverstromingSource(Protocol):
    """The part of the flood client that the woningbeeld needs."""

    def get_klassen(self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging) -> Overstroming: ...


def erfgoed_bron(open_source: Callable[[], ErfgoedSource]) -> Bron[tuple[Aanduiding, ...]]:
    """Ask which heritage designations lie on the parcels of the dwelling."""
    source = opened_once(open_source)
    return Bron(
        naam="erfgoed",
        operatie="list_aanduidingen",
        name_object=name_place,
        fetch=lambda woning, look: source().list_aanduidingen(
            ligging=place(woning), raadpleging=look
        ),
        read=read_aanduidingen,
    )


def vergunningen_bron(
    open_source: Callable[[], VergunningenSource],
) -> Bron[tuple[Vergunning, ...]]:
    """Ask which permits lie on the parcels of the dwelling."""
    source = opened_once(open_source)
    return Bron(
        naam="vergunningen",
        operatie="list_vergunningen",
        name_object=name_place,
        fetch=lambda woning, look: source().list_vergunningen(
            ligging=place(woning), raadpleging=look
        ),
        read=read_vergunningen,
    )


def bodem_bron(open_source: Callable[[], BodemSource]) -> Bron[tuple[Uitspraak, ...]]:
    """Ask what soil research says of the parcels of the dwelling."""
    source = opened_once(open_source)

    def fetch(woning: TeBevragen, look: GelogdeRaadpleging) -> tuple[Uitspraak, ...]:
        return tuple(
            uitspraak
            for capakey in sorted(woning.percelen)
            for uitspraak in source().list_uitspraken(capakey=capakey, raadpleging=look)
        )

    return Bron(
        naam="bodem",
        operatie="list_uitspraken",
        name_object=name_percelen,
        fetch=fetch,
        read=read_uitspraken,
    )


def overstroming_bron(open_source: Callable[[], OverstromingSource]) -> Bron[Overstroming]:
    """Ask the flood classes at the position of the dwelling."""
    source = opened_once(open_source)
    return Bron(
        naam="overstroming",
        operatie="get_klassen",
        name_object=name_positie,
        fetch=lambda woning, look: source().get_klassen(ligging=positie(woning), raadpleging=look),
        read=read_klassen,
    )


def place(woning: TeBevragen) -> Ligging:
    """Return the parcels of the dwelling as one area; its position when no outline is known."""
    outlines = [shapely.from_wkt(wkt) for wkt in woning.percelen.values() if wkt]
    return Ligging(shapely.union_all(outlines), LAMBERT72) if outlines else positie(woning)


def positie(woning: TeBevragen) -> Ligging:
    """Return the position of the dwelling; `name_place` was asked first, so there is one."""
    assert woning.positie is not None, "a dwelling without a place is not asked about"
    return Ligging(shapely.from_wkt(woning.positie), LAMBERT72)


def name_place(woning: TeBevragen) -> str:
    """Name the place that is asked about.

    Raises:
        OnvraagbaarError: neither parcel nor position is known.
    """
    if any(woning.percelen.values()):
        return name_percelen(woning)
    return name_positie(woning)


def name_percelen(woning: TeBevragen) -> str:
    """Name the parcels that are asked about.

    Raises:
        OnvraagbaarError: no parcel is known.
    """
    if not woning.percelen:
        raise OnvraagbaarError("Het perceel van de woning is niet gekend.")
    return f"perceel {', '.join(sorted(woning.percelen))}"


def name_positie(woning: TeBevragen) -> str:
    """Name the position that is asked about: that of the dwelling's address.

    Raises:
        OnvraagbaarError: the register gives no position.
    """
    if woning.positie is None:
        raise OnvraagbaarError("De ligging van de woning is niet gekend.")
    return f"positie van adres {woning.adres_id}"


def read_aanduidingen(
    woning: TeBevragen, aanduidingen: Sequence[Aanduiding], now: datetime
) -> Uitslag:
    """Return the designations, ended ones too, and the strongest that still holds."""
    today = now.astimezone(_BRUSSELS).date()
    values = [
        Waarneming(
            "erfgoed",
            element(
                naam=one.naam,
                type=one.type,
                rechtsgevolg=str(one.rechtsgevolg),
                van=one.van,
                tot=one.tot,
            ),
            one.uri,
            None,
            now,
            geldig_tot=one.tot,
            onderdeel=one.uri,
        )
        for one in _unique(aanduidingen, lambda one: one.uri)
    ]
    in_force = [one for one in aanduidingen if not one.is_beeindigd(today)]
    strongest = next(
        (one for gevolg in Rechtsgevolg for one in in_force if one.rechtsgevolg is gevolg),
        None,
    )
    status = str(strongest.rechtsgevolg) if strongest else "geen_aanduiding"
    about = strongest.uri if strongest else name_place(woning)
    values.append(Waarneming("erfgoedstatus", status, about, None, now, afgeleid=True))
    return Uitslag(values, gevonden=bool(aanduidingen))


def read_vergunningen(
    woning: TeBevragen, vergunningen: Sequence[Vergunning], now: datetime
) -> Uitslag:
    """Return the permits, how many there are, and the newest."""
    known = _unique(vergunningen, lambda one: f"{one.projectnummer} {one.soort}")
    values = [
        Waarneming(
            "vergunning",
            element(
                projectnummer=one.projectnummer,
                soort=one.soort,
                datum_indiening=one.datum_indiening,
                datum_huidige_toestand=one.datum_huidige_toestand,
            ),
            one.object_id,
            None,
            now,
            onderdeel=f"{one.projectnummer} {one.soort}",
        )
        for one in known
    ]
    about = name_place(woning)
    values.append(
        Waarneming("vergunningen_aantal", str(len(known)), about, None, now, afgeleid=True)
    )
    if known:
        newest = max(known, key=lambda one: (one.datum_indiening or date.min, one.projectnummer))
        values.append(
            Waarneming(
                "vergunning_laatste",
                newest.projectnummer,
                newest.object_id,
                None,
                now,
                afgeleid=True,
            )
        )
    return Uitslag(values, gevonden=bool(known))


def read_uitspraken(woning: TeBevragen, uitspraken: Sequence[Uitspraak], now: datetime) -> Uitslag:
    """Return the statements, and all of them in one line; none means that nothing is known."""
    known = _unique(uitspraken, lambda one: one.object_id)
    values = [
        Waarneming(
            "bodemuitspraak",
            element(uitspraak=one.uitspraak, capakey=one.capakey),
            one.object_id,
            None,
            now,
            onderdeel=f"{one.capakey}/{one.object_id}",
        )
        for one in known
    ]
    status = "; ".join(dict.fromkeys(one.uitspraak for one in known)) or "geen_informatie"
    values.append(
        Waarneming("bodemstatus", status, name_percelen(woning), None, now, afgeleid=True)
    )
    return Uitslag(values, gevonden=bool(known))


def read_klassen(woning: TeBevragen, klassen: Overstroming, now: datetime) -> Uitslag:
    """Return the class per kind of flood; the source always has one."""
    about = name_positie(woning)
    return Uitslag(
        [
            Waarneming(f"overstroming_{soort}", str(getattr(klassen, soort)), about, None, now)
            for soort in ("pluviaal", "fluviaal", "vanuit_de_zee")
        ],
        gevonden=True,
    )


def _unique(found: Sequence[T], key: Callable[[T], str]) -> list[T]:
    return list({key(one): one for one in found}.values())
