"""The page as a client of the citizen's sign-on: authorization code with PKCE, state and nonce."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import requests
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from sandbox.burger.client import CLIENT_ID, REDIRECT_PATH, make_basic
from sandbox.crm.bewoner.sessie import Begin, Bewoner
from sandbox.world import World

_TIMEOUT = 10.0
_LEEWAY = 5


class SignOnError(Exception):
    """The provider does not tell who it is."""


@dataclass(frozen=True, slots=True)
class Aanbieder:
    """The provider: how a browser reaches it, and how this process does."""

    origin: str
    intern: str
    host: str

    @classmethod
    def of(cls, request: Request) -> Aanbieder:
        """Return the provider beside this page, under the address that the browser uses."""
        address, port = request.scope["server"]
        return cls(
            str(request.base_url).rstrip("/"),
            f"http://{address}:{port}/burger/op/v1",
            request.headers["host"],
        )

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back."""
        return f"{self.origin}{REDIRECT_PATH}"


def make_request(aanbieder: Aanbieder, state: str, begin: Begin) -> str:
    """Return the address at which the resident signs on."""
    return str(
        prepare_grant_uri(
            f"{aanbieder.origin}/burger/op/v1/auth",
            client_id=CLIENT_ID,
            response_type="code",
            redirect_uri=aanbieder.redirect_uri,
            scope="openid profile rrn",
            state=state,
            nonce=begin.nonce,
            code_challenge=create_s256_code_challenge(begin.verifier),
            code_challenge_method="S256",
        )
    )


async def find_out(world: World, aanbieder: Aanbieder, begin: Begin, code: str) -> Bewoner:
    """Return who signed on.

    Raises:
        SignOnError: the provider does not answer, or its answer proves nothing.
    """
    # The provider is served by this same process: it must go on meanwhile.
    return await asyncio.to_thread(redeem, make_basic(world), aanbieder, begin, code)


def redeem(basic: str, aanbieder: Aanbieder, begin: Begin, code: str) -> Bewoner:
    """Show a code, and return whom the provider's proof names; ``basic`` is the client's secret.

    Raises:
        SignOnError: the provider does not answer, or its answer proves nothing.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": aanbieder.redirect_uri,
        "code_verifier": begin.verifier,
    }
    try:
        with requests.Session() as session:
            session.trust_env = False
            # The provider names itself after the address under which it is asked.
            session.headers["Host"] = aanbieder.host
            answer = session.post(
                f"{aanbieder.intern}/token",
                data=form,
                headers={"Authorization": basic},
                timeout=_TIMEOUT,
            )
            answer.raise_for_status()
            id_token = answer.json()["id_token"]
            found = session.get(f"{aanbieder.intern}/keys", timeout=_TIMEOUT)
            found.raise_for_status()
            keys = KeySet.import_key_set(found.json())
        claims = jwt.decode(id_token, keys, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": f"{aanbieder.origin}/burger"},
            aud={"essential": True, "value": CLIENT_ID},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": begin.nonce},
            rrn={"essential": True},
        ).validate(claims)
    except (requests.RequestException, ValueError, KeyError, JoseError) as error:
        raise SignOnError(type(error).__name__) from None
    naam = f"{claims.get('given_name', '')} {claims.get('family_name', '')}".strip()
    return Bewoner(str(claims["rrn"]), naam)
