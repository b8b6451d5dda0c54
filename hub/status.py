"""What the resident sees of a dossier: composed from the facts when its message first leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.config import load_config
from hub.database import fetch_all
from hub.keys import Keyring
from hub.ledger.bericht import VerzegeldBericht
from hub.persoon import open_persoonsgegevens


def compose_statuses(
    connection: Connection, keyring: Keyring, berichten: Sequence[VerzegeldBericht]
) -> Mapping[UUID, Mapping[str, Any]]:
    """Return the content of each status message; none for who cannot be reached any more.

    The moment of change (UTC) is now: it tells this upload from every other of the dossier.
    """
    residents = {
        row["dossier_id"]: row
        for row in fetch_all(
            connection,
            "intermediate/compose_statuses",
            "residents",
            dossier_ids=[bericht.dossier_id for bericht in berichten],
        )
    }
    return {
        bericht.bericht_id: _content(residents[bericht.dossier_id], str(bericht.kenmerk), keyring)
        for bericht in berichten
        if bericht.dossier_id in residents
    }


def _content(row: Mapping[str, Any], status: str, keyring: Keyring) -> dict[str, Any]:
    person = open_persoonsgegevens(
        "profiel", row["profiel_id"], row["persoonsgegevens"], row["sleutel_id"], keyring
    )
    config = load_config("dossierstatus")
    return {
        "dossiernummer": row["dossiernummer"],
        "naam": config["naam"],
        "datum_modificatie": datetime.now(UTC).isoformat(),
        "product": config["product"],
        "dienst": config["dienst"],
        "insz": person["insz"],
        **config["statussen"][status],
    }
