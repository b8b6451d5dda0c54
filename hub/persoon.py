"""Open the personal columns of landed rows, only where a message needs them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from hub.keys import Keyring


def open_persoonsgegevens(
    tabel: str, object_id: UUID, sealed: bytes, key_id: str, keyring: Keyring
) -> dict[str, Any]:
    """Return the personal columns of a row of ``bron.crm_<tabel>``.

    Raises:
        KeyringError: the key is missing or the text was altered.
    """
    plain = keyring.decrypt(bytes(sealed), key_id, context=persoon_context(tabel, object_id))
    opened: dict[str, Any] = json.loads(plain)
    return opened


def persoon_context(tabel: str, object_id: UUID) -> str:
    """Return what binds the sealed columns to their row of ``bron.crm_<tabel>``."""
    return f"bron.crm_{tabel}:{object_id}"
