"""Prove the access log: recompute every segment, its closing record, and how they follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.toegang.chain import START, LogRij, Segment, Slot, genesis, row_hash, slot_hash

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Anker:
    """The end of a batch as it was once seen: kept where the log's owner cannot change it."""

    maand: str
    volgnummer: int
    keten_hash: bytes


@dataclass(slots=True)
class ChainVerdict:
    """How many rows were seen, how many things do not fit, the row where the first of these is, and
    in words what does not fit (the first twenty) and what could not be judged.
    """

    entries: int = 0
    broken: int = 0
    first: int | None = None
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, finding: str, number: object = None) -> None:
        """Count something that does not fit, at this row."""
        self.broken += 1
        if self.first is None and isinstance(number, int):
            self.first = number
        if len(self.findings) < SHOWN:
            self.findings.append(finding)


@dataclass(slots=True)
class _Counted:
    """What the rows of one segment turned out to be."""

    aantal: int
    eerste: object
    laatste: object
    keten_hash: bytes


def check_segments(
    segments: Iterable[Segment], *, ankers: Iterable[Anker] = (), whole: bool = True
) -> ChainVerdict:
    """Judge segments in the order of their months.

    ``whole`` says that they are the whole log: the first one follows nothing and every month that
    was logged is among them. Of files that are a part of it, the first is taken at its word. An
    anchor that the log no longer holds shows that the end was removed, or all of it rewritten.
    """
    verdict = ChainVerdict()
    wanted: dict[int, bytes] = {anker.volgnummer: anker.keten_hash for anker in ankers}
    before: Slot | None = None
    open_month: str | None = None
    last: int | None = 0 if whole else None
    previous = START if whole else None
    for segment in segments:
        if open_month is not None:
            verdict.find(f"segment {open_month} has no closing record and is not the last")
            previous = last = None
        eerste = _check_place(verdict, segment, before, previous, last, whole=whole)
        open_month = segment.maand if segment.slot is None else None
        if segment.rijen is not None:
            counted = _check_rows(verdict, segment, eerste, wanted)
            last = counted.laatste if isinstance(counted.laatste, int) else None
            if segment.slot is not None:
                _check_counts(verdict, segment.slot, counted)
        elif segment.slot is not None:
            _check_dropped(verdict, segment.slot, wanted)
        if segment.slot is not None:
            if slot_hash(segment.slot) != segment.slot.slot_hash:
                verdict.find(f"the closing record of {segment.maand} was changed")
            before, previous, last = segment.slot, segment.slot.slot_hash, segment.slot.laatste
    for number in wanted:
        verdict.find(f"row {number} of the anchor is not there: the end was removed", number)
    return verdict


def _check_place(
    verdict: ChainVerdict,
    segment: Segment,
    before: Slot | None,
    previous: bytes | None,
    last: int | None,
    *,
    whole: bool,
) -> int | None:
    """Judge whether a segment follows the one before it; return the number it must begin with."""
    if segment.slot is not None and segment.slot.vorige_hash != segment.vorige_hash:
        verdict.find(f"the closing record of {segment.maand} follows another segment than its rows")
    if previous is None or segment.vorige_hash == previous:
        return None if last is None else last + 1
    if not whole and before is not None and _next_month(before.maand) != segment.maand:
        verdict.notes.append(
            f"between {before.maand} and {segment.maand} a segment may be missing; how these two "
            "follow was not judged"
        )
        return None
    verdict.find(f"segment {segment.maand} does not follow the closed segment before it")
    return None


def _check_rows(
    verdict: ChainVerdict, segment: Segment, eerste: int | None, wanted: dict[int, bytes]
) -> _Counted:
    expected: int | None = eerste
    keten = genesis(segment.maand, segment.vorige_hash)
    digest = hashlib.sha256(keten)
    counted = _Counted(0, None, None, keten)
    unfit = pending = False
    for rij in segment.rijen or ():
        number = rij.volgnummer
        verdict.entries += 1
        counted.aantal += 1
        if counted.aantal == 1:
            counted.eerste = number
        counted.laatste = number
        if expected is not None and number != expected:
            verdict.find(f"row {expected} is not where it belongs: there is {number}", number)
            unfit = True
        expected = number + 1 if isinstance(number, int) else None
        if row_hash(rij.waarden) != rij.rij_hash:
            verdict.find(f"row {number} was changed", number)
            unfit = True
        digest.update(rij.rij_hash)
        pending = rij.keten_hash is None
        if rij.keten_hash is not None:
            # One cause is told once: where a row already does not fit, its batch cannot either.
            if digest.digest() != rij.keten_hash and not unfit:
                verdict.find(f"the batch that ends at row {number} was changed", number)
            _check_anchor(verdict, rij, wanted)
            counted.keten_hash, unfit = rij.keten_hash, False
            digest = hashlib.sha256(rij.keten_hash)
    if pending:
        verdict.find(f"segment {segment.maand} ends in the middle of a batch", counted.laatste)
    return counted


def _check_counts(verdict: ChainVerdict, slot: Slot, counted: _Counted) -> None:
    told = (slot.aantal, slot.eerste, slot.laatste, slot.keten_hash)
    if told != (counted.aantal, counted.eerste, counted.laatste, counted.keten_hash):
        verdict.find(
            f"segment {slot.maand} was closed with {slot.aantal} rows ({slot.eerste} to "
            f"{slot.laatste}) and now holds {counted.aantal} ({counted.eerste} to "
            f"{counted.laatste}), or ends otherwise",
            slot.laatste,
        )


def _check_dropped(verdict: ChainVerdict, slot: Slot, wanted: dict[int, bytes]) -> None:
    if slot.verwijderd_op is None:
        verdict.find(f"the rows of segment {slot.maand} are gone, and not by retention")
    else:
        verdict.notes.append(
            f"the rows of segment {slot.maand} ({slot.aantal}) were dropped by retention on "
            f"{slot.verwijderd_op:%Y-%m-%d}"
        )
    for number in [n for n in wanted if slot.eerste <= n <= slot.laatste]:
        keten = wanted.pop(number)
        if number == slot.laatste and keten != slot.keten_hash:
            verdict.find(f"row {number} of the anchor ended otherwise", number)
        elif number != slot.laatste:
            verdict.notes.append(f"row {number} of the anchor was dropped by retention")


def _check_anchor(verdict: ChainVerdict, rij: LogRij, wanted: dict[int, bytes]) -> None:
    number = rij.volgnummer
    if isinstance(number, int) and wanted.pop(number, rij.keten_hash) != rij.keten_hash:
        verdict.find(f"row {number} does not end as its anchor says: it was rewritten", number)


def _next_month(maand: str) -> str:
    year, month = int(maand[:4]), int(maand[5:])
    return f"{year + month // 12:04d}-{month % 12 + 1:02d}"


def anker_document(anker: Anker) -> Mapping[str, object]:
    """Return an anchor as it is written in a file, one JSON line."""
    return {
        "maand": anker.maand,
        "volgnummer": anker.volgnummer,
        "keten_hash": anker.keten_hash.hex(),
    }
