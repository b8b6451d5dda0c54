"""The building inside a certificate: envelope parts with U-values, and installations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Grootheid:
    """A figure with its unit as the source wrote it (`m²`, `W/m²K`, `kW`, …)."""

    waarde: Decimal
    meeteenheid: str | None


@dataclass(frozen=True, slots=True)
class Isolatielaag:
    """One layer of insulation."""

    type_isolatie_materiaal: str | None
    naam_materiaal: str | None
    dikte: Grootheid | None
    lambda_waarde: Grootheid | None
    plaats_isolatie: str | None
    r_waarde: Grootheid | None


@dataclass(frozen=True, slots=True)
class Constructiedeel:
    """A wall, roof, floor, window or door, with what it lets through."""

    categorie: str | None
    soort: str | None
    naam: str | None
    netto_oppervlakte: Grootheid | None
    begrenzing: str | None
    isolatielagen: tuple[Isolatielaag, ...]
    profiel_type: str | None
    profiel_u_waarde: Grootheid | None
    beglazing_type: str | None
    beglazing_u_waarde: Grootheid | None
    u_waarde: Grootheid | None
    u_max_waarde: Grootheid | None
    r_waarde: Grootheid | None
    r_min_waarde: Grootheid | None
    voldaan: bool | None
    bestaande_constructie: bool | None
    na_geisoleerde_constructie: bool | None


@dataclass(frozen=True, slots=True)
class Schildeel:
    """One side of the envelope with its parts."""

    naam: str | None
    type: str | None
    constructiedelen: tuple[Constructiedeel, ...]
    oppervlakte: Grootheid | None


@dataclass(frozen=True, slots=True)
class Opwekkingstoestel:
    """A boiler, heat pump or other generator."""

    soort_opwekkingstoestel: str | None
    type_opwekkingstoestel: str | None
    naam_toestel: str | None
    toestel_binnen_het_beschermd_volume: bool | None
    preferentie: str | None
    label_toestel: str | None
    fabricagejaar_ketel: str | None
    energiedrager: str | None
    opwekkingsrendement_rv: Decimal | None
    opwekkingsrendement_sww: Decimal | None
    vermogen: Grootheid | None
    naam_warmtepomp: str | None
    spf_warmtepomp: Decimal | None
    type_warmtepomp: str | None
    technologie_wkk: str | None
    elektrisch_vermogen_wkk: str | None
    elektrisch_vermogen_wkk_getal: Grootheid | None


@dataclass(frozen=True, slots=True)
class InstallatieVoorRuimteverwarming:
    """Space heating."""

    opwekkingstoestellen: tuple[Opwekkingstoestel, ...]
    type_verwarming: str | None
    afgiftesystemen: tuple[str, ...]
    buffervat_aanwezig: bool | None
    aandeel: Grootheid | None


@dataclass(frozen=True, slots=True)
class InstallatieVoorSanitairWarmWater:
    """Hot water."""

    opwekkingstoestellen: tuple[Opwekkingstoestel, ...]
    type_warmwaterproductie: str | None
    opwekkingsrendement: Decimal | None
    opslagvat_aanwezig: bool | None
    volumes_opslagvat: tuple[Grootheid, ...]
    isolatie_opslagvat: bool | None


@dataclass(frozen=True, slots=True)
class Bevochtigingsinstallatie:
    """Humidification."""

    opwekkingstoestellen: tuple[Opwekkingstoestel, ...]


@dataclass(frozen=True, slots=True)
class Koeling:
    """Cooling."""

    opwekkingstoestellen: tuple[Opwekkingstoestel, ...]
    actieve_koeling: bool | None


@dataclass(frozen=True, slots=True)
class FotovoltaischPaneel:
    """Solar panels."""

    naam: str | None
    type_zonnepanelen: str | None
    hellingsgraad: Grootheid | None
    oppervlakte: Grootheid | None
    orientatie: Grootheid | None
    elektriciteitsopwekking: Grootheid | None


@dataclass(frozen=True, slots=True)
class ZonneThermischeInstallatie:
    """A solar boiler."""

    naam_collectoren: str | None
    oppervlakte: Grootheid | None
    hellingsgraad: Grootheid | None


@dataclass(frozen=True, slots=True)
class VentilatieSysteem:
    """Ventilation; `rendement_wtw` is the heat recovery in percent."""

    naam_ventilatiesysteem: str | None
    type_ventilatiesysteem: str | None
    aanwezigheid_bypass: bool | None
    rendement_wtw: int | None


@dataclass(frozen=True, slots=True)
class Installaties:
    """All installations of a dwelling."""

    ruimteverwarming: tuple[InstallatieVoorRuimteverwarming, ...] = ()
    sanitair_warm_water: tuple[InstallatieVoorSanitairWarmWater, ...] = ()
    koelingen: tuple[Koeling, ...] = ()
    fotovoltaische_panelen: tuple[FotovoltaischPaneel, ...] = ()
    zonne_thermische_installaties: tuple[ZonneThermischeInstallatie, ...] = ()
    ventilatie_systemen: tuple[VentilatieSysteem, ...] = ()
    bevochtigingsinstallaties: tuple[Bevochtigingsinstallatie, ...] = ()


@dataclass(frozen=True, slots=True)
class EpbEenheid:
    """What kind of unit this was when it was built under the energy rules."""

    type: str
    nieuwbouw_na_sloop: bool | None
    sociale_huisvesting: bool | None
    publieke_organisatie: bool | None


@dataclass(frozen=True, slots=True)
class Ruimte:
    """A room with its usable area."""

    naam: str
    soort: str | None
    gebruiksoppervlakte: Grootheid | None
    type_ruimte: str | None


@dataclass(frozen=True, slots=True)
class HernieuwbareEnergieSysteem:
    """A system that uses renewable energy, and whether it is good and large enough."""

    naam: str
    kwaliteitseisen_voldaan: bool | None
    kwantiteitseisen_voldaan: bool | None


@dataclass(frozen=True, slots=True)
class Oververhittingsindicator:
    """How hot a part of the unit gets, against what is allowed."""

    energie_sector: str | None
    epw_volume: str | None
    indicator: Grootheid
    max_indicator: Grootheid
    voldaan: bool
