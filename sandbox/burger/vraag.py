"""Judges an authorization request (RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.burger.client import CLIENT_ID, SCOPES

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, slots=True)
class Vraag:
    """A request that is good: the client wants to know who this is."""

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    challenge: str = field(repr=False)


class ShownError(Exception):
    """Told to the person only: there is no address that surely is the client's."""


class ReturnedError(Exception):
    """Told to the client at its own address (RFC 6749, 4.1.2.1)."""

    def __init__(self, redirect_uri: str, state: str | None, error: str, why: str) -> None:
        super().__init__(error)
        self.redirect_uri, self.state, self.error, self.why = redirect_uri, state, error, why


def judge(parameters: Iterable[tuple[str, str]], redirect_uri: str) -> Vraag:
    """Return the request; ``redirect_uri`` is the one that is registered.

    Raises:
        ShownError: client or address is not the registered one.
        ReturnedError: anything else is wrong.
    """
    pairs = list(parameters)
    asked = dict(pairs)
    if len(asked) != len(pairs):
        raise ShownError("a parameter is repeated")
    if asked.get("client_id") != CLIENT_ID:
        raise ShownError("client_id is not known")
    if asked.get("redirect_uri") != redirect_uri:
        raise ShownError("redirect_uri is not the registered one")
    state = asked.get("state") or None

    def refuse(error: str, why: str) -> ReturnedError:
        return ReturnedError(redirect_uri, state, error, why)

    if asked.get("response_type") != "code":
        raise refuse("unsupported_response_type", "only code")
    if "request" in asked or "request_uri" in asked:
        raise refuse("request_not_supported", "no request objects")
    if asked.get("response_mode", "query") != "query":
        raise refuse("invalid_request", "only response_mode query")
    scopes = set(asked.get("scope", "").split())
    if "openid" not in scopes or not scopes <= SCOPES:
        raise refuse("invalid_scope", "openid, and what the client was granted")
    if state is None or not asked.get("nonce"):
        raise refuse("invalid_request", "state and nonce are asked")
    if asked.get("code_challenge_method") != "S256":
        raise refuse("invalid_request", "only code_challenge_method S256")
    challenge = asked.get("code_challenge", "")
    if not _CHALLENGE.match(challenge):
        raise refuse("invalid_request", "code_challenge is none")
    if "none" in asked.get("prompt", "").split():
        raise refuse("login_required", "nobody is signed on")
    return Vraag(redirect_uri, state, asked["nonce"], challenge)
