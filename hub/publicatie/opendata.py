"""The published marts as files: CSV, Parquet, and what their columns mean."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from hub.config import load_config
from hub.database import fetch_all
from hub.publicatie.declaratie import load_marts

_DESCRIPTION = "kolommen.json"


class OpendataError(RuntimeError):
    """The files could not be written; what was there before is still there."""


def hidden_word(k: int) -> str:
    """Return what stands in the place of a hidden number.

    One sentence for all: it must not tell what is small from what is hidden beside it.
    """
    return f"minder dan {k} of afgeschermd"


def export_marts(engine: Engine, folder: Path) -> dict[str, int]:
    """Write every mart into ``folder`` and return the rows per mart.

    In CSV a hidden number reads as words; in Parquet ``aantal`` stays a number, null where hidden,
    with the words in ``aantal_tekst``. The folder is replaced whole: a reader finds the old files
    or the new ones, all of one moment.

    Raises:
        OpendataError: nothing was published yet, or the folder holds something else.
    """
    k = int(load_config("publicatie")["k"])
    marts = load_marts()
    whole = engine.execution_options(isolation_level="REPEATABLE READ")
    with whole.begin() as connection:
        stand = {row.pop("mart"): row for row in fetch_all(connection, "ops/publicatie", "stand")}
        if not stand:
            raise OpendataError(
                "Nothing was published yet; run './renovatiehub publiceer' or the DAG "
                "load_publicatie first."
            )
        frames = {
            naam: pd.DataFrame(
                fetch_all(connection, f"marts/{naam}", "read"), columns=list(mart.kolommen)
            )
            for naam, mart in marts.items()
        }
    described: dict[str, object] = {
        "afgeschermd": hidden_word(k),
        "marts": {
            naam: {
                "titel": mart.titel,
                "beschrijving": mart.beschrijving,
                "telt": mart.telt,
                "peildatum": _text(stand.get(naam, {}).get("peildatum")),
                "gepubliceerd_op": _text(stand.get(naam, {}).get("gepubliceerd_op")),
                "regelversie": stand.get(naam, {}).get("regelversie"),
                "kolommen": dict(mart.kolommen),
                "niveaus": {n: niveau.beschrijving for n, niveau in mart.niveaus.items()},
            }
            for naam, mart in marts.items()
        },
    }
    _write(folder.resolve(), frames, described, hidden_word(k))
    return {naam: len(frame) for naam, frame in frames.items()}


def _write(
    folder: Path, frames: dict[str, pd.DataFrame], described: dict[str, object], hidden: str
) -> None:
    if folder.exists() and not (folder / _DESCRIPTION).is_file() and any(folder.iterdir()):
        raise OpendataError(f"{folder} holds other files; give a new or earlier exported folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        for naam, frame in frames.items():
            plain = frame.convert_dtypes()
            words = plain
            if "afgeschermd" in plain:
                text = plain["aantal"].astype("Int64").astype("string").fillna(hidden)
                words = plain.assign(aantal=text)
                plain = plain.assign(aantal=plain["aantal"].astype("Int64"), aantal_tekst=text)
            words.to_csv(fresh / f"{naam}.csv", index=False)
            plain.to_parquet(fresh / f"{naam}.parquet", index=False)
        words_of_columns = json.dumps(described, ensure_ascii=False, indent=2)
        (fresh / _DESCRIPTION).write_text(words_of_columns + "\n", encoding="utf-8")
        _swap(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _text(moment: object) -> str | None:
    return None if moment is None else str(moment)


def _swap(fresh: Path, folder: Path) -> None:
    """Put the new folder in the place of the old: two renames, the old one kept until then."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = folder.parent / f".{folder.name}-oud-{os.getpid()}"
    folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)
