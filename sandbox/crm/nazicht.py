"""What the CRM holds of the partners' progress, shown to a judge: rows, and a hash of contents."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from sandbox.crm.rijen import Rijen

_ROWS = "SELECT inhoud FROM crm_rij WHERE tabel = ? AND gewist = 0 ORDER BY versie"
_OF_A_DOSSIER = ("sleutel", "soort", "status")
_COLUMNS = {
    "stap": (*_OF_A_DOSSIER, "omschrijving", "gebeurdop", "uitvoerder"),
    "document": ("sleutel", "soort", "titel", "mimetype", "sha256"),
    "aanmelding": (
        "partner", "soort", "status", "voortgang", "voortgangop", "adviessoort", "adviseur",
    ),
    "dossier": ("dossiernummer", "voortgang"),
}  # fmt: skip


def describe(rijen: Rijen) -> dict[str, list[dict[str, Any]]]:
    """Tell steps, documents (with the hash of what they hold), aanmeldingen and dossiers.

    Names are the CRM's without its prefix; ``inhoud_sha256`` is None where nothing can be read.
    """
    return {naam: list(_describe(rijen, naam)) for naam in _COLUMNS}


def _describe(rijen: Rijen, naam: str) -> Iterator[dict[str, Any]]:
    for (inhoud,) in rijen.state.query(_ROWS, (naam,)):
        velden = orjson.loads(inhoud)
        told = {kolom: velden.get(f"rh_{kolom}") for kolom in _COLUMNS[naam]}
        told["id"] = velden[f"rh_{naam}id"]
        told["dossiernummer"] = rijen.find_dossiernummer(naam, velden)
        if naam == "document":
            told["inhoud_sha256"] = _hash(velden.get("rh_inhoud"))
        yield told


def _hash(inhoud: str | None) -> str | None:
    try:
        return hashlib.sha256(base64.b64decode(inhoud or "", validate=True)).hexdigest()
    except (binascii.Error, ValueError):
        return None
