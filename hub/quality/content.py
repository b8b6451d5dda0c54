"""A rule in Python: a content (a message that goes out, an answer) held against its rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from hub.quality.predicate import TYPE_PATTERNS
from hub.quality.rules import Check, Model, load_contents

_ABSENT = (None, "")


def find_broken(naam: str, content: Mapping[str, Any]) -> list[Check]:
    """Return the rules of ``hub/quality/inhoud/<naam>.yml`` that a content breaks, if any."""
    model = load_contents().get(naam)
    return [] if model is None else broken_checks(model, content)


def tell_broken(broken: Sequence[Check]) -> str:
    """Return why a content was held back: texts of the rules, never a value."""
    return "; ".join(f"{check.reden} [{check.naam}]" for check in broken)


def broken_checks(
    model: Model, content: Mapping[str, Any], *, now: datetime | None = None
) -> list[Check]:
    """Return the rules that a content breaks, in their order.

    A column is a path (``woning.straat`` stands as ``woning__straat``); what is absent or empty is
    null, and passes every rule but ``not_null`` and ``is_true``, as it does in SQL.
    """
    moment = now or datetime.now(UTC)
    return [check for check in model.checks if is_broken(check, find(content, check.kolom), moment)]


def find(content: Mapping[str, Any], kolom: str) -> Any:
    """Return the value at a path; None when there is none."""
    value: Any = content
    for name in kolom.split("__"):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def is_broken(check: Check, value: Any, now: datetime) -> bool:
    """Tell whether a value breaks a rule.

    Raises:
        ValueError: the rule needs more than one value.
    """
    if check.soort == "not_null":
        return value in _ABSENT
    if check.soort == "is_true":
        return value is not True
    if value in _ABSENT:
        return False
    match check.soort:
        case "in_set":
            return str(value) not in check.waarden
        case "match":
            return _compiled(check.patroon).search(str(value)) is None
        case "length":
            return _is_outside(Decimal(len(str(value))), check)
        case "between":
            number = _number(value)
            return number is None or _is_outside(number, check)
        case "type":
            return not _reads_as(str(value), check.als)
        case "date_between":
            day = _day(value)
            return (
                day is None
                or (check.vanaf is not None and day < check.vanaf)
                or (check.tot is not None and day > check.tot)
            )
        case "not_in_future":
            return _is_after(value, now + timedelta(hours=check.speling_uur))
        case _:
            raise ValueError(f"check {check.naam}: {check.soort} needs more than one value")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # As PostgreSQL reads it: the end is the end, and a dot is any character.
    return re.compile(re.sub(r"\$\Z", r"\\Z", pattern), re.DOTALL)


def _is_outside(number: Decimal, check: Check) -> bool:
    if number.is_nan():
        return True
    low, high = check.minimum, check.maximum
    return (low is not None and number < Decimal(str(low))) or (
        high is not None and number > Decimal(str(high))
    )


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _reads_as(text: str, kind: str) -> bool:
    if _compiled(TYPE_PATTERNS[kind]).search(text) is None:
        return False
    if kind == "datum":
        return _day(text) is not None
    return kind != "moment" or _moment(text) is not None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _is_after(value: Any, moment: datetime) -> bool:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC) > moment
    read = _moment(value)
    return read is None or read > moment
