"""Find the dwelling of each dossier in the address and building registers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from connectors.transport.geometrie import LAMBERT72
from connectors.transport.raadpleging import RaadplegingLog
from hub.batch import find_batch, mark_again, mark_not_started
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all
from hub.incident import report
from hub.keys import Keyring
from hub.provenance import Waarneming, record_values
from hub.woning.adres import parse_adres
from hub.woning.choose import Keuze
from hub.woning.gekozen import PAD, Gekozen, read_keuze
from hub.woning.steps import (
    BRON,
    Bekend,
    Registers,
    Uitval,
    Zoektocht,
    recheck,
    search_registers,
)

_PATH = "intermediate/find_woningen"


def find_woningen(
    engine: Engine,
    registers: Registers,
    log: RaadplegingLog,
    keyring: Keyring,
    *,
    naam: str,
) -> dict[str, int]:
    """Find the dwelling of every dossier of the batch that has none, or a new or old address.

    What a consultant chose on the task of that address is verified and counts; it stays until the
    address or the choice changes. An address that matches no dwelling, more than one, or one that
    was removed is an outcome, not an error: the candidates are kept for the consultant. A refused
    answer is an incident. A register that does not answer makes the dossier come back with the
    next run; a dossier for which it may not be asked is left as it is. Returns the number of
    dossiers per outcome.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        days = load_config("bronnen")[BRON]["geldig_dagen"]
        rows = fetch_all(connection, _PATH, "to_find", batch_id=batch_id, geldig_dagen=days)
        choices = _choices(connection, batch_id)
    started = [search for row in rows if (search := _start(row, choices, keyring)) is not None]
    uitval = Uitval()
    checked = recheck(engine, registers, log, started, uitval)
    unchanged = [search.dossier_id for search in checked if search.ongewijzigd]
    looking = [search for search in checked if not search.ongewijzigd]
    searches = search_registers(engine, registers, log, looking, uitval)
    with engine.begin() as connection:
        mark_again(connection, batch_id, uitval.opnieuw)
        if uitval.geen_recht:
            # The agreement went after the batch was checked.
            mark_not_started(connection, batch_id)
        execute(connection, _PATH, "note_unchanged", dossier_ids=unchanged)
        _store(connection, searches)
    outcomes = [search.keuze.uitkomst for search in searches]
    counts = {uitkomst: outcomes.count(uitkomst) for uitkomst in sorted(set(outcomes))}
    left = {"opnieuw": len(uitval.opnieuw), "geen_recht": len(uitval.geen_recht)}
    return counts | {"ongewijzigd": len(rows) - len(searches) - sum(left.values())} | left


def _choices(connection: Connection, batch_id: UUID) -> dict[str, Mapping[str, Any]]:
    """Return the latest choice by the start of the task's key: dossier, kind and address."""
    rows = fetch_all(connection, _PATH, "choices", batch_id=batch_id)
    return {":".join(row["sleutel"].split(":")[:3]): row for row in rows}


def _start(
    row: Mapping[str, Any], choices: Mapping[str, Mapping[str, Any]], keyring: Keyring
) -> Zoektocht | None:
    """Return the search that a dossier needs; None when what is known still holds."""
    gezocht = parse_adres(
        straat=row["straat"],
        huisnummer=row["huisnummer"],
        busnummer=row["busnummer"],
        postcode=row["postcode"],
        gemeente=row["gemeente"],
    )
    adres_hash = keyring.content_hash(repr(gezocht).encode())
    same_address = row["adres_hash"] is not None and bytes(row["adres_hash"]) == adres_hash
    kandidaten = tuple(row["kandidaten"] or ()) if same_address else ()
    choice = choices.get(f"{row['dossier_id']}:woning_kiezen:{adres_hash.hex()}")
    gekozen = read_keuze(choice["stap_id"], choice["keuze"], kandidaten) if choice else None
    same = same_address and _is_same(gekozen, row)
    if same and not (row["verlopen"] or row["gewijzigd"]):
        return None
    search = Zoektocht(
        row["dossier_id"],
        row["consulent"],
        gezocht,
        adres_hash,
        gekozen=gekozen,
        bekend=_known(row) if same and not row["gewijzigd"] else None,
        kandidaten=kandidaten,
    )
    if gekozen is not None and gekozen.soort is None:
        why = "dit is geen nummer van een adres of een gebouweenheid"
        return replace(search, keuze=Keuze("onmogelijk", f"{PAD}: {why}", kandidaten=kandidaten))
    return search


