"""From the finest counts to every combination that is published, totals included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
) -> pd.Index[Any]:
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
        single: pd.Index[Any] = pd.Index(sorted(seen[keys[0]]), name=keys[0])
        return single
    return pd.MultiIndex.from_frame(seen[keys].sort_values(keys, ignore_index=True))


def count_all(
    marts: Mapping[str, Mart], fijn: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Count every mart of which the finest counts are given."""
    return {naam: count_levels(marts[naam], frame) for naam, frame in fijn.items()}


def add_quantiles(
    mart: Mart, cells: pd.DataFrame, fijn: pd.DataFrame, hidden: pd.Series, *, k: int
) -> pd.DataFrame:
    """Add ``mediaan`` and ``p90`` in whole days to the counted cells of a mart.

    ``fijn`` has ``dagen`` beside the keys. A quantile is there only where the count is shown and at
    least k lie on either side of it: 2k for the median, 10k for the ninetieth percentile.
    """
    result = cells.assign(mediaan=None, p90=None)
    for naam, niveau in mart.niveaus.items():
        keys = [s for s in mart.sleutels if s in niveau.sleutels]
        kept = fijn
        if niveau.periode:
            kept = kept.assign(periode=truncate(kept["periode"], niveau.periode))
        groups = {_tuple(key): group for key, group in kept.groupby(keys)}
        counts = cells["aantal"].to_dict()
        rows = result.index[(result["niveau"] == naam) & ~hidden]
        for row in rows:
            aantal = counts[row]
            group = groups.get(tuple(cells.loc[row, keys]))
            if group is None:
                continue
            if aantal >= 2 * k:
                result.at[row, "mediaan"] = weighted_quantile(group, 0.5)
            if aantal >= 10 * k:
                result.at[row, "p90"] = weighted_quantile(group, 0.9)
    return result


def weighted_quantile(group: pd.DataFrame, share: float) -> int:
    """Return the least number of days under which, itself included, this share of the rows lie."""
    per_day = group.groupby("dagen")["aantal"].sum().cumsum()
    reached = per_day[per_day >= share * per_day.iloc[-1]]
    return int(reached.index.to_numpy()[0])


def _tuple(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)
