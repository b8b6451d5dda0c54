"""Judges a client's assertion (RFC 7523, 3): every claim that the owner asks for, each jti once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.acm.clients import Client, decode
from sandbox.state import State

# What the owner names; a token endpoint of another address is still this audience.
AUDIENCE = "https://authenticatie.vlaanderen.be/op"
LONGEST = 600.0
# Clocks may differ a little.
_LEEWAY = 5.0

_DDL = "CREATE TABLE IF NOT EXISTS acm_jti (jti TEXT PRIMARY KEY, vervalt_op REAL NOT NULL)"


class RefusedAssertionError(ValueError):
    """The assertion proves nothing; the text says why."""


class Assertions:
    """The assertions that were shown here, so that none is taken twice."""

    def __init__(self, state: State, clients: Mapping[str, Client]) -> None:
        self._state = state
        self._clients = clients
        state.create(_DDL)

    def judge(self, assertion: str, client_id: str | None) -> str:
        """Return the client that an assertion proves; call inside ``state.write()``.

        Raises:
            RefusedAssertionError: it does not prove one.
        """
        header, claims, signed, signature = _split(assertion)
        issuer = claims.get("iss")
        client = self._clients.get(issuer) if isinstance(issuer, str) else None
        if client is None or client_id not in (None, issuer):
            raise RefusedAssertionError("the client is not known")
        _verify(client, header, signed, signature)
        _check_claims(claims)
        self._remember(claims)
        return str(issuer)

    def _remember(self, claims: Mapping[str, Any]) -> None:
        self._state.execute("DELETE FROM acm_jti WHERE vervalt_op < ?", (time.time() - _LEEWAY,))
        jti = claims["jti"]
        if self._state.first("SELECT 1 FROM acm_jti WHERE jti = ?", (jti,)) is not None:
            raise RefusedAssertionError("the assertion was used before")
        self._state.execute("INSERT INTO acm_jti VALUES (?, ?)", (jti, claims["exp"]))


def _split(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    parts = assertion.split(".")
    try:
        header, claims = (json.loads(decode(part)) for part in parts[:2])
        signature = decode(parts[2])
    except (ValueError, IndexError):
        raise RefusedAssertionError("the assertion cannot be read") from None
    if len(parts) != 3 or not isinstance(header, dict) or not isinstance(claims, dict):
        raise RefusedAssertionError("the assertion cannot be read")
    return header, claims, f"{parts[0]}.{parts[1]}".encode(), signature


def _verify(client: Client, header: Mapping[str, Any], signed: bytes, signature: bytes) -> None:
    if header.get("alg") != "RS256":
        raise RefusedAssertionError("the algorithm is not RS256")
    kid = header.get("kid")
    keys = [key for name, key in client.sleutels.items() if kid in (None, name)]
    for key in keys:
        try:
            key.verify(signature, signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            continue
        return
    raise RefusedAssertionError("the signature is not that of a registered key")


def _check_claims(claims: Mapping[str, Any]) -> None:
    now = time.time()
    audience = claims.get("aud")
    if audience not in (AUDIENCE, [AUDIENCE]):
        raise RefusedAssertionError("the audience is another")
    if claims.get("sub") != claims["iss"]:
        raise RefusedAssertionError("sub is not the client")
    jti, end = claims.get("jti"), claims.get("exp")
    if not isinstance(jti, str) or not jti:
        raise RefusedAssertionError("jti is missing")
    if isinstance(end, bool) or not isinstance(end, int | float):
        raise RefusedAssertionError("exp is missing")
    if end <= now - _LEEWAY:
        raise RefusedAssertionError("the assertion has expired")
    if end > now + LONGEST + _LEEWAY:
        raise RefusedAssertionError("exp is more than ten minutes away")
    begin = claims.get("nbf", claims.get("iat", now))
    if isinstance(begin, bool) or not isinstance(begin, int | float) or begin > now + _LEEWAY:
        raise RefusedAssertionError("the assertion is not valid yet")
