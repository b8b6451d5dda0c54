"""Sign-on at ACM/IDM: client credentials with a signed assertion (RFC 7523, private_key_jwt).

The token lasts about an hour and is shared by everyone who signs on as this client. One renews it,
a minute before its end; the others go on with the old one meanwhile. A token that a service refuses
is renewed once: `HttpClient` turns a second refusal into an `AuthenticationError`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import local
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

from authlib.oauth2.rfc7523 import private_key_jwt_sign
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import RSAKey

from connectors.transport.certificaten import refuse
from connectors.transport.deadline import seconds_left
from connectors.transport.errors import RetryableError
from connectors.transport.http import HttpClient
from connectors.transport.oauth import fetch_token
from connectors.transport.tokens import CLAIM_SECONDS, MemoryTokenStore, Token, TokenStore

SYSTEM: Final = "acm"
AUDIENCE: Final = "https://authenticatie.vlaanderen.be/op"
TOKEN_URL: Final = f"{AUDIENCE}/v1/token"

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# ACM takes at most ten minutes; half of it leaves room for clocks that differ.
_ASSERTION_SECONDS: Final = 300
_OPERATION: Final = "sign_on"
_POLL_SECONDS: Final = 0.1
_WHAT: Final = "client key"


@dataclass(frozen=True, slots=True)
class AcmClient:
    """A client as it is registered with ACM.

    `sleutel` is its private RSA key (PEM), `sleutel_id` the id (kid) of that key where ACM knows
    more than one, `scopes` what the token must allow.
    """

    client_id: str
    sleutel: bytes = field(repr=False)
    scopes: tuple[str, ...]
    sleutel_id: str | None = None
    token_url: str = TOKEN_URL
    audience: str = AUDIENCE


class AcmSignOn:
    """Give the Authorization header of a client; hand it to `HttpClient` as `auth`.

    Call with True when the service refused the header that this thread got last.
    """

    def __init__(
        self,
        client: AcmClient,
        store: TokenStore,
        http: HttpClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._key = _read_key(client.sleutel)
        self._client = client
        self._store = store
        self._http = http
        self._clock = clock
        self._sleep = sleep
        self._name = _name(client.client_id, client.audience, client.scopes)
        # A token of this process and until when it is used without a look at the store.
        self._held: tuple[str, float] | None = None
        self._last = local()

    def __call__(self, renew: bool) -> Mapping[str, str]:
        """Return the sign-on headers.

        Raises:
            AuthenticationError: ACM does not know this client, its key or its scopes.
            RetryableError: ACM does not answer, or not with a token.
        """
        refused = getattr(self._last, "value", None) if renew else None
        value = self._current(refused)
        self._last.value = value
        return {"Authorization": f"Bearer {value}"}

    def _current(self, refused: str | None) -> str:
        held = self._held
        if held is not None and held[0] != refused and self._clock() < held[1]:
            return held[0]
        left = seconds_left()
        give_up = self._clock() + min(CLAIM_SECONDS, left if left is not None else CLAIM_SECONDS)
        while True:
            token = self._read(refused)
            if token is not None and token.fresh > 0:
                return self._hold(token)
            if self._store.claim(self._name):
                return self._renew(refused)
            if token is not None:
                # Another one renews it.
                return token.value
            if self._clock() >= give_up:
                observed = "another worker renews the token and does not come back"
                raise RetryableError(SYSTEM, _OPERATION, self._client.client_id, observed)
            self._sleep(_POLL_SECONDS)

    def _read(self, refused: str | None) -> Token | None:
        token = self._store.read(self._name)
        return None if token is None or token.value == refused else token

    def _renew(self, refused: str | None) -> str:
        """Fetch a new token and keep it; the claim is ours."""
        try:
            # Renewed by another between our look and our claim.
            token = self._read(refused)
            if token is None or token.fresh <= 0:
                fetched = self._fetch(token)
                if fetched is not None:
                    self._store.keep(self._name, fetched)
                    return self._hold(fetched)
            assert token is not None, "there is one, or one was fetched"
        except BaseException:
            self._store.release(self._name)
            raise
        self._store.release(self._name)
        return self._hold(token)

    def _fetch(self, old: Token | None) -> Token | None:
        """Return a new token; None when ACM does not answer now and the old one is still good."""
        try:
            return fetch_token(
                self._http, self._form(), key=self._client.client_id, operation=_OPERATION
            )
        except RetryableError:
            if old is None:
                raise
            return None

    def _form(self) -> bytes:
        # A new assertion each time: ACM takes each (jti) once.
        client = self._client
        assertion = private_key_jwt_sign(
            self._key,
            client.client_id,
            client.audience,
            alg="RS256",
            claims={"jti": str(uuid4())},
            header={"kid": client.sleutel_id} if client.sleutel_id else None,
            expires_in=_ASSERTION_SECONDS,
        )
        return urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": client.client_id,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": assertion,
                "scope": " ".join(client.scopes),
            }
        ).encode()

    def _hold(self, token: Token) -> str:
        self._held = (token.value, self._clock() + token.fresh)
        return token.value


def open_acm(
    client: AcmClient,
    store: TokenStore | None = None,
    *,
    timeout: tuple[float, float] = (5.0, 20.0),
) -> AcmSignOn:
    """Make the sign-on of a client; without a store its tokens stay in this process.

    Raises:
        AuthenticationError: the key cannot be used.
    """
    http = HttpClient(SYSTEM, client.token_url, timeout=timeout)
    return AcmSignOn(client, store if store is not None else MemoryTokenStore(), http)


def _name(client_id: str, audience: str, scopes: Sequence[str]) -> str:
    return " ".join([audience, client_id, *sorted(scopes)])


def _read_key(sleutel: bytes) -> RSAKey:
    try:
        key = load_pem_private_key(sleutel, None)
    except (TypeError, ValueError):
        key = None
    if isinstance(key, RSAPrivateKey):
        return RSAKey.import_key(sleutel)
    raise refuse(
        SYSTEM, _WHAT, "the key is no RSA key in PEM, or it is locked with a password",
        "Name the file with the client's private key in the connection",
    )  # fmt: skip
