"""Set one row apart that was refused before it landed or left: rule, value, origin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from hub.database import execute
from hub.keys import Keyring
from hub.quality.content import find
from hub.quality.rules import Check, load_contents
from hub.quality.split import quarantine_context


def set_apart(
    connection: Connection,
    *,
    model: str,
    object_id: str,
    redenen: Sequence[str],
    regels: Sequence[str] = (),
    herkomst: str | None = None,
    versie: str | None = None,
    waarden: Mapping[str, Any] | None = None,
    persoonlijk: tuple[Keyring, Mapping[str, Any]] | None = None,
) -> None:
    """Keep a row in quarantine; the same row failing again stays one row.

    ``waarden`` holds no personal value; what does comes with the keyring and is sealed.

    Raises:
        KeyringError: the values cannot be sealed.
    """
    sealed, key_id = None, None
    if persoonlijk is not None:
        keyring, content = persoonlijk
        sealed, key_id = keyring.encrypt(
            json.dumps(dict(content), default=str, sort_keys=True).encode(),
            context=quarantine_context(model, object_id),
        )
    execute(
        connection,
        "ops/quarantaine",
        "keep_one",
        model=model,
        object_id=object_id,
        redenen=list(redenen),
        regels=list(regels),
        waarden=json.dumps(dict(waarden or {}), default=str),
        persoonsgegevens=sealed,
        sleutel_id=key_id,
        herkomst=herkomst,
        versie=versie,
    )


def set_content_apart(
    connection: Connection,
    keyring: Keyring,
    naam: str,
    *,
    object_id: str,
    content: Mapping[str, Any],
    broken: Sequence[Check],
    model: str | None = None,
    herkomst: str | None = None,
) -> None:
    """Keep a content that broke its rules (``hub.quality.content.find_broken``) in quarantine.

    ``model`` and ``herkomst`` replace those of the rules, where more than one source has them.

    Raises:
        KeyringError: the values cannot be sealed.
    """
    rules = load_contents()[naam]
    clear: dict[str, Any] = {}
    personal: dict[str, Any] = {}
    for check in broken:
        kept = personal if rules.kolommen[check.kolom].persoonsgegeven else clear
        kept[check.kolom] = find(content, check.kolom)
    set_apart(
        connection,
        model=model or rules.model,
        object_id=object_id,
        redenen=[f"{check.reden} [{check.naam}]" for check in broken],
        regels=[check.naam for check in broken],
        herkomst=herkomst or rules.herkomst,
        waarden=clear,
        persoonlijk=(keyring, personal) if personal else None,
    )
