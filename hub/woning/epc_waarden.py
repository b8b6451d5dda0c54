"""What a certificate says of a dwelling, as values of the woningbeeld. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from connectors.woningpas.epc.models import Epc, NieuweAanbeveling
from connectors.woningpas.epc.models_gebouw import Grootheid, Installaties, Opwekkingstoestel
from hub.canonical import to_canonical
from hub.config import load_config
from hub.provenance import Waarneming, element
from hub.woning.label import derive_label

_BUILDING = (
    "bouwjaar",
    "gebouwtype",
    "bouwvorm",
    "bestemming",
    "beschermd_volume",
    "bruto_vloeroppervlakte",
)
Element = tuple[str, str, str]  # veld, onderdeel, JSON object


def choose_epc(epcs: Sequence[Epc], today: date) -> Epc | None:
    """Return the certificate that counts: in force and newest, else the newest expired one."""
    usable = [epc for epc in epcs if epc.actief]
    in_force = [epc for epc in usable if not is_expired(epc, today)]
    return max(in_force or usable, key=_age, default=None)


def is_expired(epc: Epc, today: date) -> bool:
    """Tell whether the last day of validity has passed; a certificate without one does not end."""
    return epc.datum_geldigheid is not None and epc.datum_geldigheid < today


def read_values(epc: Epc, *, today: date, now: datetime) -> list[Waarneming]:
    """Return what a certificate says of the dwelling.

    Of an expired certificate its number, its end and the building itself remain: the label, the
    figures and the advice no longer hold. What the source did not give and follows from what it
    gave (a label, whether the renovatieplicht may apply) is marked as derived.
    """
    origin = (f"attest {epc.attestnummer}", epc.datum_modificatie.isoformat(), now)
    until = epc.datum_geldigheid
    values: list[tuple[str, object, bool]] = [
        ("epc_attestnummer", epc.attestnummer, False),
        ("epc_geldig_tot", until, False),
    ]
    elements: list[Element] = []
    if not is_expired(epc, today):
        label = epc.label or (None if epc.kengetal is None else derive_label(epc.kengetal))
        values += [
            ("epc_kengetal", epc.kengetal, False),
            ("epc_label", label, not epc.label),
            ("renovatieplicht", _renovatieplicht(label), True),
        ]
        elements = [*_scores(epc), *_aanbevelingen(epc)]
    values += [(name, getattr(epc, name), False) for name in _BUILDING]
    elements += [*_schildelen(epc), *_installaties(epc.installaties)]
    return [
        Waarneming(veld, canonical, *origin, geldig_tot=until, afgeleid=derived)
        for veld, value, derived in values
        if (canonical := to_canonical(value)) is not None
    ] + [
        Waarneming(veld, waarde, *origin, geldig_tot=until, onderdeel=onderdeel)
        for veld, onderdeel, waarde in _tell_apart(elements)
    ]


def _age(epc: Epc) -> tuple[date, str]:
    return (epc.datum_ingediend or date.min, epc.attestnummer)


def _renovatieplicht(label: str | None) -> str | None:
    if label is None:
        return None
    return (
        "mogelijk" if label in load_config("renovatieplicht")["labels"] else ("niet_van_toepassing")
    )


def _tell_apart(elements: Iterable[Element]) -> Iterator[Element]:
    """Number the elements that carry the same name; the others keep theirs when one is added."""
    seen: Counter[tuple[str, str]] = Counter()
    for veld, onderdeel, waarde in elements:
        seen[veld, onderdeel] += 1
        number = seen[veld, onderdeel]
        yield veld, onderdeel if number == 1 else f"{onderdeel} #{number}", waarde


def _scores(epc: Epc) -> Iterator[Element]:
    for score in epc.alle_scores:
        yield (
            "epc_score",
            score.type,
            element(
                waarde=score.waarde if score.waarde is not None else score.tekst_waarde,
                meeteenheid=score.meeteenheid,
                gemiddelde_gemeente=score.gemiddelde_waarde_gemeente,
                gemiddelde_provincie=score.gemiddelde_waarde_provincie,
                gemiddelde_vlaanderen=score.gemiddelde_waarde_vlaanderen,
                na_aanbevelingen=score.energiescore_na_aanbevelingen,
                label_na_aanbevelingen=score.label_na_aanbevelingen,
            ),
        )


def _aanbevelingen(epc: Epc) -> Iterator[Element]:
    for old in epc.aanbevelingen:
        yield (
            "aanbeveling",
            f"{old.type} / {old.subtype}",
            element(
                categorie=old.categorie,
                type=old.type,
                subtype=old.subtype,
                omschrijving=old.voorwerp or old.omschrijving,
                prioriteit=None,
                prijs_van=None,
                prijs_tot=None,
                energiescore=None,
            ),
        )
    for new in epc.nieuwe_aanbevelingen:
        lowest, highest = _prices(new)
        yield (
            "aanbeveling",
            f"{new.type} / {new.subtype or ''}",
            element(
                categorie=new.categorie,
                type=new.type,
                subtype=new.subtype,
                omschrijving=_describe(new),
                prioriteit=new.prioriteit,
                prijs_van=lowest,
                prijs_tot=highest,
                energiescore=new.energiescore,
            ),
        )


def _prices(aanbeveling: NieuweAanbeveling) -> tuple[int | None, int | None]:
    """Return the lowest and highest price over all ways to carry it out, in whole euro."""
    prices = [
        price
        for method in aanbeveling.uitvoeringsmethodes
        for price in (method.prijs_een, method.prijs_twee)
        if price is not None
    ]
    return min(prices, default=None), max(prices, default=None)


def _describe(aanbeveling: NieuweAanbeveling) -> str:
    methods = sorted(aanbeveling.uitvoeringsmethodes, key=lambda method: method.volgorde)
    parts = (
        aanbeveling.huidige_situatie,
        *(method.omschrijving for method in methods),
        aanbeveling.opmerking,
    )
    return " – ".join(part.strip() for part in parts if part and part.strip())


def _schildelen(epc: Epc) -> Iterator[Element]:
    for schildeel in epc.schildelen:
        for deel in schildeel.constructiedelen:
            yield (
                "schildeel",
                f"{schildeel.naam or ''} / {deel.naam or deel.categorie or ''}",
                element(
                    schildeel=schildeel.naam,
                    categorie=deel.categorie,
                    naam=deel.naam,
                    oppervlakte=_figure(deel.netto_oppervlakte),
                    u_waarde=_figure(deel.u_waarde),
                    u_max_waarde=_figure(deel.u_max_waarde),
                ),
            )


def _figure(grootheid: Grootheid | None) -> Decimal | None:
    return grootheid.waarde if grootheid is not None else None


def _installaties(installaties: Installaties) -> Iterator[Element]:
    for heating in installaties.ruimteverwarming:
        yield from _toestellen("ruimteverwarming", heating.opwekkingstoestellen)
    for water in installaties.sanitair_warm_water:
        yield from _toestellen("sanitair_warm_water", water.opwekkingstoestellen)
    for cooling in installaties.koelingen:
        yield from _toestellen("koeling", cooling.opwekkingstoestellen)
    for panel in installaties.fotovoltaische_panelen:
        yield _installatie("zonnepanelen", panel.type_zonnepanelen or panel.naam)
    for boiler in installaties.zonne_thermische_installaties:
        yield _installatie("zonneboiler", boiler.naam_collectoren)
    for ventilation in installaties.ventilatie_systemen:
        yield _installatie(
            "ventilatie",
            ventilation.type_ventilatiesysteem or ventilation.naam_ventilatiesysteem,
        )


def _toestellen(soort: str, toestellen: Sequence[Opwekkingstoestel]) -> Iterator[Element]:
    for toestel in toestellen:
        yield _installatie(
            soort,
            toestel.type_opwekkingstoestel or toestel.naam_toestel,
            energiedrager=toestel.energiedrager,
            fabricagejaar=toestel.fabricagejaar_ketel,
        )


def _installatie(
    soort: str,
    omschrijving: str | None,
    *,
    energiedrager: str | None = None,
    fabricagejaar: str | None = None,
) -> Element:
    return (
        "installatie",
        soort,
        element(
            soort=soort,
            omschrijving=omschrijving,
            energiedrager=energiedrager,
            fabricagejaar=fabricagejaar,
        ),
    )
