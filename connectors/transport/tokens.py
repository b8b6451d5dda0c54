"""Where sign-on tokens are kept, so that all who sign on as one client share one token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

# Whoever renews a token and dies holds the others up for so long: longer than one sign-on takes.
CLAIM_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a sign-on service: good for so many seconds from now.

    After `fresh` seconds, some time before its end, somebody should renew it.
    """

    value: str = field(repr=False)
    seconds: float
    fresh: float


class TokenStore(Protocol):
    """Keeps one token per name; safe to share between threads, and between workers where it lasts.

    A name tells client and scopes; it is an identifier and holds no secret.
    """

    def read(self, name: str) -> Token | None:
        """Return the token kept under this name, or None when there is none that is still good."""
        ...

    def claim(self, name: str) -> bool:
        """Become the one that renews; False while another is, for at most `CLAIM_SECONDS`."""
        ...

    def keep(self, name: str, token: Token) -> None:
        """Keep a new token in place of the old one, and end the claim."""
        ...

    def release(self, name: str) -> None:
        """End the claim without a new token."""
        ...


class MemoryTokenStore:
    """The tokens of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[Token, float]] = {}
        self._claims: dict[str, float] = {}

    def read(self, name: str) -> Token | None:
        """Return the token that is still good, with the seconds that are left of it."""
        with self._lock:
            kept = self._tokens.get(name)
        if kept is None:
            return None
        token, age = kept[0], self._clock() - kept[1]
        if age >= token.seconds:
            return None
        return Token(token.value, token.seconds - age, token.fresh - age)

    def claim(self, name: str) -> bool:
        """Become the one that renews."""
        with self._lock:
            if self._claims.get(name, 0.0) > self._clock():
                return False
            self._claims[name] = self._clock() + CLAIM_SECONDS
            return True

    def keep(self, name: str, token: Token) -> None:
        """Keep a new token, and end the claim."""
        with self._lock:
            self._tokens[name] = (token, self._clock())
            self._claims.pop(name, None)

    def release(self, name: str) -> None:
        """End the claim."""
        with self._lock:
            self._claims.pop(name, None)
