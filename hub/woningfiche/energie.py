"""The energy part of the page: the label and what comes next, and what the expert recommends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hub.config import load_config
from hub.woning.beeld import Waarde, Woningbeeld
from hub.woning.label import derive_label
from hub.woningfiche.bronnen import nothing_found, origin, shared_origin, why_missing
from hub.woningfiche.label import draw_label
from hub.woningfiche.model import Energie, Herkomst, Regel, Tekening, Werk
from hub.woningfiche.tekst import (
    capital,
    clean_text,
    lower_first,
    read_date,
    read_number,
    read_object,
    show_date,
    show_number,
    show_price,
    words,
)

KENGETAL = "primaireEnergieVerbruikPerVierkanteMeter"
UNIT = "kWh/m²jaar"
_AVERAGES = (
    ("gemiddelde_gemeente", "in de gemeente"),
    ("gemiddelde_provincie", "in de provincie"),
    ("gemiddelde_vlaanderen", "in Vlaanderen"),
)
# Recommendations without a priority come after those with one.
_LAST = Decimal(10) ** 6


def compose_energie(beeld: Woningbeeld, vandaag: date) -> Energie:
    """Return what the certificate says on ``vandaag``; without one, why there is none."""
    score_value = next((w for w in beeld.all_of("epc_score") if w.onderdeel == KENGETAL), None)
    score = (read_object(score_value.waarde) or {}) if score_value else {}
    label = beeld.get("epc_label")
    figure_value = beeld.get("epc_kengetal") or score_value
    figure = read_number(_figure(beeld, score))
    verlopen = is_expired(beeld, vandaag)
    werken, unreadable = _works(beeld)
    lines = _lines(beeld, label, figure, figure_value, score, verlopen=verlopen)
    return Energie(
        label=clean_text(label.waarde, 4) if label else None,
        kengetal=show_number(figure) if figure is not None else None,
        tekening=_drawing(label, score, verlopen=verlopen),
        regels=tuple(lines),
        herkomst=shared_origin(lines),
        hierna=() if verlopen else tuple(_next_steps(label, figure, score)),
        werken=werken,
        werken_samen=_together(beeld),
        werken_herkomst=_works_origin(beeld),
        meldingen=tuple(_notices(beeld, label, verlopen=verlopen, unreadable=unreadable)),
    )


def is_expired(beeld: Woningbeeld, vandaag: date) -> bool:
    """Tell whether the last day of the certificate's validity has passed."""
    until = beeld.get("epc_geldig_tot")
    day = read_date(until.waarde) if until else None
    return day is not None and day < vandaag


def ladder() -> list[str]:
    """Return the labels, the best first."""
    config = load_config("bronnen")
    return [*(str(label) for label in config["labelgrenzen"]), str(config["label_boven"])]


def _figure(beeld: Woningbeeld, score: Mapping[str, Any]) -> object:
    value = beeld.get("epc_kengetal")
    return value.waarde if value else score.get("waarde")


def _drawing(label: Waarde | None, score: Mapping[str, Any], *, verlopen: bool) -> Tekening | None:
    if label is None:
        return None
    after = None if verlopen else _label_after(score)
    return draw_label(
        ladder(),
        clean_text(label.waarde, 4),
        verlopen=verlopen,
        hierna=after[0] if after else None,
    )


def _lines(
    beeld: Woningbeeld,
    label: Waarde | None,
    figure: Decimal | None,
    figure_value: Waarde | None,
    score: Mapping[str, Any],
    *,
    verlopen: bool,
) -> list[Regel]:
    lines = []
    if label is not None:
        note = "uit het kengetal" if label.afgeleid else None
        lines.append(Regel("Energielabel", clean_text(label.waarde, 4), origin(label), note))
    if figure is not None and figure_value is not None:
        value = f"{show_number(figure)} {UNIT}"
        lines.append(Regel("Energiekengetal", value, origin(figure_value), _averages(score)))
    until = beeld.get("epc_geldig_tot")
    day = read_date(until.waarde) if until else None
    if until is not None and day is not None:
        name = "Verlopen op" if verlopen else "Geldig tot en met"
        lines.append(Regel(name, show_date(day), origin(until)))
    number = beeld.get("epc_attestnummer")
    if number is not None:
        lines.append(Regel("Attest", clean_text(number.waarde, 60), origin(number)))
    return lines


def _averages(score: Mapping[str, Any]) -> str | None:
    known = [
        f"{where} {show_number(number)}"
        for name, where in _AVERAGES
        if (number := read_number(score.get(name))) is not None
    ]
    return f"gemiddeld {', '.join(known)}" if known else None


