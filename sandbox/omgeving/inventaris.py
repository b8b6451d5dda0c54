"""The heritage inventory's REST: a designated object, and a search that pages by Range."""

from __future__ import annotations

import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.journal import Regel
from sandbox.omgeving.lagen import ID, INVENTARIS
from sandbox.stad.city import fold
from sandbox.stad.omgeving import Aanduiding, find_aanduiding, list_aanduidingen
from sandbox.stad.straten import GEMEENTE
from sandbox.world import World

_RANGE = re.compile(r"items=(\d{1,7})-(\d{1,7})")


def name_inventaris_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation: aanduidingsobjecten (the search) or aanduidingsobject."""
    parts = scope["path"][len(scope.get("root_path", "")) :].strip("/").split("/")
    return "erfgoed", "aanduidingsobject" if len(parts) > 1 else parts[0]


class Inventaris:
    """Reads of the inventory; each is a line in the journal."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        systeem, operatie = name_inventaris_operation(scope)
        kind, _, object_id = (
            scope["path"][len(scope.get("root_path", "")) :].strip("/").partition("/")
        )
        if request.method != "GET" or kind != "aanduidingsobjecten":
            response = _answer({"message": "De resource werd niet gevonden."}, 404)
        elif "application/json" not in request.headers.get("accept", ""):
            response = Response("<!DOCTYPE html><html><body>Inventaris</body></html>")
            response.headers["Content-Type"] = "text/html; charset=UTF-8"
        elif object_id:
            response = self._detail(object_id)
        else:
            response = self._search(request)
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    systeem,
                    operatie,
                    response.status_code,
                    sleutel=object_id or None,
                    correlatie_id=request.headers.get("x-correlation-id"),
                )
            )
        await response(scope, receive, send)

    def _detail(self, object_id: str) -> Response:
        found = find_aanduiding(int(object_id)) if re.fullmatch(r"\d{1,9}", object_id) else None
        if found is None or found[0] >= self._world.city.size:
            return _answer({"message": "De resource werd niet gevonden."}, 404)
        return _answer(_show(found[1]))

    def _search(self, request: Request) -> Response:
        tekst = fold(request.query_params.get("tekst", ""))
        found = [
            _show_item(a)
            for i in self._world.city.list_woningen()
            for a in list_aanduidingen(i)
            if tekst in fold(a.naam) or tekst in fold(a.locatie)
        ]
        asked = request.headers.get("range")
        first, last = 0, len(found) - 1
        if asked is not None:
            parts = _RANGE.fullmatch(asked)
            if parts is None or int(parts[1]) > int(parts[2]) or int(parts[1]) > max(last, 0):
                return _answer({"message": "De range kan niet geleverd worden."}, 416)
            first, last = int(parts[1]), min(int(parts[2]), last)
        response = _answer(found[first : last + 1])
        span = f"{first}-{last}" if found else "*"
        response.headers["Content-Range"] = f"items {span}/{len(found)}"
        return response


def _answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _show_item(a: Aanduiding) -> dict[str, Any]:
    return {
        "id": a.aanduid_id,
        "uri": f"{ID}/aanduidingsobjecten/{a.aanduid_id}",
        "self": f"{INVENTARIS}/aanduidingsobjecten/{a.aanduid_id}",
        "naam": a.naam,
        "type": {"id": a.type_id, "naam": a.type_naam},
        "locatie_samenvatting": a.locatie,
        "gemeente_samenvatting": GEMEENTE,
        "korte_beschrijving": None,
        "geldigheid_start": a.start.isoformat(),
        "geldigheid_einde": a.einde.isoformat() if a.einde else None,
        "dataverantwoordelijke": {"uri": f"{ID}/actoren/501"},
        "status": {"id": 75, "naam": "Actief", "actief": True, "verantwoordelijken": []},
        "systemfields": {},
    }


def _show(a: Aanduiding) -> dict[str, Any]:
    item = _show_item(a)
    item["type"]["uri"] = f"{ID}/thesauri/aanduidingstypes/{a.type_id}"
    item["status"] = {"id": 1, "actief": True, "status": {"id": 75, "naam": "Actief"}}
    return item | {
        "current_state": 75,
        "geldigheid_opmerkingen": None,
        "alternatieve_namen": [],
        "beschermingen": [],
        "besluiten": [],
        "bijlagen": [],
        "kenmerkgroepen": [],
        "locatie": {"elementen": []},
        "relaties": [],
        "statussen": [],
        "teksten": [],
        "toelatingsplichtige_handelingen": [],
        "waarden": [],
    }
