"""What GeefEpc is asked, and the certificate it gives. Persons are never part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connectors.transport.magda import Uitzondering
from connectors.woningpas.epc.models_gebouw import (
    EpbEenheid,
    HernieuwbareEnergieSysteem,
    Installaties,
    Oververhittingsindicator,
    Ruimte,
    Schildeel,
)

# kWh per m2 and year: the key figure from which a missing label is derived by the hub.
KENGETAL = "primaireEnergieVerbruikPerVierkanteMeter"


@dataclass(frozen=True, slots=True)
class GebouwId:
    """Ask by the object id of a building."""

    gebouw_id: str


@dataclass(frozen=True, slots=True)
class GebouweenheidId:
    """Ask by the object id of a building unit."""

    gebouweenheid_id: str


@dataclass(frozen=True, slots=True)
class AdresCriteria:
    """Ask by address, as text."""

    straat: str
    huisnummer: str
    gemeente: str
    busnummer: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Attestnummer:
    """Ask by the number on the certificate."""

    attestnummer: str


Criteria = GebouwId | GebouweenheidId | AdresCriteria | Attestnummer


@dataclass(frozen=True, slots=True)
class Documenten:
    """Which files to ask with the certificates: as they are, without names, the photo."""

    attesten: bool = False
    geanonimiseerd: bool = False
    foto: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One figure of a certificate with the averages it is held against, in `meeteenheid`."""

    type: str
    waarde: Decimal | None
    meeteenheid: str | None
    label: str | None
    kleurcode: str | None
    tekst_waarde: str | None
    voldaan: bool | None
    volgorde: int | None
    eis: Decimal | None
    streefdoel: Decimal | None
    energiescore_na_aanbevelingen: Decimal | None
    label_na_aanbevelingen: str | None
    gemiddelde_waarde_gemeente: Decimal | None
    gemiddelde_waarde_provincie: Decimal | None
    gemiddelde_waarde_vlaanderen: Decimal | None


@dataclass(frozen=True, slots=True)
class EpcAdres:
    """Where the certificate says the dwelling stands; `adres_id` is the register's object id."""

    adres_id: str | None
    straat: str | None
    huisnummer: str | None
    busnummer: str | None
    postcode: str | None
    gemeente: str | None


@dataclass(frozen=True, slots=True)
class Aanbeveling:
    """A recommendation of the older kind."""

    categorie: str
    type: str
    subtype: str
    voorwerp: str | None
    omschrijving: str | None


@dataclass(frozen=True, slots=True)
class Uitvoeringsmethode:
    """One way to carry out a recommendation; prices in whole euro, a range when both stand."""

    omschrijving: str
    volgorde: int
    prijs_een: int | None
    prijs_twee: int | None


@dataclass(frozen=True, slots=True)
class NieuweAanbeveling:
    """A recommendation of the newer kind, with priority, methods and the score it leads to."""

    categorie: str
    type: str
    subtype: str | None
    huidige_situatie: str | None
    uitvoeringsmethodes: tuple[Uitvoeringsmethode, ...]
    opmerking: str | None
    prioriteit: int
    prioriteit_kleur: str | None
    volgorde_energieschaal: int | None
    energiescore: Decimal | None


@dataclass(frozen=True, slots=True)
class Document:
    """A certificate or photo that came along; the content stays out of texts and logs."""

    soort: str
    type: str | None
    anoniem: bool | None
    extensie: str
    inhoud: bytes

    def __repr__(self) -> str:
        return f"Document(soort={self.soort!r}, extensie={self.extensie!r})"


@dataclass(frozen=True, slots=True)
class Epc:
    """One energy performance certificate.

    A date that the source knows only in part (`2000-00-00`) is None; `bouwjaar` is None when
    the source's text is no year. `beschermd_volume` is m3, `bruto_vloeroppervlakte` m2.
    """

    epc_id: str
    attestnummer: str
    bouwjaar: int | None
    bouwjaar_gekend: bool | None
    datum_modificatie: datetime
    actief: bool
    status: str
    datum_ingediend: date | None
    datum_geldigheid: date | None
    type_aangifte: str | None
    eenheid_type: str
    alle_scores: tuple[Score, ...]
    kleurcode: str | None
    adres: EpcAdres
    gebouweenheid_ids: tuple[str, ...]
    gebouw_ids: tuple[str, ...]
    aard_van_de_werken: str | None
    omschrijving: str | None
    bestemming: str | None
    bouwvorm: str | None
    gebouwtypes: tuple[str, ...]
    beschermd_volume: Decimal | None
    bruto_vloeroppervlakte: Decimal | None
    luchtdichtheid: Decimal | None
    verlies_oppervlakte: Decimal | None
    schildelen: tuple[Schildeel, ...]
    installaties: Installaties
    aanbevelingen: tuple[Aanbeveling, ...]
    nieuwe_aanbevelingen: tuple[NieuweAanbeveling, ...]
    documenten: tuple[Document, ...]
    verduidelijking_aard_van_de_werken: str | None = None
    epb_eenheid: EpbEenheid | None = None
    ruimtes: tuple[Ruimte, ...] = ()
    hernieuwbare_energie_systemen: tuple[HernieuwbareEnergieSysteem, ...] = ()
    oververhittingsindicatoren: tuple[Oververhittingsindicator, ...] = ()

    @property
    def scores(self) -> Mapping[str, Score]:
        """The scores by type; of a type that stands twice, the first."""
        return {score.type: score for score in reversed(self.alle_scores)}

    @property
    def kengetal(self) -> Decimal | None:
        """Primary energy use in kWh per m2 and year, when the certificate has it."""
        score = self.scores.get(KENGETAL)
        return score.waarde if score is not None else None

    @property
    def label(self) -> str | None:
        """The label as the source gave it (A+ to F); mostly None, then the hub derives one."""
        score = self.scores.get(KENGETAL)
        return score.label if score is not None else None

    @property
    def adres_id(self) -> str | None:
        """The object id of the address, when the certificate has it."""
        return self.adres.adres_id

    @property
    def gebouwtype(self) -> str | None:
        """The first building type named."""
        return self.gebouwtypes[0] if self.gebouwtypes else None


@dataclass(frozen=True, slots=True)
class EpcAnswer:
    """The certificates of one question, expired and inactive ones among them; maybe none.

    `waarschuwingen` is what the source said beside them, 30001 (no data) included.
    """

    epcs: tuple[Epc, ...]
    waarschuwingen: tuple[Uitzondering, ...]
