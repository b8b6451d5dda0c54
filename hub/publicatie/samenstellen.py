"""From counts to the tables as they would be published, and the attack that decides.

By group: marts that hang together are hidden, attacked, and kept or renewed together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hub.publicatie.aanval import attack
from hub.publicatie.afschermen import protect
from hub.publicatie.declaratie import Mart
from hub.publicatie.stelsel import build_stelsel
from hub.publicatie.tellen import add_quantiles, count_levels
from hub.publicatie.vorige import Mask, Vorige, find_unchanged, join_vorige

Tabellen = dict[str, pd.DataFrame]


class PublicatieError(RuntimeError):
    """Marts were not published; what they showed before stands."""


@dataclass(frozen=True)
class Samenstelling:
    """The tables to show, the true counts of those that count persons, and how hiding went."""

    tabellen: Tabellen
    waar: Tabellen
    # More is hidden than needed: time was over, or not all could be proved.
    ruim: bool


def find_groups(marts: Mapping[str, Mart]) -> list[frozenset[str]]:
    """Return the marts by group: those that a relation ties, directly or not."""
    groups = {naam: frozenset({naam}) for naam in marts}
    for naam, mart in marts.items():
        for verband in mart.verbanden:
            joined = groups[naam] | groups[verband.mart]
            groups |= dict.fromkeys(joined, joined)
    return sorted(set(groups.values()), key=sorted)


def compose(
    marts: Mapping[str, Mart],
    fijn: Mapping[str, pd.DataFrame],
    vorige: Vorige,
    *,
    k: int,
    seconden: float,
) -> Samenstelling:
    """Return the tables as they would be published, from the finest counts per mart."""
    counted = {n: count_levels(marts[n], f) for n, f in fijn.items() if marts[n].personen}
    tables: Tabellen = {naam: frame for naam, frame in fijn.items() if not marts[naam].personen}
    hidden, ruim = _hide(marts, counted, vorige, k=k, seconden=seconden) if counted else ({}, False)
    for naam, cells in counted.items():
        mask = pd.Series(hidden[naam], index=cells.index)
        shown = cells.assign(aantal=cells["aantal"].astype("Int64").mask(mask), afgeschermd=mask)
        if marts[naam].maten:
            quantiles = add_quantiles(marts[naam], cells, fijn[naam], mask, k=k)
            shown = shown.assign(**{m: quantiles[m] for m in marts[naam].maten})
        tables[naam] = shown
    tables = {naam: tables[naam].reindex(columns=list(marts[naam].kolommen)) for naam in tables}
    return Samenstelling(tables, counted, ruim)


def _hide(
    marts: Mapping[str, Mart],
    counted: Mapping[str, pd.DataFrame],
    vorige: Vorige,
    *,
    k: int,
    seconden: float,
) -> tuple[dict[str, Mask], bool]:
    """Return which cells to hide per mart, and whether that is more than needed."""
    kept = find_unchanged(marts, counted, vorige)
    small = {naam: cells["aantal"].between(1, k - 1).to_numpy() for naam, cells in counted.items()}
    if kept is not None and all(kept[naam][small[naam]].all() for naam in kept):
        # The same counts are hidden the same way, whatever way the search would take now.
        return kept, False
    stelsel = build_stelsel(marts, counted)
    joined = join_vorige(marts, stelsel, counted, vorige)
    found = protect(joined, k=k, seconden=seconden)
    return {naam: found.verborgen[stelsel.plaats[naam]] for naam in counted}, found.ruim


def check(
    marts: Mapping[str, Mart],
    samenstelling: Samenstelling,
    vorige: Vorige,
    *,
    k: int,
    seconden: float,
) -> None:
    """Attack what would be published, beside what the last publication shows.

    Raises:
        PublicatieError: a hidden count, or a small difference, can be bounded within k, or time was
            over before that was known.
    """
    true = samenstelling.waar
    persons = {naam: samenstelling.tabellen[naam] for naam in true}
    for naam, cells in true.items():
        shown = persons[naam]["aantal"]
        if ((shown > 0) & (shown < k)).any():
            raise PublicatieError(f"{naam} toont een aantal dat te klein is")
        if len(cells) != len(shown) or not (shown.isna() | (shown == cells["aantal"])).all():
            raise PublicatieError(f"{naam} telt iets anders dan de feiten")
    uitslag = attack(
        marts,
        persons,
        k=k,
        waar=true,
        vorige={naam: frame for naam, frame in vorige.getoond.items() if naam in true},
        vorige_waar={naam: frame for naam, frame in vorige.waar.items() if naam in true},
        seconden=seconden,
    )
    names = ", ".join(sorted(true))
    if uitslag.vondsten:
        late = "; de tijd om te zoeken was om" if samenstelling.ruim else ""
        raise PublicatieError(
            f"{names}: {len(uitslag.vondsten)} afgeschermde aantallen zijn na te rekenen{late}"
        )
    if uitslag.onbeslist:
        raise PublicatieError(
            f"{names}: de aanval was na {seconden:.0f} s niet klaar, "
            f"{uitslag.onbeslist} aantallen te gaan"
        )
