"""Write the SQL that holds a model against its rules: ``python -m hub.quality.generate``.

The statements are generated once and committed, so that what runs is a file one can read; a test
keeps them equal to the rules.
"""

from __future__ import annotations

import re

from hub.quality.predicate import broken, quote
from hub.quality.rules import Check, Model, check_sql_path, is_staging, load_model, model_paths
from hub.quality.table_rule import render_table_check

_HEADER = """\
-- Written by hub/quality/generate.py from {file}.yml: change the rules there.
"""
_REJECT = """
-- name: analyze
ANALYZE {model};

-- name: reject
-- One row per row of {model} that breaks a rule, with every rule it breaks.
INSERT INTO gebroken (object_id, versie, fouten, waarschuwingen, redenen, waarden, persoonlijk)
SELECT
    {model}.{key}::text AS object_id,
    {version} AS versie,
    oordeel.fouten,
    oordeel.waarschuwingen,
    array_remove(ARRAY[{reasons}]::text[], NULL) AS redenen,
    {clear} AS waarden,
    {personal} AS persoonlijk
FROM {model}
CROSS JOIN LATERAL (
    SELECT
        array_remove(ARRAY[{fails}]::text[], NULL) AS fouten,
        array_remove(ARRAY[{warns}]::text[], NULL) AS waarschuwingen
    OFFSET 0
) AS oordeel
WHERE
    {conditions};

-- name: release
-- Rows that pass by now, and rows that are gone.
UPDATE hub.quarantaine SET opgelost_op = now()
WHERE
    quarantaine.model = '{model}'
    AND quarantaine.opgelost_op IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM gebroken
        WHERE gebroken.object_id = quarantaine.object_id AND gebroken.fouten <> '{{}}'
    )
    AND (
        quarantaine.object_id IN (SELECT {model}.{key}::text FROM {model})
        OR NOT EXISTS (
            SELECT 1 FROM {table} AS bestaand
            WHERE bestaand.{key} = quarantaine.object_id::{key_type}
        )
    );

-- name: drop
DROP TABLE {model};
"""
_COUNT_ROWS = """
-- name: count_rows
-- One row per rule: the rows that break it.
WITH geteld AS (
    SELECT
        count(*) AS rijen{counts}
    FROM {table} AS {model}
)

SELECT
    regel.naam,
    geteld.rijen,
    regel.gebroken
FROM geteld
CROSS JOIN LATERAL (VALUES
{values}
) AS regel (naam, gebroken);
"""


def render_checks(model: Model, path: str) -> str:
    """Return the text of the file with the statements of one model."""
    text = _HEADER.format(file=path.rsplit("/", 1)[-1])
    text += _render_reject(model) if is_staging(path) else _render_count(model)
    return text + "".join(render_table_check(model, check) for check in model.table_checks)


def _render_reject(model: Model) -> str:
    conditions = {check.naam: broken(model, check, of_batch=True) for check in model.row_checks}

    def cases(ernst: str) -> str:
        chosen = [check for check in model.row_checks if check.ernst == ernst]
        return _list(
            [f"CASE WHEN {conditions[one.naam]} THEN '{one.naam}' END" for one in chosen], 12
        )

    fails = [check for check in model.row_checks if check.ernst == "fail"]
    reasons = [
        f"CASE WHEN '{one.naam}' = ANY(oordeel.fouten)"
        f" THEN {quote(f'{one.reden} [{one.naam}]')} END"
        for one in fails
    ]
    return _REJECT.format(
        model=model.model,
        table=model.tabel,
        key=model.sleutel,
        key_type=model.sleuteltype,
        version=f"{model.model}.{model.versie}::text" if model.versie else "NULL",
        reasons=_list(reasons, 8),
        clear=_values(model, fails, personal=False),
        personal=_values(model, fails, personal=True),
        fails=cases("fail"),
        warns=cases("warn"),
        conditions="\n    OR ".join(conditions.values()),
    )


def _values(model: Model, fails: list[Check], *, personal: bool) -> str:
    """Return the columns that the broken rules look at, as one object; NULL when there are none."""
    pairs = []
    for name, kolom in model.kolommen.items():
        rules = [one.naam for one in fails if name in looked_at(model, one)]
        if not rules or kolom.persoonsgegeven is not personal:
            continue
        broke = " OR ".join(f"'{rule}' = ANY(oordeel.fouten)" for rule in rules)
        pairs.append(f"'{name}', CASE WHEN {broke} THEN {model.model}.{name}::text END")
    if not pairs:
        return "NULL::jsonb" if personal else "'{}'::jsonb"
    made = f"jsonb_strip_nulls(jsonb_build_object({_list(pairs, 8)}))"
    return f"nullif({made}, '{{}}')" if personal else made


def looked_at(model: Model, check: Check) -> set[str]:
    """Return the columns that a rule looks at."""
    words = set(re.findall(r"[a-z_]+", check.voorwaarde))
    return {name for name in model.kolommen if name == check.kolom or name in words}


def _render_count(model: Model) -> str:
    counts = "".join(
        f",\n        count(*) FILTER (WHERE {broken(model, check, of_batch=False)}) AS {check.naam}"
        for check in model.row_checks
    )
    values = ",\n".join(f"    ('{check.naam}', geteld.{check.naam})" for check in model.row_checks)
    return _COUNT_ROWS.format(counts=counts, table=model.tabel, model=model.model, values=values)


def _list(parts: list[str], indent: int) -> str:
    """Return the parts one on a line."""
    if not parts:
        return ""
    line = "\n" + " " * indent
    return line + f",{line}".join(parts) + "\n" + " " * (indent - 4)


def main() -> None:
    for path in model_paths():
        check_sql_path(path).write_text(render_checks(load_model(path), path), encoding="utf-8")


if __name__ == "__main__":
    main()
