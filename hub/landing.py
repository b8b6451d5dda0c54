"""Land what changed in the CRM: page by page, each with its inbox rows and cursor, never half."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError

from connectors.crm.errors import DeltaExpiredError
from connectors.crm.models import ChangePage, CrmRejected
from connectors.transport.errors import ContractError
from hub.database import copy_rows, execute, fetch_one
from hub.gewist import keep_out, note_whole
from hub.incident import report
from hub.keys import Keyring
from hub.kill_point import kill_point
from hub.landing_rows import make_rows
from hub.quality.apart import set_apart

TABELLEN = (
    "profiel", "vraag", "dossier", "toestemming", "aanmelding", "aanvraag", "stap", "gegeven",
)  # fmt: skip
PAGE_SIZE = 1000
# A page of this size without one readable row is no bad row but a broken source or mapping.
_BROKEN_PAGE = 20
_logger = logging.getLogger("hub.landing")


class CrmChanges(Protocol):
    """The part of the CRM client that pulling needs."""

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage: ...


@dataclass(frozen=True, slots=True)
class Landed:
    """What one pull brought: pages read, rows received, changed, gone, and set apart."""

    tabel: str
    pages: int
    received: int
    changed: int
    deleted: int
    rejected: int
    reloaded: bool


def pull_crm_table(
    engine: Engine,
    crm: CrmChanges,
    keyring: Keyring,
    *,
    tabel: str,
    page_size: int = PAGE_SIZE,
) -> Landed:
    """Read one CRM table from where the last pull stopped and land what changed.

    Each page is one transaction with its cursor: a crash reads at most that page again. A row that
    does not fit its table waits in quarantine with the reason; the others land. What is of a
    resident who was erased is kept out. An expired delta link becomes a full reload, reported as an
    incident, that ends in the same table.

    Raises:
        ContractError: a page holds no readable row at all: the source or the mapping is broken.
        Others of the connector's error family.
    """
    pages = received = changed = deleted = rejected = 0
    reloaded = False
    with engine.begin() as connection:
        cursor = fetch_one(connection, "ops/cursor", "get", bron="crm", soort=tabel)
        if cursor is None:
            execute(connection, "ops/cursor", "start_full", bron="crm", soort=tabel)
    link = cursor["link"] if cursor else None
    full_since = cursor["volledig_sinds"] if cursor else _full_since(engine, tabel)
    while True:
        try:
            page = crm.get_changes(tabel=tabel, link=link, page_size=page_size)
        except DeltaExpiredError:
            if reloaded:
                raise
            reloaded, link = True, None
            full_since = _restart_in_full(engine, tabel)
            continue
        if len(page.rejected) >= _BROKEN_PAGE and not page.records:
            raise ContractError(
                "crm", "get_changes", tabel, f"not one of {len(page.rejected)} rows is readable"
            )
        last = page.next_link is None
        with engine.begin() as connection:
            page = keep_out(connection, keyring, page)
            rows = make_rows(page.records, tabel, keyring)
            landed, refused = _land(connection, tabel, rows, full=full_since is not None)
            _set_apart(connection, keyring, (*_with_content(refused, page), *page.rejected))
            refused += page.rejected
            if page.deleted:
                deleted += _delete(connection, tabel, [gone.object_id for gone in page.deleted])
            if last and full_since is not None:
                deleted += execute(
                    connection, f"staging/land_crm_{tabel}", "delete_unseen", sinds=full_since
                )
                note_whole(connection, tabel, full_since)
            following = page.delta_link if last else page.next_link
            _move_cursor(connection, tabel, link, following, done=last)
            kill_point("in_merge")
        kill_point("between_pages")
        changed, rejected = changed + landed, rejected + len(refused)
        pages, received = pages + 1, received + len(rows)
        _logger.info("crm %s: %d rows read, %d changed", tabel, received, changed)
        if last:
            return Landed(tabel, pages, received, changed, deleted, rejected, reloaded)
        link = following


def _full_since(engine: Engine, tabel: str) -> object:
    with engine.begin() as connection:
        cursor = fetch_one(connection, "ops/cursor", "get", bron="crm", soort=tabel)
    return cursor["volledig_sinds"] if cursor else None


def _restart_in_full(engine: Engine, tabel: str) -> object:
    with engine.begin() as connection:
        execute(connection, "ops/cursor", "start_full", bron="crm", soort=tabel)
        report(
            connection,
            "delta_verlopen",
            f"crm {tabel}",
            f"De wijzigingslink van de CRM-tabel {tabel} was verlopen. De hub las de tabel opnieuw "
            "in haar geheel. Controleer waarom er dagen niets werd opgehaald.",
        )
    return _full_since(engine, tabel)


def _land(
    connection: Connection, tabel: str, rows: Sequence[tuple[object, ...]], *, full: bool
) -> tuple[int, tuple[CrmRejected, ...]]:
    """Land the rows of a page in one set; when the database refuses it, row by row."""
    if not rows:
        return 0, ()
    try:
        with connection.begin_nested():
            return _merge(connection, tabel, rows, full=full), ()
    except (DataError, psycopg.DataError):
        changed, refused = 0, []
        for row in rows:
            try:
                with connection.begin_nested():
                    changed += _merge(connection, tabel, [row], full=full)
            except (DataError, psycopg.DataError) as error:
                reason = f"de databank aanvaardt een waarde niet ({type(error).__name__})"
                refused.append(CrmRejected(tabel, str(row[0]), reason))
        return changed, tuple(refused)


def _merge(
    connection: Connection, tabel: str, rows: Sequence[tuple[object, ...]], *, full: bool
) -> int:
    path = f"staging/land_crm_{tabel}"
    execute(connection, path, "create")
    copy_rows(connection, path, rows)
    changed = execute(connection, path, "merge", volledig=full)
    if full:
        execute(connection, path, "mark_seen")
    execute(connection, path, "release")
    execute(connection, path, "drop")
    return changed


def _with_content(refused: Sequence[CrmRejected], page: ChangePage) -> list[CrmRejected]:
    """Return the rows that the database refused with what the CRM sent."""
    content = {str(record.object_id): record.velden for record in page.records}
    return [replace(row, inhoud=content[row.object_id]) for row in refused]


def _set_apart(connection: Connection, keyring: Keyring, refused: Sequence[CrmRejected]) -> None:
    for row in refused:
        set_apart(
            connection,
            model=f"crm_{row.tabel}",
            object_id=row.object_id,
            redenen=[row.reden],
            regels=["past_in_tabel"],
            herkomst=f"crm {row.tabel}",
            # Any column may hold anything here, so all of it is sealed.
            persoonlijk=None if row.inhoud is None else (keyring, row.inhoud),
        )


def _delete(connection: Connection, tabel: str, object_ids: Sequence[UUID]) -> int:
    return execute(connection, f"staging/land_crm_{tabel}", "delete", object_ids=list(object_ids))


def _move_cursor(
    connection: Connection, tabel: str, previous: str | None, following: str | None, *, done: bool
) -> None:
    moved = execute(
        connection,
        "ops/cursor",
        "move",
        bron="crm",
        soort=tabel,
        link=following,
        vorige_link=previous,
        volledig_klaar=done,
    )
    if moved != 1:
        raise RuntimeError(
            f"crm pull {tabel}: another pull moved the cursor meanwhile. This page was rolled "
            "back. Nothing to do: the next run continues where the other stopped."
        )
