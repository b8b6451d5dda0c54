"""The provider, below ``/burger``: where a citizen signs on, and where the client learns who it is.

Nobody stays signed on here: each request asks anew. A code lives for the setting ``code_geldig`` of
``acm``, in seconds.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.burger.bewijs import TOKEN_SECONDS, Bewijzen
from sandbox.burger.client import CLIENT_ID, REDIRECT_PATH, SCOPES, is_client
from sandbox.burger.opslag import Aanmelding, Aanmeldingen
from sandbox.burger.personen import find_name, list_persons, read_insz
from sandbox.burger.vraag import ReturnedError, ShownError, Vraag, judge
from sandbox.journal import Regel
from sandbox.world import World

_TEMPLATES = Path(__file__).parent / "templates"
MOUNT = "/burger"
_LARGEST = 4096
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _RefusedError(Exception):
    """An error of the token endpoint (RFC 6749, 5.2)."""

    def __init__(self, status: int, error: str, why: str) -> None:
        super().__init__(error)
        self.status, self.error, self.why = status, error, why


def name_burger_operation(scope: Scope) -> tuple[str, str]:
    """Tell system and operation of a request: ``burger_auth``, ``burger_token`` and so on."""
    return "acm", f"burger_{scope['path'].rsplit('/', 1)[-1]}"


def create_burger_app(world: World) -> Starlette:
    """Build the application under ``/burger``."""
    service = _Service(world)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", service.discover),
            Route("/op/v1/auth", service.ask, methods=["GET"]),
            Route("/op/v1/aanmelden", service.sign_on, methods=["POST"]),
            Route("/op/v1/token", service.tell, methods=["POST"]),
            Route("/op/v1/keys", service.keys),
            Route("/op/v1/stijl.css", service.style),
        ]
    )


class _Service:
    def __init__(self, world: World) -> None:
        self._world = world
        self._aanmeldingen = Aanmeldingen(world.state)
        self._bewijzen = Bewijzen(world.secrets.control_token)
        self._pages = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
        )

    async def discover(self, request: Request) -> Response:
        issuer = _issuer(request)
        return _json(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/op/v1/auth",
                "token_endpoint": f"{issuer}/op/v1/token",
                "jwks_uri": f"{issuer}/op/v1/keys",
                "scopes_supported": sorted(SCOPES),
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        return _json(self._bewijzen.jwks)

    async def style(self, _request: Request) -> Response:
        return Response((_TEMPLATES / "stijl.css").read_bytes(), media_type="text/css")

    async def ask(self, request: Request) -> Response:
        """Show the page where a person signs on, for a request that is good."""
        registered = f"{_origin(request)}{REDIRECT_PATH}"
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        with self._world.state.write():
            try:
                vraag = judge(pairs, registered)
            except ShownError as error:
                self._note("burger_auth", 400, str(error))
                return self._show("fout.html", 400)
            except ReturnedError as error:
                self._note("burger_auth", 302, error.error)
                told = {"error": error.error, "error_description": error.why}
                return _return_to(error.redirect_uri, error.state, told)
            key = self._aanmeldingen.keep(vraag)
            self._note("burger_auth", 200)
        return self._ask_who(key)

    async def sign_on(self, request: Request) -> Response:
        """Take who signs on, and send the browser back with a code."""
        body = await request.body()
        if len(body) > _LARGEST:
            return self._show("fout.html", 413)
        form = {name: values[-1] for name, values in parse_qs(body.decode("latin-1")).items()}
        key = form.get("vraag", "")
        with self._world.state.write():
            vraag = self._aanmeldingen.find(key)
            if vraag is None:
                self._note("burger_aanmelden", 400, "the request is over")
                return self._show("fout.html", 400)
            if "annuleer" in form:
                self._aanmeldingen.close(key)
                self._note("burger_aanmelden", 303, "access_denied")
                return _return_to(vraag.redirect_uri, vraag.state, {"error": "access_denied"}, 303)
            typed = form.get("insz", "").strip()
            insz = read_insz(typed or form.get("keuze", ""))
            if insz is None:
                self._note("burger_aanmelden", 422, "no test number")
                return self._ask_who(key, "getypt" if typed else "niets", 422)
            return self._send_back(key, vraag, insz)

    async def tell(self, request: Request) -> Response:
        """Tell the client who signed on, for a code and the verifier behind its challenge."""
        body = await request.body()
        headers = {"Cache-Control": "no-store"}
        with self._world.state.write():
            try:
                aanmelding = self._redeem(request, body)
            except _RefusedError as refused:
                self._note("burger_token", refused.status, refused.why)
                if refused.status == 401:
                    headers["WWW-Authenticate"] = 'Basic realm="burger"'
                return _json(
                    {"error": refused.error, "error_description": refused.why},
                    refused.status,
                    headers,
                )
            naam = find_name(self._world, aanmelding.insz)
            self._note("burger_token", 200)
        answer = {
            # There is nothing here that it opens: the id_token says it all.
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": self._bewijzen.make(_issuer(request), aanmelding, naam),
        }
        return _json(answer, 200, headers)

    def _send_back(self, key: str, vraag: Vraag, insz: str) -> Response:
        lifetime = self._world.settings.get("acm")["code_geldig"]
        code = self._aanmeldingen.make_code(vraag, insz, lifetime)
        self._aanmeldingen.close(key)
        self._note("burger_aanmelden", 303)
        return _return_to(vraag.redirect_uri, vraag.state, {"code": code}, 303)

    def _redeem(self, request: Request, body: bytes) -> Aanmelding:
        if not is_client(self._world, request.headers.get("authorization")):
            raise _RefusedError(401, "invalid_client", "only client_secret_basic")
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        fields = parse_qs(body.decode("latin-1"))
        if kind != "application/x-www-form-urlencoded" or any(len(v) > 1 for v in fields.values()):
            raise _RefusedError(400, "invalid_request", "not a form with each field once")
        form = {name: values[0] for name, values in fields.items()}
        if form.get("grant_type") != "authorization_code":
            raise _RefusedError(400, "unsupported_grant_type", "only authorization_code")
        if form.get("client_id", CLIENT_ID) != CLIENT_ID:
            raise _RefusedError(400, "invalid_request", "client_id is another")
        # Whatever is wrong with the rest: a code that was shown is used.
        aanmelding = self._aanmeldingen.use(form.get("code", ""))
        if aanmelding is None:
            raise _RefusedError(400, "invalid_grant", "the code is not known")
        if (why := _find_fault(aanmelding, form)) is not None:
            raise _RefusedError(400, "invalid_grant", why)
        return aanmelding

    def _ask_who(self, key: str, fout: str | None = None, status: int = 200) -> Response:
        personen = list_persons(self._world)
        return self._show("aanmelden.html", status, vraag=key, fout=fout, personen=personen)

    def _show(self, template: str, status: int, **values: Any) -> Response:
        html = self._pages.get_template(template).render(values)
        return HTMLResponse(html, status, headers=_HEADERS)

    def _note(self, operatie: str, status: int, why: str | None = None) -> None:
        self._world.journal.record(Regel("acm", operatie, status, sleutel=why))


def _find_fault(aanmelding: Aanmelding, form: Mapping[str, str]) -> str | None:
    if aanmelding.gebruikt:
        return "the code was used before"
    if aanmelding.vervalt_op < time.time():
        return "the code has expired"
    if form.get("redirect_uri") != aanmelding.redirect_uri:
        return "redirect_uri is another than was asked with"
    challenge = create_s256_code_challenge(form.get("code_verifier", ""))
    if not hmac.compare_digest(challenge, aanmelding.challenge):
        return "the verifier is not that of the challenge"
    return None


def _origin(request: Request) -> str:
    # Of the whole sandbox: what is registered lies beside this service.
    return str(request.base_url).rstrip("/")


def _issuer(request: Request) -> str:
    return f"{_origin(request)}{MOUNT}"


def _return_to(
    redirect_uri: str, state: str | None, told: Mapping[str, str], status: int = 302
) -> Response:
    pairs = [*told.items(), *([("state", state)] if state is not None else [])]
    answer = RedirectResponse(add_params_to_uri(redirect_uri, pairs), status)
    answer.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return answer


def _json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
