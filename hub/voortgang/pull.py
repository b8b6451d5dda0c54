"""Land what a partner tells of the aanmeldingen it holds: each event once, none that is strange."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from connectors.aanmelding.models import (
    DocumentVerwijzing,
    GeweigerdeVoortgang,
    Status,
    Voortgang,
    VoortgangBladzijde,
)
from connectors.transport.errors import ContractError
from hub.bronbudget.grens import read_grens
from hub.bronbudget.lease import within_budget
from hub.database import copy_rows, execute, fetch_all, fetch_one
from hub.gewist import find_gewist
from hub.keys import Keyring
from hub.kill_point import kill_point
from hub.quality.apart import set_apart, set_content_apart
from hub.quality.content import find_broken
from hub.quality.rules import Check
from hub.voortgang.config import read_overlap
from hub.voortgang.seal import document_context, seal_fields, voortgang_context

BRON = "voortgang"
_PATH = "staging/land_voortgang"
# Before any aanmelding of the hub: the first pull asks for all.
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_WITHOUT_ID = "(zonder sleutel)"
_CHANGED = (
    "onder deze sleutel kwam eerder een ander document, en dat houdt de hub; vraag de partner het "
    "nieuwe onder een sleutel van zijn eigen bij een nieuwe gebeurtenis"
)
_logger = logging.getLogger("hub.voortgang.pull")


class VoortgangSource(Protocol):
    """The part of a partner's client that pulling needs."""

    def list_voortgang(
        self, *, gewijzigd_na: datetime, pagina: str | None = None
    ) -> VoortgangBladzijde: ...


@dataclass(frozen=True, slots=True)
class VoortgangLanded:
    """What one pull of one partner brought: pages, events received, new ones, and set apart."""

    partner: str
    pages: int
    received: int
    added: int
    rejected: int


def pull_voortgang(
    engine: Engine, source: VoortgangSource, keyring: Keyring, *, partner: str
) -> VoortgangLanded:
    """Land what a partner recorded since the newest event the hub saw, less an overlap.

    Each page is one transaction with its cursor, so that a crash asks at most that page again. An
    event is known by the partner's id: what comes again adds nothing. One that cannot be read, that
    names a reference the hub never sent there, or that differs from what came under its id waits
    in quarantine with its reason; when it comes again and is good it is released.

    Raises:
        ContractError: the pages go round in a circle.
        Others of the connector's error family.
    """
    with within_budget(engine, read_grens(partner)):
        return _pull(engine, source, keyring, partner)


def _pull(
    engine: Engine, source: VoortgangSource, keyring: Keyring, partner: str
) -> VoortgangLanded:
    pages = received = added = rejected = 0
    link = _begin(engine, partner)
    since = datetime.fromisoformat(link) - read_overlap()
    pagina: str | None = None
    asked: set[str] = set()
    while True:
        bladzijde = source.list_voortgang(gewijzigd_na=since, pagina=pagina)
        following = _newest(link, bladzijde)
        with engine.begin() as connection:
            new, refused = _land(connection, keyring, partner, bladzijde)
            _move_cursor(connection, partner, link, following)
            kill_point("in_merge")
        kill_point("between_pages")
        link, pages, received = following, pages + 1, received + len(bladzijde.items)
        added, rejected = added + new, rejected + refused
        pagina = bladzijde.volgende
        if pagina is None:
            _logger.info("%s: %d events read, %d new", partner, received, added)
            return VoortgangLanded(partner, pages, received, added, rejected)
        if pagina in asked:
            raise ContractError(
                partner, "list_voortgang", since.isoformat(), "the pages go round in a circle",
                done="What was read has landed",
                advice="Ask the partner to mend its paging",
            )  # fmt: skip
        asked.add(pagina)


def _begin(engine: Engine, partner: str) -> str:
    with engine.begin() as connection:
        execute(connection, _PATH, "start_cursor", partner=partner, link=_BEGIN.isoformat())
        cursor = fetch_one(connection, "ops/cursor", "get", bron=BRON, soort=partner)
    assert cursor is not None, "the cursor was written in this transaction"
    return str(cursor["link"])


def _newest(link: str, bladzijde: VoortgangBladzijde) -> str:
    """Return how far was read; a moment that is still to come would hide what comes before it."""
    told = [item.gewijzigd_op for item in bladzijde.items if isinstance(item, Voortgang)]
    newest = min(max(told, default=_BEGIN), datetime.now(UTC))
    return max(newest, datetime.fromisoformat(link)).astimezone(UTC).isoformat()


