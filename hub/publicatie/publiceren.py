"""A publication: count, protect, attack, and replace the marts together, or leave all as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine

from hub import incident
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all, fetch_one
from hub.publicatie.declaratie import Mart, load_marts
from hub.publicatie.samenstellen import (
    PublicatieError,
    Samenstelling,
    Tabellen,
    check,
    compose,
    find_groups,
)
from hub.publicatie.vorige import Vorige
from hub.quality.verdict import blocked_models

_PATH = "ops/publicatie"
_REFUSED, _RUIM = "publicatie_geweigerd", "publicatie_ruim"
_ONDERWERP = "rapportage"
# What the rules of the marts take as the least k of any city.
_LEAST = 5


@dataclass(frozen=True, slots=True)
class Publicatie:
    """What a publication did: marts renewed and kept, cells and how many of them are hidden.

    ``ruim``: the search for what to hide did not end, so that more is hidden than needed.
    """

    peildatum: date
    vernieuwd: tuple[str, ...]
    behouden: tuple[str, ...]
    cellen: int
    afgeschermd: int
    ruim: bool


def last_closed_day(today: date) -> date:
    """Return the last day of the newest month that is taken as complete, Belgian days."""
    settled = today - timedelta(days=int(load_config("publicatie")["wachtdagen"]))
    return settled.replace(day=1) - timedelta(days=1)


def rule_version(marts: Mapping[str, Mart], k: int) -> str:
    """Return a short hash of everything that decides what is counted, shown and hidden."""
    told = {"k": k, "marts": {naam: mart.model_dump(mode="json") for naam, mart in marts.items()}}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def publish(engine: Engine, *, peildatum: date, again: bool = False) -> Publicatie | None:
    """Publish the marts as they stood at the end of ``peildatum``; None when that was done already.

    Marts of facts that quality blocks, and marts held against those, keep what they have. ``again``
    replaces a publication of the same day, for a correction.

    Raises:
        PublicatieError: of some marts the attack found a count or did not end: they keep what they
            have, the others are renewed, an incident is open. Or another publication came between,
            or k is too low: nothing is renewed.
        SQLAlchemyError: a statement took longer than it may, or the database is away.
    """
    config = load_config("publicatie")
    k, seconden = int(config["k"]), float(config["seconden"])
    limit = f"{int(config['opdracht_seconden'])}s"
    if k < _LEAST:
        raise PublicatieError(
            f"Niets is gepubliceerd: k is {k} in hub/config/publicatie.yml; kies {_LEAST} of meer."
        )
    marts = load_marts()
    version = rule_version(marts, k)
    # One view of the facts: marts that hang together must not straddle a load.
    whole = engine.execution_options(isolation_level="REPEATABLE READ")
    with whole.begin() as connection:
        execute(connection, _PATH, "limit", duur=limit)
        kept = frozenset(keep_back(marts, blocked_models(connection)))
        last = fetch_one(connection, _PATH, "last")
        if last is not None and not again and _stands(last, peildatum, version, kept):
            return None
        counted = {
            naam: _fetch(connection, mart, peildatum)
            for naam, mart in marts.items()
            if naam not in kept
        }
        vorige = _fetch_vorige(connection, {n: m for n, m in marts.items() if n in counted})
    tables: Tabellen = {}
    waar: Tabellen = {}
    refused: dict[str, str] = {}
    ruim = False
    for group in find_groups(marts):
        if not group <= set(counted):
            continue
        try:
            made = compose(marts, {n: counted[n] for n in group}, vorige, k=k, seconden=seconden)
            check(marts, made, vorige, k=k, seconden=seconden)
        except PublicatieError as error:
            refused |= dict.fromkeys(group, str(error))
            continue
        tables, waar, ruim = tables | made.tabellen, waar | made.waar, ruim or made.ruim
    found = [tables[naam] for naam in waar]
    done = Publicatie(
        peildatum=peildatum,
        vernieuwd=tuple(sorted(tables)),
        behouden=tuple(sorted(kept | set(refused))),
        cellen=sum(len(t) for t in found),
        afgeschermd=int(sum(t["afgeschermd"].sum() for t in found)),
        ruim=ruim,
    )
    told = (
        f"Niet gepubliceerd: {'. '.join(sorted(set(refused.values())))}. Wat die tabellen voordien "
        f"toonden, blijft staan. Meld dit aan de ontwikkelaars met regelversie {version}; kies "
        "desnoods minder fijne combinaties in sql/marts."
    )
    with engine.begin() as connection:
        execute(connection, _PATH, "limit", duur=limit)
        _replace(connection, marts, Samenstelling(tables, waar, ruim), done, version, last)
        _tell(connection, done, told if refused else "")
    if refused:
        raise PublicatieError(told)
    return done


def keep_back(marts: Mapping[str, Mart], blocked: Iterable[str]) -> set[str]:
    """Return the marts made of these models and every mart that hangs together with one of them.

    A mart that breaks a rule of its own is not kept back: replacing it is what mends it.
    """
    stopped = set(blocked) - set(marts)
    hit = {naam for naam, mart in marts.items() if stopped.intersection(mart.steunt_op)}
    return {naam for group in find_groups(marts) if group & hit for naam in group}


def _stands(last: Mapping[str, Any], peildatum: date, version: str, kept: frozenset[str]) -> bool:
    """Tell whether the last publication is of this day and rules, and lacks nothing by now."""
    same = (last["peildatum"], last["regelversie"]) == (peildatum, version)
    return same and set(last["behouden"]) <= kept


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


def _fetch_vorige(connection: Connection, marts: Mapping[str, Mart]) -> Vorige:
    """Read what the marts show now and the counts behind it, of combinations that still exist."""
    waar, getoond = {}, {}
    for naam, mart in marts.items():
        if not mart.personen:
            continue
        columns = ["niveau", *mart.sleutels, "aantal"]
        counted = fetch_all(connection, _PATH, "counted", mart=naam)
        rows = [{**row["sleutels"], "aantal": row["aantal"]} for row in counted]
        shown = pd.DataFrame(fetch_all(connection, f"marts/{naam}", "read"), columns=columns)
        if "periode" in shown:
            shown["periode"] = shown["periode"].map(lambda v: None if v is None else str(v))
        shown["aantal"] = shown["aantal"].astype("Int64")
        true = pd.DataFrame(rows, columns=columns)
        true["aantal"] = true["aantal"].astype(np.int64)
        true, shown = _declared(mart, true), _declared(mart, shown)
        if len(true) and len(true) == len(shown):
            waar[naam], getoond[naam] = true, shown
    return Vorige(waar, getoond)


def _declared(mart: Mart, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of combinations that the declaration still knows, with the same keys."""
    known = {naam: niveau.sleutels for naam, niveau in mart.niveaus.items()}
    right = [
        known.get(str(row["niveau"])) == frozenset(s for s in mart.sleutels if pd.notna(row[s]))
        for row in frame.to_dict("records")
    ]
    return frame[np.array(right, dtype=bool)].reset_index(drop=True)