def _is_same(gekozen: Gekozen | None, row: Mapping[str, Any]) -> bool:
    now = (gekozen.keuze, gekozen.stap_id) if gekozen else (None, None)
    return now == (row["keuze"], row["keuze_stap_id"])


def _known(row: Mapping[str, Any]) -> Bekend | None:
    """Return what can be checked again by version; None when it must be looked up anew.

    A search that found no dwelling is not settled by an address that stayed the same.
    """
    unit, etag = row["gebouweenheid_id"], row["gebouweenheid_etag"]
    if (
        row["uitkomst"] != "gevonden"
        or row["adres_etag"] is None
        or (unit is None) != (etag is None)
    ):
        return None
    return Bekend(row["adres_id"], row["adres_etag"], unit, etag)


def _store(connection: Connection, searches: Sequence[Zoektocht]) -> None:
    now = datetime.now(UTC)
    for search in searches:
        if search.fout:
            report(connection, "antwoord_geweigerd", f"{BRON} {search.dossier_id}", search.fout)
    execute(connection, _PATH, "create_found")
    copy_rows(connection, _PATH, (_found_row(search, now) for search in searches))
    for name in ("add_woningen_with_unit", "add_woningen_without_unit", "link"):
        execute(connection, _PATH, name)
    found = {row["dossier_id"]: row for row in fetch_all(connection, _PATH, "found_woningen")}
    # A unit with several addresses is one dwelling: it is told by the address it is known by.
    values = {
        known["woning_id"]: _values(search, now)
        for search in searches
        if (known := found.get(search.dossier_id)) and known["adres_id"] == search.keuze.adres_id
    }
    record_values(connection, bron=BRON, per_woning=values)


def _found_row(search: Zoektocht, now: datetime) -> tuple[object, ...]:
    keuze, gekozen, unit = search.keuze, search.gekozen, search.eenheid
    return (
        search.dossier_id,
        keuze.uitkomst,
        keuze.pad,
        keuze.score,
        json.dumps(keuze.kandidaten),
        search.adres_hash,
        now,
        keuze.adres_id,
        keuze.gebouweenheid_id,
        unit.waarde.gebouw_id if unit and unit.waarde else None,
        list(unit.waarde.adres_ids) if unit and unit.waarde else [],
        gekozen.keuze if gekozen else None,
        gekozen.stap_id if gekozen else None,
        search.adres.etag if search.adres else None,
        unit.etag if unit else None,
    )


def _values(search: Zoektocht, now: datetime) -> list[Waarneming]:
    values = []
    adres = search.adres.waarde if search.adres else None
    unit = search.eenheid.waarde if search.eenheid else None
    if adres:
        origin = (f"adres {adres.adres_id}", adres.versie_id.isoformat(), now)
        told = {
            "adres": adres.volledig_adres,
            "adres_id": adres.adres_id,
            "adres_status": adres.status,
        }
        if unit is None:
            # A dwelling that is only an address is asked at other sources by its parts.
            told |= {
                "straatnaam": adres.straatnaam,
                "huisnummer": adres.huisnummer,
                "postcode": adres.postcode,
            } | ({"busnummer": adres.busnummer} if adres.busnummer else {})
        if adres.positie and not (unit and unit.positie):
            told["positie"] = adres.positie.to_epsg(LAMBERT72).wkt
        values += [Waarneming(veld, waarde, *origin) for veld, waarde in told.items()]
    if unit:
        origin = (f"gebouweenheid {unit.gebouweenheid_id}", unit.versie_id.isoformat(), now)
        told = {"gebouweenheid_id": unit.gebouweenheid_id, "gebouw_id": unit.gebouw_id}
        if unit.positie:
            told["positie"] = unit.positie.to_epsg(LAMBERT72).wkt
        values += [Waarneming(veld, waarde, *origin) for veld, waarde in told.items()]
    return values