def _land(
    connection: Connection, keyring: Keyring, partner: str, bladzijde: VoortgangBladzijde
) -> tuple[int, int]:
    """Land the events of a page; return how many were new and how many were set apart."""
    told = [item for item in bladzijde.items if isinstance(item, Voortgang)]
    # A partner that must keep an aanmelding may tell of it: of an erased resident nothing lands.
    gewist = find_gewist(connection, keyring, "aanmelding", [event.referentie for event in told])
    events = {event.voortgang_id: event for event in told if event.referentie not in gewist}
    dossiers = {
        row["aanmelding_id"]: row["dossier_id"]
        for row in fetch_all(
            connection,
            _PATH,
            "known",
            partner=partner,
            referenties=[str(event.referentie) for event in events.values()],
        )
    }
    landed = {
        row["voortgang_id"]: bytes(row["inhoud_hash"])
        for row in fetch_all(
            connection, _PATH, "landed", partner=partner, voortgang_ids=list(events)
        )
    }
    refused: dict[str, str] = {
        item.voortgang_id or _WITHOUT_ID: item.reden
        for item in bladzijde.items
        if isinstance(item, GeweigerdeVoortgang)
    }
    new, good = [], []
    broken: dict[str, list[Check]] = {}
    for voortgang_id, event in events.items():
        content = keyring.content_hash(_content(event))
        if voortgang_id in landed:
            if landed[voortgang_id] != content:
                refused[voortgang_id] = "het is anders dan wat eerder onder deze id kwam"
                continue
        elif event.referentie not in dossiers:
            refused[voortgang_id] = "de hub stuurde deze referentie nooit naar deze partner"
            continue
        elif rules := find_broken("voortgang", _judged(event)):
            broken[voortgang_id] = rules
            continue
        else:
            new.append((event, dossiers[event.referentie], content))
        good.append(voortgang_id)
    added = _add(connection, keyring, partner, new)
    model = f"{BRON}_{partner}"
    execute(connection, _PATH, "release", model=model, voortgang_ids=good)
    for voortgang_id, reden in refused.items():
        set_apart(
            connection,
            model=model,
            object_id=voortgang_id,
            redenen=[reden],
            regels=["voortgang_klopt"],
            herkomst=f"{partner} voortgang",
        )
    for voortgang_id, checks in broken.items():
        set_content_apart(
            connection,
            keyring,
            BRON,
            object_id=voortgang_id,
            content=_judged(events[voortgang_id]),
            broken=checks,
            model=model,
            herkomst=f"{partner} voortgang",
        )
    return added, len(refused) + len(broken)


def _judged(event: Voortgang) -> dict[str, Any]:
    """Return what the rules look at: only what is planned may lie in the future."""
    planned = event.status is Status.INGEPLAND
    return {"gepland_op" if planned else "gebeurd_op": event.tijdstip}


def _add(
    connection: Connection,
    keyring: Keyring,
    partner: str,
    new: Sequence[tuple[Voortgang, UUID, bytes]],
) -> int:
    if not new:
        return 0
    execute(connection, _PATH, "create")
    execute(connection, _PATH, "create_documents")
    copy_rows(
        connection,
        _PATH,
        (_event_row(partner, event, dossier, content, keyring) for event, dossier, content in new),
    )
    copy_rows(
        connection,
        _PATH,
        (
            _document_row(partner, event, dossier, document, keyring)
            for event, dossier, _ in new
            for document in event.documenten
        ),
        "copy_documents",
    )
    added = execute(connection, _PATH, "add")
    execute(connection, _PATH, "add_documents")
    for row in fetch_all(connection, _PATH, "changed_documents"):
        set_apart(
            connection,
            model=f"document_{partner}",
            object_id=f"{row['document_id']} bij gebeurtenis {row['voortgang_id']}",
            redenen=[_CHANGED],
            regels=["document_onveranderd"],
            herkomst=f"{partner} document",
        )
    return added


def _content(event: Voortgang) -> bytes:
    fields: Mapping[str, Any] = asdict(event)
    return json.dumps(fields, sort_keys=True, default=_write).encode()


def _write(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _event_row(
    partner: str, event: Voortgang, dossier_id: UUID, content: bytes, keyring: Keyring
) -> tuple[object, ...]:
    sealed: tuple[bytes | None, str | None] = (None, None)
    if event.adviseur:
        context = voortgang_context(partner, event.voortgang_id)
        sealed = seal_fields({"adviseur": event.adviseur}, context, keyring)
    return (
        partner, event.voortgang_id, event.referentie, dossier_id, event.status.value,
        event.tijdstip, event.gewijzigd_op, event.advies_soort, *sealed, content,
    )  # fmt: skip


def _document_row(
    partner: str,
    event: Voortgang,
    dossier_id: UUID,
    document: DocumentVerwijzing,
    keyring: Keyring,
) -> tuple[object, ...]:
    context = document_context(partner, document.document_id)
    sealed = seal_fields({"titel": document.titel, "href": document.href}, context, keyring)
    return (
        partner, document.document_id, event.voortgang_id, event.referentie, dossier_id,
        document.mediatype, document.grootte, document.sha256, *sealed,
    )  # fmt: skip


def _move_cursor(connection: Connection, partner: str, previous: str, following: str) -> None:
    moved = execute(
        connection, "ops/cursor", "move",
        bron=BRON, soort=partner, link=following, vorige_link=previous, volledig_klaar=False,
    )  # fmt: skip
    if moved != 1:
        raise RuntimeError(
            f"{BRON} {partner}: another pull moved the cursor meanwhile. This page was rolled "
            "back. Nothing to do: the next run continues where the other stopped."
        )
