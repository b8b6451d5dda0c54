"""The ledger beside the CRM's own rows: origins of values, aanmeldingen, tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from sqlalchemy import Connection, Engine

from connectors.crm.models import ChangePage, CrmRecord
from hub.aansluiting.verschillen import (
    Aansluiting,
    begin,
    conclude,
    note_incomplete,
    run_statements,
)
from hub.canonical import to_canonical
from hub.database import copy_rows, execute

SOORTEN = (
    "crm_gegeven_ontbreekt",
    "crm_gegeven_verschilt",
    "crm_gegeven_onbekend",
    "crm_aanmelding_ontbreekt",
    "crm_aanmelding_verschilt",
    "crm_stap_ontbreekt",
)
PAGE_SIZE = 1000
_PATH = "ops/aansluiting_crm"
_logger = logging.getLogger("hub.aansluiting")


class CrmSource(Protocol):
    """The part of the CRM client that comparing needs."""

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage: ...


def compare_crm(engine: Engine, crm: CrmSource, *, page_size: int = PAGE_SIZE) -> Aansluiting:
    """Compare three whole tables of the CRM with the ledger; every difference is an incident.

    What is on its way to a dossier keeps that dossier out of the comparison.

    Raises: the error family of `connectors.transport.errors`: then nothing was reported.
    """
    with engine.begin() as connection:
        begin(connection)
        read = unreadable = 0
        for tabel, row in _ROWS.items():
            execute(connection, _PATH, f"create_{tabel}")
            for page in _pages(crm, tabel, page_size):
                read += _copy(connection, tabel, row, page.records)
                unreadable += len(page.rejected)
            _logger.info("crm %s: %d rows read so far", tabel, read)
        run_statements(
            connection,
            _PATH,
            "create_busy",
            "note_busy",
            "note_busy_aanmeldingen",
            "compare_gegevens",
            "compare_unknown_gegevens",
            "compare_aanmeldingen",
            "compare_stappen",
        )
        if unreadable:
            note_incomplete(
                connection,
                "crm",
                f"{unreadable} rij(en) van het CRM passen niet in de afspraak over haar tabellen.",
                "Vergelijk de kolommen van gegeven, aanmelding en stap met "
                "connectors/crm/mapping.yml.",
            )
        return conclude(connection, "crm", SOORTEN, vergeleken=read, niet_vergeleken=unreadable)


def _pages(crm: CrmSource, tabel: str, page_size: int) -> Iterator[ChangePage]:
    link: str | None = None
    while True:
        page = crm.get_changes(tabel=tabel, link=link, page_size=page_size)
        yield page
        if page.next_link is None:
            return
        link = page.next_link


def _copy(
    connection: Connection,
    tabel: str,
    row: Callable[[CrmRecord], tuple[object, ...]],
    records: Sequence[CrmRecord],
) -> int:
    return copy_rows(connection, _PATH, (row(record) for record in records), f"copy_{tabel}")


def _gegeven(record: CrmRecord) -> tuple[object, ...]:
    names = ("waarde", "suggestie", "beslissing")
    return (
        str(record.velden.get("sleutel")),
        *(to_canonical(record.velden.get(name)) for name in names),
    )


def _aanmelding(record: CrmRecord) -> tuple[object, ...]:
    return (str(record.object_id), to_canonical(record.velden.get("status")))


def _stap(record: CrmRecord) -> tuple[object, ...]:
    return (str(record.velden.get("sleutel")),)


_ROWS: dict[str, Callable[[CrmRecord], tuple[object, ...]]] = {
    "gegeven": _gegeven,
    "aanmelding": _aanmelding,
    "stap": _stap,
}
