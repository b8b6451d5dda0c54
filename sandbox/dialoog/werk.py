"""A partner at work: its aanmeldingen go a step further, and what it holds is shown to a judge."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.crm.handelingen import ActError
from sandbox.dialoog import opslag
from sandbox.dialoog.documenten import add_document
from sandbox.dialoog.leven import DAG, Gebeurtenis, build_leven
from sandbox.dialoog.voortgang import read_stand, record

if TYPE_CHECKING:
    from sandbox.dialoog.opslag import Aanmelding
    from sandbox.state import State

_DDL = """
CREATE TABLE IF NOT EXISTS dialoog_werk (referentie TEXT PRIMARY KEY, gedaan INTEGER NOT NULL)
"""
_GOING_ON = """
SELECT a.*, coalesce(w.gedaan, 0) FROM dialoog_aanmelding AS a
LEFT JOIN dialoog_werk AS w ON w.referentie = a.referentie
WHERE a.uitkomst IS NULL AND coalesce(w.gedaan, 0) < ? ORDER BY a.nummer
"""
_EVENTS = """
SELECT v.id, v.referentie, a.dossiernummer, v.status, v.tijdstip, v.gewijzigd_op, v.extra
FROM dialoog_voortgang AS v JOIN dialoog_aanmelding AS a ON a.referentie = v.referentie
ORDER BY v.gewijzigd_op, v.id
"""
_HELD = "SELECT * FROM dialoog_aanmelding ORDER BY referentie"


def create_tables(state: State) -> None:
    """Create what is not there yet."""
    state.create(_DDL)


def work(state: State, seed: int, stap: int, base: str) -> dict[str, int]:
    """Bring every aanmelding that stands to step ``stap``; documents lie below ``base``.

    Who came later catches up. Done twice it adds nothing. ``te_gaan`` counts the aanmeldingen that
    have steps left after this one.

    Raises:
        ActError: the step is below 1.
    """
    if stap < 1:
        raise ActError("stap counts from 1")
    recorded = to_go = 0
    with state.write():
        for *columns, done in state.query(_GOING_ON, (stap,)):
            held = opslag.Aanmelding(*columns)
            leven = build_leven(seed, held.referentie, held.soort)
            for step in leven[done:stap]:
                _record(state, held, step, base)
                recorded += 1
            to_go += len(leven) > stap
            if len(leven) > done:
                state.execute(
                    "INSERT OR REPLACE INTO dialoog_werk VALUES (?, ?)",
                    (held.referentie, min(stap, len(leven))),
                )
    return {"vastgelegd": recorded, "te_gaan": to_go}


def _record(state: State, held: Aanmelding, step: Gebeurtenis, base: str) -> None:
    tijdstip = None
    if step.dag is not None:
        received = datetime.fromisoformat(held.ontvangen_op)
        tijdstip = opslag.write_moment(received + step.dag * DAG)
    extra: dict[str, Any] = {}
    if step.advies_soort:
        extra["adviesSoort"] = step.advies_soort
    if step.adviseur:
        extra["adviseur"] = step.adviseur
    if step.titel:
        extra["documenten"] = [add_document(state, held.referentie, step.titel, base)]
    _, held.gewijzigd_op = record(state, held.referentie, step.status, tijdstip, extra)
    held.status = read_stand(state, held.referentie)
    opslag.save(state, held)


def describe(state: State) -> dict[str, list[dict[str, Any]]]:
    """Tell a judge all events with their documents, and how each aanmelding stands.

    Of what was removed on withdrawal the aanmelding is told, and no event.
    """
    events = [
        {
            "id": str(number),
            "referentie": referentie,
            "dossiernummer": dossiernummer,
            "status": status,
            "tijdstip": tijdstip,
            "gewijzigdOp": changed,
        }
        | json.loads(extra)
        for number, referentie, dossiernummer, status, tijdstip, changed, extra in state.query(
            _EVENTS
        )
    ]
    held = [opslag.Aanmelding(*row) for row in state.query(_HELD)]
    return {
        "gebeurtenissen": events,
        "aanmeldingen": [
            {
                "referentie": a.referentie,
                "dossiernummer": a.dossiernummer,
                "soort": a.soort,
                "stand": a.status,
                "intrekking": a.uitkomst,
            }
            for a in held
        ],
    }
