"""One text form per value, so that values of the CRM, the sources and the ledger compare equal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID


def to_canonical(value: object) -> str | None:
    """Return the canonical text of a value; None for an absent or empty one.

    Decimals lose trailing zeros, datetimes are ISO 8601 in UTC, dates ISO 8601, booleans
    ``true``/``false``, texts lose the white space around them.

    Raises:
        TypeError: the value has no canonical form.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Decimal):
        # Not normalize(): it rounds to the precision of the context.
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | UUID):
        return str(value)
    raise TypeError(f"A value of type {type(value).__name__} has no canonical text.")