def _next_steps(
    label: Waarde | None, figure: Decimal | None, score: Mapping[str, Any]
) -> list[str]:
    """Say what the next label takes, and where all recommendations together lead."""
    steps = []
    labels = ladder()
    here = labels.index(label.waarde) if label is not None and label.waarde in labels else None
    if here == 0:
        steps.append(f"Label {labels[0]} is het beste label.")
    elif here is not None:
        steps.append(_to_next(labels[here - 1], figure))
    after = _label_after(score)
    wanted = read_number(score.get("na_aanbevelingen"))
    if after is not None:
        reached = f"{show_number(wanted)} {UNIT}, " if wanted is not None else ""
        derived = " (afgeleid)" if after[1] else ""
        steps.append(f"Na alle aanbevelingen samen: {reached}label {after[0]}{derived}.")
    return steps


def _to_next(following: str, figure: Decimal | None) -> str:
    upper = Decimal(load_config("bronnen")["labelgrenzen"][following])
    border = f"Label {following} vraagt hoogstens {show_number(upper)} {UNIT}"
    if figure is None or figure <= upper:
        return f"{border}."
    less = figure - upper
    share = show_number(100 * less / figure)
    return f"{border}: {show_number(less)} minder dan nu, of {share}\u00a0%."


def _label_after(score: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the label after all recommendations, and whether the hub derived it."""
    if score.get("label_na_aanbevelingen"):
        return clean_text(score["label_na_aanbevelingen"], 4), False
    figure = read_number(score.get("na_aanbevelingen"))
    return (derive_label(figure), True) if figure is not None else None


def _works(beeld: Woningbeeld) -> tuple[tuple[Werk, ...], int]:
    """Return the recommendations, the most urgent first, and how many cannot be read."""
    values = beeld.all_of("aanbeveling")
    readable = [found for value in values if (found := read_object(value.waarde)) is not None]
    ordered = sorted(readable, key=_urgency)
    kinds = {words(found.get("categorie") or "") for found in ordered}
    works = tuple(
        _work(number, found, with_kind=len(kinds) > 1)
        for number, found in enumerate(ordered, start=1)
    )
    return works, len(values) - len(readable)


def _urgency(found: Mapping[str, Any]) -> Decimal:
    number = read_number(found.get("prioriteit"))
    return _LAST if number is None else number


def _work(number: int, found: Mapping[str, Any], *, with_kind: bool) -> Werk:
    told = [clean_text(found[name]) for name in ("type", "subtype") if found.get(name)]
    # A subtype often repeats its type.
    named = told[:1] + [text for text in told[1:] if text != told[0]]
    detail = clean_text(found.get("omschrijving") or "")
    score = read_number(found.get("energiescore"))
    return Werk(
        nummer=number,
        waar=capital(words(found.get("categorie") or "")) if with_kind else None,
        wat=capital(": ".join(named[:1] + [lower_first(text) for text in named[1:]])),
        omschrijving=detail or ("" if named else "zonder omschrijving"),
        prijs=show_price(read_number(found.get("prijs_van")), read_number(found.get("prijs_tot"))),
        daarna=f"{show_number(score)} ({derive_label(score)})" if score is not None else None,
    )


def _together(beeld: Woningbeeld) -> str | None:
    """Return what all recommendations that name a price cost together."""
    lows, highs, without = Decimal(0), Decimal(0), 0
    for value in beeld.all_of("aanbeveling"):
        found = read_object(value.waarde) or {}
        prices = [read_number(found.get(name)) for name in ("prijs_van", "prijs_tot")]
        given = sorted(price for price in prices if price is not None and price >= 0)
        if not given:
            without += 1
            continue
        lows, highs = lows + given[0], highs + given[-1]
    price = show_price(lows, highs) if highs else None
    if price is None:
        return None
    return f"{price}, zonder {without} werk(en) waarvan geen prijs gekend is" if without else price


def _works_origin(beeld: Woningbeeld) -> Herkomst | None:
    values = beeld.all_of("aanbeveling")
    return origin(values[0]) if values else None


def _notices(
    beeld: Woningbeeld, label: Waarde | None, *, verlopen: bool, unreadable: int
) -> list[str]:
    notices = []
    if verlopen:
        notices.append(
            "Het certificaat is verlopen: label en kengetal gelden niet meer. "
            "Een nieuw EPC is nodig."
        )
    elif label is None:
        found = nothing_found(beeld, "epc") if beeld.get("epc_attestnummer") is None else None
        if found is not None:
            notices.append(f"EPC: {found[0]} ({found[1].bron}, {found[1].datum}).")
        elif beeld.get("epc_attestnummer") is not None:
            notices.append("Het certificaat noemt geen label en geen kengetal.")
        else:
            notices.append(f"Geen energielabel: {why_missing(beeld, 'epc')}.")
    if unreadable:
        notices.append(f"{unreadable} aanbeveling(en) van het certificaat zijn niet leesbaar.")
    return notices
