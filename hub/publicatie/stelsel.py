"""The published cells as one system of sums and inequalities, with the true counts.

The suppressor works on this. The attack has its own reading of the declarations
(``hub.publicatie.aanval``), so that a mistake here shows there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hub.publicatie.declaratie import PERIODES, Mart, Niveau, Verband
from hub.publicatie.tellen import truncate

Vector = NDArray[np.int64]


@dataclass(frozen=True)
class Stelsel:
    """Cells in a fixed order; ``plaats`` says which rows of which mart they are."""

    waarden: Vector
    gewicht: NDArray[np.floating[Any]]
    # A total and the cells that add up to it.
    sommen: list[tuple[int, Vector]]
    # The smaller, the larger, and whether their difference is protected.
    hoogstens: list[tuple[int, int, bool]]
    plaats: dict[str, slice]
    # Cells of an earlier publication: what it shows can be hidden no more; what it hides stays so.
    vast: NDArray[np.bool_]
    verborgen: NDArray[np.bool_]


def build_stelsel(marts: Mapping[str, Mart], tellingen: Mapping[str, pd.DataFrame]) -> Stelsel:
    """Return the system of all counted marts together."""
    frames, plaats, start = {}, {}, 0
    for naam in sorted(tellingen):
        frame = tellingen[naam].reset_index(drop=True)
        plaats[naam] = slice(start, start + len(frame))
        frames[naam] = frame.assign(cel=np.arange(start, start + len(frame)))
        start += len(frame)
    sommen: list[tuple[int, Vector]] = []
    hoogstens: list[tuple[int, int, bool]] = []
    for naam, frame in frames.items():
        mart = marts[naam]
        sommen += _sums(mart, frame)
        hoogstens += _orders(mart, frame)
        for verband in mart.verbanden:
            if verband.mart not in frames:
                continue
            for eigen, ander in _relate(mart, frame, verband, marts, frames[verband.mart]):
                if verband.soort == "gelijk":
                    sommen.append((ander, np.array([eigen])))
                else:
                    hoogstens.append((eigen, ander, verband.verschil_beschermd))
    gewicht = [
        frame["niveau"].map({n: niveau.gewicht for n, niveau in marts[naam].niveaus.items()})
        for naam, frame in frames.items()
    ]
    return Stelsel(
        waarden=pd.concat([f["aantal"] for f in frames.values()]).to_numpy(np.int64),
        gewicht=pd.concat(gewicht).to_numpy(np.float64),
        sommen=sommen,
        hoogstens=hoogstens,
        plaats=plaats,
        vast=np.zeros(start, dtype=bool),
        verborgen=np.zeros(start, dtype=bool),
    )


def _rank(periode: str | None) -> int:
    return len(PERIODES) if periode is None else PERIODES.index(periode)


def _covers(grof: Niveau, fijn: Niveau) -> bool:
    """Tell whether cells of the fine level add up to each cell of the coarse one they touch."""
    if grof is fijn or not set(grof.per) <= set(fijn.per):
        return False
    dropped = set(fijn.per) - set(grof.per)
    if dropped & set(fijn.alleen):
        return False
    return _rank(grof.periode) >= _rank(fijn.periode)


def _sums(mart: Mart, frame: pd.DataFrame) -> list[tuple[int, Vector]]:
    found = []
    for g_naam, grof in mart.niveaus.items():
        for f_naam, fijn in mart.niveaus.items():
            if not _covers(grof, fijn):
                continue
            between = any(
                _covers(grof, m) and _covers(m, fijn) and m.alleen in ({}, fijn.alleen)
                for m in mart.niveaus.values()
            )
            if between:
                continue
            keys = [s for s in mart.sleutels if s in grof.sleutels]
            parents = frame[frame["niveau"] == g_naam]
            children = frame[frame["niveau"] == f_naam]
            if parents.empty or children.empty:
                continue
            if grof.periode:
                children = children.assign(periode=truncate(children["periode"], grof.periode))
            if not keys:
                found.append((int(parents["cel"].iloc[0]), children["cel"].to_numpy(np.int64)))
                continue
            groups = children.groupby(keys)["cel"].agg(list).rename("delen").reset_index()
            joined = parents.merge(groups, on=keys)
            found += [
                (int(cel), np.array(delen, dtype=np.int64))
                for cel, delen in zip(joined["cel"], joined["delen"], strict=True)
            ]
    return found


def _orders(mart: Mart, frame: pd.DataFrame) -> list[tuple[int, int, bool]]:
    found = []
    for volgorde in mart.volgordes:
        rank = {waarde: i for i, waarde in enumerate(volgorde.waarden)}
        chain = frame[frame[volgorde.langs].isin(rank)]
        chain = chain.assign(rang=chain[volgorde.langs].map(rank))
        others = ["niveau", *(s for s in mart.sleutels if s != volgorde.langs)]
        for _, group in chain.groupby(others, dropna=False):
            cells = group.sort_values("rang")["cel"].to_list()
            found += [
                (klein, groot, volgorde.verschil_beschermd) for groot, klein in pairwise(cells)
            ]
    return found


def _relate(
    mart: Mart,
    frame: pd.DataFrame,
    verband: Verband,
    marts: Mapping[str, Mart],
    ander: pd.DataFrame,
) -> list[tuple[int, int]]:
    """Pair cells of both marts: same period length, same other keys."""
    fixed, fixed_there = verband.waar, verband.in_waar
    shared = [
        s
        for s in mart.sleutels
        if s in marts[verband.mart].sleutels and s not in fixed and s not in fixed_there
    ]
    left = _pick(mart, frame, fixed)
    right = _pick(marts[verband.mart], ander, fixed_there)
    # A key that only one side has must be left out there.
    for side, own in ((left, mart), (right, marts[verband.mart])):
        loose = set(own.sleutels) - set(shared) - set(fixed) - set(fixed_there)
        for sleutel in loose:
            side.drop(side[side[sleutel].notna()].index, inplace=True)
    on = ["lengte", *shared]
    joined = left[["cel", *on]].fillna("").merge(right[["cel", *on]].fillna(""), on=on)
    pairs = zip(joined["cel_x"], joined["cel_y"], strict=True)
    return [(int(a), int(b)) for a, b in pairs if a != b]


def _pick(mart: Mart, frame: pd.DataFrame, waar: Mapping[str, str | None]) -> pd.DataFrame:
    picked = frame
    for sleutel, waarde in waar.items():
        column = picked[sleutel]
        picked = picked[column.isna() if waarde is None else column == waarde]
    lengte = {naam: niveau.periode or "" for naam, niveau in mart.niveaus.items()}
    return picked.assign(lengte=picked["niveau"].map(lengte))
