"""Write messages down, in the transaction of the decision that made them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from hub.database import copy_rows, execute, fetch_all
from hub.keys import Keyring
from hub.ledger.bericht import NieuwBericht, seal


def enqueue(
    connection: Connection, keyring: Keyring, berichten: Sequence[NieuwBericht]
) -> dict[tuple[str, str], UUID]:
    """Add the messages whose (destination, key) is not known yet, in their order.

    Returns the id of each message that was added: writing a decision down again adds nothing.
    """
    if not berichten:
        return {}
    execute(connection, "ops/enqueue", "lock")
    execute(connection, "ops/enqueue", "create")
    copy_rows(connection, "ops/enqueue", (_row(bericht, keyring) for bericht in berichten))
    added = fetch_all(connection, "ops/enqueue", "add")
    execute(connection, "ops/enqueue", "drop")
    return {(row["bestemming"], row["sleutel"]): row["bericht_id"] for row in added}


def _row(bericht: NieuwBericht, keyring: Keyring) -> tuple[object, ...]:
    inhoud = bericht.inhoud
    sealed, key_id = (None, None) if inhoud is None else seal(bericht, inhoud, keyring)
    consent = bericht.toestemming
    return (
        bericht.bestemming,
        bericht.sleutel,
        bericht.soort,
        bericht.kenmerk,
        bericht.dossier_id,
        bericht.prioriteit,
        "overgeslagen" if bericht.overgeslagen else "klaar",
        bericht.overgeslagen,
        bericht.niet_voor,
        sealed,
        key_id,
        consent.profiel_id if consent else None,
        consent.doel if consent else None,
    )
