"""What surrounds the dwelling: permits, heritage, soil, flood, and the duty to renovate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from hub.config import load_config
from hub.woning.beeld import Waarde, Woningbeeld
from hub.woningfiche.bronnen import nothing_found, origin, settings, shared_origin, why_missing
from hub.woningfiche.energie import is_expired
from hub.woningfiche.model import Herkomst, Regel, Rubriek
from hub.woningfiche.tekst import (
    capital,
    clean_text,
    read_date,
    read_object,
    show_date,
    words,
)

_FLOODS = (
    ("overstroming_pluviaal", "Overstroming (regen)"),
    ("overstroming_fluviaal", "Overstroming (rivier)"),
    ("overstroming_vanuit_de_zee", "Overstroming (zee)"),
)


def compose_omgeving(beeld: Woningbeeld) -> Rubriek:
    """Return permits, heritage, soil and flood; of each what is known, or why nothing is."""
    lines: list[Regel] = []
    notices: list[str] = []
    for veld, bron, naam, read in (
        ("vergunning", "vergunningen", "Vergunning", _vergunning),
        ("erfgoed", "erfgoed", "Erfgoed", _erfgoed),
        ("bodemuitspraak", "bodem", "Bodem", _bodem),
    ):
        lines += _elements(beeld, veld, bron, naam, read, notices)
    lines += _floods(beeld)
    return Rubriek("Omgeving", tuple(lines), tuple(notices), shared_origin(lines))


def compose_plicht(beeld: Woningbeeld, vandaag: date) -> Regel | None:
    """Say that the duty to renovate may apply; None when the label rules it out.

    Whether the dwelling changed hands is not known here: so it is never more than possible.
    """
    rule = load_config("renovatieplicht")
    derived = None if is_expired(beeld, vandaag) else beeld.get("renovatieplicht")
    if derived is not None and derived.waarde == "niet_van_toepassing":
        return None
    source = Herkomst(
        f"{rule['bron']}, {rule['status']}", show_date(rule["nagekeken_op"]), afgeleid=True
    )
    labels = " of ".join(rule["labels"])
    since = show_date(rule["sinds"])
    duty = (
        f"Een woning met label {labels} die sinds {since} van eigenaar veranderde, moet binnen "
        f"{rule['termijn_jaren']} jaar na de akte label {rule['te_bereiken_label']} halen. "
        "Of deze woning van eigenaar veranderde, weet de hub niet."
    )
    if derived is None:
        return Regel("Renovatieplicht", "niet te beoordelen zonder geldig label", source, duty)
    return Regel("Renovatieplicht", "kan van toepassing zijn", source, duty)


def _elements(
    beeld: Woningbeeld,
    veld: str,
    bron: str,
    naam: str,
    read: Callable[[Waarde, Mapping[str, Any]], tuple[str, str | None]],
    notices: list[str],
) -> list[Regel]:
    """Return a line per element, at most as many as the settings say; else what absence means."""
    values = beeld.all_of(veld)
    if not values:
        found = nothing_found(beeld, bron)
        if found is None:
            return [Regel(naam, f"niet gekend: {why_missing(beeld, bron)}", None)]
        return [Regel(naam, found[0], found[1])]
    readable = [
        (value, element) for value in values if (element := read_object(value.waarde)) is not None
    ]
    lines = []
    for value, element in sorted(readable, key=lambda pair: _ORDER[veld](pair[1])):
        text, detail = read(value, element)
        lines.append(Regel(naam, text, origin(value), detail))
    unreadable = len(values) - len(lines)
    if unreadable:
        notices.append(f"{naam}: {unreadable} gegeven(s) van de bron zijn niet leesbaar.")
    # A map can draw one thing in several pieces: a reader is told once.
    lines = list({(line.waarde, line.toelichting): line for line in lines}.values())
    most: int = settings()["hoogstens"][veld]
    if len(lines) > most:
        notices.append(f"{naam}: nog {len(lines) - most} andere, zie de bron.")
    return lines[:most]


def _newest_first(value: object) -> int:
    """Order by a day, the newest first; without a day last."""
    day = read_date(value)
    return -day.toordinal() if day is not None else 0


# What counts most comes first: it must not be among those that are only counted.
_ORDER: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "vergunning": lambda found: _newest_first(found.get("datum_indiening")),
    # What still holds before what ended.
    "erfgoed": lambda found: read_date(found.get("tot")) is not None,
    "bodemuitspraak": lambda found: words(found.get("uitspraak") or ""),
}


def _vergunning(value: Waarde, found: Mapping[str, Any]) -> tuple[str, str | None]:
    kind = capital(words(found.get("soort") or "vergunning"))
    days = [
        f"{told} {show_date(day)}"
        for name, told in (
            ("datum_indiening", "ingediend op"),
            ("datum_huidige_toestand", "huidige toestand sinds"),
        )
        if (day := read_date(found.get(name))) is not None
    ]
    project = clean_text(found.get("projectnummer") or value.onderdeel, 40)
    return f"{kind}, project {project}", ", ".join(days) or None


def _erfgoed(value: Waarde, found: Mapping[str, Any]) -> tuple[str, str | None]:
    name = clean_text(found.get("naam") or value.onderdeel, 90)
    kinds = [words(found["type"])] if found.get("type") else []
    effect = words(found.get("rechtsgevolg") or "")
    # A type mostly says it already; "ander" says nothing to a reader.
    if effect not in ("", "ander") and not any(effect in kind.lower() for kind in kinds):
        kinds.append(effect)
    period = _period(read_date(found.get("van")), read_date(found.get("tot")))
    return name, "; ".join([*kinds, *period]) or None


def _period(begun: date | None, ended: date | None) -> list[str]:
    told = [f"sinds {show_date(begun)}"] if begun else []
    return [*told, f"tot {show_date(ended)}"] if ended else told


def _bodem(value: Waarde, found: Mapping[str, Any]) -> tuple[str, str | None]:
    parcel = found.get("capakey") or value.onderdeel.rpartition("/")[0]
    return (
        clean_text(found.get("uitspraak") or "uitspraak zonder tekst", 120),
        f"perceel {clean_text(parcel, 30)}" if parcel else None,
    )


def _floods(beeld: Woningbeeld) -> list[Regel]:
    classes: dict[str, str] = settings()["overstromingsklassen"]
    lines = []
    missing = False
    for veld, naam in _FLOODS:
        value = beeld.get(veld)
        if value is not None:
            known = clean_text(value.waarde, 4)
            meaning = classes.get(known, "onbekende klasse")
            lines.append(Regel(naam, f"klasse {known}: {meaning}", origin(value)))
            continue
        found = nothing_found(beeld, "overstroming")
        if found is not None:
            lines.append(Regel(naam, f"klasse A: {classes['A']}", found[1]))
        else:
            missing = True
    if missing and not lines:
        why = why_missing(beeld, "overstroming")
        return [Regel("Overstroming", f"niet gekend: {why}", None)]
    return lines
