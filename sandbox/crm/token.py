"""Sign-on: OAuth2 client credentials; a token carries its own end and a seal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs

import orjson
from starlette.responses import Response

from sandbox.world import World


def issue_token(world: World, content_type: str, body: bytes) -> Response:
    """Answer a token request."""
    if content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return _refuse(400, "invalid_request", "The request body must be form-urlencoded.")
    form = {name: values[-1] for name, values in parse_qs(body.decode("latin-1")).items()}
    if form.get("grant_type") != "client_credentials":
        return _refuse(400, "unsupported_grant_type", "Only client_credentials is supported.")
    if not form.get("scope", "").endswith("/.default"):
        return _refuse(400, "invalid_scope", "The scope must end with /.default.")
    secrets = world.secrets
    known = hmac.compare_digest(form.get("client_id", ""), secrets.crm_client_id)
    right = hmac.compare_digest(form.get("client_secret", ""), secrets.crm_client_secret)
    if not (known and right):
        return _refuse(401, "invalid_client", "The client or its secret is not known.")
    lifetime = int(world.settings.get("crm")["token_geldig"])
    answer = {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": _seal(world, time.time(), lifetime),
    }
    return Response(
        orjson.dumps(answer), 200, {"Cache-Control": "no-store"}, media_type="application/json"
    )


def accept_token(world: World, header: str | None) -> bool:
    """Tell whether an Authorization header carries a token of ours that is still valid."""
    scheme, _, token = (header or "").partition(" ")
    payload, _, seal = token.partition(".")
    if scheme.lower() != "bearer" or not hmac.compare_digest(seal, _sign(world, payload)):
        return False
    issued, lifetime = orjson.loads(base64.urlsafe_b64decode(payload))
    revoked_before = world.settings.get("crm")["tokens_geldig_vanaf"]
    return bool(time.time() < issued + lifetime and issued >= revoked_before)


def _seal(world: World, issued: float, lifetime: int) -> str:
    payload = base64.urlsafe_b64encode(orjson.dumps([issued, lifetime])).decode()
    return f"{payload}.{_sign(world, payload)}"


def _sign(world: World, payload: str) -> str:
    key = f"token/{world.secrets.crm_client_secret}".encode()
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()


def _refuse(status: int, error: str, description: str) -> Response:
    body = {"error": error, "error_description": description}
    return Response(orjson.dumps(body), status, media_type="application/json")
