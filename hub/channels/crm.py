"""Messages to the CRM: one atomic set of changes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from uuid import UUID

from connectors.crm.models import CrmChange, CrmRecord
from connectors.transport.errors import AlreadyDoneError, ConflictError
from hub.canonical import to_canonical
from hub.document import fill_content, without_content
from hub.ledger.bericht import Bericht, Ontvangst

_WRITTEN_BY_THE_HUB = frozenset({"gegeven", "document"})
# The one column of it in which a person answers: the hub only empties it.
_ANSWERED_BY_A_PERSON = frozenset({"beslissing"})


class CrmWriter(Protocol):
    """The part of the CRM client that delivering needs."""

    def write(
        self, *, changes: Sequence[CrmChange], key: str, correlation_id: UUID | None = None
    ) -> None: ...

    def get(
        self,
        *,
        tabel: str,
        object_id: UUID | None = None,
        sleutel: str | None = None,
        velden: Sequence[str] | None = None,
    ) -> CrmRecord | None: ...


class CrmKanaal:
    """Deliver to the CRM; after an unknown outcome compare the rows with what was to be written."""

    def __init__(self, crm: CrmWriter) -> None:
        self._crm = crm

    def send(self, bericht: Bericht) -> Ontvangst:
        """Apply the changes, all or none."""
        changes = [_change(bericht, change) for change in bericht.inhoud["wijzigingen"]]
        try:
            self._crm.write(
                changes=changes, key=str(bericht.bericht_id), correlation_id=bericht.bericht_id
            )
        except ConflictError:
            # A task or a document that only must exist and does: it was put there before.
            if all(change.create_only for change in changes):
                raise AlreadyDoneError(
                    "crm", "write", str(bericht.bericht_id), "it is there already"
                ) from None
            raise
        return Ontvangst()

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Return a receipt when the rows already hold what the message writes.

        The changes were applied all or none, so the rows that only the hub writes or makes tell it
        for all: in the others a person may have typed since. A task that the message makes is known
        by its key.
        """
        changes = bericht.inhoud["wijzigingen"]
        ours = [
            change
            for change in changes
            if change["tabel"] in _WRITTEN_BY_THE_HUB or change.get("create_only")
        ]
        for change in ours or changes:
            if change["tabel"] == "stap" and change.get("create_only"):
                wanted: Mapping[str, object] = {}
                record = self._crm.get(tabel="stap", sleutel=change["sleutel"])
            elif change["tabel"] == "document":
                wanted = without_content(change)
                record = self._crm.get(
                    tabel="document", sleutel=change["sleutel"], velden=tuple(wanted)
                )
            else:
                wanted = change["velden"]
                record = self._crm.get(
                    tabel=change["tabel"],
                    object_id=UUID(change["object_id"]) if "object_id" in change else None,
                    sleutel=change.get("sleutel"),
                )
            if record is None or not _holds(record.velden, wanted):
                return None
        return Ontvangst()


def _change(bericht: Bericht, change: Mapping[str, Any]) -> CrmChange:
    return CrmChange(
        tabel=change["tabel"],
        object_id=UUID(change["object_id"]) if "object_id" in change else None,
        sleutel=change.get("sleutel"),
        velden=fill_content(change, bericht.inhoud),
        if_match=change.get("if_match"),
        create_only=change.get("create_only", False),
    )


def _holds(in_crm: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return all(
        _same(in_crm.get(veld), waarde)
        for veld, waarde in wanted.items()
        if veld not in _ANSWERED_BY_A_PERSON
    )


def _same(held: object, wanted: object) -> bool:
    if isinstance(held, datetime) and isinstance(wanted, str):
        # The CRM keeps whole seconds, whatever fraction it was given.
        return held.replace(microsecond=0) == datetime.fromisoformat(wanted).replace(microsecond=0)
    left, right = to_canonical(held), to_canonical(wanted)
    if left == right or left is None or right is None:
        return left == right
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False
