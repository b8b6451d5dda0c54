"""The change feeds, version 3: pages of CloudEvents, the newest one not complete yet."""

from __future__ import annotations

import hmac
import math

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.basisregisters.gebeurtenissen import FEEDS
from sandbox.basisregisters.problemen import (
    ProbleemError,
    invalid_field,
    throttled,
    unauthorized,
)
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.world import World

SYSTEEM = "basisregisters"
MEDIA_TYPE = "application/cloudevents-batch+json"
_PREFIX = "feeds/wijzigingen/"


def name_wijzigingen_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation: ``wijzigingen:`` and the feed."""
    return SYSTEEM, f"wijzigingen:{_path(scope).removeprefix(_PREFIX)}"


def create_wijzigingen_app(world: World) -> ASGIApp:
    """Build the application under ``/basisregisters/v3``."""
    return Wijzigingen(world)


class Wijzigingen:
    """Reads of the feeds; each is a line in the journal."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._all = Window(60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            response = self._answer(request)
        except ProbleemError as problem:
            response = problem.response()
        correlation = request.headers.get("x-correlation-id")
        if correlation is not None:
            response.headers["x-correlation-id"] = correlation
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    *name_wijzigingen_operation(scope),
                    response.status_code,
                    sleutel=request.query_params.get("pagina"),
                    correlatie_id=correlation,
                )
            )
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method != "GET":
            raise ProbleemError(
                405, "method-not-allowed", "Methode niet toegestaan.", "Gebruik GET."
            )
        settings = self._world.settings.get(SYSTEEM)
        key = request.headers.get("x-api-key") or request.query_params.get("apikey") or ""
        if not hmac.compare_digest(
            key.encode(), self._world.secrets.basisregisters_api_key.encode()
        ):
            raise unauthorized()
        pause = self._all.take(settings["limiet_per_minuut"])
        if pause is not None:
            raise throttled(math.ceil(pause))
        path = _path(request.scope)
        feed = path.removeprefix(_PREFIX)
        if not path.startswith(_PREFIX) or feed not in FEEDS:
            raise ProbleemError(404, "not-found", "Onbestaande resource.", "Dit pad bestaat niet.")
        accept = request.headers.get("accept", "*/*")
        if not any(kind in accept for kind in (MEDIA_TYPE, "*/*", "application/*")):
            raise ProbleemError(406, "not-acceptable", "Niet aanvaardbaar.", f"Vraag {MEDIA_TYPE}.")
        pagina = request.query_params.get("pagina", "1")
        if not pagina.isdigit() or not 1 <= int(pagina) <= 10**9:
            raise invalid_field("pagina", "OngeldigePagina", "'pagina' is een getal vanaf 1.")
        size = int(settings["gebeurtenissen_per_pagina"])
        last = int(pagina) * size
        events = self._world.register.list_events(
            feed, last - size + 1, last, str(request.url.replace(query=""))
        )
        complete = "true" if len(events) == size else "false"
        return Response(
            orjson.dumps(events), headers={"x-page-complete": complete}, media_type=MEDIA_TYPE
        )


def _path(scope: Scope) -> str:
    return str(scope["path"][len(scope.get("root_path", "")) :].strip("/"))
