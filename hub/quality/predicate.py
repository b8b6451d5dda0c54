"""A rule as SQL: the condition under which a row breaks it."""

from __future__ import annotations

import re

from hub.quality.rules import Check, Model

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# A moment without an offset is no moment. The dots stand for colons, which read as parameters.
_CLOCK = "([01][0-9]|2[0-3]).[0-5][0-9].[0-5][0-9]([.][0-9]{1,6})?"
_OFFSET = "(Z|[+-](0[0-9]|1[0-4]).[0-5][0-9])"
TYPE_PATTERNS = {
    "geheel_getal": "^[+-]?[0-9]{1,18}$",
    "getal": "^[+-]?[0-9]{1,100}([.][0-9]{1,100})?$",
    "datum": f"^{_DAY}$",
    "moment": f"^{_DAY}T{_CLOCK}{_OFFSET}$",
}
_READ_AS = {"datum": "date", "moment": "timestamptz"}
_AMONG = " WHERE ander.{key} IN (SELECT {column} FROM {batch})"
_UNIQUE = (
    "{column} IN (SELECT ander.{key} FROM {table} AS ander{among}"
    " GROUP BY ander.{key} HAVING count(*) > 1)"
)
_REFERENCE = (
    "({column} IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM {table} AS ander WHERE ander.{key} = {column}))"
)
_BIND = re.compile(r"(?<!:):\w")


def broken(model: Model, check: Check, *, of_batch: bool) -> str:
    """Return the condition; the row stands under the name of its model.

    ``of_batch``: that name is a table with a part of the model's rows; else it is the model whole.
    """
    column = f"{model.model}.{check.kolom}"
    match check.soort:
        case "not_null":
            return f"{column} IS NULL"
        case "is_true":
            return f"{column} IS NOT TRUE"
        case "in_set":
            return f"{column} NOT IN ({', '.join(quote(value) for value in check.waarden)})"
        case "match":
            return f"{column} !~ {quote(check.patroon)}"
        case "between":
            return _outside(column, _number(check.minimum), _number(check.maximum))
        case "length":
            return _outside(
                f"char_length({column})", _number(check.minimum), _number(check.maximum)
            )
        case "date_between":
            bounds = [f"DATE '{day}'" if day else None for day in (check.vanaf, check.tot)]
            return _outside(column, *bounds)
        case "not_in_future":
            slack = f" + INTERVAL '{check.speling_uur} hours'" if check.speling_uur else ""
            return f"{column} > now(){slack}"
        case "type":
            shape = f"{column} !~ {quote(TYPE_PATTERNS[check.als])}"
            if check.als not in _READ_AS:
                return shape
            return f"({shape} OR NOT pg_input_is_valid({column}, '{_READ_AS[check.als]}'))"
        case "unique":
            among = _AMONG.format(column=column, key=check.kolom, batch=model.model)
            return _UNIQUE.format(
                column=column,
                key=check.kolom,
                table=model.tabel,
                among=among if of_batch else "",
            )
        case "reference":
            table, _, key = check.naar.rpartition(".")
            return _REFERENCE.format(column=column, table=table, key=key)
        case "row_condition":
            return f"({safe(check.voorwaarde)}) IS FALSE"
        case _:
            raise ValueError(f"check {check.naam}: {check.soort} judges no row")


def quote(text: str) -> str:
    """Return a text as a literal.

    Raises:
        ValueError: part of it would read as a bind parameter.
    """
    return "'" + safe(text).replace("'", "''") + "'"


def safe(text: str) -> str:
    """Return the text as it is.

    Raises:
        ValueError: part of it would read as a bind parameter.
    """
    if _BIND.search(text):
        raise ValueError(f"A colon reads as a bind parameter; say it without: {text!r}")
    return text


def _outside(value: str, low: str | None, high: str | None) -> str:
    parts = [
        f"{value} {sign} {bound}" for sign, bound in (("<", low), (">", high)) if bound is not None
    ]
    return f"({' OR '.join(parts)})"


def _number(value: float | None) -> str | None:
    return None if value is None else str(int(value)) if value == int(value) else repr(value)
