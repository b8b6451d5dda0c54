"""The published marts as files: CSV, Parquet where it can be written, and what columns mean."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from hub.database import fetch_all, fetch_one
from hub.publicatie.declaratie import load_marts


class OpendataError(RuntimeError):
    """The files could not be written; what was there before is still there."""


def export_marts(engine: Engine, folder: Path) -> dict[str, int]:
    """Write every mart into ``folder`` and return the rows per mart.

    The folder is replaced whole: a reader finds the old files or the new ones. Parquet is left out
    where pyarrow is not installed. All files are of one publication.

    Raises:
        OpendataError: nothing was published yet, or the folder holds something else.
    """
    marts = load_marts()
    whole = engine.execution_options(isolation_level="REPEATABLE READ")
    with whole.begin() as connection:
        last = fetch_one(connection, "ops/publicatie", "last")
        if last is None:
            raise OpendataError("Nothing was published yet; run load_publicatie first.")
        frames = {
            naam: pd.DataFrame(
                fetch_all(connection, f"marts/{naam}", "read"), columns=list(mart.kolommen)
            )
            for naam, mart in marts.items()
        }
    folder = folder.resolve()
    if folder.exists() and not (folder / "kolommen.json").is_file() and any(folder.iterdir()):
        raise OpendataError(f"{folder} holds other files; give a new or earlier exported folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        parquet = importlib.util.find_spec("pyarrow") is not None
        for naam, frame in frames.items():
            frame = frame.convert_dtypes()
            frame.to_csv(fresh / f"{naam}.csv", index=False)
            if parquet:
                frame.to_parquet(fresh / f"{naam}.parquet", index=False)
        described = {
            "peildatum": last["peildatum"].isoformat(),
            "gepubliceerd_op": last["gepubliceerd_op"].isoformat(),
            "regelversie": last["regelversie"],
            "marts": {
                naam: {
                    "titel": mart.titel,
                    "beschrijving": mart.beschrijving,
                    "telt": mart.telt,
                    "kolommen": {c: kolom.beschrijving for c, kolom in mart.kolommen.items()},
                    "niveaus": {n: niveau.beschrijving for n, niveau in mart.niveaus.items()},
                }
                for naam, mart in marts.items()
            },
        }
        words = json.dumps(described, ensure_ascii=False, indent=2)
        (fresh / "kolommen.json").write_text(words + "\n", encoding="utf-8")
        _swap(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return {naam: len(frame) for naam, frame in frames.items()}


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
