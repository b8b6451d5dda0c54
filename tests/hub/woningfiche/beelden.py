"""Woningbeelden for the tests: a typical dwelling, and ways to make it another one."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from hub.woning.beeld import Bronstand, Waarde, Woningbeeld

VANDAAG = date(2026, 11, 24)
OPGEHAALD = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
WONING = UUID("0193a1c2-0000-7000-8000-000000000001")
KENGETAL = "primaireEnergieVerbruikPerVierkanteMeter"
PERCEEL = "POLYGON((173001 174000, 173011 173998, 173018 174036, 173008 174038, 173001 174000))"
GEBOUW = "POLYGON((173002 174001, 173011 173999, 173013 174011, 173004 174013, 173002 174001))"


def waarde(
    veld: str, value: object, *, onderdeel: str = "", bron: str = "epc", **changed: Any
) -> Waarde:
    text = value if isinstance(value, str) else json.dumps(value)
    made = Waarde(veld, onderdeel, text, bron, "object", "v1", OPGEHAALD, None, False)
    return replace(made, **changed)


def stand(bron: str, uitkomst: str, reden: str | None = None) -> Bronstand:
    return Bronstand(bron, uitkomst, OPGEHAALD, reden)


def beeld(*waarden: Waarde, standen: tuple[Bronstand, ...] = ()) -> Woningbeeld:
    per_veld: dict[str, list[Waarde]] = defaultdict(list)
    for value in waarden:
        per_veld[value.veld].append(value)
    return Woningbeeld(
        WONING,
        {veld: tuple(values) for veld, values in per_veld.items()},
        {one.bron: one for one in standen},
    )


def aanbeveling(number: int, **changed: Any) -> Waarde:
    element = {
        "categorie": "Dak",
        "type": "Hellend dak",
        "subtype": "isoleren",
        "omschrijving": "Plaats isolatie tussen en onder de kepers.",
        "prioriteit": number,
        "prijs_van": 5000,
        "prijs_tot": 8500,
        "energiescore": "260",
    }
    return waarde("aanbeveling", element | changed, onderdeel=str(number))


TYPISCH = (
    waarde("adres", "Voorbeeldstraat 12, 3010 Kessel-Lo (Leuven)", bron="basisregisters"),
    waarde("positie", "POINT(173007 174006)", bron="basisregisters"),
    waarde("gebouw_geometrie", GEBOUW, bron="ligging"),
    waarde("perceel", {"geometrie": PERCEEL}, onderdeel="24502A0123/00B000", bron="ligging"),
    waarde("epc_attestnummer", "20190401-0001948124-RES-1"),
    waarde("epc_label", "E", afgeleid=True),
    waarde("renovatieplicht", "mogelijk", afgeleid=True),
    waarde("epc_kengetal", "431"),
    waarde("epc_geldig_tot", "2029-04-01"),
    waarde(
        "epc_score",
        {
            "waarde": "431", "meeteenheid": "kWh/m²", "gemiddelde_gemeente": "352",
            "gemiddelde_provincie": "361", "gemiddelde_vlaanderen": "389",
            "na_aanbevelingen": "96", "label_na_aanbevelingen": None,
        },
        onderdeel=KENGETAL,
    ),
    waarde("bouwjaar", "1931"),
    waarde("gebouwtype", "eengezinswoning"),
    waarde("bouwvorm", "gesloten"),
    waarde("bestemming", "wonen"),
    waarde("beschermd_volume", "412.5"),
    waarde("bruto_vloeroppervlakte", "148"),
    waarde("schildeel", {"categorie": "dak", "naam": "D1", "oppervlakte": "62.4",
                         "u_waarde": "1.9", "u_max_waarde": "0.24"}, onderdeel="1"),
    waarde("schildeel", {"categorie": "muur", "naam": "M1", "oppervlakte": "40",
                         "u_waarde": "2.1"}, onderdeel="2"),
    waarde("schildeel", {"categorie": "muur", "naam": "M2", "oppervlakte": "20",
                         "u_waarde": "0.6"}, onderdeel="3"),
    waarde("schildeel", {"categorie": "venster", "naam": "V1", "oppervlakte": "18",
                         "u_waarde": "2.9"}, onderdeel="4"),
    waarde("installatie", {"soort": "verwarming", "omschrijving": "niet-condenserende ketel",
                           "energiedrager": "aardgas", "fabricagejaar": "1998"}, onderdeel="1"),
    waarde("installatie", {"soort": "ventilatie", "omschrijving": "geen of onvolledig"},
           onderdeel="2"),
    aanbeveling(1),
    aanbeveling(2, categorie="Muur", type="Buitenmuur", prijs_van=9000, prijs_tot=16000,
                omschrijving="Isoleer de achtergevel aan de buitenkant.", energiescore="198"),
    aanbeveling(3, categorie="Venster", type="Beglazing", subtype="vervangen", prijs_van=6500,
                prijs_tot=None, omschrijving="Vervang enkel glas.", energiescore="150"),
    aanbeveling(4, categorie="Verwarming", type="Warmtepomp", subtype=None, prijs_van=None,
                prijs_tot=None, omschrijving=None, energiescore="96"),
    waarde("vergunning", {"projectnummer": "OMV_2021012345",
                          "soort": "stedenbouwkundige handelingen",
                          "datum_indiening": "2021-03-04",
                          "datum_huidige_toestand": "2021-06-18"},
           onderdeel="OMV_2021012345 stedenbouwkundige handelingen", bron="vergunningen"),
    waarde("overstroming_pluviaal", "B", bron="overstroming"),
    waarde("overstroming_fluviaal", "A", bron="overstroming"),
    waarde("overstroming_vanuit_de_zee", "A", bron="overstroming"),
)  # fmt: skip
STANDEN = (
    stand("epc", "gevonden"),
    stand("basisregisters", "gevonden"),
    stand("ligging", "gevonden"),
    stand("vergunningen", "gevonden"),
    stand("erfgoed", "geen"),
    stand("bodem", "geen"),
    stand("overstroming", "gevonden"),
)


def typisch(*extra: Waarde, zonder: tuple[str, ...] = ()) -> Woningbeeld:
    """The typical dwelling, without some fields and with others."""
    kept = [one for one in TYPISCH if one.veld not in zonder]
    return beeld(*kept, *extra, standen=STANDEN)
