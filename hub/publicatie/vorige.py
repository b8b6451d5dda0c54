"""What the last publication shows, as a part of the system: who kept it knows it.

An earlier count is known where it was shown. A count that was hidden and did not change stays
hidden. Where counts only grow (`groeit` in the declaration) an earlier one is at most the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hub.publicatie.declaratie import Mart
from hub.publicatie.stelsel import Stelsel, build_stelsel

Mask = NDArray[np.bool_]

# How much rather another cell is hidden than one that the last publication shows as it still is:
# who guesses that it did not change is not kept from it.
_KNOWN = 4.0


@dataclass(frozen=True)
class Vorige:
    """The last publication per mart: the true counts, and what was shown (``aantal`` null)."""

    waar: Mapping[str, pd.DataFrame]
    getoond: Mapping[str, pd.DataFrame]


def join_vorige(
    marts: Mapping[str, Mart],
    stelsel: Stelsel,
    tellingen: Mapping[str, pd.DataFrame],
    vorige: Vorige,
) -> Stelsel:
    """Return the system of both publications; the new cells come first, in the same places."""
    waar = {
        n: f.reset_index(drop=True) for n, f in vorige.waar.items() if n in tellingen and len(f)
    }
    if not waar:
        return stelsel
    oud = build_stelsel(marts, waar)
    n = len(stelsel.waarden)
    now = np.full(len(oud.waarden), -1, dtype=np.int64)
    hidden = np.zeros(len(oud.waarden), dtype=bool)
    for naam, frame in waar.items():
        place = oud.plaats[naam]
        now[place] = _find(marts[naam], frame, tellingen[naam], stelsel.plaats[naam].start)
        shown = vorige.getoond[naam].reset_index(drop=True)
        where = _find(marts[naam], frame, shown, 0)
        hidden[place] = shown["aantal"].isna().to_numpy()[where] & (where >= 0)
    there = now >= 0
    same = there & (stelsel.waarden[now] == oud.waarden)
    whole = n + np.arange(len(now))
    x = np.concatenate([stelsel.waarden, oud.waarden])
    vast = np.concatenate([stelsel.vast, ~hidden])
    verborgen = np.concatenate([stelsel.verborgen, hidden])
    verborgen[now[same & hidden]] = True
    gewicht = np.concatenate([stelsel.gewicht, oud.gewicht])
    gewicht[now[same & ~hidden]] *= _KNOWN
    sommen = [(int(whole[total]), whole[parts]) for total, parts in oud.sommen]
    sommen = [
        (total, parts)
        for total, parts in sommen
        if x[total] == x[parts].sum() and not (vast[total] and vast[parts].all())
    ]
    pairs = [(int(whole[a]), int(whole[b]), guarded) for a, b, guarded in oud.hoogstens]
    grows = np.zeros(len(now), dtype=bool)
    for naam, place in oud.plaats.items():
        grows[place] = marts[naam].groeit
    linked = there & grows & (oud.waarden > 0) & (oud.waarden <= stelsel.waarden[now])
    pairs += [(int(whole[i]), int(now[i]), False) for i in np.flatnonzero(linked)]
    pairs = [(a, b, g) for a, b, g in pairs if x[a] <= x[b] and not (vast[a] and vast[b])]
    return replace(
        stelsel,
        waarden=x,
        gewicht=gewicht,
        sommen=stelsel.sommen + sommen,
        hoogstens=stelsel.hoogstens + pairs,
        vast=vast,
        verborgen=verborgen,
    )


def find_unchanged(
    marts: Mapping[str, Mart], tellingen: Mapping[str, pd.DataFrame], vorige: Vorige
) -> dict[str, Mask] | None:
    """Return what the last publication hides, per mart; None when any count differs from it."""
    found = {}
    for naam, frame in tellingen.items():
        before = vorige.waar.get(naam)
        if before is None or len(before) != len(frame):
            return None
        where = _find(marts[naam], frame, before, 0)
        shown = _find(marts[naam], frame, vorige.getoond[naam], 0)
        if (where < 0).any() or (shown < 0).any():
            return None
        if (before["aantal"].to_numpy()[where] != frame["aantal"].to_numpy()).any():
            return None
        found[naam] = vorige.getoond[naam]["aantal"].isna().to_numpy(dtype=bool)[shown]
    return found


def _find(mart: Mart, frame: pd.DataFrame, other: pd.DataFrame, start: int) -> np.ndarray:
    """Return for each row of ``frame`` the place of the same cell in ``other``, or -1."""
    keys = ["niveau", *mart.sleutels]
    there = other[keys].fillna("").astype(str).assign(plaats=np.arange(len(other)) + start)
    found = frame[keys].fillna("").astype(str).merge(there, on=keys, how="left")
    return found["plaats"].fillna(-1).to_numpy(np.int64)
