"""Land what changed in the CRM: page by page, each with its inbox rows and cursor, never half."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from connectors.crm.errors import DeltaExpiredError
from connectors.crm.models import ChangePage, CrmRecord
from hub.canonical import to_canonical
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_one
from hub.incident import report
from hub.insz import insz_status
from hub.keys import Keyring

TABELLEN = ("profiel", "vraag", "dossier", "toestemming", "aanmelding")
PAGE_SIZE = 1000
_logger = logging.getLogger("hub.landing")


class CrmChanges(Protocol):
    """The part of the CRM client that pulling needs."""

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage: ...


@dataclass(frozen=True, slots=True)
class Landed:
    """What one pull brought: pages read, rows received, rows new or changed, rows gone."""

    tabel: str
    pages: int
    received: int
    changed: int
    deleted: int
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

    Each page is one transaction with its cursor: a crash reads at most that page again. An expired
    delta link becomes a full reload, reported as an incident, that ends in the same table.
    """
    pages = received = changed = deleted = 0
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
        rows = _rows_of(page.records, tabel, keyring)
        last = page.next_link is None
        with engine.begin() as connection:
            changed += _land(connection, tabel, rows, full=full_since is not None)
            if page.deleted:
                deleted += _delete(connection, tabel, [gone.object_id for gone in page.deleted])
            if last and full_since is not None:
                deleted += execute(
                    connection, f"staging/land_crm_{tabel}", "delete_unseen", sinds=full_since
                )
            following = page.delta_link if last else page.next_link
            _move_cursor(connection, tabel, link, following, done=last)
        pages, received = pages + 1, received + len(rows)
        _logger.info("crm %s: %d rows read, %d changed", tabel, received, changed)
        if last:
            return Landed(tabel, pages, received, changed, deleted, reloaded)
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
    connection: Connection, tabel: str, rows: Sequence[Sequence[object]], *, full: bool
) -> int:
    path = f"staging/land_crm_{tabel}"
    if not rows:
        return 0
    execute(connection, path, "create")
    copy_rows(connection, path, rows)
    changed = execute(connection, path, "merge")
    if full:
        execute(connection, path, "mark_seen")
    return changed


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


def _rows_of(
    records: Sequence[CrmRecord], tabel: str, keyring: Keyring
) -> list[tuple[object, ...]]:
    latest = {record.object_id: record for record in records}
    make = _ROW_MAKERS[tabel]
    return [
        (
            record.object_id,
            *(_storable(value) for value in make(record, keyring)),
            record.etag,
            keyring.content_hash(_content(record)),
            record.gewijzigd_op,
        )
        for record in latest.values()
    ]


def _storable(value: object) -> object:
    # PostgreSQL text cannot hold a NUL; one odd row must not stop its page.
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def _content(record: CrmRecord) -> bytes:
    # The etag counts as content: a write to the CRM needs the version it was decided on.
    velden = {name: to_canonical(value) for name, value in record.velden.items()}
    return json.dumps([record.etag, velden], sort_keys=True).encode()


def _seal(record: CrmRecord, names: Sequence[str], keyring: Keyring) -> tuple[bytes, str]:
    plain = json.dumps({name: record.velden.get(name) for name in names}).encode()
    return keyring.encrypt(plain, context=f"bron.crm_{record.tabel}:{record.object_id}")


def _profiel_row(record: CrmRecord, keyring: Keyring) -> tuple[object, ...]:
    insz = record.velden.get("insz")
    sealed, key_id = _seal(record, ("voornaam", "naam", "insz", "email", "telefoon"), keyring)
    status = insz_status(insz if isinstance(insz, str) else None)
    return (record.velden.get("contact_voorkeur"), status, sealed, key_id)


def _vraag_row(record: CrmRecord, keyring: Keyring) -> tuple[object, ...]:
    velden = record.velden
    sealed, key_id = _seal(record, ("onderwerp", "tekst"), keyring)
    return (
        velden.get("profiel_id"),
        velden.get("kanaal"),
        velden.get("ontvangen_op"),
        sealed,
        key_id,
    )


def _dossier_row(record: CrmRecord, keyring: Keyring) -> tuple[object, ...]:
    velden = record.velden
    filled = {
        veld: canonical
        for veld in load_config("velden")
        if (canonical := to_canonical(velden.get(veld))) is not None
    }
    plain = (
        "dossiernummer", "profiel_id", "vraag_id", "status", "start_akkoord", "start_akkoord_op",
        "consulent", "straat", "huisnummer", "busnummer", "postcode", "gemeente",
    )  # fmt: skip
    values = [velden.get(name) for name in plain]
    values[plain.index("start_akkoord")] = bool(velden.get("start_akkoord"))
    return (*values, json.dumps(filled), keyring.pseudonym(f"dossier:{record.object_id}"))


def _toestemming_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    return tuple(record.velden.get(n) for n in ("profiel_id", "doel", "ontvanger", "van", "tot"))


def _aanmelding_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    names = ("dossier_id", "soort", "partner", "volgnummer", "status")
    return tuple(record.velden.get(name) for name in names)


_ROW_MAKERS: dict[str, Callable[[CrmRecord, Keyring], tuple[object, ...]]] = {
    "profiel": _profiel_row,
    "vraag": _vraag_row,
    "dossier": _dossier_row,
    "toestemming": _toestemming_row,
    "aanmelding": _aanmelding_row,
}
