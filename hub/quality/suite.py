"""The Great Expectations suites generated from the rules: the verdict and the readable record."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from hub.quality.predicate import broken
from hub.quality.rules import Check, Model, load_model, model_paths
from hub.quality.table_rule import table_query

# Counts only: the docs must never show a value.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_SITE = "kwaliteit"


def docs_folder() -> Path:
    """Return where the Data Docs go: ``data_docs`` in the state folder, or as the setting says."""
    home = os.environ.get("RENOVATIEHUB_HOME", ".renovatiehub")
    return Path(os.environ.get("RENOVATIEHUB_DATA_DOCS", f"{home}/data_docs"))


def judge_by_library(engine: Engine, folder: Path) -> dict[str, dict[str, int]]:
    """Judge every model, write the Data Docs into ``folder``, return the broken rows per rule.

    A rule of severity ``fail`` or ``warn`` that is broken does not stop anything here: bad rows are
    in quarantine already; this is the record. Raises SQLAlchemyError when the database cannot be
    read.
    """
    context = _context(folder)
    datasource = context.data_sources.add_sql(
        name="hub", connection_string=engine.url.render_as_string(hide_password=False)
    )
    verdicts: dict[str, dict[str, int]] = {}
    for path in model_paths():
        model = load_model(path)
        schema, table = model.tabel.split(".")
        asset = datasource.add_table_asset(name=model.model, table_name=table, schema_name=schema)
        batch = asset.add_batch_definition_whole_table(model.model)
        verdicts[model.model] = _judge(context, model, batch)
    context.build_data_docs(site_names=[_SITE])
    return verdicts


def make_expectation(model: Model, check: Check) -> Any:
    """Return the expectation that says the same as the rule; nulls pass as they do in SQL.

    Where the library has none of its own, or lets a null pass that the rule does not, it runs the
    rule's SQL, which shows no value.
    """
    import great_expectations.expectations as gxe

    common = {
        "severity": "critical" if check.ernst == "fail" else "warning",
        "notes": check.waarom,
        "meta": {"naam": check.naam},
    }
    column = {"column": check.kolom, **common}
    match check.soort:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(**column)
        case "in_set":
            return gxe.ExpectColumnValuesToBeInSet(value_set=list(check.waarden), **column)
        case "match":
            return gxe.ExpectColumnValuesToMatchRegex(regex=check.patroon, **column)
        case "between":
            return gxe.ExpectColumnValuesToBeBetween(
                min_value=check.minimum, max_value=check.maximum, **column
            )
        case "length":
            return gxe.ExpectColumnValueLengthsToBeBetween(
                min_value=_whole(check.minimum), max_value=_whole(check.maximum), **column
            )
        case "unique":
            return gxe.ExpectColumnValuesToBeUnique(**column)
        case "completeness":
            # mostly is the least share that is there.
            return gxe.ExpectColumnValuesToNotBeNull(mostly=1 - (check.maximum or 0), **column)
    if check.over_rows:
        condition = _escape(broken(model, check, of_batch=False))
        query = (
            f"SELECT 1 AS gebroken FROM (SELECT * FROM {{batch}}) AS {model.model} "  # noqa: S608
            f"WHERE {condition}"
        )
    else:
        query = (
            f"SELECT 1 AS gebroken FROM ({_escape(table_query(model, check))}) AS oordeel "  # noqa: S608
            "WHERE oordeel.gebroken"
        )
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=query, description=check.reden, **common
    )


def _escape(sql: str) -> str:
    # The library fills in {batch}: any other brace must stand twice.
    return sql.replace("{", "{{").replace("}", "}}")


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _context(folder: Path) -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.add_data_docs_site(
        site_name=_SITE,
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
        },
    )
    return context


def _judge(context: Any, model: Model, batch: Any) -> dict[str, int]:
    import great_expectations as gx

    suite = context.suites.add(
        gx.ExpectationSuite(
            name=model.model,
            expectations=[make_expectation(model, check) for check in model.checks],
        )
    )
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=model.model, data=batch, suite=suite)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=model.model,
            validation_definitions=[definition],
            actions=[gx.checkpoint.UpdateDataDocsAction(name="docs", site_names=[_SITE])],
            result_format=_RESULT_FORMAT,
        )
    )
    result = next(iter(checkpoint.run().run_results.values()))
    kinds = {check.naam: check for check in model.checks}
    return {
        (naam := r.expectation_config.meta["naam"]): _count(kinds[naam], r) for r in result.results
    }


def _count(check: Check, result: Any) -> int:
    """Return the rows that break a rule; of a rule over the table 0 or 1."""
    if not result.success and not result.result:
        raise RuntimeError(
            f"Great Expectations could not judge {check.naam}. The flows went on: they use the "
            "rule's own SQL. Run the statement in the _check.sql of its model by hand."
        )
    if not check.over_rows:
        return int(not result.success)
    return int(result.result.get("unexpected_count", result.result.get("observed_value")) or 0)
