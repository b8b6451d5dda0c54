"""From the finest counts to every combination that is published, totals included."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from hub.publicatie.declaratie import Mart, Niveau

_OFFSET = {"maand": "M", "kwartaal": "Q", "jaar": "Y"}


def count_levels(mart: Mart, fijn: pd.DataFrame) -> pd.DataFrame:
    """Return one row per published cell: niveau, the keys (None where left out), aantal.

    ``fijn`` has every key of the mart, ``periode`` as the first day of a month, and ``aantal``;
    no key is null. Combinations that occur at all are there for every period, with 0 where nothing
    was counted; a combination that is absent counts 0 everywhere. Rows come in a fixed order.
    """
    parts = [_count(mart, naam, niveau, fijn) for naam, niveau in mart.niveaus.items()]
    columns = ["niveau", *mart.sleutels, "aantal"]
    whole = pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)
    keys = whole.columns[:-1]
    whole[keys] = whole[keys].astype(object).where(whole[keys].notna(), None)
    return whole


def truncate(periode: pd.Series, soort: str) -> pd.Series:
    """Return the first day of the month, quarter or year of each date, as ISO text."""
    days = pd.to_datetime(periode)
    return days.dt.to_period(_OFFSET[soort]).dt.start_time.dt.strftime("%Y-%m-%d")


def _count(mart: Mart, naam: str, niveau: Niveau, fijn: pd.DataFrame) -> pd.DataFrame:
    kept = fijn
    for sleutel, waarden in niveau.alleen.items():
        kept = kept[kept[sleutel].isin(waarden)]
    keys = [s for s in mart.sleutels if s in niveau.sleutels]
    if not keys:
        return pd.DataFrame({"niveau": [naam], "aantal": [int(kept["aantal"].sum())]})
    if niveau.periode:
        kept = kept.assign(periode=truncate(kept["periode"], niveau.periode))
    counted = kept.groupby(keys, sort=True)["aantal"].sum()
    grid = _grid(mart, niveau, kept, keys, fijn)
    filled = counted.reindex(grid, fill_value=0).reset_index()
    return filled.assign(niveau=naam, aantal=filled["aantal"].astype("int64"))


def _grid(
    mart: Mart, niveau: Niveau, kept: pd.DataFrame, keys: list[str], fijn: pd.DataFrame
) -> pd.Index:
    """Every combination seen, for every period seen, and for every value of an ordered key."""
    along: dict[str, list[str]] = {}
    if niveau.periode:
        along["periode"] = sorted(set(truncate(fijn["periode"], niveau.periode)))
    for volgorde in mart.volgordes:
        allowed = niveau.alleen.get(volgorde.langs, volgorde.waarden)
        others = set(kept[volgorde.langs]) - set(volgorde.waarden)
        along[volgorde.langs] = [w for w in volgorde.waarden if w in allowed] + sorted(others)
    rest = [key for key in keys if key not in along]
    seen = kept[rest].drop_duplicates() if rest else pd.DataFrame(index=[0])
    for sleutel, waarden in along.items():
        seen = seen.merge(pd.DataFrame({sleutel: waarden}), how="cross")
    if len(keys) == 1:
        return pd.Index(sorted(seen[keys[0]]), name=keys[0])
    return pd.MultiIndex.from_frame(seen[keys].sort_values(keys, ignore_index=True))


def count_all(
    marts: Mapping[str, Mart], fijn: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Count every mart of which the finest counts are given."""
    return {naam: count_levels(marts[naam], frame) for naam, frame in fijn.items()}
