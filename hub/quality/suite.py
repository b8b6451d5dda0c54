"""The Great Expectations suites generated from the rules: the verdict and the readable record."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from hub.quality.rules import Check, Model, load_model

# model path below sql/ -> (schema, table or view)
MODELS = {
    "staging/stg_dossier": ("bron", "stg_dossier"),
    "marts/fct_dossier": ("rapportage", "fct_dossier"),
}
# Counts only: the docs must never show a value.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_SITE = "kwaliteit"


def docs_folder() -> Path:
    """Return where the Data Docs go: ``data_docs`` in the state folder, or as the setting says."""
    home = os.environ.get("RENOVATIEHUB_HOME", ".renovatiehub")
    return Path(os.environ.get("RENOVATIEHUB_DATA_DOCS", f"{home}/data_docs"))


def judge_models(engine: Engine, folder: Path) -> dict[str, dict[str, int]]:
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
    for path, (schema, table) in MODELS.items():
        model = load_model(path)
        asset = datasource.add_table_asset(name=model.model, table_name=table, schema_name=schema)
        batch = asset.add_batch_definition_whole_table(model.model)
        verdicts[model.model] = _judge(context, model, batch)
    context.build_data_docs(site_names=[_SITE])
    return verdicts


def make_expectation(check: Check) -> Any:
    """Return the expectation that says the same as the rule; nulls pass as they do in SQL."""
    import great_expectations.expectations as gxe

    common = {
        "column": check.kolom,
        "severity": "critical" if check.ernst == "fail" else "warning",
        "notes": check.waarom,
        "meta": {"naam": check.naam},
    }
    match check.soort:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(**common)
        case "is_true":
            return gxe.ExpectColumnValuesToBeInSet(value_set=[True], **common)
        case "in_set":
            return gxe.ExpectColumnValuesToBeInSet(value_set=list(check.waarden), **common)
        case "match":
            return gxe.ExpectColumnValuesToMatchRegex(regex=check.patroon, **common)
        case "between":
            return gxe.ExpectColumnValuesToBeBetween(
                min_value=check.minimum, max_value=check.maximum, **common
            )


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
            name=model.model, expectations=[make_expectation(check) for check in model.checks]
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
    return {
        r.expectation_config.meta["naam"]: int(r.result.get("unexpected_count") or 0)
        for r in result.results
    }
