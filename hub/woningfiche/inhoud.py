"""Compose the woningfiche from a woningbeeld: pure, the same beeld gives the same page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hub.woning.beeld import Waarde, Woningbeeld
from hub.woningfiche.bronnen import list_sources, origin, settings, shared_origin, why_missing
from hub.woningfiche.energie import compose_energie
from hub.woningfiche.kaart import draw_kaart, name_percelen
from hub.woningfiche.model import Herkomst, Kaart, Regel, Rubriek, Woningfiche
from hub.woningfiche.omgeving import compose_omgeving, compose_plicht
from hub.woningfiche.tekst import (
    capital,
    clean_text,
    read_number,
    read_object,
    show_date,
    show_number,
    words,
)

_WONING = (
    ("bouwjaar", "Bouwjaar", None),
    ("gebouwtype", "Gebouwtype", None),
    ("bouwvorm", "Bouwvorm", None),
    ("bestemming", "Bestemming", None),
    ("beschermd_volume", "Beschermd volume", "m³"),
    ("bruto_vloeroppervlakte", "Vloeroppervlakte", "m² bruto"),
)


def compose_fiche(beeld: Woningbeeld, *, dossiernummer: str, vandaag: date) -> Woningfiche:
    """Return the page of one dwelling for one dossier; ``vandaag`` tells what has expired."""
    return Woningfiche(
        adres=_adres(beeld),
        dossiernummer=clean_text(dossiernummer, 60),
        dienst=settings()["dienst"],
        gemaakt_op=show_date(vandaag),
        energie=compose_energie(beeld, vandaag),
        kaart=_kaart(beeld),
        woning=_woning(beeld),
        omgeving=compose_omgeving(beeld),
        plicht=compose_plicht(beeld, vandaag),
        bronnen=list_sources(beeld),
    )


def _adres(beeld: Woningbeeld) -> str:
    adres = beeld.get("adres")
    if adres is not None:
        return clean_text(adres.waarde, 120)
    number = beeld.get("adres_id")
    if number is not None:
        return f"Adres {clean_text(number.waarde, 40)} in het Adressenregister"
    return "Woning zonder gekend adres"


def _kaart(beeld: Woningbeeld) -> Kaart:
    parcels = beeld.all_of("perceel")
    shapes = {
        clean_text(value.onderdeel, 30): (read_object(value.waarde) or {}).get("geometrie")
        for value in parcels
    }
    drawable = {key: shape for key, shape in shapes.items() if isinstance(shape, str)}
    building, position = beeld.get("gebouw_geometrie"), beeld.get("positie")
    frame = settings()["kaart"]
    drawing = draw_kaart(
        percelen=drawable,
        gebouw=building.waarde if building else None,
        positie=position.waarde if position else None,
        rand=frame["rand"],
        kleinste_zijde=frame["kleinste_zijde"],
    )
    first = next((value for value in (*parcels, building, position) if value is not None), None)
    if drawing is None:
        missing = "de bron gaf geen tekenbare ligging" if first else None
        why = missing or why_missing(beeld, "ligging")
        return Kaart(None, None, None, f"Geen liggingsplan: {why}.")
    return Kaart(drawing, name_percelen(drawable), origin(first) if first else None, None)


def _woning(beeld: Woningbeeld) -> Rubriek:
    lines = [
        Regel(naam, _value(value, unit), origin(value))
        for veld, naam, unit in _WONING
        if (value := beeld.get(veld)) is not None
    ]
    lines += _envelope(beeld)
    installations, notices = _installations(beeld)
    lines += installations
    if not lines:
        notices.append(f"Geen gegevens over de woning: {why_missing(beeld, 'epc')}.")
    return Rubriek("Woning", tuple(lines), tuple(notices), shared_origin(lines))


def _value(value: Waarde, unit: str | None) -> str:
    if unit is None:
        # A code of the source in words; a year or a number stays as it is.
        return words(value.waarde)
    number = read_number(value.waarde)
    return f"{clean_text(value.waarde, 40) if number is None else show_number(number, 1)} {unit}"


def _envelope(beeld: Woningbeeld) -> list[Regel]:
    """Return one line per kind of envelope part: its area, and how well it insulates on average."""
    parts: dict[str, list[tuple[Mapping[str, Any], Waarde]]] = defaultdict(list)
    for value in beeld.all_of("schildeel"):
        found = read_object(value.waarde)
        if found is not None:
            kind = words(found.get("categorie") or found.get("schildeel") or "deel van de schil")
            parts[kind].append((found, value))
    lines = []
    for kind, members in parts.items():
        areas = [read_number(found.get("oppervlakte")) or Decimal(0) for found, _ in members]
        total = sum(areas, Decimal(0))
        text = f"{show_number(total, 1)} m²" if total > 0 else "oppervlakte niet gekend"
        weighted = [
            (area, u)
            for area, (found, _) in zip(areas, members, strict=True)
            if area > 0 and (u := read_number(found.get("u_waarde"))) is not None
        ]
        known = sum((area for area, _ in weighted), Decimal(0))
        if known > 0:
            mean = sum((area * u for area, u in weighted), Decimal(0)) / known
            text += f", U\u00a0{show_number(mean, 2)}\u00a0W/m²K"
        source = origin(members[0][1])
        lines.append(
            Regel(capital(kind), text, Herkomst(source.bron, source.datum, len(members) > 1))
        )
    return lines


def _installations(beeld: Woningbeeld) -> tuple[list[Regel], list[str]]:
    lines = []
    values = beeld.all_of("installatie")
    for value in values:
        found = read_object(value.waarde)
        if found is None:
            continue
        told = [
            words(found[name])
            for name in ("omschrijving", "energiedrager", "fabricagejaar")
            if found.get(name)
        ]
        kind = capital(words(found.get("soort") or "installatie"))
        lines.append(Regel(kind, ", ".join(told) or "aanwezig", origin(value)))
    most: int = settings()["hoogstens"]["installatie"]
    notices = []
    if len(values) > len(lines):
        notices.append(f"{len(values) - len(lines)} installatie(s) zijn niet leesbaar.")
    if len(lines) > most:
        notices.append(f"Nog {len(lines) - most} andere installatie(s), zie het certificaat.")
    return lines[:most], notices
