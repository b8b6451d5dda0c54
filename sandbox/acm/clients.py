"""The applications that are registered here: their public keys and what they may ask for."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers


@dataclass(frozen=True, slots=True)
class Client:
    """One application: its public keys by id (kid), and its scopes."""

    sleutels: Mapping[str, RSAPublicKey]
    scopes: frozenset[str]


def read_clients(path: Path | None) -> dict[str, Client]:
    """Read ``{"clients": {id: {"jwks": {"keys": [...]}, "scopes": [...]}}}``; no file, no clients.

    Raises:
        ValueError: a key is not an RSA key as a JWK.
    """
    if path is None:
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        client_id: Client(
            {jwk["kid"]: _read_key(jwk) for jwk in told["jwks"]["keys"]}, frozenset(told["scopes"])
        )
        for client_id, told in document["clients"].items()
    }


def decode(text: str) -> bytes:
    """Read base64url without padding.

    Raises:
        ValueError: it is anything else.
    """
    if "=" in text or not text.isascii():
        raise ValueError("not base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _read_key(jwk: Mapping[str, Any]) -> RSAPublicKey:
    if jwk["kty"] != "RSA":
        raise ValueError("no RSA key")
    modulus, exponent = (int.from_bytes(decode(jwk[name])) for name in ("n", "e"))
    return RSAPublicNumbers(exponent, modulus).public_key()
