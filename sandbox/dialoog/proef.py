"""What the contract asks of a partner's test environment: the scenarios of a ``proef-`` dossier."""

from __future__ import annotations

from typing import Any

from sandbox.dialoog import documenten, opslag, voortgang
from sandbox.dialoog.opslag import Aanmelding
from sandbox.state import State

ADVISEUR = "Ada Adviseur"


def is_proef(dossiernummer: str | None, draaiboek: str) -> bool:
    """Tell whether a dossier number asks for this scenario: advies, bewaard, druk, geweigerd."""
    return (dossiernummer or "").startswith(f"proef-{draaiboek}-")


def advance(state: State, held: Aanmelding, base: str) -> None:
    """Let an aanmelding get its advice at once, with a document below the address ``base``."""
    document = documenten.add_document(state, held.referentie, "Duurzaam bouwadvies", base)
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ingepland", {}),
        ("plaatsbezoek", {}),
        (
            "advies_opgemaakt",
            {"adviesSoort": "dubo", "adviseur": ADVISEUR, "documenten": [document]},
        ),
    )
    for status, extra in steps:
        _, held.gewijzigd_op = voortgang.record(state, held.referentie, status, None, extra)
        held.status = status
    opslag.save(state, held)
