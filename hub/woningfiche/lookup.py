"""Make the woningfiche of one dossier now, without sending it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from hub.database import fetch_one
from hub.woning.compose import compose_woningbeelden
from hub.woningfiche.inhoud import compose_fiche
from hub.woningfiche.model import to_plain


def find_fiche(connection: Connection, dossiernummer: str, *, vandaag: date) -> dict[str, Any]:
    """Return the page of a dossier as it would be made today.

    Raises:
        LookupError: there is no such dossier, or its dwelling is not known; the text says what to
            do.
    """
    row = fetch_one(
        connection, "intermediate/decide_woningfiches", "woning_of", dossiernummer=dossiernummer
    )
    if row is None:
        raise LookupError(f"There is no dossier {dossiernummer}; check the number.")
    if row["woning_id"] is None:
        how = row["uitkomst"] or "nog niet gezocht"
        raise LookupError(
            f"The dwelling of {dossiernummer} is not known ({how}); no fiche was made. "
            "Choose or correct the address in the CRM."
        )
    beeld = compose_woningbeelden(connection, [row["woning_id"]])[row["woning_id"]]
    return to_plain(compose_fiche(beeld, dossiernummer=row["dossiernummer"], vandaag=vandaag))
