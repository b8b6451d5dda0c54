"""The register's service, version 2: adresmatch, lists, details with ETag."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.basisregisters import weergave
from sandbox.basisregisters.adresmatch import match_adres
from sandbox.basisregisters.lijsten import LISTS
from sandbox.basisregisters.problemen import (
    ProbleemError,
    gone,
    not_found,
    throttled,
    unauthorized,
)
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.world import World

SYSTEEM = "basisregisters"
# path -> the word in the type of a problem, and how its text goes on
_SOORTEN = {
    "adressen": ("address", " adres"),
    "gebouwen": ("building", " gebouw"),
    "gebouweenheden": ("buildingunit", "e gebouweenheid"),
    "percelen": ("parcel", " perceel"),
}
_ENKELVOUD = {
    "adressen": "adres", "gebouwen": "gebouw", "gebouweenheden": "gebouweenheid",
    "percelen": "perceel",
}  # fmt: skip


def name_basisregisters_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation: adresmatch, the plural for a list, the singular for a detail."""
    parts = scope["path"][len(scope.get("root_path", "")) :].strip("/").split("/")
    if len(parts) > 1:
        return SYSTEEM, _ENKELVOUD.get(parts[0], parts[0])
    return SYSTEEM, parts[0]


def create_basisregisters_app(world: World) -> ASGIApp:
    """Build the application under ``/basisregisters/v2``."""
    return Basisregisters(world)


class Basisregisters:
    """Reads of the register; each is a line in the journal."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._all = Window(60.0)
        self._matches = Window(60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        _, operatie = name_basisregisters_operation(scope)
        path = scope["path"][len(scope.get("root_path", "")) :].strip("/")
        params = {k.lower(): v for k, v in request.query_params.items()}
        try:
            response = self._route(request, path, params)
        except ProbleemError as problem:
            response = problem.response()
        correlation = request.headers.get("x-correlation-id")
        if correlation is not None:
            response.headers["x-correlation-id"] = correlation
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    "basisregisters",
                    operatie,
                    response.status_code,
                    sleutel=_object_of(path, params),
                    correlatie_id=correlation,
                )
            )
        await response(scope, receive, send)

    def _route(self, request: Request, path: str, params: dict[str, str]) -> Response:
        if request.method != "GET":
            raise ProbleemError(
                405, "method-not-allowed", "Methode niet toegestaan.", "Gebruik GET."
            )
        self._admit(request, path, params)
        root = f"{request.url.scheme}://{request.headers['host']}{request.scope['root_path']}"
        kind, _, object_id = path.partition("/")
        if path == "adresmatch":
            return _answer(match_adres(self._world.city, root, params))
        if kind in _SOORTEN and object_id:
            return self._show(request, root, kind, object_id)
        if kind in LISTS:
            return _answer(LISTS[kind](self._world, root, params))
        raise ProbleemError(404, "not-found", "Onbestaande resource.", "Dit pad bestaat niet.")

    def _admit(self, request: Request, path: str, params: dict[str, str]) -> None:
        settings = self._world.settings.get("basisregisters")
        key = request.headers.get("x-api-key") or params.get("apikey")
        if key is None and settings["sleutel_verplicht"]:
            raise unauthorized()
        known = self._world.secrets.basisregisters_api_key.encode()
        if key is not None and not hmac.compare_digest(key.encode(), known):
            raise unauthorized()
        pause = self._all.take(settings["limiet_per_minuut"])
        if pause is None and path == "adresmatch":
            pause = self._matches.take(settings["adresmatch_per_minuut"])
        if pause is not None:
            raise throttled(math.ceil(pause))

    def _show(self, request: Request, root: str, kind: str, object_id: str) -> Response:
        register, epsg = self._world.register, int(self._world.settings.get(SYSTEEM)["epsg"])
        soort, naam = _SOORTEN[kind]
        feit: Any
        if kind == "percelen":
            # The key stands in the path with a dash: a slash would part it.
            feit = register.get_perceel(object_id) if "/" not in object_id else None
        else:
            get: Callable[[int], Any] = {
                "adressen": register.get_adres, "gebouwen": register.get_gebouw,
                "gebouweenheden": register.get_gebouweenheid,
            }[kind]  # fmt: skip
            feit = get(_number(object_id, soort, naam))
        if feit is None:
            raise not_found(soort, naam)
        if feit.verwijderd:
            raise gone(soort, naam)

        def show() -> dict[str, Any]:
            if kind == "adressen":
                return weergave.show_adres(root, feit, epsg)
            if kind == "percelen":
                return weergave.show_perceel(root, feit)
            if kind == "gebouwen":
                units = register.list_gebouweenheden_for_gebouw(feit.gebouw_id)
                return weergave.show_gebouw(root, feit, units, epsg)
            adressen = [a for a in map(register.get_adres, feit.adres_ids) if a is not None]
            return weergave.show_gebouweenheid(root, feit, adressen, epsg)

        etag = weergave.build_etag(f"{kind}/{epsg}", object_id, feit.gewijzigd_op)
        return _detail(request, etag, show)


def _answer(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/ld+json; charset=utf-8")


def _detail(request: Request, etag: str, show: Callable[[], dict[str, Any]]) -> Response:
    shown = request.headers.get("if-none-match")
    if shown is not None and etag in [part.strip() for part in shown.split(",")]:
        return Response(status_code=304, headers={"ETag": etag})
    response = _answer(show())
    response.headers["ETag"] = etag
    return response


def _number(text: str, soort: str, naam: str) -> int:
    if not text.isdigit() or len(text) > 12:
        raise not_found(soort, naam)
    return int(text)


def _object_of(path: str, params: dict[str, str]) -> str | None:
    _, _, object_id = path.partition("/")
    return object_id or params.get("adresobjectid") or params.get("gebouwobjectid")
