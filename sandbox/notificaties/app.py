"""The service: takes bundles in, for who signs on at ACM with the scope ``notificaties``.

Which success status it answers, how a refusal looks and what a repeated Id does is not told by the
owner: here 202, ``{code, message, errors}`` as its neighbour DOSIS has it, and a repeat is one more
message unless the setting ``ontdubbelt`` says otherwise. ``/ontvangen`` is the sandbox's own: no
such address is known of the real service, and the setting ``leesbaar`` takes it away.
"""

from __future__ import annotations

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.acm.token import accept_token
from sandbox.journal import Regel
from sandbox.notificaties.bundel import Bundel, Keuring, RefusedBundelError
from sandbox.notificaties.opslag import Notificaties
from sandbox.world import World

SYSTEEM = "notificaties"


def name_notificaties_operation(scope: Scope) -> tuple[str, str]:
    """Tell system and operation of a request."""
    return SYSTEEM, "post" if scope["method"] == "POST" else "ontvangen"


def create_notificaties_app(world: World) -> Starlette:
    """Build the application under ``/notificaties``."""
    settings = world.settings.get(SYSTEEM)
    keuring, held = Keuring(settings), Notificaties(world.state)

    def take_in(request: Request, body: bytes) -> tuple[Bundel, bool]:
        _let_in(world, request)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise RefusedBundelError(415, "contract.mediatype")
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise RefusedBundelError(400, "contract.json") from None
        bundel = keuring.read(document)
        is_new = not (settings["ontdubbelt"] and held.holds(bundel.bundel_id))
        if is_new:
            held.add(bundel, settings["verwerkingstijd"])
        return bundel, is_new

    async def post(request: Request) -> Response:
        body = await request.body()
        bundel, is_new, refused = None, False, None
        with world.state.write():
            try:
                bundel, is_new = take_in(request, body)
            except RefusedBundelError as error:
                refused = error
            status = 202 if refused is None else refused.status
            world.journal.record(
                Regel(
                    SYSTEEM,
                    "post",
                    status,
                    sleutel=bundel.bundel_id if bundel else refused and refused.code,
                    dossiernummer=bundel.dossiernummer if bundel else None,
                    effect=is_new,
                    correlatie_id=request.headers.get("x-correlation-id"),
                    idempotency_key=bundel.bundel_id if bundel else None,
                    inhoud=body.decode("utf-8", "replace"),
                )
            )
        return Response(status_code=202) if refused is None else _refuse(refused)

    async def ontvangen(request: Request) -> Response:
        if not settings["leesbaar"]:
            return _refuse(RefusedBundelError(404, "adres.onbekend"))
        try:
            _let_in(world, request)
        except RefusedBundelError as refused:
            return _refuse(refused)
        page, following = held.list_bundels(request.query_params.get("na", ""))
        body = orjson.dumps({"berichten": page, "volgende": following})
        return Response(body, media_type="application/json")

    return Starlette(
        routes=[
            Route("/api/v2/notificaties", post, methods=["POST"]),
            Route("/ontvangen", ontvangen, methods=["GET"]),
        ]
    )


def _let_in(world: World, request: Request) -> None:
    if accept_token(world, request.headers.get("authorization"), SYSTEEM) is None:
        raise RefusedBundelError(401, "token.ongeldig")


def _refuse(refused: RefusedBundelError) -> Response:
    errors = [{"code": refused.code, "field": refused.veld}] if refused.veld else []
    body = {"code": refused.code, "message": "De notificatie is geweigerd", "errors": errors}
    return Response(orjson.dumps(body), refused.status, media_type="application/json")
