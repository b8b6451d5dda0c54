"""DOSIS REST v1: judged at once, processed later, a receipt per upload.

The facts do not say whether DOSIS recognises a repeat by its UploadId: here it does not, every
accepted upload is one more line of the dossier's history, so that a client that sends twice shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.acm.token import accept_token
from sandbox.dosis.bericht import Fout, judge, write_dossier
from sandbox.journal import Regel
from sandbox.magda.dosis import Bewijs, Dossiers
from sandbox.world import World

SCOPE = "dosis"
_OPERATIES = {
    ("POST", "dossiers"): "RegistreerDossier",
    ("DELETE", "dossiers"): "VerwijderDossier",
    ("GET", "perUploadId"): "GeefResultaatRegistratie",
    ("GET", "resultaten"): "GeefResultaatRegistratie",
    ("GET", "fouten"): "GeefUitzonderingenRegistraties",
}


def name_dosis_operation(scope: Scope) -> tuple[str, str]:
    """Tell system and operation of a request; the operations have MAGDA's names."""
    last = scope["path"].rstrip("/").rpartition("/")[2]
    return "dosis", _OPERATIES.get((scope["method"], last), last)


def create_dosis_app(world: World, dossiers: Dossiers) -> Starlette:
    """Build the application under ``/dosis``."""
    desk = _Desk(world, dossiers)
    base = "/api/v1/dosis"
    return Starlette(
        routes=[
            Route(f"{base}/dossiers", desk.dossiers, methods=["POST", "DELETE"]),
            Route(f"{base}/resultaten/perUploadId", desk.per_upload, methods=["GET"]),
            Route(f"{base}/resultaten/fouten", desk.fouten, methods=["GET"]),
            Route(f"{base}/resultaten", desk.resultaat, methods=["GET"]),
        ]
    )


class _Desk:
    def __init__(self, world: World, dossiers: Dossiers) -> None:
        self._world = world
        self._dossiers = dossiers

    async def dossiers(self, request: Request) -> Response:
        """Take an upload, or remove a dossier."""
        data = await request.body()
        with self._world.state.write():
            if not self._may(request):
                return self._refuse(request, 401, "Unauthorized")
            if request.method == "DELETE":
                return self._remove(request)
            return self._take(request, data)

    async def per_upload(self, request: Request) -> Response:
        """Give the receipt of an upload."""
        upload_id = request.query_params.get("uploadId")
        found = self._dossiers.find_upload(upload_id.lower()) if upload_id else None
        return self._show(request, upload_id, None if found is None else _write(found))

    async def resultaat(self, request: Request) -> Response:
        """Give the receipt of a dossier's last upload."""
        bron, nummer = _read_key(request)
        found = self._dossiers.find_last(bron, nummer) if bron and nummer else None
        return self._show(request, bron and nummer, None if found is None else _write(found))

    async def fouten(self, request: Request) -> Response:
        """Give the uploads of a source that failed."""
        bron = request.query_params.get("bron")
        failed = [_write(one) for one in self._dossiers.list_failed(bron)] if bron else None
        return self._show(request, bron, failed)

    def _take(self, request: Request, data: bytes) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return self._refuse(request, 415, "UnsupportedMediaType")
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            return self._refuse(request, 400, "BadRequest", body=data)
        wrong = judge(body)
        if wrong:
            return self._refuse(request, 400, "ValidatieFout", wrong, body=data)
        dossier, message = write_dossier(body)
        upload_id = body["UploadId"]
        _bron, nummer, shown = self._dossiers.add(
            dossier, upload_id, message, self._world.settings.get("dosis"), upload_id.lower()
        )
        answer = {"Status": "OK", "UploadId": upload_id}
        return self._answer(request, 200, answer, upload_id, nummer, effect=shown, body=data)

    def _remove(self, request: Request) -> Response:
        bron, nummer = _read_key(request)
        if not bron or not nummer:
            return self._refuse(request, 400, "BadRequest")
        if not self._dossiers.remove(bron, nummer):
            return self._refuse(request, 404, "NotFound")
        return self._answer(request, 200, {"Status": "OK"}, f"{bron} {nummer}", nummer, effect=True)

    def _show(self, request: Request, asked: str | None, found: Any) -> Response:
        with self._world.state.write():
            if not self._may(request):
                return self._refuse(request, 401, "Unauthorized")
            if not asked:
                return self._refuse(request, 400, "BadRequest")
            if found is None:
                return self._refuse(request, 404, "NotFound")
            return self._answer(request, 200, found, asked)

    def _may(self, request: Request) -> bool:
        header = request.headers.get("authorization")
        return accept_token(self._world, header, SCOPE) is not None

    def _refuse(
        self,
        request: Request,
        status: int,
        code: str,
        wrong: Sequence[Fout] = (),
        body: bytes | None = None,
    ) -> Response:
        errors = [
            {"code": "Veld", "message": told, "description": None, "field": field}
            for field, told in wrong
        ]
        answer = {"code": code, "message": code, "description": None, "errors": errors}
        return self._answer(request, status, answer, code, body=body)

    def _answer(
        self,
        request: Request,
        status: int,
        answer: Any,
        sleutel: str | None,
        nummer: str | None = None,
        *,
        effect: bool = False,
        body: bytes | None = None,
    ) -> Response:
        self._world.journal.record(
            Regel(
                "dosis",
                name_dosis_operation(request.scope)[1],
                status,
                sleutel=sleutel,
                dossiernummer=nummer,
                effect=effect,
                correlatie_id=request.headers.get("x-correlation-id"),
                inhoud=None if body is None else body.decode("utf-8", "replace"),
            )
        )
        return Response(orjson.dumps(answer), status, media_type="application/json")


def _read_key(request: Request) -> tuple[str | None, str | None]:
    return request.query_params.get("bron"), request.query_params.get("dossierNummer")


def _write(bewijs: Bewijs) -> dict[str, Any]:
    fouten = [{"Omschrijving": fout, "LijnNummer": None} for fout in bewijs.fouten]
    return {
        "Succes": not fouten,
        "Fout": bool(fouten),
        "Fouten": fouten,
        "TijdstipVerwerking": bewijs.tijdstip.isoformat(timespec="milliseconds"),
        "Identificatie": {"Bron": bewijs.bron, "DossierNummer": bewijs.dossiernummer},
    }
