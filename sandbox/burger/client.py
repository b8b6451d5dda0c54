"""The one application that is registered here: the CRM's page for residents."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode

from sandbox.world import World

CLIENT_ID = "crm-bewonerspagina"
# Behind this service's own origin, to the letter.
REDIRECT_PATH = "/crm/bewoner/aangemeld"
SCOPES = frozenset({"openid", "profile", "rrn"})


def make_secret(world: World) -> str:
    """Return the client's secret, which it and this service know."""
    key = world.secrets.control_token.encode()
    return hmac.new(key, f"burger/{CLIENT_ID}".encode(), hashlib.sha256).hexdigest()


def make_basic(world: World) -> str:
    """Return the Authorization header with which the client shows itself."""
    pair = f"{CLIENT_ID}:{make_secret(world)}".encode()
    return f"Basic {b64encode(pair).decode()}"


def is_client(world: World, header: str | None) -> bool:
    """Tell whether an Authorization header is the client's (client_secret_basic)."""
    scheme, _, sent = (header or "").partition(" ")
    try:
        pair = b64decode(sent, validate=True)
    except ValueError:
        return False
    expected = f"{CLIENT_ID}:{make_secret(world)}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(pair, expected)
