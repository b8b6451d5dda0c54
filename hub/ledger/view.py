"""What a person sees of messages and channels: states, reasons, attempts and acts; no content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.database import fetch_all

_PATH = "ops/handeling"


def show_channels(connection: Connection, bestemming: str | None = None) -> list[dict[str, Any]]:
    """Return every channel, or one: stopped or not and why, and what waits for it."""
    return fetch_all(connection, _PATH, "show_kanalen", bestemming=bestemming)


def show_messages(connection: Connection, bericht_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return messages in their order, each with its ``pogingen_lijst`` and ``handelingen``.

    A message that does not exist is left out.
    """
    chosen = list(bericht_ids)
    messages = fetch_all(connection, _PATH, "show_berichten", bericht_ids=chosen)
    by_id = {m["bericht_id"]: m | {"pogingen_lijst": [], "handelingen": []} for m in messages}
    for attempt in fetch_all(connection, _PATH, "show_pogingen", bericht_ids=chosen):
        by_id[attempt.pop("bericht_id")]["pogingen_lijst"].append(attempt)
    for act in fetch_all(connection, _PATH, "show_handelingen", bericht_ids=chosen):
        by_id[act.pop("bericht_id")]["handelingen"].append(act)
    return list(by_id.values())


def show_waiting(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """Return the oldest messages that wait for a person, at most ``limit``."""
    return fetch_all(connection, _PATH, "show_waiting", aantal=limit)
