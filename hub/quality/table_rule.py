"""A rule over a whole table as SQL: one row with what was measured and whether it is broken.

Every statement gives ``rijen`` (rows of the table), ``waarde`` (the figure) and ``gebroken``.
"""

from __future__ import annotations

from hub.quality.predicate import quote, safe
from hub.quality.rules import Check, Model

_STATEMENT = """
-- name: table_{name}
{query};
"""
_COMPLETENESS = """\
SELECT
    count(*) AS rijen,
    coalesce(avg(({model}.{column} IS NULL)::integer), 0) AS waarde,
    coalesce(avg(({model}.{column} IS NULL)::integer), 0) > {maximum} AS gebroken
FROM {table} AS {model}"""
_FRESHNESS = """\
SELECT
    count(*) AS rijen,
    extract(EPOCH FROM now() - max({model}.{column})) / 3600 AS waarde,
    coalesce(max({model}.{column}) < now() - INTERVAL '{hours} hours', FALSE) AS gebroken
FROM {table} AS {model}"""
# What the last loads held is what this rule measured then. Without three there is no usual.
_VOLUME = """\
WITH eerder AS (
    SELECT meting.rijen
    FROM hub.regelmeting AS meting
    WHERE meting.model = {model_text} AND meting.regel = '{name}'
    ORDER BY meting.gemeten_op DESC
    LIMIT {last}
),

gewoon AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY eerder.rijen) AS rijen
    FROM eerder
    HAVING count(*) >= least(3, {last})
),

nu AS (
    SELECT count(*) AS rijen FROM {table}
)

SELECT
    nu.rijen,
    nu.rijen / nullif(gewoon.rijen, 0) AS waarde,
    coalesce({outside}, FALSE) AS gebroken
FROM nu
LEFT JOIN gewoon ON TRUE"""
_EQUALITY = """\
WITH links AS (
    {left}
),

rechts AS (
    {right}
)

SELECT
    (SELECT count(*) FROM {table}) AS rijen,
    count(*) AS waarde,
    count(*) > 0 AS gebroken
FROM links
FULL JOIN rechts ON links.sleutel = rechts.sleutel
WHERE links.aantal IS DISTINCT FROM rechts.aantal"""


def render_table_check(model: Model, check: Check) -> str:
    """Return the named statement of one rule over the table."""
    return _STATEMENT.format(name=check.naam, query=table_query(model, check))


def table_query(model: Model, check: Check) -> str:
    """Return the query of one rule over the table.

    Raises:
        ValueError: the rule judges rows.
    """
    match check.soort:
        case "completeness":
            return _COMPLETENESS.format(
                model=model.model, table=model.tabel, column=check.kolom, maximum=check.maximum
            )
        case "freshness":
            return _FRESHNESS.format(
                model=model.model, table=model.tabel, column=check.kolom, hours=check.hoogstens_uur
            )
        case "volume":
            bounds = (("<", check.minimum), (">", check.maximum))
            outside = " OR ".join(
                f"nu.rijen {sign} {bound} * gewoon.rijen"
                for sign, bound in bounds
                if bound is not None
            )
            return _VOLUME.format(
                model_text=quote(model.model),
                name=check.naam,
                table=model.tabel,
                last=check.laatste,
                outside=outside,
            )
        case "equality":
            left, right = (safe(one).strip() for one in (check.links, check.rechts))
            return _EQUALITY.format(
                table=model.tabel,
                left=left.replace("\n", "\n    "),
                right=right.replace("\n", "\n    "),
            )
        case _:
            raise ValueError(f"check {check.naam}: {check.soort} judges rows")
