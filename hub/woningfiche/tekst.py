"""Values as a reader in Flanders expects them; whatever a source wrote becomes plain text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

LONGEST = 240
_BRUSSELS = ZoneInfo("Europe/Brussels")
_LARGEST = Decimal(10) ** 12
# Controls, surrogates, private use, not assigned; of the invisible ones (Cf) none may turn or hide
# what stands beside it.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = re.compile(r"\s+")


def clean_text(value: object, longest: int = LONGEST) -> str:
    """Return a source's text on one line, without what cannot be seen, at most ``longest`` long."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", str(value)))
    text = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def words(value: object) -> str:
    """Return a code of a source (``open_bebouwing``, ``inGebruik``) as words; a text as it is."""
    text = clean_text(value)
    if " " in text:
        return text
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")
    return " ".join(lower_first(word) for word in spaced.split())


def lower_first(text: str) -> str:
    """Return a text that goes on in a sentence; an abbreviation (PV, EPC) stays as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def capital(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def read_object(waarde: str) -> Mapping[str, Any] | None:
    """Return the JSON object that a value holds, None when it holds none."""
    try:
        found = json.loads(waarde)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_number(value: object) -> Decimal | None:
    """Return a number that was given as text or number; None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _LARGEST else None


def read_date(value: object) -> date | None:
    """Return the day of an ISO 8601 date or moment; None for anything else."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def show_date(value: date | datetime) -> str:
    """Write a day as dd/mm/jjjj; a moment falls on its day in Brussels."""
    day = value.astimezone(_BRUSSELS) if isinstance(value, datetime) else value
    return day.strftime("%d/%m/%Y")


def show_number(value: Decimal, digits: int = 0) -> str:
    """Write a number with a comma, points between thousands, and at most so many decimals."""
    step = Decimal(1).scaleb(-digits)
    text = f"{value.quantize(step, rounding=ROUND_HALF_UP):,f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    shown = whole.replace(",", ".") + (f",{decimals}" if decimals else "")
    return "0" if shown == "-0" else shown


def show_price(low: Decimal | None, high: Decimal | None) -> str | None:
    """Write a cost in euro, or a range of it; None when there is none."""
    given = sorted(price for price in (low, high) if price is not None and price >= 0)
    if not given:
        return None
    if given[0] == given[-1]:
        return f"€\u00a0{show_number(given[0])}"
    return f"€\u00a0{show_number(given[0])} – {show_number(given[-1])}"
