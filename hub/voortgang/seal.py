"""What is personal in progress, sealed to its row: the adviser, a document's title and address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hub.keys import Keyring


def voortgang_context(partner: str, voortgang_id: str) -> str:
    """Return what binds a sealed text to its row of ``bron.partner_voortgang``."""
    return f"bron.partner_voortgang:{partner}:{voortgang_id}"


def document_context(partner: str, document_id: str) -> str:
    """Return what binds a sealed text to its row of ``bron.partner_document``."""
    return f"bron.partner_document:{partner}:{document_id}"


def seal_fields(fields: Mapping[str, str], context: str, keyring: Keyring) -> tuple[bytes, str]:
    """Return the sealed fields and the id of the key."""
    return keyring.encrypt(json.dumps(fields).encode(), context=context)


def open_fields(row: Mapping[str, Any], context: str, keyring: Keyring) -> dict[str, str]:
    """Return the sealed fields of a landed row; none when it has none.

    Raises:
        KeyringError: the key is missing or the text was altered.
    """
    if row["persoonsgegevens"] is None:
        return {}
    opened: dict[str, str] = json.loads(
        keyring.decrypt(bytes(row["persoonsgegevens"]), row["sleutel_id"], context=context)
    )
    return opened
