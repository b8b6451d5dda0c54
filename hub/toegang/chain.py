"""The hashes of the access log, as docs/access_log.md tells them; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

# What comes before the first segment.
START = bytes(32)
# The columns of a row that its hash covers, in this order.
COLUMNS = (
    "volgnummer",
    "gelogd_op",
    "correlatie_id",
    "dossier_id",
    "bron",
    "operatie",
    "object",
    "doel",
    "rechtsgrond",
    "hoedanigheid",
    "namens",
)


@dataclass(frozen=True, slots=True)
class LogRij:
    """A row as it is hashed; ``keten_hash`` is there on the last row of a batch only."""

    waarden: tuple[object, ...]
    rij_hash: bytes
    keten_hash: bytes | None

    @property
    def volgnummer(self) -> object:
        """The row's number; a forged file may hold anything here."""
        return self.waarden[0]


@dataclass(frozen=True, slots=True)
class Slot:
    """The closing record of a segment (``maand`` is ``YYYY-MM``)."""

    maand: str
    vorige_hash: bytes
    eerste: int
    laatste: int
    aantal: int
    keten_hash: bytes
    slot_hash: bytes
    verwijderd_op: datetime | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A month of the log: its rows in order, or None where retention dropped them."""

    maand: str
    vorige_hash: bytes
    rijen: Iterable[LogRij] | None
    slot: Slot | None


def write_moment(moment: datetime) -> str:
    """Return a moment as the log hashes it: UTC, six digits of a second, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def row_hash(waarden: Sequence[object]) -> bytes:
    """Return the hash of a row's values: their JSON list, without spaces, in UTF-8."""
    listed = json.dumps(waarden, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(listed.encode("utf-8", "surrogatepass")).digest()


def genesis(maand: str, vorige_hash: bytes) -> bytes:
    """Return what the first batch of a segment follows: its month and the segment before it."""
    return hashlib.sha256(f"renovatiehub toegangslog {maand} ".encode() + vorige_hash).digest()


def batch_hash(previous: bytes, row_hashes: Iterable[bytes]) -> bytes:
    """Return the hash that ends a batch: the batch before it and every row of this one."""
    return hashlib.sha256(previous + b"".join(row_hashes)).digest()


def slot_hash(slot: Slot) -> bytes:
    """Return the hash of a closing record: its counts and the end of its chain."""
    told = f"{slot.maand} {slot.eerste} {slot.laatste} {slot.aantal} "
    return hashlib.sha256(
        f"renovatiehub toegangslog slot {told}".encode() + slot.keten_hash
    ).digest()
