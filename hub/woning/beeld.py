"""The woningbeeld: everything the sources say of one dwelling, each value with its origin.

A value is canonical text. Of a field that can stand more than once, ``onderdeel`` tells the
elements apart, and the value is one JSON object per element. Geometry is WKT in EPSG:31370.

===========================  ===============  ==================================================
veld                         onderdeel        waarde
===========================  ===============  ==================================================
adres, adres_id, …           –                text (the fields of ``hub/config/velden.yml``)
perceel_id                   –                capakey of the first parcel
positie, gebouw_geometrie    –                WKT
perceel                      capakey          {"geometrie": WKT or null}
erfgoedstatus                –                beschermd, vastgesteld, geen_aanduiding (derived)
bodemstatus                  –                the newest statement, or geen_informatie (derived)
vergunningen_aantal,         –                number; projectnummer of the newest (derived)
vergunning_laatste
epc_score                    type             {waarde, meeteenheid, gemiddelde_gemeente,
                                              gemiddelde_provincie, gemiddelde_vlaanderen,
                                              na_aanbevelingen, label_na_aanbevelingen}
schildeel                    order            {schildeel, categorie, naam, oppervlakte, u_waarde,
                                              u_max_waarde}; m², W/m²K
installatie                  order            {soort, omschrijving, energiedrager, fabricagejaar}
aanbeveling                  order            {categorie, type, subtype, omschrijving, prioriteit,
                                              prijs_van, prijs_tot, energiescore}; euro
erfgoed                      uri              {naam, type, rechtsgevolg, van, tot}
vergunning                   number and kind  {projectnummer, soort, datum_indiening,
                                              datum_huidige_toestand}
bodemuitspraak               capakey/order    {uitspraak, capakey}
overstroming_pluviaal,       –                A, B, C or D
overstroming_fluviaal,
overstroming_vanuit_de_zee
renovatieplicht              –                mogelijk or niet_van_toepassing (derived)
===========================  ===============  ==================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

BRONNEN: Final = (
    "basisregisters",
    "ligging",
    "epc",
    "erfgoed",
    "vergunningen",
    "bodem",
    "overstroming",
)


@dataclass(frozen=True, slots=True)
class Waarde:
    """One current value with its origin; ``opgehaald_op`` is UTC."""

    veld: str
    onderdeel: str
    waarde: str
    bron: str
    bron_object: str
    bron_versie: str | None
    opgehaald_op: datetime
    geldig_tot: date | None
    afgeleid: bool


@dataclass(frozen=True, slots=True)
class Bronstand:
    """How a source last answered about a dwelling.

    ``uitkomst``: ``gevonden``; ``geen`` (the source has nothing: what that means differs per
    source); ``geweigerd`` (the hub refused the answer); ``opnieuw`` (no answer yet, asked again);
    ``geen_recht`` (may not be asked for this dossier); ``niet_gevraagd``. ``reden`` says why in a
    sentence a consultant understands, when it is not ``gevonden``.
    """

    bron: str
    uitkomst: str
    gevraagd_op: datetime | None
    reden: str | None


@dataclass(frozen=True, slots=True)
class Woningbeeld:
    """One picture of a dwelling, at one moment."""

    woning_id: UUID
    waarden: Mapping[str, tuple[Waarde, ...]] = field(repr=False)
    bronnen: Mapping[str, Bronstand]

    def get(self, veld: str) -> Waarde | None:
        """Return the value of a field that stands once."""
        found = self.waarden.get(veld, ())
        return found[0] if found else None

    def all_of(self, veld: str) -> tuple[Waarde, ...]:
        """Return all elements of a field, ordered by their ``onderdeel``."""
        return self.waarden.get(veld, ())
