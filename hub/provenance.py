"""Every value of a dwelling with its source, object, version and time; history is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from hub.canonical import to_canonical
from hub.database import copy_rows, execute

_PATH = "intermediate/record_gegevens"


@dataclass(frozen=True, slots=True)
class Waarneming:
    """One value as a source gave it (canonical text), or as the hub derived it from one.

    ``opgehaald_op`` is UTC; ``geldig_tot`` is the last day on which the source vouches for it.
    Of a field that can stand more than once, ``onderdeel`` tells the elements apart and the value
    is one JSON object (`element`).
    """

    veld: str
    waarde: str
    bron_object: str
    bron_versie: str | None
    opgehaald_op: datetime
    geldig_tot: date | None = None
    afgeleid: bool = False
    onderdeel: str = ""


def element(**values: object) -> str:
    """Return the value of one element of a field: a JSON object of canonical texts."""
    return json.dumps(
        {name: to_canonical(value) for name, value in values.items()}, ensure_ascii=False
    )


def record_values(
    connection: Connection, *, bron: str, per_woning: Mapping[UUID, Sequence[Waarneming]]
) -> int:
    """Make these the current values that this source gives of these dwellings.

    The source was asked about the whole dwelling: a value that it no longer gives is closed. A
    value that did not change stays as it was; of a later version of the source's object that says
    the same, version and moment are noted. Returns the number of new values.
    """
    execute(connection, _PATH, "create")
    copy_rows(
        connection,
        _PATH,
        (
            (woning_id, w.veld, w.onderdeel, w.waarde, bron, w.bron_object, w.bron_versie,
             w.opgehaald_op, w.geldig_tot, w.afgeleid)
            for woning_id, values in per_woning.items()
            for w in values
        ),
    )  # fmt: skip
    execute(connection, _PATH, "close", bron=bron, woning_ids=list(per_woning))
    execute(connection, _PATH, "confirm")
    added = execute(connection, _PATH, "add")
    execute(connection, _PATH, "drop")
    return added
