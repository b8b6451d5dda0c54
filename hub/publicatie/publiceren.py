"""A publication: count, protect, attack, and replace the marts together, or leave all as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine

from hub import incident
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all, fetch_one
from hub.publicatie.aanval import attack
from hub.publicatie.afschermen import protect
from hub.publicatie.declaratie import Mart, load_marts
from hub.publicatie.stelsel import build_stelsel
from hub.publicatie.tellen import add_quantiles, count_levels

_PATH = "ops/publicatie"
_SOORT = "publicatie_geweigerd"
_ONDERWERP = "rapportage"

Tabellen = dict[str, pd.DataFrame]


class PublicatieError(RuntimeError):
    """A publication did not happen; the former one stands."""


@dataclass(frozen=True, slots=True)
class Publicatie:
    """What a publication did: marts renewed and kept, cells and how many of them are hidden."""

    peildatum: date
    vernieuwd: tuple[str, ...]
    behouden: tuple[str, ...]
    cellen: int
    afgeschermd: int


def last_closed_day(today: date) -> date:
    """Return the last day of the newest month that is taken as complete, Belgian days."""
    settled = today - timedelta(days=int(load_config("publicatie")["wachtdagen"]))
    return settled.replace(day=1) - timedelta(days=1)


def rule_version(marts: Mapping[str, Mart], k: int) -> str:
    """Return a short hash of everything that decides what is counted, shown and hidden."""
    told = {"k": k, "marts": {naam: mart.model_dump(mode="json") for naam, mart in marts.items()}}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def publish(
    engine: Engine,
    *,
    peildatum: date,
    blocked: frozenset[str] = frozenset(),
    again: bool = False,
) -> Publicatie | None:
    """Publish the marts as they stood at the end of ``peildatum``; None when that was done already.

    ``blocked`` names facts that quality holds back: marts of them, and marts held against those,
    keep what they have. ``again`` replaces a publication of the same day, for a correction.

    Raises:
        PublicatieError: the attack found a count; an incident is open, the former marts stand.
    """
    k = int(load_config("publicatie")["k"])
    marts = load_marts()
    version = rule_version(marts, k)
    kept = frozenset(keep_back(marts, blocked))
    # One view of the facts: marts that hang together must not straddle a load.
    whole = engine.execution_options(isolation_level="REPEATABLE READ")
    with whole.begin() as connection:
        last = fetch_one(connection, _PATH, "last")
        if last is not None and not again and _stands(last, peildatum, version, kept):
            return None
        counted = {
            naam: _fetch(connection, mart, peildatum)
            for naam, mart in marts.items()
            if naam not in kept
        }
    tables = compose(marts, counted, k=k)
    found = [t for naam, t in tables.items() if marts[naam].personen]
    done = Publicatie(
        peildatum=peildatum,
        vernieuwd=tuple(sorted(tables)),
        behouden=tuple(sorted(kept)),
        cellen=sum(len(t) for t in found),
        afgeschermd=int(sum(t["afgeschermd"].sum() for t in found)),
    )
    try:
        check(marts, tables, counted, k=k)
    except PublicatieError as error:
        with engine.begin() as connection:
            incident.report(connection, _SOORT, _ONDERWERP, str(error))
        raise
    with engine.begin() as connection:
        _replace(connection, tables, done, version)
    return done


def keep_back(marts: Mapping[str, Mart], blocked: Iterable[str]) -> set[str]:
    """Return the marts of these facts and every mart that hangs together with one of them."""
    stopped = set(blocked)
    kept = {n for n, mart in marts.items() if n in stopped or mart.feit in stopped}
    while True:
        pairs = [{naam, verband.mart} for naam, mart in marts.items() for verband in mart.verbanden]
        linked = {naam for pair in pairs if pair & kept for naam in pair}
        if linked <= kept:
            return kept
        kept |= linked


def compose(marts: Mapping[str, Mart], fijn: Mapping[str, pd.DataFrame], *, k: int) -> Tabellen:
    """Return the tables as they would be published, from the finest counts per mart."""
    counted = {n: count_levels(marts[n], f) for n, f in fijn.items() if marts[n].personen}
    stelsel = build_stelsel(marts, counted)
    hidden = protect(stelsel, k=k)
    tables = {naam: frame for naam, frame in fijn.items() if not marts[naam].personen}
    for naam, cells in counted.items():
        mask = pd.Series(hidden[stelsel.plaats[naam]], index=cells.index)
        shown = cells.assign(aantal=cells["aantal"].astype("Int64").mask(mask), afgeschermd=mask)
        if marts[naam].maten:
            quantiles = add_quantiles(marts[naam], cells, fijn[naam], mask, k=k)
            shown = shown.assign(**{m: quantiles[m] for m in marts[naam].maten})
        tables[naam] = shown
    return {naam: tables[naam].reindex(columns=list(marts[naam].kolommen)) for naam in tables}


def check(
    marts: Mapping[str, Mart],
    tables: Mapping[str, pd.DataFrame],
    fijn: Mapping[str, pd.DataFrame],
    *,
    k: int,
) -> None:
    """Attack what would be published.

    Raises:
        PublicatieError: a hidden count, or a small difference, can be bounded within k.
    """
    persons = {naam: table for naam, table in tables.items() if marts[naam].personen}
    true = {naam: count_levels(marts[naam], fijn[naam]) for naam in persons}
    for naam, cells in true.items():
        shown = persons[naam]["aantal"]
        if ((shown > 0) & (shown < k)).any():
            raise PublicatieError(_refused(naam, "toont een aantal dat te klein is"))
        if len(cells) != len(shown) or not (shown.isna() | (shown == cells["aantal"])).all():
            raise PublicatieError(_refused(naam, "telt iets anders dan de feiten"))
    uitslag = attack(marts, persons, k=k, waar=true)
    if uitslag.vondsten:
        names = ", ".join(sorted({vondst.mart for vondst in uitslag.vondsten}))
        raise PublicatieError(
            _refused(names, f"laat {len(uitslag.vondsten)} afgeschermde aantallen narekenen")
        )


def _refused(naam: str, seen: str) -> str:
    return (
        f"De nieuwe cijfers zijn niet gepubliceerd: {naam} {seen}. De vorige publicatie blijft "
        "staan. Meld dit aan de ontwikkelaars met het nummer van de regelversie; kies desnoods "
        "minder fijne combinaties in hub/publicatie/marts."
    )


def _stands(
    last: Mapping[str, object], peildatum: date, version: str, kept: frozenset[str]
) -> bool:
    """Tell whether the last publication is of this day and rules, and lacks nothing by now."""
    behouden = last["behouden"]
    assert isinstance(behouden, list)
    return (last["peildatum"], last["regelversie"]) == (peildatum, version) and set(
        behouden
    ) <= kept


def _fetch(connection: Connection, mart: Mart, peildatum: date) -> pd.DataFrame:
    rows = fetch_all(connection, f"marts/{mart.model}", "tel", peildatum=peildatum)
    quantiles = ["dagen"] if "mediaan" in mart.maten and mart.personen else []
    keys = [*mart.sleutels, *quantiles, "aantal"] if mart.personen else list(mart.kolommen)
    frame = pd.DataFrame(rows, columns=keys)
    if mart.personen:
        frame["aantal"] = frame["aantal"].astype(np.int64)
        if "periode" in frame:
            frame["periode"] = frame["periode"].astype(str)
    return frame


def _replace(
    connection: Connection,
    tables: Tabellen,
    done: Publicatie,
    version: str,
) -> None:
    execute(connection, _PATH, "lock")
    for naam, table in tables.items():
        execute(connection, f"marts/{naam}", "clear")
        plain = table.astype(object).where(table.notna(), None)
        copy_rows(connection, f"marts/{naam}", plain.itertuples(index=False, name=None))
    execute(
        connection,
        _PATH,
        "note",
        peildatum=done.peildatum,
        regelversie=version,
        vernieuwd=list(done.vernieuwd),
        behouden=list(done.behouden),
        cellen=done.cellen,
        afgeschermd=done.afgeschermd,
    )
    incident.close(connection, _SOORT, _ONDERWERP)
