"""Pseudonyms of the warehouse: a keyed hash per purpose, made here and never in SQL.

In SQL the key would show in statement logs. Which pseudonym stands for which key is in
``rapportage.pseudoniem``, which only the load may read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.database import copy_rows, execute, fetch_all, fetch_one
from hub.keys import Keyring, KeyringError

DOELEN = ("dossier", "woning", "aanmelding", "aanvraag")
# Of an installation that never renewed its pseudonyms: made from the key of the content hashes.
FIRST_KEY = "eerste"
_PAGE = 20_000
_LOAD, _RENEW = "intermediate/int_rapportage", "ops/pseudoniem"


@dataclass(frozen=True, slots=True)
class Pseudoniemen:
    """What makes pseudonyms: the id of the key, and a key of its own per purpose."""

    sleutel_id: str
    keys: dict[str, bytes] = field(repr=False)

    def make(self, doel: str, object_id: UUID) -> str:
        """Return the pseudonym (32 hex digits) of a key for a purpose.

        Raises:
            KeyError: no such purpose.
        """
        return hmac.new(self.keys[doel], object_id.bytes, hashlib.sha256).hexdigest()[:32]


def make_pseudoniemen(keyring: Keyring) -> Pseudoniemen:
    """Return what makes the pseudonyms under the keyring's active pseudonym key."""
    key_id, key = keyring.report_key or (FIRST_KEY, keyring.pseudonym_key)
    keys = {
        doel: hmac.new(key, f"rapportage:{doel}".encode(), hashlib.sha256).digest()
        for doel in DOELEN
    }
    return Pseudoniemen(key_id, keys)


def add_missing(connection: Connection, pseudoniemen: Pseudoniemen) -> int:
    """Give what the slice counts its pseudonym; return how many were new.

    Raises:
        KeyringError: another process renewed the pseudonyms since this load began.
    """
    if _known_key(connection) not in (None, pseudoniemen.sleutel_id):
        raise KeyringError(
            "The pseudonyms were renewed while a load with the older key was at work. This slice "
            "was not loaded. Run the load again."
        )
    rows = fetch_all(connection, _LOAD, "without_pseudonym")
    return copy_rows(
        connection,
        _LOAD,
        (
            (one["doel"], one["object_id"], made, pseudoniemen.sleutel_id)
            for one in rows
            for made in (pseudoniemen.make(one["doel"], one["object_id"]),)
        ),
        name="copy_pseudonyms",
    )


def renew(engine: Engine, pseudoniemen: Pseudoniemen) -> int:
    """Replace every pseudonym that another key made, everywhere, in one transaction.

    Nothing is pulled again and no figure changes. Returns how many were replaced: 0 when all are of
    this key.

    Raises:
        KeyringError: the warehouse was made under a later key than this process has.
    """
    with engine.begin() as connection:
        execute(connection, _LOAD, "lock")
        known = _known_key(connection)
        if known in (None, pseudoniemen.sleutel_id):
            return 0
        if _age(str(known)) > _age(pseudoniemen.sleutel_id):
            raise KeyringError(
                f"The warehouse has pseudonyms of key {known!r}, and the key file holds "
                f"{pseudoniemen.sleutel_id!r}, which is older. Nothing was changed. "
                "Give this machine the key file of today."
            )
        execute(connection, _RENEW, "create")
        done = sum(copy_rows(connection, _RENEW, page) for page in _pages(connection, pseudoniemen))
        execute(connection, _RENEW, "analyze")
        for statement in (
            "fct_dossier", "fct_dossier_woning", "fct_stap", "fct_aanmelding", "fct_aanvraag",
            "fct_aanbeveling", "dim_woning", "pseudoniem",
        ):  # fmt: skip
            execute(connection, _RENEW, statement, sleutel_id=pseudoniemen.sleutel_id)
        return done


def _known_key(connection: Connection) -> str | None:
    row = fetch_one(connection, _RENEW, "known_key")
    return None if row is None else str(row["sleutel_id"])


def _age(key_id: str) -> str:
    # An id tells its moment (hub/key_file.py).
    return "" if key_id == FIRST_KEY else key_id


def _pages(connection: Connection, pseudoniemen: Pseudoniemen) -> Iterator[list[tuple[str, str]]]:
    """Yield old and new pseudonyms, a page at a time: memory does not grow with the table."""
    after = ""
    while True:
        rows = fetch_all(connection, _RENEW, "page", na=after, aantal=_PAGE)
        if not rows:
            return
        after = rows[-1]["pseudoniem"]
        yield [
            (one["pseudoniem"], pseudoniemen.make(one["doel"], one["object_id"])) for one in rows
        ]
