"""All that Dialoog holds, in pages by reference, and what may go wrong with it at Dialoog."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from sandbox.crm.handelingen import ActError
from sandbox.dialoog import opslag
from sandbox.dialoog.opslag import Aanmelding
from sandbox.state import State

# What Dialoog invoiced it must keep.
BEWAARPLICHT = {
    "reden": "gefactureerd_bezoek",
    "rechtsgrond": "Wetboek van economisch recht, art. III.86",
}


def write_stand(held: Aanmelding) -> dict[str, Any]:
    """Write what Dialoog holds of one aanmelding, without personal data."""
    body: dict[str, Any] = {
        "referentie": held.referentie,
        "soort": held.soort,
        "status": held.status,
        "ontvangenOp": held.ontvangen_op,
        "gewijzigdOp": held.gewijzigd_op,
        "idempotencyKey": held.idempotency_key,
        "ontvangstnummer": held.ontvangstnummer,
    }
    if held.uitkomst is not None:
        body["intrekking"] = write_intrekking(held)
    return body


def write_intrekking(held: Aanmelding) -> dict[str, Any]:
    """Write what became of a withdrawn aanmelding."""
    body: dict[str, Any] = {
        "referentie": held.referentie,
        "uitkomst": held.uitkomst,
        "ingetrokkenOp": held.ingetrokken_op,
    }
    if held.uitkomst == "bewaard":
        body["bewaarplicht"] = BEWAARPLICHT
    return body


def list_standen(state: State, page: str | None, limit: int) -> dict[str, Any]:
    """Return a page of what is held.

    Raises:
        ValueError: the page token is not ours.
    """
    last = ""
    if page is not None:
        try:
            last = base64.urlsafe_b64decode(page.encode()).decode()
        except (binascii.Error, UnicodeError) as error:
            raise ValueError("page token") from error
    found = opslag.list_held(state, last, limit + 1)
    body: dict[str, Any] = {"items": [write_stand(held) for held in found[:limit]]}
    if len(found) > limit:
        body["volgende"] = base64.urlsafe_b64encode(found[limit - 1].referentie.encode()).decode()
    return body


def lose(state: State, referentie: str) -> None:
    """Lose an aanmelding, as a partner that puts back an old backup does.

    Raises:
        ActError: it is not there.
    """
    if opslag.find(state, referentie) is None:
        raise ActError("no such aanmelding")
    with state.write():
        opslag.remove(state, referentie)


def bring_back(state: State, referentie: str) -> None:
    """Bring back a withdrawn aanmelding, as an old backup does.

    Raises:
        ActError: it is not there, or was not withdrawn.
    """
    held = opslag.find(state, referentie)
    if held is None or held.uitkomst is None:
        raise ActError("no such aanmelding, or it was not withdrawn")
    held.uitkomst = held.ingetrokken_op = None
    with state.write():
        opslag.save(state, held)
