"""Attach the woningfiche to the CRM dossier: a new one only when something on it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from hub.batch import find_batch
from hub.database import copy_rows, fetch_all
from hub.document import document_change
from hub.incident import close, report
from hub.keys import Keyring
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.woning.beeld import Woningbeeld
from hub.woning.compose import compose_woningbeelden
from hub.woningfiche.inhoud import compose_fiche
from hub.woningfiche.maken import HTML, PDF, make_document
from hub.woningfiche.model import fingerprint, to_plain

INCIDENT = "woningfiche_mislukt"
# Dossiers per transaction.
PART = 100
_PATH = "intermediate/decide_woningfiches"
_BRUSSELS = ZoneInfo("Europe/Brussels")
_FORMS = ((PDF, "pdf", "PDF"), (HTML, "html", "webpagina"))
# After what fills the dossier in: that is what a consultant waits for.
_PRIORITY = 7

Make = Callable[[Mapping[str, Any], str], bytes]


@dataclass(frozen=True, slots=True)
class _Besluit:
    """A page that says something new about a dossier."""

    dossier_id: UUID
    volgnummer: int
    hash: bytes
    message: NieuwBericht


def decide_woningfiches(
    engine: Engine,
    keyring: Keyring,
    *,
    naam: str,
    vandaag: date | None = None,
    make: Make = make_document,
) -> dict[str, int]:
    """Write down a woningfiche for every dossier of the batch whose page says something new.

    Decision and message are one transaction; deciding again adds nothing. A page that cannot be
    made is an incident, and the dossier goes on without. The message keeps what the documents are
    made from: they are made when it is sent. Returns the number written down and failed.
    """
    day = vandaag or datetime.now(_BRUSSELS).date()
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        rows = fetch_all(connection, _PATH, "dossiers", batch_id=batch_id)
    counts = {"woningfiche": 0, "woningfiche_mislukt": 0}
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        with engine.begin() as connection:
            added, failed = _decide(connection, keyring, part, day, make)
        counts["woningfiche"] += added
        counts["woningfiche_mislukt"] += failed
    return counts


def _decide(
    connection: Connection,
    keyring: Keyring,
    rows: Sequence[Mapping[str, Any]],
    vandaag: date,
    make: Make,
) -> tuple[int, int]:
    beelden = compose_woningbeelden(connection, list({row["woning_id"] for row in rows}))
    last = {
        row["dossier_id"]: row
        for row in fetch_all(
            connection, _PATH, "last", dossier_ids=[row["dossier_id"] for row in rows]
        )
    }
    decisions: list[_Besluit] = []
    failed = 0
    for row in rows:
        known = last.get(row["dossier_id"])
        try:
            decision = _page(row, beelden[row["woning_id"]], known, keyring, vandaag, make)
        except Exception as error:  # noqa: BLE001
            # The text of an error could quote a value: only its kind is told.
            failed += 1
            report(connection, INCIDENT, row["dossiernummer"], _failure(row, error))
            continue
        if row["mislukt"]:
            close(connection, INCIDENT, row["dossiernummer"])
        if decision is not None:
            decisions.append(decision)
    added = enqueue(connection, keyring, [decision.message for decision in decisions])
    written = copy_rows(
        connection,
        _PATH,
        (
            (d.dossier_id, d.volgnummer, d.hash, added[key])
            for d in decisions
            if (key := (d.message.bestemming, d.message.sleutel)) in added
        ),
    )
    return written, failed


def _page(
    row: Mapping[str, Any],
    beeld: Woningbeeld,
    last: Mapping[str, Any] | None,
    keyring: Keyring,
    vandaag: date,
    make: Make,
) -> _Besluit | None:
    """Return the page of one dossier, None when the last one said the same."""
    plain = to_plain(compose_fiche(beeld, dossiernummer=row["dossiernummer"], vandaag=vandaag))
    digest = keyring.content_hash(fingerprint(plain))
    if last is not None and bytes(last["inhoud_hash"]) == digest:
        return None
    # What cannot be made is found here, where the dossier can go on without it.
    for mimetype, _, _ in _FORMS:
        make(plain, mimetype)
    number = last["volgnummer"] + 1 if last is not None else 1
    message = _message(row["dossier_id"], number, digest, plain)
    return _Besluit(row["dossier_id"], number, digest, message)


def _message(
    dossier_id: UUID, volgnummer: int, digest: bytes, plain: Mapping[str, Any]
) -> NieuwBericht:
    sleutel = f"{dossier_id}:woningfiche:{volgnummer}:{digest.hex()}"
    changes = [
        document_change(
            dossier_id,
            sleutel=f"{sleutel}:{ending}",
            soort="woningfiche",
            titel=f"Woningfiche van {plain['gemaakt_op']} ({told})",
            mimetype=mimetype,
            te_maken="woningfiche",
        )
        for mimetype, ending, told in _FORMS
    ]
    return NieuwBericht(
        bestemming="crm",
        sleutel=sleutel,
        soort="woningfiche",
        dossier_id=dossier_id,
        prioriteit=_PRIORITY,
        inhoud={"wijzigingen": changes, "woningfiche": plain},
    )


def _failure(row: Mapping[str, Any], error: Exception) -> str:
    return (
        f"woningfiche {row['dossiernummer']}: {type(error).__name__}. Het dossier ging verder "
        "zonder fiche. Maak ze met './renovatiehub woningfiche' om de oorzaak te zien; ze wordt "
        "opnieuw gemaakt wanneer het dossier nog eens voorbijkomt."
    )
