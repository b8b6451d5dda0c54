"""Progress as files: a name tells a file's moment, a line is an event of the contract. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from connectors.aanmelding.bestanden import DOCUMENTEN, NAAR_STAD
from connectors.aanmelding.documenten import NOT_ASKED, name_document, refuse
from connectors.aanmelding.models import DocumentVerwijzing, GeweigerdeVoortgang, Voortgang
from connectors.aanmelding.voortgang import read_event
from connectors.transport.fields import parse_json

# The largest file of progress, in bytes.
LARGEST_FILE: Final = 8 * 1024 * 1024
_NAME: Final = re.compile(r"voortgang-(?P<moment>[0-9]{8}T[0-9]{12}Z)\.jsonl")
_MOMENT: Final = "%Y%m%dT%H%M%S%fZ"


def read_moment(name: str) -> datetime | None:
    """Return the moment (UTC) in the name of a file of progress, None when it is no such name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found["moment"], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def find_files(names: Iterable[str], gewijzigd_na: datetime) -> list[str]:
    """Return the files of progress whose moment is later, oldest first."""
    found = [(moment, name) for name in names if (moment := read_moment(name)) is not None]
    return [name for moment, name in sorted(found) if moment > gewijzigd_na]


def read_file(
    system: str, operation: str, name: str, content: bytes | None
) -> tuple[Voortgang | GeweigerdeVoortgang, ...]:
    """Return the events of a file, in its order; a line that cannot be read stops no other.

    Without content the file went away after it was seen.
    """
    if content is None:
        return refuse_file(name, "it went away before it was read")
    moment = read_moment(name)
    events = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        event = _read_line(system, operation, name, line)
        if isinstance(event, Voortgang) and (moment is None or event.gewijzigd_op > moment):
            # Who asks since the last event would pass over the files in between.
            event = GeweigerdeVoortgang(
                event.voortgang_id, "field gewijzigdOp lies after the moment of its file"
            )
        if isinstance(event, GeweigerdeVoortgang):
            event = GeweigerdeVoortgang(event.voortgang_id, f"{name} line {number}: {event.reden}")
        events.append(event)
    return tuple(events)


def refuse_file(name: str, why: str) -> tuple[Voortgang | GeweigerdeVoortgang, ...]:
    """Return what tells of a file that cannot be read as a whole."""
    return (GeweigerdeVoortgang(None, f"{name}: {why}"),)


def locate_document(system: str, verwijzing: DocumentVerwijzing) -> str:
    """Return the path of a document: only its own place in the agreed folder is read.

    Raises: ContractError when `href` says another.
    """
    path = f"{NAAR_STAD}/{DOCUMENTEN}/{verwijzing.document_id}.pdf"
    if name_document(verwijzing) != verwijzing.document_id or verwijzing.href != path:
        observed = f"href is not {NAAR_STAD}/{DOCUMENTEN}/<documentId>.pdf"
        refuse(system, verwijzing, observed, NOT_ASKED)
    return path


def _read_line(
    system: str, operation: str, name: str, line: bytes
) -> Voortgang | GeweigerdeVoortgang:
    item = parse_json(line)
    if item is None:
        return GeweigerdeVoortgang(None, "no JSON; perhaps the file was not written to its end")
    return read_event(system, operation, name, item)
