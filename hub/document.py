"""Documents for the CRM: written once, under a key that says which content they have."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from hub.woningfiche.maken import make_document

# Characters that the CRM's column holds, less room for the rest of a batch; common knowledge of
# the product, so one to confirm with the city.
LARGEST: Final = 40_000_000
# What is made when it is sent: the message keeps what it is made from, which is far smaller.
_MAKERS: Final[Mapping[str, Callable[[Mapping[str, Any], str], bytes]]] = {
    "woningfiche": make_document
}


class DocumentError(ValueError):
    """A document cannot be kept by the CRM."""


def document_change(
    dossier_id: UUID,
    *,
    sleutel: str,
    soort: str,
    titel: str,
    mimetype: str,
    inhoud: bytes | None = None,
    te_maken: str | None = None,
    sha256: str | None = None,
) -> dict[str, Any]:
    """Return the change of a CRM message that adds one document to a dossier.

    The same ``sleutel`` must mean the same content: a document that is there is left as it is.
    Either ``inhoud`` is given, or ``te_maken`` names the part of the message's content from which
    it is made when it is sent. ``sha256`` (hex) is that of the bytes, where it is known now.

    Raises:
        DocumentError: the content is larger than the CRM holds.
    """
    if (inhoud is None) == (te_maken is None):
        raise ValueError("a document needs its content or what it is made from, not both")
    velden = {
        "dossier_id": str(dossier_id),
        "soort": soort,
        "titel": titel,
        "mimetype": mimetype,
    }
    if sha256 is not None:
        velden["sha256"] = sha256
    change = {"tabel": "document", "sleutel": sleutel, "create_only": True, "velden": velden}
    if inhoud is not None:
        velden["inhoud"] = _encode(inhoud)
    else:
        change["te_maken"] = te_maken
    return change


def fill_content(change: Mapping[str, Any], inhoud: Mapping[str, Any]) -> Mapping[str, object]:
    """Return the fields of a change, with the content of a document that is still to be made."""
    velden: Mapping[str, object] = change["velden"]
    if "te_maken" not in change:
        return velden
    kind = change["te_maken"]
    return {**velden, "inhoud": _encode(_MAKERS[kind](inhoud[kind], change["velden"]["mimetype"]))}


def without_content(change: Mapping[str, Any]) -> dict[str, object]:
    """Return the fields by which a document is recognised without reading its content."""
    return {naam: waarde for naam, waarde in change["velden"].items() if naam != "inhoud"}


def _encode(inhoud: bytes) -> str:
    text = base64.b64encode(inhoud).decode()
    if len(text) > LARGEST:
        raise DocumentError(
            f"A document of {len(inhoud)} bytes is larger than the CRM holds. It was not sent. "
            "Make it smaller, or let the city raise the limit of its column."
        )
    return text
