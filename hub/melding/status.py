"""The status that a message tells of: as its own message to DOSIS froze it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hub.dossierstatus import AANVRAAG, Lezing, list_regelingen
from hub.keys import Keyring
from hub.ledger.bericht import seal_context

BESTEMMING = "dosis"
# What fills the places of a status's text where no event is known: in a preview.
_SAMPLE = {"soort": "duurzaam bouwadvies", "partner": "Dialoog", "dag": "25 november 2026"}


@dataclass(frozen=True, slots=True)
class Status:
    """A status as the resident sees it in Mijn Burgerprofiel; ``regeling``: of an application."""

    naam: str
    code: str
    fase: str
    detail: str
    product: int
    regeling: str | None = None


def open_status(
    naam: str, sleutel: str, inhoud: bytes | None, sleutel_id: str | None, keyring: Keyring
) -> Status | None:
    """Return the status of a sealed message to DOSIS; None when it has no content any more.

    Raises:
        KeyringError: the key is missing, or the content was altered or moved.
    """
    if inhoud is None or sleutel_id is None:
        return None
    plain = keyring.decrypt(bytes(inhoud), sleutel_id, context=seal_context(BESTEMMING, sleutel))
    content: dict[str, Any] = json.loads(plain)
    return Status(
        naam,
        content["code"],
        content["fase"],
        content["detail"] or "",
        content["product"],
        # What was frozen before applications were told has none.
        content.get("regeling"),
    )


def make_sample(lezing: Lezing) -> Status:
    """Return a status of ``hub/config/dossierstatus.yml`` about nobody."""
    regeling = None
    if lezing.tabel == AANVRAAG:
        regeling = next(iter(list_regelingen(str(lezing.soort))))
    detail = lezing.detail.format(**_SAMPLE, regeling=regeling)
    return Status(lezing.naam, lezing.code, lezing.fase, detail, lezing.product, regeling)
