"""Find the dwelling of each dossier in the address and building registers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Engine

from connectors.transport.errors import ConnectorError, GeenRechtError, RetryableError
from connectors.transport.raadpleging import GelogdeRaadpleging, RaadplegingLog
from connectors.woningpas.basisregisters.models import (
    Adres,
    AdresMatches,
    Detail,
    Gebouweenheid,
)
from hub.batch import find_batch, mark_again, mark_not_started
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all
from hub.incident import report
from hub.keys import Keyring
from hub.provenance import Waarneming, record_values
from hub.raadplegen import Vraagstelling, consult
from hub.woning.adres import GezochtAdres, parse_adres
from hub.woning.choose import Keuze, choose_adres, choose_eenheid

BRON = "basisregisters"


class Registers(Protocol):
    """The part of the Basisregisters client that finding a dwelling needs."""

    def match_adres(
        self,
        *,
        straatnaam: str,
        huisnummer: str,
        busnummer: str | None,
        postcode: str | None,
        gemeentenaam: str | None,
        raadpleging: GelogdeRaadpleging,
    ) -> AdresMatches: ...

    def get_adres(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Adres]: ...

    def list_gebouweenheden(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[str, ...]: ...

    def get_gebouweenheid(
        self, *, gebouweenheid_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Gebouweenheid]: ...


@dataclass(frozen=True, slots=True)
class _Zoektocht:
    """The search for the dwelling of one dossier, growing step by step."""

    dossier_id: UUID
    namens: str | None
    gezocht: GezochtAdres
    adres_hash: bytes
    keuze: Keuze
    adres: Adres | None = None
    eenheid: Gebouweenheid | None = None
    fout: str | None = None


def find_woningen(
    engine: Engine,
    registers: Registers,
    log: RaadplegingLog,
    keyring: Keyring,
    *,
    naam: str,
) -> dict[str, int]:
    """Find the dwelling of every dossier of the batch that has none, or a new or old address.

    An address that matches no dwelling, more than one, or one that was removed is an outcome, not
    an error: the candidates are kept for the consultant. A refused answer is an incident. A
    register that does not answer makes the dossier come back with the next run. A dossier for which
    the register may not be asked is left as it is. Returns the number of dossiers per outcome.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        rows = fetch_all(
            connection,
            "intermediate/find_woningen",
            "to_find",
            batch_id=batch_id,
            geldig_dagen=load_config("bronnen")[BRON]["geldig_dagen"],
        )
    searches = [search for row in rows if (search := _start(row, keyring)) is not None]
    failed: set[UUID] = set()
    barred: set[UUID] = set()
    for step in _steps(registers):
        searches = _advance(engine, searches, step, log, failed, barred)
    _store(engine, batch_id, searches, failed, barred)
    outcomes = [search.keuze.uitkomst for search in searches]
    counts = {uitkomst: outcomes.count(uitkomst) for uitkomst in sorted(set(outcomes))}
    unchanged = len(rows) - len(searches) - len(failed) - len(barred)
    return counts | {"ongewijzigd": unchanged, "opnieuw": len(failed), "geen_recht": len(barred)}


def _start(row: Mapping[str, Any], keyring: Keyring) -> _Zoektocht | None:
    gezocht = parse_adres(
        straat=row["straat"],
        huisnummer=row["huisnummer"],
        busnummer=row["busnummer"],
        postcode=row["postcode"],
        gemeente=row["gemeente"],
    )
    adres_hash = keyring.content_hash(repr(gezocht).encode())
    if not row["verlopen"] and bytes(row["adres_hash"]) == adres_hash:
        return None
    return _Zoektocht(row["dossier_id"], row["consulent"], gezocht, adres_hash, Keuze("gevonden"))


@dataclass(frozen=True, slots=True)
class _Stap:
    """One question to the register, and what its answer adds to a search."""

    operatie: str
    object: Callable[[_Zoektocht], str]
    ask: Callable[[_Zoektocht, GelogdeRaadpleging], Any]
    use: Callable[[_Zoektocht, Any], _Zoektocht]


