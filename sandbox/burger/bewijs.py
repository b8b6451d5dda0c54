"""The id_token (RS256) that says who signed on, and the key with which it is checked."""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from sandbox.burger.client import CLIENT_ID
from sandbox.burger.opslag import Aanmelding

TOKEN_SECONDS = 300


class Bewijzen:
    """Makes proofs; the key is this process's own, made when it is first needed."""

    def __init__(self, seal: str) -> None:
        self._seal = seal.encode()

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)

    @property
    def jwks(self) -> dict[str, Any]:
        """The public key, as a client reads it."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def make(self, issuer: str, aanmelding: Aanmelding, naam: dict[str, str]) -> str:
        """Return the proof; ``rrn`` is the INSZ, ``sub`` the same for a person here always."""
        now = int(time.time())
        sub = hmac.new(self._seal, aanmelding.insz.encode(), hashlib.sha256).hexdigest()
        claims = {
            "iss": issuer,
            "sub": sub,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": int(aanmelding.aangemeld_op),
            "nonce": aanmelding.nonce,
            "rrn": aanmelding.insz,
            **naam,
        }
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims, self._key)
