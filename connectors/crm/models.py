"""Records of the CRM in our own words; every value is typed by the mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

Waarde = str | bool | int | Decimal | date | datetime | UUID | None


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """One row as it stands in the CRM. `gewijzigd_op` is in UTC."""

    tabel: str
    object_id: UUID
    etag: str
    gewijzigd_op: datetime
    velden: Mapping[str, Waarde] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CrmDeleted:
    """A row that is gone; maybe one we never saw."""

    tabel: str
    object_id: UUID


@dataclass(frozen=True, slots=True)
class CrmRejected:
    """A row that does not fit the mapping: its key as far as it can be read, and why.

    `inhoud` is the row as it came; it may hold anything.
    """

    tabel: str
    object_id: str
    reden: str
    inhoud: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes: with `next_link` more follows, with `delta_link` this was the last."""

    tabel: str
    records: tuple[CrmRecord, ...]
    deleted: tuple[CrmDeleted, ...]
    next_link: str | None
    delta_link: str | None
    rejected: tuple[CrmRejected, ...] = ()


@dataclass(frozen=True, slots=True)
class CrmChange:
    """One write: by `object_id` it changes an existing row, by `sleutel` it upserts.

    `if_match` is an etag, or '*' for any version; without it a write by `object_id` still
    needs the row to exist. `create_only` refuses a row that exists.
    """

    tabel: str
    object_id: UUID | None
    sleutel: str | None
    velden: Mapping[str, object] = field(repr=False)
    if_match: str | None = None
    create_only: bool = False

    def __post_init__(self) -> None:
        """Refuse a change that does not say which row it means."""
        if (self.object_id is None) == (self.sleutel is None):
            raise ValueError("a change needs an object_id or a sleutel, not both")
        if self.create_only and self.if_match is not None:
            raise ValueError("a change that only creates has no version to match")
