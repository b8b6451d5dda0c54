"""From counts to the tables as they would be published, and the attack that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hub.publicatie.aanval import attack
from hub.publicatie.afschermen import protect
from hub.publicatie.declaratie import Mart
from hub.publicatie.stelsel import build_stelsel
from hub.publicatie.tellen import add_quantiles, count_levels
from hub.publicatie.vorige import Vorige, join_vorige

Tabellen = dict[str, pd.DataFrame]


class PublicatieError(RuntimeError):
    """A publication did not happen; the former one stands."""


@dataclass(frozen=True)
class Samenstelling:
    """The tables to show, the true counts of those that count persons, and how hiding went."""

    tabellen: Tabellen
    waar: Tabellen
    # More is hidden than needed: time was over, or not all could be proved.
    ruim: bool


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
    tables = {naam: frame for naam, frame in fijn.items() if not marts[naam].personen}
    ruim = False
    if counted:
        stelsel = build_stelsel(marts, counted)
        joined = join_vorige(marts, stelsel, counted, vorige)
        afscherming = protect(joined, k=k, seconden=seconden)
        ruim = afscherming.ruim
        for naam, cells in counted.items():
            hidden = afscherming.verborgen[stelsel.plaats[naam]]
            mask = pd.Series(hidden, index=cells.index)
            shown = cells.assign(aantal=cells["aantal"].astype("Int64").mask(mask))
            shown = shown.assign(afgeschermd=mask)
            if marts[naam].maten:
                quantiles = add_quantiles(marts[naam], cells, fijn[naam], mask, k=k)
                shown = shown.assign(**{m: quantiles[m] for m in marts[naam].maten})
            tables[naam] = shown
    tables = {naam: tables[naam].reindex(columns=list(marts[naam].kolommen)) for naam in tables}
    return Samenstelling(tables, counted, ruim)


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
            raise PublicatieError(_refused(naam, "toont een aantal dat te klein is"))
        if len(cells) != len(shown) or not (shown.isna() | (shown == cells["aantal"])).all():
            raise PublicatieError(_refused(naam, "telt iets anders dan de feiten"))
    uitslag = attack(
        marts,
        persons,
        k=k,
        waar=true,
        vorige={naam: frame for naam, frame in vorige.getoond.items() if naam in true},
        vorige_waar={naam: frame for naam, frame in vorige.waar.items() if naam in true},
        seconden=seconden,
    )
    if uitslag.vondsten:
        names = ", ".join(sorted({v.mart.partition("@")[0] for v in uitslag.vondsten}))
        raise PublicatieError(
            _refused(names, f"laat {len(uitslag.vondsten)} afgeschermde aantallen narekenen")
        )
    if uitslag.onbeslist:
        raise PublicatieError(
            _refused(
                "de aanval op de tabellen",
                f"was na {seconden:.0f} s niet klaar ({uitslag.onbeslist} aantallen te gaan)",
            )
        )


def _refused(naam: str, seen: str) -> str:
    return (
        f"De nieuwe cijfers zijn niet gepubliceerd: {naam} {seen}. De vorige publicatie blijft "
        "staan. Meld dit aan de ontwikkelaars met het nummer van de regelversie; kies desnoods "
        "minder fijne combinaties in sql/marts."
    )
