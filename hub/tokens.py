"""The tokens of sign-on services on PostgreSQL: sealed, and shared by all workers."""

from __future__ import annotations

from sqlalchemy import Engine

from connectors.transport.tokens import CLAIM_SECONDS, Token
from hub.database import execute, fetch_one
from hub.keys import Keyring, KeyringError

_PATH = "ops/token"


class PostgresTokenStore:
    """A `TokenStore`; the database's clock decides, as workers' clocks may differ.

    A token that does not open (its key was dropped) counts as none: it is fetched anew.
    """

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring

    def read(self, name: str) -> Token | None:
        """Return the token that is still good, with the seconds that are left of it."""
        with self._engine.begin() as connection:
            row = fetch_one(connection, _PATH, "read", naam=name)
        if row is None:
            return None
        try:
            value = self._keyring.decrypt(
                bytes(row["waarde"]), row["sleutel_id"], context=_context(name)
            )
        except KeyringError:
            return None
        return Token(value.decode(), row["seconden"], row["vers"])

    def claim(self, name: str) -> bool:
        """Become the one that renews; False while another worker is."""
        with self._engine.begin() as connection:
            return execute(connection, _PATH, "claim", naam=name, seconden=CLAIM_SECONDS) == 1

    def keep(self, name: str, token: Token) -> None:
        """Keep a new token, and end the claim."""
        sealed, key_id = self._keyring.encrypt(token.value.encode(), context=_context(name))
        with self._engine.begin() as connection:
            execute(
                connection, _PATH, "keep",
                naam=name, waarde=sealed, sleutel_id=key_id, seconden=token.seconds,
                vers=token.fresh,
            )  # fmt: skip

    def release(self, name: str) -> None:
        """End the claim."""
        with self._engine.begin() as connection:
            execute(connection, _PATH, "release", naam=name)


def _context(name: str) -> str:
    return f"hub.token:{name}"
