"""Split what landed by its rules: good rows go on, bad rows wait in quarantine with reasons."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from hub.batch import find_batch, mark_not_started
from hub.database import copy_rows, execute, fetch_all
from hub.keys import Keyring
from hub.quality.rules import OVER_OTHER_ROWS, Model, load_model

DOSSIER = "staging/stg_dossier"
# What hangs on a dossier, judged with it.
_OF_DOSSIERS = ("staging/stg_aanmelding", "staging/stg_toestemming", "staging/stg_vraag")
_PATH = "ops/kwaliteit"


@dataclass(frozen=True, slots=True)
class Split:
    """How many rows were looked at, and how many wait in quarantine."""

    rows: int
    kept: int


def check_dossiers(engine: Engine, keyring: Keyring, *, naam: str) -> dict[str, int]:
    """Check every dossier of the batch and set apart what may not go on.

    What hangs on the dossiers is checked with them, each model in its own quarantine. A dossier
    that waits because of another row joins the batch. Returns the number of rows in quarantine and
    of dossiers that were not started. Safe to repeat: a row in quarantine stays one row, and leaves
    it when a later version passes.

    Raises:
        KeyringError: a personal value cannot be sealed; nothing was set apart.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        dependent = [
            check.naam for check in load_model(DOSSIER).checks if check.soort in OVER_OTHER_ROWS
        ]
        execute(connection, _PATH, "recheck", batch_id=batch_id, regels=dependent)
        for path in _OF_DOSSIERS:
            rows = execute(connection, path, "create", batch_id=batch_id)
            split_rows(connection, keyring, path, rows=rows, run=naam)
            finish_split(connection, path)
        rows = execute(connection, DOSSIER, "create", batch_id=batch_id)
        split = split_rows(connection, keyring, DOSSIER, rows=rows, run=naam)
        execute(connection, _PATH, "mark", batch_id=batch_id)
        finish_split(connection, DOSSIER)
        not_started = mark_not_started(connection, batch_id)
    return {"quarantaine": split.kept, "geen_start": not_started}


def split_rows(
    connection: Connection, keyring: Keyring, path: str, *, rows: int, run: str
) -> Split:
    """Split the rows that stand in the temporary table with the name of the model.

    One pass finds every broken rule of every row; each bad row is kept with its rules, its values
    (personal ones sealed) and its origin, and a row that passes leaves quarantine. What broke stays
    in the temporary table ``gebroken`` until ``finish_split``. ``rows`` is how many there are.

    Raises:
        KeyringError: a personal value cannot be sealed.
    """
    model, generated = load_model(path), f"{path}_check"
    execute(connection, generated, "analyze")
    execute(connection, _PATH, "create_broken")
    execute(connection, generated, "reject")
    execute(connection, _PATH, "create_sealed")
    copy_rows(connection, _PATH, _seal(connection, keyring, model), "copy_sealed")
    execute(connection, generated, "release")
    kept = execute(connection, _PATH, "keep", model=model.model, herkomst=model.herkomst)
    if rows:
        checks = model.row_checks
        execute(
            connection,
            _PATH,
            "measure",
            model=model.model,
            run=run,
            rijen=rows,
            regels=[check.naam for check in checks],
            ernsten=[check.ernst for check in checks],
        )
    return Split(rows, kept)


def finish_split(connection: Connection, path: str) -> None:
    """Drop the temporary tables of a split."""
    execute(connection, f"{path}_check", "drop")
    execute(connection, _PATH, "drop_broken")
    execute(connection, _PATH, "drop_sealed")


def quarantine_context(model: str, object_id: str) -> str:
    """Return what binds sealed values to their row of ``hub.quarantaine``."""
    return f"hub.quarantaine:{model}:{object_id}"


def _seal(connection: Connection, keyring: Keyring, model: Model) -> list[tuple[str, bytes, str]]:
    # Sealed before COPY begins, which needs the connection for itself.
    return [
        (
            row["object_id"],
            *keyring.encrypt(
                row["persoonlijk"].encode(),
                context=quarantine_context(model.model, row["object_id"]),
            ),
        )
        for row in fetch_all(connection, _PATH, "personal")
    ]
