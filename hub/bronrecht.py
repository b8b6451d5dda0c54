"""The right to ask: which source may be asked for which dossier, and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from connectors.transport.errors import GeenRechtError
from connectors.transport.raadpleging import Raadpleging
from hub.config import load_config
from hub.database import fetch_all

_PATH = "ops/bronrecht"
# Reason -> what was seen, and what a person does next.
_WORDS = {
    "bron_niet_voor_doel": (
        "the purpose does not need this source",
        "Ask it for another purpose, or let the city decide and mend hub/config/bronrecht.yml",
    ),
    "dossier_onbekend": (
        "the hub holds no such dossier",
        "Nothing to do: it is asked once the dossier has landed",
    ),
    "dossier_verwijderd": ("the CRM removed the dossier", "Nothing to do"),
    "dossier_afgesloten": (
        "the dossier is closed",
        "Nothing to do, unless it must be opened again in the CRM",
    ),
    "startakkoord_ingetrokken": (
        "the resident took the start agreement back",
        "Nothing to do: without agreement nothing is asked",
    ),
    "geen_startakkoord": (
        "the resident did not agree to start the dossier",
        "Note the agreement in the CRM when the resident gives it",
    ),
    "geen_aanmelding": (
        "the dossier holds no aanmelding for this purpose",
        "Add the aanmelding in the CRM, or ask for another purpose",
    ),
}


@dataclass(frozen=True, slots=True)
class Bronrecht:
    """What one purpose may ask, on which ground, and who confirms it."""

    doel: str
    bronnen: tuple[str, ...]
    aanmelding: bool
    rechtsgrond: str
    hoedanigheid: str
    zekerheid: str
    bevestigt: str


@cache
def load_bronrechten() -> Mapping[str, Bronrecht]:
    """Return the table of ``hub/config/bronrecht.yml`` by purpose.

    Raises:
        ValueError: a line of it cannot be used.
    """
    return {doel: read_bronrecht(doel, given) for doel, given in load_config("bronrecht").items()}


def read_bronrecht(doel: str, given: Mapping[str, Any]) -> Bronrecht:
    """Return one line of the table.

    Raises:
        ValueError: something is missing, unknown, or of another type.
    """
    texts = ("rechtsgrond", "hoedanigheid", "zekerheid", "bevestigt")
    bronnen = given.get("bronnen")
    usable = (
        set(given) == {"bronnen", "aanmelding", *texts}
        and isinstance(bronnen, list)
        and all(isinstance(bron, str) for bron in bronnen)
        and type(given["aanmelding"]) is bool
        and all(isinstance(given[name], str) and given[name].strip() for name in texts)
        and given["zekerheid"] in ("bron", "stad_beslist")
    )
    if not usable:
        raise ValueError(
            f"bronrecht {doel}: cannot be used. No source was asked. Give bronnen (a list), "
            f"aanmelding (true or false), {', '.join(texts)}; zekerheid is bron or stad_beslist."
        )
    return Bronrecht(doel=doel, **{**given, "bronnen": tuple(given["bronnen"])})


def refuse(connection: Connection, looks: Sequence[Raadpleging]) -> dict[UUID, GeenRechtError]:
    """Return by correlatie_id the looks that may not happen, judged by the facts of this moment.

    Each refusal is written down in ``hub.bronweigering``: once per dossier, source, purpose and
    reason, however often it is tried. What may happen, or may not for another reason, closes it.
    Call it in the transaction that logs what is left.
    """
    asked: dict[tuple[str, str], list[Raadpleging]] = defaultdict(list)
    for look in looks:
        asked[(look.doel, look.bron)].append(look)
    refused: dict[UUID, GeenRechtError] = {}
    for (doel, bron), group in sorted(asked.items()):
        recht = load_bronrechten()[doel]
        reasons = {
            row["dossier_id"]: row["reden"]
            for row in fetch_all(
                connection,
                _PATH,
                "judge",
                # In one order, so that two runs cannot wait for each other.
                dossier_ids=sorted({look.dossier_id for look in group}),
                bron=bron,
                doel=doel,
                toegestaan=bron in recht.bronnen,
                aanmelding=recht.aanmelding,
            )
            if row["reden"] is not None
        }
        for look in group:
            if (reason := reasons.get(look.dossier_id)) is not None:
                observed, advice = _WORDS[reason]
                refused[look.correlatie_id] = GeenRechtError(
                    bron,
                    look.operatie,
                    f"dossier {look.dossier_id}",
                    f"for {doel} {observed}",
                    advice=advice,
                )
    return refused


def show_refusals(connection: Connection) -> list[dict[str, Any]]:
    """Return the open refusals, the newest first."""
    return fetch_all(connection, _PATH, "show")