def _steps(registers: Registers) -> list[_Stap]:
    minimum = float(load_config("bronnen")[BRON]["minimum_score"])
    return [
        _Stap(
            "adresmatch",
            lambda _: "adres van het dossier",
            lambda s, look: registers.match_adres(
                straatnaam=s.gezocht.straat,
                huisnummer=s.gezocht.huisnummer,
                busnummer=s.gezocht.busnummer,
                postcode=s.gezocht.postcode,
                gemeentenaam=s.gezocht.gemeente,
                raadpleging=look,
            ),
            lambda s, found: replace(s, keuze=choose_adres(s.gezocht, found.matches, minimum)),
        ),
        _Stap(
            "adres",
            lambda s: f"adres {s.keuze.adres_id}",
            lambda s, look: registers.get_adres(adres_id=s.keuze.adres_id or "", raadpleging=look),
            lambda s, detail: replace(s, adres=detail.waarde) if detail.waarde else _removed(s),
        ),
        _Stap(
            "gebouweenheden",
            lambda s: f"adres {s.keuze.adres_id}",
            lambda s, look: registers.list_gebouweenheden(
                adres_id=s.keuze.adres_id or "", raadpleging=look
            ),
            lambda s, units: replace(s, keuze=choose_eenheid(s.keuze, units)),
        ),
        _Stap(
            "gebouweenheid",
            lambda s: f"gebouweenheid {s.keuze.gebouweenheid_id}",
            lambda s, look: registers.get_gebouweenheid(
                gebouweenheid_id=s.keuze.gebouweenheid_id or "", raadpleging=look
            ),
            lambda s, detail: replace(s, eenheid=detail.waarde) if detail.waarde else _removed(s),
        ),
    ]


def _removed(search: _Zoektocht) -> _Zoektocht:
    return replace(search, keuze=replace(search.keuze, uitkomst="verwijderd"))


def _advance(
    engine: Engine,
    searches: Sequence[_Zoektocht],
    step: _Stap,
    log: RaadplegingLog,
    failed: set[UUID],
    barred: set[UUID],
) -> list[_Zoektocht]:
    """Take the searches that still look one step further; drop those the register left waiting and
    those that may not be asked.
    """
    looking = [
        s
        for s in searches
        if s.keuze.uitkomst == "gevonden"
        and (step.operatie != "gebouweenheid" or s.keuze.gebouweenheid_id)
    ]
    asked = consult(
        engine,
        log,
        bron=BRON,
        operatie=step.operatie,
        asks=[Vraagstelling(s.dossier_id, s.namens, step.object(s), s) for s in looking],
        fetch=step.ask,
    )
    answers = {ask.dossier_id: answer for ask, answer in asked}
    advanced = []
    for search in searches:
        answer = answers.get(search.dossier_id)
        if search.dossier_id not in answers:
            advanced.append(search)
        elif isinstance(answer, RetryableError):
            failed.add(search.dossier_id)
        elif isinstance(answer, GeenRechtError):
            barred.add(search.dossier_id)
        elif isinstance(answer, ConnectorError):
            pad = f"{step.operatie}: {type(answer).__name__}"
            advanced.append(replace(search, keuze=Keuze("geweigerd", pad), fout=str(answer)))
        else:
            advanced.append(step.use(search, answer))
    return advanced


def _store(
    engine: Engine,
    batch_id: UUID,
    searches: Sequence[_Zoektocht],
    failed: set[UUID],
    barred: set[UUID],
) -> None:
    now = datetime.now(UTC)
    path = "intermediate/find_woningen"
    with engine.begin() as connection:
        mark_again(connection, batch_id, failed)
        if barred:
            # The agreement went after the batch was checked.
            mark_not_started(connection, batch_id)
        for search in searches:
            if search.fout:
                report(connection, "antwoord_geweigerd", f"{BRON} {search.dossier_id}", search.fout)
        execute(connection, path, "create_found")
        copy_rows(connection, path, (_found_row(search, now) for search in searches))
        for name in ("add_woningen_with_unit", "add_woningen_without_unit", "link"):
            execute(connection, path, name)
        found = {
            row["dossier_id"]: row["woning_id"]
            for row in fetch_all(connection, path, "found_woningen")
        }
        values = {
            found[search.dossier_id]: _values(search, now)
            for search in searches
            if search.dossier_id in found
        }
        record_values(connection, bron=BRON, per_woning=values)


def _found_row(search: _Zoektocht, now: datetime) -> tuple[object, ...]:
    keuze = search.keuze
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
        search.eenheid.gebouw_id if search.eenheid else None,
    )


def _values(search: _Zoektocht, now: datetime) -> list[Waarneming]:
    values = []
    if search.adres:
        origin = (f"adres {search.adres.adres_id}", search.adres.versie_id.isoformat())
        values += [
            Waarneming("adres_id", search.adres.adres_id, *origin, now),
            Waarneming("adres_status", search.adres.status, *origin, now),
        ]
    if search.eenheid:
        unit = search.eenheid
        origin = (f"gebouweenheid {unit.gebouweenheid_id}", unit.versie_id.isoformat())
        values += [
            Waarneming("gebouweenheid_id", unit.gebouweenheid_id, *origin, now),
            Waarneming("gebouw_id", unit.gebouw_id, *origin, now),
        ]
    return values
