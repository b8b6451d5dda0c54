"""Fetch the energy certificate of each dwelling and record what it says, with its origin."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from connectors.transport.errors import ConnectorError, RetryableError
from connectors.transport.raadpleging import GelogdeRaadpleging, RaadplegingLog
from connectors.woningpas.epc.models import AdresCriteria, Epc, EpcAnswer, GebouweenheidId
from hub.batch import find_batch, mark_again
from hub.canonical import to_canonical
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all
from hub.incident import report
from hub.keys import Keyring
from hub.provenance import Waarneming, record_values
from hub.raadplegen import Vraagstelling, consult
from hub.woning.adres import parse_adres
from hub.woning.epc_waarden import choose_epc, read_values

BRON = "epc"
_PATH = "intermediate/fetch_epcs"
_BRUSSELS = ZoneInfo("Europe/Brussels")


class EpcSource(Protocol):
    """The part of the GeefEpc client that fetching needs."""

    def get_epcs(
        self,
        *,
        criteria: GebouweenheidId | AdresCriteria,
        raadpleging: GelogdeRaadpleging,
        adres_ids: Sequence[str] = (),
    ) -> EpcAnswer: ...


def fetch_epcs(
    engine: Engine,
    source: EpcSource,
    log: RaadplegingLog,
    keyring: Keyring,
    *,
    naam: str,
    today: date | None = None,
) -> dict[str, int]:
    """Ask the certificate of every dwelling of the batch that was not asked lately.

    No certificate is an outcome. An answer that breaks the contract or names another dwelling is
    refused and reported as an incident; the dossier goes on without it. A source that does not
    answer makes the dossier come back with the next run. Returns the number of dwellings per
    outcome.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        rows = fetch_all(connection, _PATH, "to_ask", batch_id=batch_id)
    answers = consult(
        log,
        bron=BRON,
        operatie="GeefEpc",
        asks=[
            Vraagstelling(
                row["dossier_id"],
                row["consulent"],
                f"gebouweenheid {row['gebouweenheid_id']}"
                if row["gebouweenheid_id"]
                else f"adres {row['adres_id']}",
                row,
            )
            for row in rows
        ],
        call=lambda row, look: source.get_epcs(
            criteria=_criteria(row),
            raadpleging=look,
            # A unit may have other addresses; asked by address, the answer must name that one.
            adres_ids=() if row["gebouweenheid_id"] else (row["adres_id"],),
        ),
    )
    per_woning = {row["woning_id"]: answers[row["dossier_id"]] for row in rows}
    day = today or datetime.now(_BRUSSELS).date()
    return _store(engine, keyring, batch_id, per_woning, day)


def _criteria(row: Mapping[str, Any]) -> GebouweenheidId | AdresCriteria:
    if row["gebouweenheid_id"]:
        return GebouweenheidId(row["gebouweenheid_id"])
    adres = parse_adres(
        straat=row["straat"],
        huisnummer=row["huisnummer"],
        busnummer=row["busnummer"],
        postcode=row["postcode"],
        gemeente=row["gemeente"],
    )
    return AdresCriteria(
        straat=adres.straat,
        huisnummer=adres.huisnummer,
        busnummer=adres.busnummer,
        postcode=adres.postcode,
        gemeente=load_config("bronnen")["gemeente"],
    )


def _store(
    engine: Engine,
    keyring: Keyring,
    batch_id: UUID,
    per_woning: Mapping[UUID, EpcAnswer | ConnectorError],
    today: date,
) -> dict[str, int]:
    now = datetime.now(UTC)
    again_at = now + timedelta(days=load_config("bronnen")[BRON]["geldig_dagen"])
    values: dict[UUID, list[Waarneming]] = {}
    asked: list[tuple[object, ...]] = []
    certificates: list[Epc] = []
    failed: list[UUID] = []
    refused: list[ConnectorError] = []
    counts = dict.fromkeys(("gevonden", "geen", "geweigerd", "opnieuw"), 0)
    for woning_id, answer in per_woning.items():
        if isinstance(answer, RetryableError):
            outcome = "opnieuw"
            failed.append(woning_id)
        elif isinstance(answer, ConnectorError):
            outcome = "geweigerd"
            refused.append(answer)
        else:
            chosen = choose_epc(answer.epcs, today)
            outcome = "gevonden" if chosen else "geen"
            certificates += answer.epcs
            values[woning_id] = read_values(chosen, today=today, now=now) if chosen else []
        counts[outcome] += 1
        if outcome != "opnieuw":
            asked.append((woning_id, outcome, now, again_at))
    with engine.begin() as connection:
        execute(connection, _PATH, "create_epcs")
        copy_rows(connection, _PATH, (_epc_row(epc, keyring, now) for epc in certificates))
        execute(connection, _PATH, "merge_epcs")
        record_values(connection, bron=BRON, per_woning=values)
        execute(connection, _PATH, "create_asked")
        copy_rows(connection, _PATH, asked, "copy_asked")
        execute(connection, _PATH, "note_asked")
        for error in refused:
            report(connection, "antwoord_geweigerd", f"{BRON} {error.key}", str(error))
        again = fetch_all(connection, _PATH, "dossiers_of", batch_id=batch_id, woning_ids=failed)
        mark_again(connection, batch_id, [row["dossier_id"] for row in again])
    return counts


def _epc_row(epc: Epc, keyring: Keyring, now: datetime) -> tuple[object, ...]:
    content = json.dumps(_plain(epc), sort_keys=True)
    return (
        epc.attestnummer,
        epc.epc_id,
        epc.adres_id,
        list(epc.gebouweenheid_ids),
        epc.actief,
        epc.status,
        epc.datum_ingediend,
        epc.datum_geldigheid,
        content,
        keyring.content_hash(content.encode()),
        now,
    )


def _plain(value: object) -> object:
    """Return a record as JSON: canonical texts, of a document's content its size only."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return len(value)
    return to_canonical(value)