def _replace(
    connection: Connection,
    marts: Mapping[str, Mart],
    samenstelling: Samenstelling,
    done: Publicatie,
    version: str,
    last: Mapping[str, Any] | None,
) -> None:
    execute(connection, _PATH, "lock")
    now = fetch_one(connection, _PATH, "last")
    if (now and now["publicatie_id"]) != (last and last["publicatie_id"]):
        raise PublicatieError(
            "De nieuwe cijfers zijn niet gepubliceerd: een andere publicatie kwam ertussen, en ze "
            "zijn niet tegen die gehouden. Die andere staat. Start load_publicatie opnieuw."
        )
    for naam, table in samenstelling.tabellen.items():
        execute(connection, f"marts/{naam}", "clear")
        plain = table.astype(object).where(table.notna(), None)
        copy_rows(connection, f"marts/{naam}", plain.itertuples(index=False, name=None))
    for naam, cells in samenstelling.waar.items():
        execute(connection, _PATH, "forget_counted", mart=naam)
        keys = ["niveau", *marts[naam].sleutels]
        copy_rows(
            connection,
            _PATH,
            (
                (naam, json.dumps(row), aantal)
                for row, aantal in zip(cells[keys].to_dict("records"), cells["aantal"], strict=True)
            ),
            "copy_counted",
        )
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
        ruim=done.ruim,
    )


def _tell(connection: Connection, done: Publicatie, refused: str) -> None:
    """Open or close what an operator must look at."""
    if refused:
        incident.report(connection, _REFUSED, _ONDERWERP, refused)
    else:
        incident.close(connection, _REFUSED, _ONDERWERP)
    if done.ruim:
        incident.report(
            connection,
            _RUIM,
            _ONDERWERP,
            f"De publicatie van {done.peildatum} schermt meer af dan nodig: niet alles was bewezen "
            "toen de tijd om was. Niets is te veel getoond. Verhoog `seconden` in "
            "hub/config/publicatie.yml of kies minder fijne combinaties, en publiceer opnieuw met "
            "'./renovatiehub publiceer --opnieuw'.",
        )
    else:
        incident.close(connection, _RUIM, _ONDERWERP)
