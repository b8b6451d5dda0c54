"""Who is signed on, and whose sign-on is under way; kept over a restart, by the hash of the key."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field

from sandbox.state import State

_DDL = """
CREATE TABLE IF NOT EXISTS bewoner_sessie (
    sleutel TEXT PRIMARY KEY, insz TEXT NOT NULL, naam TEXT NOT NULL, vervalt_op REAL NOT NULL);
CREATE TABLE IF NOT EXISTS bewoner_aanmelding (
    sleutel TEXT PRIMARY KEY, browser TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
    dossiernummer TEXT NOT NULL, vervalt_op REAL NOT NULL);
"""
AANMELDING_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Bewoner:
    """Who is signed on; ``naam`` may be empty."""

    insz: str = field(repr=False)
    naam: str


@dataclass(frozen=True, slots=True)
class Begin:
    """A sign-on that began here; ``dossiernummer`` is where the resident was going, or empty."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    dossiernummer: str


class Sessies:
    """Call what writes inside ``state.write()``."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)

    def begin(self, browser: str, dossiernummer: str) -> tuple[str, Begin]:
        """Begin a sign-on of this browser; return the state that must come back, and the rest."""
        now, state = time.time(), secrets.token_urlsafe(32)
        begin = Begin(secrets.token_urlsafe(32), secrets.token_urlsafe(48), dossiernummer)
        self._state.execute("DELETE FROM bewoner_aanmelding WHERE vervalt_op < ?", (now,))
        self._state.execute(
            "INSERT INTO bewoner_aanmelding VALUES (?, ?, ?, ?, ?, ?)",
            (_hash(state), _hash(browser), begin.nonce, begin.verifier, dossiernummer,
             now + AANMELDING_SECONDS),
        )  # fmt: skip
        return state, begin

    def take(self, state: str, browser: str) -> Begin | None:
        """Return the sign-on that this browser began under this state, once."""
        row = self._state.first(
            "SELECT nonce, verifier, dossiernummer FROM bewoner_aanmelding"
            " WHERE sleutel = ? AND browser = ? AND vervalt_op >= ?",
            (_hash(state), _hash(browser), time.time()),
        )
        if row is None:
            return None
        self._state.execute("DELETE FROM bewoner_aanmelding WHERE sleutel = ?", (_hash(state),))
        return Begin(*row)

    def open(self, bewoner: Bewoner, lifetime: float) -> str:
        """Open a session; return its key."""
        now, key = time.time(), secrets.token_urlsafe(32)
        self._state.execute("DELETE FROM bewoner_sessie WHERE vervalt_op < ?", (now,))
        self._state.execute(
            "INSERT INTO bewoner_sessie VALUES (?, ?, ?, ?)",
            (_hash(key), bewoner.insz, bewoner.naam, now + lifetime),
        )
        return key

    def find(self, key: str) -> Bewoner | None:
        """Return who is signed on under a key; None when nobody is."""
        row = self._state.first(
            "SELECT insz, naam FROM bewoner_sessie WHERE sleutel = ? AND vervalt_op >= ?",
            (_hash(key), time.time()),
        )
        return None if row is None else Bewoner(*row)

    def close(self, key: str) -> None:
        """End a session."""
        self._state.execute("DELETE FROM bewoner_sessie WHERE sleutel = ?", (_hash(key),))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
