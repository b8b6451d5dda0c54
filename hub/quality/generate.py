"""Write the SQL that splits a model from its rules: ``python -m hub.quality.generate``.

The statements are generated once and committed, so that what runs is a file one can read; a test
keeps them equal to the rules.
"""

from __future__ import annotations

from hub.quality.rules import Check, Model, load_model, split_paths, split_sql_path

_STATEMENT = """\
-- Written by hub/quality/generate.py from {file}.yml: change the rules there.
-- One row per row of {model} that breaks a rule of severity fail, with every reason.

-- name: reject
INSERT INTO afgekeurd (object_id, redenen)
SELECT
    {model}.{key} AS object_id,
    array_remove(ARRAY[
{cases}
    ], NULL) AS redenen
FROM {model}
WHERE
    {conditions};
"""


def render_split(model: Model, path: str) -> str:
    """Return the text of the split file of one model: one pass, every reason of every bad row."""
    checks = [check for check in model.checks if check.ernst == "fail"]
    broken = [_broken(model, check) for check in checks]
    cases = ",\n".join(
        f"        CASE\n            WHEN {condition}\n"
        f"                THEN {_quote(f'{check.reden} [{check.naam}]')}\n        END"
        for check, condition in zip(checks, broken, strict=True)
    )
    return _STATEMENT.format(
        file=path.rsplit("/", 1)[-1],
        model=model.model,
        key=model.sleutel,
        cases=cases,
        conditions="\n    OR ".join(broken),
    )


def _broken(model: Model, check: Check) -> str:
    column = f"{model.model}.{check.kolom}"
    match check.soort:
        case "not_null":
            return f"{column} IS NULL"
        case "is_true":
            return f"{column} IS NOT TRUE"
        case "in_set":
            return f"{column} NOT IN ({', '.join(_quote(value) for value in check.waarden)})"
        case "match":
            return f"{column} !~ {_quote(check.patroon)}"
        case "between":
            low = f"{column} < {check.minimum}" if check.minimum is not None else ""
            high = f"{column} > {check.maximum}" if check.maximum is not None else ""
            return f"({' OR '.join(part for part in (low, high) if part)})"


def _quote(text: str) -> str:
    if ":" in text:
        raise ValueError(f"A colon reads as a bind parameter; say it without: {text!r}")
    return "'" + text.replace("'", "''") + "'"


def main() -> None:
    for path in split_paths():
        target = split_sql_path(path)
        target.write_text(render_split(load_model(path), path), encoding="utf-8")


if __name__ == "__main__":
    main()
