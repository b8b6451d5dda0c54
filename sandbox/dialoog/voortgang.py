"""Progress at Dialoog: events that come by command, and the pages that tell them."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.crm.handelingen import ActError
from sandbox.dialoog import opslag
from sandbox.dialoog.documenten import add_document

if TYPE_CHECKING:
    from sandbox.state import State
    from sandbox.world import World

STATUSSEN = ("ontvangen", "ingepland", "plaatsbezoek", "advies_opgemaakt", "afgerond", "geweigerd")
_AFTER_ALL = 2**62  # an id above any: strictly after the moment
_EXTRA = ("adviesSoort", "adviseur", "documenten")


def add_voortgang(world: World, body: dict[str, Any], base: str) -> dict[str, Any]:
    """Let an aanmelding advance: ``{referentie | dossiernummer, status, tijdstip?, …}``.

    A document with only a ``titel`` is made, below Dialoog's address ``base``.

    Raises:
        ActError: the aanmelding is unknown or withdrawn, or the status does not exist.
    """
    state = world.state
    if "referentie" in body:
        aanmelding = opslag.find(state, str(body["referentie"]))
    else:
        aanmelding = opslag.find_last_for_dossier(state, str(body.get("dossiernummer")))
    if aanmelding is None or aanmelding.uitkomst is not None:
        raise ActError("no such aanmelding, or it was withdrawn")
    if body["status"] not in STATUSSEN:
        raise ActError(f"status must be one of {', '.join(STATUSSEN)}")
    extra = {naam: body[naam] for naam in _EXTRA if naam in body}
    with state.write():
        if "documenten" in extra:
            extra["documenten"] = [
                given
                if "href" in given
                else add_document(state, aanmelding.referentie, str(given["titel"]), base)
                for given in extra["documenten"]
            ]
        number, moment = record(
            state, aanmelding.referentie, body["status"], body.get("tijdstip"), extra
        )
        aanmelding.status = read_stand(state, aanmelding.referentie)
        aanmelding.gewijzigd_op = moment
        opslag.save(state, aanmelding)
    return {"id": str(number), "referentie": aanmelding.referentie, "gewijzigdOp": moment}


def record(
    state: State, referentie: str, status: str, tijdstip: str | None, extra: dict[str, Any]
) -> tuple[int, str]:
    """Write down one event; return its id and moment."""
    moment = opslag.now()
    cursor = state.execute(
        "INSERT INTO dialoog_voortgang (referentie, status, tijdstip, gewijzigd_op, extra)"
        " VALUES (?, ?, ?, ?, ?)",
        (referentie, status, tijdstip or moment, moment, json.dumps(extra)),
    )
    return int(cursor.lastrowid or 0), moment


def read_stand(state: State, referentie: str) -> str:
    """Return how an aanmelding stands: what happened last, of those what is furthest.

    What is planned happened when it was recorded, not when the visit will be.

    Raises:
        ActError: nothing was ever recorded of it.
    """
    rows = state.query(
        "SELECT tijdstip, status, gewijzigd_op, id FROM dialoog_voortgang WHERE referentie = ?",
        (referentie,),
    )
    if not rows:
        raise ActError("no progress of this aanmelding")

    def rank(row: tuple[str, str, str, int]) -> tuple[datetime, int, datetime, int]:
        tijdstip, status, gewijzigd_op, number = row
        recorded = datetime.fromisoformat(gewijzigd_op)
        happened = min(datetime.fromisoformat(tijdstip), recorded)
        return happened, STATUSSEN.index(status), recorded, number

    last = max(rows, key=rank)
    return str(last[1])


def list_voortgang(state: State, since: str, page: str | None, limit: int) -> dict[str, Any]:
    """Return a page of events after ``since`` (UTC text), oldest first.

    Raises:
        ValueError: the page token is not ours.
    """
    moment, last = since, _AFTER_ALL
    if page is not None:
        try:
            moment, number = base64.urlsafe_b64decode(page.encode()).decode().split(" ")
            last = int(number)
        except (binascii.Error, UnicodeError) as error:
            raise ValueError("page token") from error
    rows = state.query(
        "SELECT id, referentie, status, tijdstip, gewijzigd_op, extra FROM dialoog_voortgang"
        " WHERE (gewijzigd_op, id) > (?, ?) ORDER BY gewijzigd_op, id LIMIT ?",
        (moment, last, limit + 1),
    )
    items = [
        {
            "id": str(number),
            "referentie": referentie,
            "status": status,
            "tijdstip": tijdstip,
            "gewijzigdOp": changed,
        }
        | json.loads(extra)
        for number, referentie, status, tijdstip, changed, extra in rows[:limit]
    ]
    body: dict[str, Any] = {"items": items}
    if len(rows) > limit:
        token = f"{rows[limit - 1][4]} {rows[limit - 1][0]}"
        body["volgende"] = base64.urlsafe_b64encode(token.encode()).decode()
    return body
