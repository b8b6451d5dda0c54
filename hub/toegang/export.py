"""A segment as a file: JSON lines that prove themselves without the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from hub.toegang.chain import COLUMNS, LogRij, Segment, Slot
from hub.toegang.verify import Anker

VERSIE = 1


class UitvoerError(Exception):
    """A file that is no segment or no anchor: what was seen, and what to do."""


def write_segment(segment: Segment, stream: TextIO) -> int:
    """Write a segment: which one, a line per row, its closing record (null while it is open).

    Returns the number of rows.

    Raises:
        UitvoerError: retention dropped its rows; nothing was written.
    """
    if segment.rijen is None:
        raise UitvoerError(
            f"segment {segment.maand}: its rows were dropped by retention. Nothing was written. "
            "Only its closing record is left."
        )
    _line(
        stream,
        toegangslog=VERSIE,
        maand=segment.maand,
        vorige_hash=segment.vorige_hash.hex(),
    )
    count = 0
    for rij in segment.rijen:
        _line(
            stream,
            **dict(zip(COLUMNS, rij.waarden, strict=True)),
            rij_hash=rij.rij_hash.hex(),
            keten_hash=rij.keten_hash and rij.keten_hash.hex(),
        )
        count += 1
    slot = segment.slot
    _line(
        stream,
        slot=slot
        and {
            "eerste": slot.eerste,
            "laatste": slot.laatste,
            "aantal": slot.aantal,
            "vorige_hash": slot.vorige_hash.hex(),
            "keten_hash": slot.keten_hash.hex(),
            "slot_hash": slot.slot_hash.hex(),
        },
    )
    return count


def read_segments(paths: Iterable[Path]) -> Iterator[Segment]:
    """Yield the segments of files in the order of their months; use each before the next.

    Raises:
        UitvoerError: a file is no segment, is cut off, or comes twice.
    """
    opened: dict[str, tuple[Path, bytes, Slot | None]] = {}
    for path in paths:
        maand, vorige_hash, slot = _ends(path)
        if maand in opened:
            raise UitvoerError(
                f"{path.name}: segment {maand} was already given. Give each month once."
            )
        opened[maand] = (path, vorige_hash, slot)
    for maand, (path, vorige_hash, slot) in sorted(opened.items()):
        yield Segment(maand, vorige_hash, _rows(path), slot)


def read_ankers(path: Path) -> list[Anker]:
    """Return the anchors of a file, one JSON line each.

    Raises:
        UitvoerError: a line is no anchor.
    """
    ankers = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            told = json.loads(line)
            anker = Anker(told["maand"], told["volgnummer"], bytes.fromhex(told["keten_hash"]))
        except (ValueError, KeyError, TypeError):
            raise UitvoerError(
                f"{path.name} line {number} is no anchor. Nothing was judged. Give the file that "
                "'toegangslog anker' wrote."
            ) from None
        ankers.append(anker)
    return ankers


def _line(stream: TextIO, **told: object) -> None:
    stream.writelines((json.dumps(told, ensure_ascii=False, separators=(",", ":")), "\n"))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        for line in stream:
            if line.strip():
                yield line


def _ends(path: Path) -> tuple[str, bytes, Slot | None]:
    """Return what the first and the last line of a file say."""
    first = last = ""
    for line in _lines(path):
        first, last = first or line, line
    try:
        told = json.loads(first)
        if told["toegangslog"] != VERSIE:
            raise ValueError
        maand, vorige_hash = str(told["maand"]), bytes.fromhex(told["vorige_hash"])
        closing = json.loads(last)["slot"]
        return maand, vorige_hash, None if closing is None else _slot(maand, closing)
    except (ValueError, KeyError, TypeError):
        raise UitvoerError(
            f"{path.name} is no whole segment of the access log: its first or last line is not "
            "what an export writes. Nothing was judged. Export the month again, or take another "
            "copy."
        ) from None


def _slot(maand: str, told: dict[str, Any]) -> Slot:
    return Slot(
        maand=maand,
        vorige_hash=bytes.fromhex(told["vorige_hash"]),
        eerste=int(told["eerste"]),
        laatste=int(told["laatste"]),
        aantal=int(told["aantal"]),
        keten_hash=bytes.fromhex(told["keten_hash"]),
        slot_hash=bytes.fromhex(told["slot_hash"]),
    )


def _rows(path: Path) -> Iterator[LogRij]:
    """Yield the rows between the first and the last line."""
    waiting: tuple[int, str] | None = None
    for number, line in enumerate(_lines(path), start=1):
        if waiting is not None:
            yield _row(path, *waiting)
        waiting = (number, line) if number > 1 else None


def _row(path: Path, number: int, line: str) -> LogRij:
    try:
        told = json.loads(line)
        return LogRij(
            tuple(told[name] for name in COLUMNS),
            bytes.fromhex(told["rij_hash"]),
            None if told["keten_hash"] is None else bytes.fromhex(told["keten_hash"]),
        )
    except (ValueError, KeyError, TypeError):
        raise UitvoerError(
            f"{path.name} line {number} is no row of the access log. The rest was not judged. "
            "Export the month again, or take another copy."
        ) from None
