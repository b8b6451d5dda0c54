"""What was erased does not land again, known by keyed pseudonyms alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from connectors.crm.models import ChangePage, CrmRecord, CrmRejected
from hub.database import execute, fetch_all, fetch_one
from hub.keys import Keyring

# The objects of the CRM that are remembered; the others hang on one of these.
SOORTEN = ("profiel", "dossier", "vraag", "aanmelding", "aanvraag")
# Whatever refers to one of these is of the erased resident too.
_REFERENCES = ("profiel", "dossier")
_PATH = "ops/gewist"
_logger = logging.getLogger("hub.gewist")


def gewist_pseudoniem(keyring: Keyring, soort: str, object_id: object) -> str:
    """Return under what an erased object is remembered: of this purpose alone."""
    return keyring.pseudonym(f"gewist:{soort}:{object_id}")


def hold_landing(connection: Connection) -> None:
    """Wait for whoever lands at this moment; until this transaction ends nobody else does."""
    execute(connection, _PATH, "hold")


def remember(
    connection: Connection,
    keyring: Keyring,
    wissing_id: UUID,
    objects: Sequence[tuple[str, UUID, datetime | None]],
) -> int:
    """Let these objects (kind, id, when the CRM removed them) never land again; returns how many.

    Call it in the transaction of ``hold_landing``.
    """
    chosen = [one for one in objects if one[0] in SOORTEN]
    return execute(
        connection,
        _PATH,
        "add",
        pseudoniemen=[gewist_pseudoniem(keyring, soort, one) for soort, one, _ in chosen],
        soorten=[soort for soort, _, _ in chosen],
        wissing_ids=[wissing_id] * len(chosen),
        momenten=[moment for _, _, moment in chosen],
    )


def find_gewist(
    connection: Connection, keyring: Keyring, soort: str, object_ids: Sequence[UUID]
) -> set[UUID]:
    """Return which of these objects were erased; until the transaction ends no other will be."""
    if not _any_there(connection) or not object_ids:
        return set()
    names = {gewist_pseudoniem(keyring, soort, one): one for one in object_ids}
    return {names[known] for known in _known(connection, list(names))}


def find_wissing(connection: Connection, keyring: Keyring, profiel_id: UUID) -> UUID | None:
    """Return the erasure of a profile that was erased before."""
    name = gewist_pseudoniem(keyring, "profiel", profiel_id)
    return _known(connection, [name]).get(name)


def keep_out(connection: Connection, keyring: Keyring, page: ChangePage) -> ChangePage:
    """Return the page without what is of an erased resident, and note whether the CRM has it.

    A new row that refers to an erased profile or dossier is remembered as erased too.
    """
    if not _any_there(connection):
        return page
    of_record = {id(one): _names(keyring, one) for one in page.records}
    of_rejected = {id(one): _names_of_rejected(keyring, one) for one in page.rejected}
    gone = {gewist_pseudoniem(keyring, page.tabel, one.object_id) for one in page.deleted}
    asked = gone.union(*of_record.values(), *of_rejected.values())
    known = _known(connection, list(asked))
    if not known:
        return page
    held = [one for one in page.records if of_record[id(one)] & known.keys()]
    rejected = [one for one in page.rejected if of_rejected[id(one)] & known.keys()]
    out = {id(one) for one in (*held, *rejected)}
    _note_seen(connection, keyring, known, held, of_record)
    execute(connection, _PATH, "mark_gone", pseudoniemen=list(gone & known.keys()))
    refresh_incidents(connection)
    if held or rejected:
        _logger.info("crm %s: %d erased rows kept out", page.tabel, len(held) + len(rejected))
    return replace(
        page,
        records=tuple(one for one in page.records if id(one) not in out),
        rejected=tuple(one for one in page.rejected if id(one) not in out),
    )


def note_whole(connection: Connection, tabel: str, since: object) -> None:
    """Note that a table was read as a whole since that moment: what was not in it is gone."""
    if execute(connection, _PATH, "mark_unseen", soort=tabel, sinds=since):
        refresh_incidents(connection)


def refresh_incidents(connection: Connection) -> None:
    """Tell of which erasures the CRM still has something; close those of which it has nothing."""
    execute(connection, _PATH, "report")
    execute(connection, _PATH, "close_report")


def _any_there(connection: Connection) -> bool:
    execute(connection, _PATH, "hold_shared")
    found = fetch_one(connection, _PATH, "any_there")
    return bool(found and found["er_is"])


def _known(connection: Connection, pseudoniemen: Sequence[str]) -> dict[str, UUID]:
    rows = fetch_all(connection, _PATH, "known", pseudoniemen=list(pseudoniemen))
    return {row["pseudoniem"]: row["wissing_id"] for row in rows}


def _note_seen(
    connection: Connection,
    keyring: Keyring,
    known: Mapping[str, UUID],
    held: Sequence[CrmRecord],
    names: Mapping[int, set[str]],
) -> None:
    chosen = [one for one in held if one.tabel in SOORTEN]
    own = [gewist_pseudoniem(keyring, one.tabel, one.object_id) for one in chosen]
    execute(connection, _PATH, "mark_seen", pseudoniemen=own)
    execute(
        connection,
        _PATH,
        "add",
        pseudoniemen=own,
        soorten=[one.tabel for one in chosen],
        wissing_ids=[known[min(names[id(one)] & known.keys())] for one in chosen],
        momenten=[None] * len(chosen),
    )


def _names(keyring: Keyring, record: CrmRecord) -> set[str]:
    names = {gewist_pseudoniem(keyring, record.tabel, record.object_id)}
    for soort in _REFERENCES:
        reference = record.velden.get(f"{soort}_id")
        if reference is not None:
            names.add(gewist_pseudoniem(keyring, soort, reference))
    return names


def _names_of_rejected(keyring: Keyring, rejected: CrmRejected) -> set[str]:
    """Return what a row may be known by that could not be read: whatever in it looks like an id."""
    names = {gewist_pseudoniem(keyring, rejected.tabel, _as_id(rejected.object_id))}
    for value in (rejected.inhoud or {}).values():
        found = _as_id(value)
        if isinstance(found, UUID):
            names |= {gewist_pseudoniem(keyring, soort, found) for soort in _REFERENCES}
    return names


def _as_id(value: object) -> object:
    try:
        return UUID(str(value))
    except ValueError:
        return value
