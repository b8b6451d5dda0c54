"""Sign-on by OAuth2 client credentials (RFC 6749, 4.4): one token shared by all threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from connectors.transport.errors import AuthenticationError, ContractError, RetryableError
from connectors.transport.fields import read_object
from connectors.transport.http import HttpClient
from connectors.transport.tokens import Token

MARGIN: Final = 60.0
_DEFAULT_LIFETIME: Final = 300
_OPERATION: Final = "sign_on"


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    good_until: float


class ClientCredentials:
    """Give the Authorization header of a client, renewed a minute before it expires.

    `http` points at the token endpoint. Call with True when the receiver refused the header
    that this thread got last: a token is then renewed once, however many threads ask for it.
    """

    def __init__(
        self,
        http: HttpClient,
        *,
        client_id: str,
        client_secret: str,
        scope: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._client_id = client_id
        self._form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": client_secret,
                "scope": scope,
            }
        ).encode()
        self._clock = clock
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._last = threading.local()

    def __call__(self, renew: bool) -> Mapping[str, str]:
        """Return the sign-on headers.

        Raises: AuthenticationError when the client is refused, RetryableError when the token
        endpoint does not answer, or not with a token.
        """
        with self._lock:
            token = self._token
            refused = renew and token is not None and self._held() == token.value
            if token is None or refused or self._clock() >= token.good_until:
                token = self._token = self._fetch()
        self._last.value = token.value
        return {"Authorization": f"Bearer {token.value}"}

    def _held(self) -> str | None:
        held: str | None = getattr(self._last, "value", None)
        return held

    def _fetch(self) -> _Token:
        asked = self._clock()
        token = fetch_token(self._http, self._form, key=self._client_id, operation=_OPERATION)
        return _Token(token.value, asked + token.fresh)


def fetch_token(http: HttpClient, form: bytes, *, key: str, operation: str) -> Token:
    """Ask a token endpoint for a token; `http` points at it, `key` names the client.

    Raises: AuthenticationError when the client is refused, RetryableError when the endpoint does
    not answer, or not with a token.
    """
    begun = time.monotonic()
    response = http.request(
        "POST",
        "",
        operation=operation,
        key=key,
        expected={200},
        data=form,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
        changes=False,
        # The endpoint answers 400 for an unknown client or a wrong secret.
        refusals={400: AuthenticationError},
    )
    try:
        answer = read_object(response, http.system, operation, key)
        if answer.text("token_type").lower() != "bearer":
            answer.refuse("token_type", "is not bearer")
        lifetime = answer.optional_integer("expires_in")
        if lifetime is None:
            lifetime = _DEFAULT_LIFETIME
        seconds = lifetime - (time.monotonic() - begun)
        return Token(answer.text("access_token"), seconds, lifetime - min(MARGIN, lifetime / 2))
    except ContractError as problem:
        observed = problem.observed
    # It says nothing about the request that waits for the token.
    raise RetryableError(http.system, operation, key, f"no token can be read: {observed}")
