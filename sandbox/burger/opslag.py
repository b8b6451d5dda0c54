"""Requests that wait for a person, and codes that wait for the client. Each is used once."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field

from sandbox.burger.vraag import Vraag
from sandbox.state import State

_DDL = """
CREATE TABLE IF NOT EXISTS burger_vraag (
    sleutel TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, state TEXT NOT NULL, nonce TEXT NOT NULL,
    challenge TEXT NOT NULL, vervalt_op REAL NOT NULL);
CREATE TABLE IF NOT EXISTS burger_code (
    sleutel TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, nonce TEXT NOT NULL,
    challenge TEXT NOT NULL, insz TEXT NOT NULL, aangemeld_op REAL NOT NULL,
    vervalt_op REAL NOT NULL, gebruikt INTEGER NOT NULL);
"""
# How long a person may take to sign on.
VRAAG_SECONDS = 600.0
# A used code is known so long, to be told apart from one that never was.
_REMEMBERED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Aanmelding:
    """Who signed on, for which request. ``aangemeld_op`` in seconds since 1970."""

    redirect_uri: str
    nonce: str = field(repr=False)
    challenge: str = field(repr=False)
    insz: str = field(repr=False)
    aangemeld_op: float
    vervalt_op: float
    gebruikt: bool


class Aanmeldingen:
    """Kept by the hash of their key; call what writes inside ``state.write()``."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)

    def keep(self, vraag: Vraag) -> str:
        """Keep a request until somebody signs on; return its key."""
        now, key = time.time(), secrets.token_urlsafe(32)
        self._state.execute("DELETE FROM burger_vraag WHERE vervalt_op < ?", (now,))
        self._state.execute(
            "INSERT INTO burger_vraag VALUES (?, ?, ?, ?, ?, ?)",
            (_hash(key), vraag.redirect_uri, vraag.state, vraag.nonce, vraag.challenge,
             now + VRAAG_SECONDS),
        )  # fmt: skip
        return key

    def find(self, key: str) -> Vraag | None:
        """Return a request that waits; None when it is over or never was."""
        row = self._state.first(
            "SELECT redirect_uri, state, nonce, challenge FROM burger_vraag"
            " WHERE sleutel = ? AND vervalt_op >= ?",
            (_hash(key), time.time()),
        )
        return None if row is None else Vraag(*row)

    def close(self, key: str) -> None:
        """Forget a request."""
        self._state.execute("DELETE FROM burger_vraag WHERE sleutel = ?", (_hash(key),))

    def make_code(self, vraag: Vraag, insz: str, lifetime: float) -> str:
        """Return a code for who signed on."""
        now, code = time.time(), secrets.token_urlsafe(32)
        self._state.execute(
            "DELETE FROM burger_code WHERE vervalt_op < ?", (now - _REMEMBERED_SECONDS,)
        )
        self._state.execute(
            "INSERT INTO burger_code VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (_hash(code), vraag.redirect_uri, vraag.nonce, vraag.challenge, insz, now,
             now + lifetime),
        )  # fmt: skip
        return code

    def use(self, code: str) -> Aanmelding | None:
        """Return what a code stands for, as it was before: from now on it is used."""
        row = self._state.first(
            "SELECT redirect_uri, nonce, challenge, insz, aangemeld_op, vervalt_op, gebruikt"
            " FROM burger_code WHERE sleutel = ?",
            (_hash(code),),
        )
        if row is None:
            return None
        self._state.execute("UPDATE burger_code SET gebruikt = 1 WHERE sleutel = ?", (_hash(code),))
        return Aanmelding(*row[:6], gebruikt=bool(row[6]))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
