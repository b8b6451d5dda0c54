"""Tokens of the sandbox's ACM: each carries client, scopes and its own end, under a seal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

import orjson

from sandbox.world import World


def make_token(world: World, client: str, scopes: list[str], lifetime: int) -> str:
    """Make a token for a client."""
    content = orjson.dumps([client, sorted(scopes), time.time(), lifetime])
    payload = base64.urlsafe_b64encode(content).decode()
    return f"{payload}.{_sign(world, payload)}"


def accept_token(world: World, header: str | None, scope: str) -> str | None:
    """Return the client of an Authorization header that is good now for this scope, else None."""
    scheme, _, token = (header or "").partition(" ")
    payload, _, seal = token.partition(".")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        seal.encode(), _sign(world, payload).encode()
    ):
        return None
    client, scopes, issued, lifetime = orjson.loads(base64.urlsafe_b64decode(payload))
    revoked_before = world.settings.get("acm")["tokens_geldig_vanaf"]
    if time.time() >= issued + lifetime or issued < revoked_before or scope not in scopes:
        return None
    return str(client)


def _sign(world: World, payload: str) -> str:
    key = f"acm/{world.secrets.control_token}".encode()
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()
