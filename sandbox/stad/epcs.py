"""The EPCs of a dwelling, as the energy database holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sandbox.stad.woning import (
    ADRES_BASIS,
    ANDERE,
    EENHEID_BASIS,
    PER_WONING,
    AdresFeit,
    EenheidFeit,
    Woning,
)
from sandbox.stad.worp import draw, pick

KENGETAL = "primaireEnergieVerbruikPerVierkanteMeter"
"""Score type of the key figure, kWh/m² per year."""


@dataclass(frozen=True, slots=True)
class ScoreFeit:
    """One score; ``label`` is filled for the few EPCs that carry one."""

    type: str
    waarde: Decimal
    meeteenheid: str | None
    gemeente: Decimal | None = None
    provincie: Decimal | None = None
    vlaanderen: Decimal | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class AanbevelingFeit:
    """One recommendation of the energy expert."""

    categorie: str
    type: str
    subtype: str
    voorwerp: str | None


@dataclass(frozen=True, slots=True)
class EpcFact:
    """One EPC. Volume in m³, floor area in m²; ``bouwjaar`` None when the expert knew none."""

    epc_id: int
    attestnummer: str
    bouwjaar: int | None
    bouwjaar_gekend: bool
    datum_modificatie: datetime
    actief: bool
    status: str
    datum_ingediend: date
    datum_geldigheid: date
    eenheid_type: str
    scores: tuple[ScoreFeit, ...]
    label: str | None
    straat: str
    huisnummer: str
    busnummer: str | None
    postcode: str
    gemeente: str
    adres_id: int
    gebouweenheid_ids: tuple[int, ...]
    gebouw_ids: tuple[int, ...]
    bestemming: str
    bouwvorm: str
    gebouwtype: str
    beschermd_volume: Decimal
    bruto_vloeroppervlakte: Decimal
    aanbevelingen: tuple[AanbevelingFeit, ...]

    @property
    def kengetal(self) -> Decimal:
        """The key figure, kWh/m² per year."""
        return next(score.waarde for score in self.scores if score.type == KENGETAL)


_AANBEVELINGEN = (
    ("Plafond", "Isolatie plafond", "{m} m² plafond is onvoldoende geïsoleerd."),
    ("Gevel", "Isolatie buitenmuren", "{m} m² buitenmuur is niet geïsoleerd."),
    ("Hellend dak", "Isolatie hellend dak", "{m} m² hellend dak is onvoldoende geïsoleerd."),
    ("Glas", "Verbetering beglazing", "De woning bevat {m} m² enkele beglazing."),
    ("Verwarming", "Verbetering verwarmingsinstallatie", None),
)
_GRENZEN = (("A+", 0), ("A", 100), ("B", 200), ("C", 300), ("D", 400), ("E", 500))


def build_epcs(woning: Woning, eenheid: EenheidFeit) -> tuple[EpcFact, ...]:
    """Return all EPCs of one unit, oldest first; none for a common part or a unit without EPC."""
    if woning.geval == "geen_epc" or not eenheid.adres_ids:
        return ()
    place = eenheid.adres_ids[0] - ADRES_BASIS - woning.i * PER_WONING
    adres = next(a for a in woning.adressen if a.adres_id == eenheid.adres_ids[0])
    jaren: tuple[int, ...]
    match woning.geval:
        case "meerdere_epcs":
            jaren = (2012, 2019, 2024)
        case "epc_verlopen":
            jaren = (2013,)
        case _:
            jaren = (2019 + draw("jaar", woning.i, place) % 7,)
    return tuple(
        _build(woning, eenheid, adres, place, rank, jaar) for rank, jaar in enumerate(jaren)
    )


def derive_label(kengetal: Decimal) -> str:
    """Return the label that belongs to a key figure."""
    return next((label for label, grens in _GRENZEN if kengetal <= grens), "F")


def _build(
    woning: Woning, eenheid: EenheidFeit, adres: AdresFeit, place: int, rank: int, jaar: int
) -> EpcFact:
    i = woning.i
    key = (i, place, rank)
    epc_id = 1_000_000 + (i * PER_WONING + place) * 4 + rank
    ingediend = date(jaar, 1, 1) + timedelta(days=draw("dag", *key) % 360)
    apartment = adres.busnummer is not None
    bouwjaar = 1890 + draw("bouwjaar", i) % 125
    kengetal = _figure(i, place, rank, bouwjaar)
    opp = Decimal(5500 + draw("opp", i, place) % (7000 if apartment else 20000)) / 100
    gekend = draw("bouwjaar_gekend", i) % 12 != 0
    label = derive_label(kengetal) if _carries_label(woning, place) else None
    arid, eenheden = adres.adres_id, (eenheid.gebouweenheid_id,)
    if woning.geval == "epc_ander_adres":
        arid = ADRES_BASIS + i * PER_WONING + ANDERE
        eenheden = (EENHEID_BASIS + i * PER_WONING + ANDERE,)
    modified = datetime(jaar, 6, 1, tzinfo=UTC) + timedelta(days=200, minutes=epc_id % 900)
    return EpcFact(
        epc_id=epc_id,
        attestnummer=f"{ingediend:%Y%m%d}-{epc_id:010d}-1",
        bouwjaar=bouwjaar if gekend else None,
        bouwjaar_gekend=gekend,
        datum_modificatie=modified,
        actief=True,
        status="Geldig" if jaar >= 2017 else "Verlopen",
        datum_ingediend=ingediend,
        datum_geldigheid=date(jaar + 10, ingediend.month, min(ingediend.day, 28)),
        eenheid_type="EPC bestaand",
        scores=_scores(key, kengetal, opp, label),
        label=label,
        straat=adres.straat.naam,
        huisnummer=adres.huisnummer,
        busnummer=adres.busnummer,
        postcode=adres.postcode,
        gemeente=adres.straat.deelgemeente,
        adres_id=arid,
        gebouweenheid_ids=eenheden,
        gebouw_ids=(eenheid.gebouw_id,),
        bestemming="Wonen",
        bouwvorm=pick(("gesloten bebouwing", "halfopen bebouwing", "open bebouwing"), "vorm", i),
        gebouwtype="appartement" if apartment else "ééngezinswoning",
        beschermd_volume=(opp * Decimal("3.05")).quantize(Decimal("0.01")),
        bruto_vloeroppervlakte=opp,
        aanbevelingen=_recommendations(key, opp),
    )


def _figure(i: int, place: int, rank: int, bouwjaar: int) -> Decimal:
    base = 620 - (bouwjaar - 1890) * 4 + draw("kengetal", i, place) % 160 - 80
    return Decimal(max(35, base - 70 * rank) * 100 + draw("cent", i, place, rank) % 100) / 100


def _carries_label(woning: Woning, place: int) -> bool:
    if woning.geval == "epc_zonder_label":
        return False
    return draw("label", woning.i, place) % 7 == 0


def _scores(
    key: tuple[int, int, int], kengetal: Decimal, opp: Decimal, label: str | None
) -> tuple[ScoreFeit, ...]:
    gemeente, provincie, vlaanderen = Decimal("388.40"), Decimal("416.04"), Decimal("420.02")
    u_waarde = Decimal(40 + draw("u", *key) % 180) / 100
    total = (kengetal * opp).quantize(Decimal("0.01"))
    co2 = (total * Decimal("0.201")).quantize(Decimal("0.01"))
    return (
        ScoreFeit(KENGETAL, kengetal, "kWh/m²", gemeente, provincie, vlaanderen, label),
        ScoreFeit("co2Emissie", co2, "Kg/jaar"),
        ScoreFeit(
            "gemiddeldeUwaardeSchil", u_waarde, "W/m²K",
            Decimal("1.80"), Decimal("1.50"), Decimal("1.47"),
        ),
        ScoreFeit("totaalPrimaireEnergieverbruik", total, "kWh/jaar"),
    )  # fmt: skip


def _recommendations(key: tuple[int, int, int], opp: Decimal) -> tuple[AanbevelingFeit, ...]:
    first = draw("aanbeveling", *key)
    metres = f"{(opp / 3).quantize(Decimal('0.1'))}".replace(".", ",")
    result = []
    for step in range(2 + first % 2):
        type_, subtype, text = _AANBEVELINGEN[(first + step) % len(_AANBEVELINGEN)]
        voorwerp = None if text is None else text.format(m=metres)
        result.append(AanbevelingFeit("Standaardaanbeveling", type_, subtype, voorwerp))
    return tuple(result)
