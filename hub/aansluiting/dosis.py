"""The ledger beside what residents see in Mijn Burgerprofiel."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from connectors.mijnburgerprofiel.dosis import DossierLijst
from connectors.transport.errors import AuthenticationError, ConnectorError, RetryableError
from hub.aansluiting.verschillen import (
    Aansluiting,
    begin,
    conclude,
    note_incomplete,
    run_statements,
)
from hub.database import copy_rows, fetch_all, fetch_one
from hub.dossierstatus import load_lezingen
from hub.keys import Keyring, KeyringError
from hub.persoon import open_persoonsgegevens

SOORTEN = (
    "dosis_status_ontbreekt",
    "dosis_status_verschilt",
    "dosis_upload_onbekend",
    "dosis_toch_aangekomen",
    "dosis_dossier_onbekend",
)
PAGE_SIZE = 500
# So many residents without one answer is no bad luck: the service is away.
_AWAY = 20
_PATH = "ops/aansluiting_dosis"
_BEFORE_ALL = UUID(int=0)
_logger = logging.getLogger("hub.aansluiting")


class DosisSource(Protocol):
    """The part of the DOSIS client that comparing needs."""

    def get_dossiers(self, *, insz: str, bronnen: Sequence[str], referte: UUID) -> DossierLijst: ...


def compare_dosis(
    engine: Engine, dosis: DosisSource, keyring: Keyring, *, bron: str, page_size: int = PAGE_SIZE
) -> Aansluiting:
    """Ask what each resident of whom a status left sees, and compare; a difference is an incident.

    Only our own source is asked for. Who cannot be asked, and whose answer misses that source, is
    counted as not compared and keeps earlier incidents.

    Raises:
        AuthenticationError: DOSIS does not let the hub in.
        RetryableError: not one of many residents got an answer.
    """
    with engine.begin() as connection:
        begin(connection)
        run_statements(connection, _PATH, "create_seen", "create_shown", "create_statuses")
        copy_rows(connection, _PATH, _statuses(), "copy_statuses")
        total = _count(connection, "count_residents", "aantal")
        workers = _count(connection, "channel", "max_gelijktijdig")
        seen = missed = 0
        with ThreadPoolExecutor(max_workers=workers) as pool:

            def look(resident: Mapping[str, Any]) -> DossierLijst | None:
                return _look(dosis, keyring, bron, resident)

            for page in _track(_residents(connection, page_size), total):
                try:
                    answers = dict(zip(page, pool.map(look, page.values()), strict=True))
                except AuthenticationError:
                    pool.shutdown(cancel_futures=True)
                    raise
                full = {profiel: found for profiel, found in answers.items() if found is not None}
                if not full and len(answers) >= _AWAY:
                    raise RetryableError(
                        "dosis", "GeefDossiers", "aansluiting",
                        f"not one of {len(answers)} residents got an answer",
                    )  # fmt: skip
                copy_rows(connection, _PATH, ((p,) for p in full), "copy_seen")
                copy_rows(connection, _PATH, _shown(full), "copy_shown")
                seen, missed = seen + len(full), missed + len(answers) - len(full)
        run_statements(
            connection, _PATH, "create_compared", "create_told", "compare", "note_not_compared"
        )
        if missed:
            note_incomplete(
                connection,
                "dosis",
                f"Van {missed} van de {seen + missed} bewoners kon niet gelezen worden wat DOSIS "
                "toont.",
                "Doe niets als dit één nacht gebeurt. Blijft het, lees dan in het logboek van de "
                "taak waarom, en vraag de beheerder van DOSIS.",
            )
        return conclude(connection, "dosis", SOORTEN, vergeleken=seen, niet_vergeleken=missed)


def _track(
    pages: Iterator[dict[UUID, Mapping[str, Any]]], total: int
) -> Iterator[dict[UUID, Mapping[str, Any]]]:
    """Pass the pages on and log how many residents were looked at."""
    done = 0
    for page in pages:
        yield page
        done += len(page)
        _logger.info("dosis GeefDossiers: %d of %d residents", done, total)


def _residents(connection: Connection, page_size: int) -> Iterator[dict[UUID, Mapping[str, Any]]]:
    last = _BEFORE_ALL
    while True:
        rows = fetch_all(connection, _PATH, "residents", na=last, aantal=page_size)
        if not rows:
            return
        last = rows[-1]["profiel_id"]
        yield {row["profiel_id"]: row for row in rows}


def _look(
    dosis: DosisSource, keyring: Keyring, bron: str, resident: Mapping[str, Any]
) -> DossierLijst | None:
    """Return what a resident sees, or None when that cannot be told in full."""
    profiel_id = resident["profiel_id"]
    if resident["insz_status"] != "geldig":
        return None
    try:
        person = open_persoonsgegevens(
            "profiel", profiel_id, resident["persoonsgegevens"], resident["sleutel_id"], keyring
        )
        found = dosis.get_dossiers(insz=person["insz"], bronnen=[bron], referte=uuid4())
    except AuthenticationError:
        raise
    except (ConnectorError, KeyringError) as error:
        _logger.warning("dosis profiel %s: not compared: %s", profiel_id, error)
        return None
    if found.ontbrekend:
        codes = sorted({missing.code for missing in found.ontbrekend})
        _logger.warning("dosis profiel %s: not compared: partial answer %s", profiel_id, codes)
        return None
    return found


def _shown(answers: Mapping[UUID, DossierLijst]) -> Iterator[tuple[object, ...]]:
    for profiel_id, found in answers.items():
        for dossier in found.dossiers:
            for number, mutatie in enumerate(dossier.mutaties):
                yield (
                    profiel_id,
                    dossier.dossiernummer,
                    number,
                    mutatie.fase,
                    mutatie.code,
                    mutatie.status_gewijzigd_op,
                )


def _statuses() -> Iterator[tuple[object, ...]]:
    for lezing in load_lezingen().values():
        yield (lezing.naam, lezing.fase, lezing.code)


def _count(connection: Connection, name: str, column: str) -> int:
    row = fetch_one(connection, _PATH, name)
    if row is None:
        raise LookupError("There is no destination 'dosis'. Add it to hub.kanaal.")
    return int(row[column])
