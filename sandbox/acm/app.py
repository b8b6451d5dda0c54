"""The token endpoint, ``/acm/op/v1/token``: client credentials with private_key_jwt only."""

from __future__ import annotations

from urllib.parse import parse_qs

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.acm.assertion import Assertions, RefusedAssertionError
from sandbox.acm.token import make_token
from sandbox.journal import Regel
from sandbox.world import World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class _RefusedError(Exception):
    """An OAuth error (RFC 6749, 5.2)."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description


def name_acm_operation(_scope: Scope) -> tuple[str, str]:
    """Tell system and operation of a request."""
    return "acm", "token"


def create_acm_app(world: World) -> Starlette:
    """Build the application under ``/acm``."""
    assertions = Assertions(world.state, world.acm_clients)

    async def handle(request: Request) -> Response:
        body = await request.body()
        client: str | None = None
        with world.state.write():
            try:
                client, scopes = _judge(
                    world, assertions, request.headers.get("content-type", ""), body
                )
            except _RefusedError as refused:
                status = refused.status
                answer: dict[str, object] = {
                    "error": refused.error,
                    "error_description": refused.description,
                }
            else:
                status, lifetime = 200, int(world.settings.get("acm")["token_geldig"])
                answer = {
                    "access_token": make_token(world, client, scopes, lifetime),
                    "token_type": "Bearer",
                    "expires_in": lifetime,
                    "scope": " ".join(scopes),
                }
            reason = answer.get("error_description")
            world.journal.record(
                Regel("acm", "token", status, sleutel=str(reason) if reason else client)
            )
        headers = {"Cache-Control": "no-store"}
        return Response(orjson.dumps(answer), status, headers, media_type="application/json")

    return Starlette(routes=[Route("/op/v1/token", handle, methods=["POST"])])


def _judge(
    world: World, assertions: Assertions, content_type: str, body: bytes
) -> tuple[str, list[str]]:
    if content_type.partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise _RefusedError(400, "invalid_request", "The request body must be form-urlencoded.")
    fields = parse_qs(body.decode("latin-1"))
    if any(len(values) > 1 for values in fields.values()):
        raise _RefusedError(400, "invalid_request", "A parameter is repeated.")
    form = {name: values[0] for name, values in fields.items()}
    if form.get("grant_type") != "client_credentials":
        raise _RefusedError(400, "unsupported_grant_type", "Only client_credentials.")
    if form.get("client_assertion_type") != ASSERTION_TYPE or "client_secret" in form:
        raise _RefusedError(401, "invalid_client", "Only private_key_jwt.")
    try:
        client = assertions.judge(form.get("client_assertion", ""), form.get("client_id"))
    except RefusedAssertionError as refused:
        raise _RefusedError(401, "invalid_client", str(refused)) from None
    scopes = form.get("scope", "").split()
    if not scopes or not set(scopes) <= world.acm_clients[client].scopes:
        raise _RefusedError(400, "invalid_scope", "The client may not ask for this scope.")
    return client, scopes
