"""The verdict on the warehouse: which tables may not be used, and why.

Judged in SQL by the statements that the rules gave, right after a load; an operator sees a broken
rule of severity fail as an incident, which closes itself when the rule holds again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.database import execute, fetch_all, fetch_one
from hub.incident import close, report
from hub.quality.rules import Check, Model, is_staging, load_model, model_paths

INCIDENT = "kwaliteit"
_PATH = "ops/kwaliteit"


@dataclass(frozen=True, slots=True)
class Measured:
    """One rule of one model: rows seen, rows that break it (0 or 1 for a table), its figure."""

    model: Model
    check: Check
    rows: int
    broken: int
    figure: float | None


def warehouse_paths() -> list[str]:
    """Return the models of the warehouse that have rules."""
    return [path for path in model_paths() if not is_staging(path)]


def staging_paths() -> list[str]:
    """Return the models of what landed."""
    return [path for path in model_paths() if is_staging(path)]


def judge_models(
    connection: Connection, paths: Iterable[str], *, run: str
) -> dict[str, dict[str, int]]:
    """Hold models against their rules, note it, and open or close their incidents.

    Of a staged model only the rules over the whole table are judged here: its rows are split when
    they land. ``run`` names the load or the hour. Returns the broken rows per rule and model.
    Raises SQLAlchemyError when a model cannot be read.
    """
    found: dict[str, dict[str, int]] = {}
    for path in paths:
        measured = _measure(connection, path)
        if not measured:
            continue
        execute(
            connection,
            _PATH,
            "note",
            run=run,
            modellen=[one.model.model for one in measured],
            regels=[one.check.naam for one in measured],
            ernsten=[one.check.ernst for one in measured],
            rijen=[one.rows for one in measured],
            gebroken=[one.broken for one in measured],
            waarden=[one.figure for one in measured],
        )
        for one in measured:
            _tell(connection, one, blocks=not is_staging(path))
        found[measured[0].model.model] = {one.check.naam: one.broken for one in measured}
    return found


def blocked_models(connection: Connection) -> frozenset[str]:
    """Return the models of the warehouse whose figures may not be used now.

    Those of which a rule of severity fail was broken when ``judge_models`` judged them last, and
    those that are made of them. A model that was never judged is not blocked.
    """
    models = [load_model(path) for path in warehouse_paths()]
    rules = [
        (model.model, check.naam)
        for model in models
        for check in model.checks
        if check.ernst == "fail"
    ]
    rows = fetch_all(
        connection,
        _PATH,
        "last_broken",
        modellen=[model for model, _ in rules],
        regels=[rule for _, rule in rules],
    )
    return spread_blocked({row["model"] for row in rows}, models)


def spread_blocked(broken: Iterable[str], models: Iterable[Model]) -> frozenset[str]:
    """Return the broken models and all that are made of them, directly or not."""
    blocked, models = set(broken), list(models)
    while True:
        more = {m.model for m in models if blocked & set(m.steunt_op)} - blocked
        if not more:
            return frozenset(blocked)
        blocked |= more


def _measure(connection: Connection, path: str) -> list[Measured]:
    model, generated = load_model(path), f"{path}_check"
    measured = []
    if not is_staging(path) and model.row_checks:
        counted = {row["naam"]: row for row in fetch_all(connection, generated, "count_rows")}
        measured = [
            Measured(
                model,
                check,
                counted[check.naam]["rijen"],
                counted[check.naam]["gebroken"],
                None,
            )
            for check in model.row_checks
        ]
    for check in model.table_checks:
        row = fetch_one(connection, generated, f"table_{check.naam}")
        assert row is not None, "an aggregate always gives a row"
        figure = None if row["waarde"] is None else float(row["waarde"])
        measured.append(Measured(model, check, row["rijen"], int(row["gebroken"]), figure))
    return measured


def _tell(connection: Connection, one: Measured, *, blocks: bool) -> None:
    subject = f"{one.model.model} {one.check.naam}"
    if not one.broken or one.check.ernst != "fail":
        close(connection, INCIDENT, subject)
        return
    seen = (
        f"{one.broken} van {one.rows} rijen"
        if one.check.over_rows
        else "de tabel als geheel" + ("" if one.figure is None else f" (gemeten: {one.figure:g})")
    )
    did = (
        f"De cijfers van {one.model.model} staan er zo: gebruik of publiceer ze niet."
        if blocks
        else "De rijen gingen verder."
    )
    report(
        connection,
        INCIDENT,
        subject,
        f"{one.model.model}: {one.check.reden} [{one.check.naam}]: {seen}. {did} Zie "
        "docs/runbooks/check_kwaliteit.md; het incident sluit zichzelf als de regel weer klopt.",
    )
