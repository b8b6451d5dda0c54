"""Claim what may leave now, with the consent it needs read in the same transaction."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.database import execute, fetch_all
from hub.keys import Keyring
from hub.ledger.bericht import VerzegeldBericht, seal
from hub.quality.content import find_broken, tell_broken

# A message leaves within this time of its claim, or it is put back: consent is never older.
FRESH_SECONDS = 1.0
_PATH = "ops/claim"


class Composer(Protocol):
    """Composes the content of messages that were written down without."""

    def __call__(
        self, connection: Connection, keyring: Keyring, berichten: Sequence[VerzegeldBericht]
    ) -> Mapping[UUID, Mapping[str, Any]]:
        """Return the content per message; one that is left out has nothing to say any more."""
        ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in hand: it must begin before ``fresh_until`` and end before ``lease_until``.

    Both are moments of the monotonic clock, counted from before the claim. ``geweigerd`` says which
    rules its fresh content broke: then it has none, and may not leave.
    """

    bericht: VerzegeldBericht
    fresh_until: float
    lease_until: float
    geweigerd: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What one claim brought, and how many messages it withdrew because their consent ended."""

    claimed: Sequence[Claimed]
    withdrawn: int


def claim(
    engine: Engine,
    keyring: Keyring,
    *,
    bestemming: str,
    worker: str,
    aantal: int,
    lease_seconds: float,
    compose: Composer | None = None,
) -> Claim:
    """Claim up to ``aantal`` messages that may leave now; another worker's are passed over.

    A message without content gets it here, once: every later attempt sends the same. A content that
    breaks a rule (``hub/quality/inhoud``) is not kept: it is composed anew when the message is sent
    again.
    """
    begun = time.monotonic()
    with engine.begin() as connection:
        rows = fetch_all(
            connection,
            _PATH,
            "claim",
            bestemming=bestemming,
            worker=worker,
            aantal=aantal,
            lease_seconden=lease_seconds,
        )
        leaving = [VerzegeldBericht(**row) for row in rows if row.pop("vertrekt")]
        empty = [bericht for bericht in leaving if bericht.inhoud is None]
        refused: dict[UUID, str] = {}
        if empty and compose is not None:
            fresh, refused = _compose(connection, keyring, empty, compose)
            leaving = [fresh.get(bericht.bericht_id, bericht) for bericht in leaving]
    return Claim(
        [
            Claimed(one, begun + FRESH_SECONDS, begun + lease_seconds, refused.get(one.bericht_id))
            for one in leaving
        ],
        len(rows) - len(leaving),
    )


def _compose(
    connection: Connection,
    keyring: Keyring,
    empty: Sequence[VerzegeldBericht],
    compose: Composer,
) -> tuple[dict[UUID, VerzegeldBericht], dict[UUID, str]]:
    contents = compose(connection, keyring, empty)
    composed: dict[UUID, VerzegeldBericht] = {}
    refused: dict[UUID, str] = {}
    for bericht in empty:
        if (content := contents.get(bericht.bericht_id)) is None:
            continue
        if broken := find_broken(bericht.soort, content):
            refused[bericht.bericht_id] = tell_broken(broken)
            continue
        sealed, key_id = seal(bericht, content, keyring)
        composed[bericht.bericht_id] = replace(bericht, inhoud=sealed, sleutel_id=key_id)
    execute(
        connection,
        _PATH,
        "freeze",
        bericht_ids=list(composed),
        inhouden=[one.inhoud for one in composed.values()],
        sleutel_ids=[one.sleutel_id for one in composed.values()],
    )
    return composed, refused
