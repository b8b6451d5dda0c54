"""The register's service: adresmatch, lists with filters and paging, details with ETag."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.basisregisters import weergave
from sandbox.basisregisters.adresmatch import match_adres
from sandbox.basisregisters.problemen import (
    ProbleemError,
    gone,
    invalid_field,
    not_found,
    throttled,
    unauthorized,
)
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.stad.city import fold
from sandbox.stad.straten import ALLE_STRATEN, GEMEENTE, NIS_CODE
from sandbox.stad.woning import AdresFeit, EenheidFeit, get_woning
from sandbox.world import World

MAX_LIMIT = 500
DEFAULT_LIMIT = 100
MAX_OFFSET = 1_000_000

_ADRES_FILTERS = {
    "gemeentenaam", "postcode", "straatnaam", "huisnummer", "busnummer", "niscode", "status",
    "straatnaamobjectid",
}  # fmt: skip
_EENHEID_FILTERS = {"adresobjectid", "gebouwobjectid", "status", "functie"}
_PAGING = {"offset", "limit", "apikey"}
_ADRES_STATUS = {"voorgesteld", "ingebruik", "gehistoreerd", "afgekeurd"}
_EENHEID_STATUS = {"gepland", "gerealiseerd", "gehistoreerd", "nietgerealiseerd"}
_FUNCTIES = {"nietgekend": "nietGekend", "gemeenschappelijkdeel": "gemeenschappelijkDeel"}


def name_basisregisters_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation: adresmatch, adressen, adres, gebouweenheden or gebouweenheid."""
    parts = scope["path"][len(scope.get("root_path", "")) :].strip("/").split("/")
    if len(parts) > 1:
        singular = {"adressen": "adres", "gebouweenheden": "gebouweenheid"}
        return "basisregisters", singular.get(parts[0], parts[0])
    return "basisregisters", parts[0]


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
        if kind == "adressen":
            if object_id:
                return self._adres(request, root, object_id)
            return self._list_adressen(root, params)
        if kind == "gebouweenheden":
            if object_id:
                return self._gebouweenheid(request, root, object_id)
            return self._list_gebouweenheden(root, params)
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

    def _adres(self, request: Request, root: str, object_id: str) -> Response:
        adres = self._world.city.get_adres(_number(object_id, "address", " adres"))
        if adres is None:
            raise not_found("address", " adres")
        if adres.verwijderd:
            raise gone("address", " adres")
        etag = weergave.build_etag("adres", adres.adres_id, adres.gewijzigd_op)
        return _detail(request, etag, lambda: weergave.show_adres(root, adres))

    def _gebouweenheid(self, request: Request, root: str, object_id: str) -> Response:
        city = self._world.city
        eenheid = city.get_gebouweenheid(_number(object_id, "buildingunit", "e gebouweenheid"))
        if eenheid is None:
            raise not_found("buildingunit", "e gebouweenheid")
        etag = weergave.build_etag("eenheid", eenheid.gebouweenheid_id, eenheid.gewijzigd_op)
        adressen = [a for a in map(city.get_adres, eenheid.adres_ids) if a is not None]
        return _detail(request, etag, lambda: weergave.show_gebouweenheid(root, eenheid, adressen))

    def _list_adressen(self, root: str, params: dict[str, str]) -> Response:
        _check_filters(params, _ADRES_FILTERS, _ADRES_STATUS)
        offset, limit = _read_page(params)
        city = self._world.city
        straten = [s for s in ALLE_STRATEN if _keep_street(s.naam, s.straatnaam_id, params)]
        if not _in_leuven(params):
            straten = []

        def wanted(adres: AdresFeit) -> bool:
            return (
                not adres.verwijderd
                and params.get("postcode", adres.postcode) == adres.postcode
                and params.get("huisnummer", adres.huisnummer) == adres.huisnummer
                and params.get("busnummer", adres.busnummer) == adres.busnummer
                and params.get("status", "inGebruik").lower() == "ingebruik"
            )

        found = sorted(
            (
                a
                for s in straten
                for a in city.list_adressen_in_straat(s.straatnaam_id)
                if wanted(a)
            ),
            key=lambda adres: adres.adres_id,
        )
        items = [weergave.show_adres_item(root, a) for a in found[offset : offset + limit]]
        following = _following(f"{root}/adressen", params, offset, limit, len(found))
        return _answer(
            {"@context": f"{weergave.CONTEXT}/adres/2023-02-28/adres_lijst.jsonld",
             "adressen": items} | following
        )  # fmt: skip

    def _list_gebouweenheden(self, root: str, params: dict[str, str]) -> Response:
        _check_filters(params, _EENHEID_FILTERS, _EENHEID_STATUS)
        functie = params.get("functie")
        if functie is not None and functie.lower() not in _FUNCTIES:
            raise invalid_field("functie", "OngeldigeFunctie", "Deze functie bestaat niet.")
        offset, limit = _read_page(params)
        found: list[EenheidFeit] = [
            eenheid
            for eenheid in self._select_units(params)
            if functie is None or eenheid.functie == _FUNCTIES[functie.lower()]
            if params.get("status", "gerealiseerd").lower() == "gerealiseerd"
        ]
        items = [weergave.show_gebouweenheid_item(root, e) for e in found[offset : offset + limit]]
        following = _following(f"{root}/gebouweenheden", params, offset, limit, len(found))
        return _answer(
            {"@context": f"{weergave.CONTEXT}/gebouweenheid/2023-02-28/gebouweenheid_lijst.jsonld",
             "gebouweenheden": items} | following
        )  # fmt: skip

    def _select_units(self, params: dict[str, str]) -> Iterable[EenheidFeit]:
        city = self._world.city
        adres_id, gebouw_id = params.get("adresobjectid"), params.get("gebouwobjectid")
        if adres_id is not None:
            if not adres_id.isdigit():
                return ()
            units = city.list_gebouweenheden_for_adres(int(adres_id))
            return [u for u in units if gebouw_id in (None, str(u.gebouw_id))]
        if gebouw_id is not None:
            if not gebouw_id.isdigit():
                return ()
            return city.list_gebouweenheden_for_gebouw(int(gebouw_id))
        return (unit for i in city.list_woningen() for unit in get_woning(i).eenheden)


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


def _check_filters(params: dict[str, str], filters: set[str], statuses: set[str]) -> None:
    # An unknown parameter is ignored by the source; a status it does not know is refused.
    status = params.get("status")
    if "status" in filters and status is not None and status.lower() not in statuses:
        raise invalid_field("status", "OngeldigeStatus", "Deze status bestaat niet.")


def _read_page(params: dict[str, str]) -> tuple[int, int]:
    values = []
    for naam, default in (("offset", 0), ("limit", DEFAULT_LIMIT)):
        text = params.get(naam, str(default))
        if not text.isdigit():
            raise invalid_field(naam, "OngeldigGetal", f"'{naam}' is geen positief getal.")
        values.append(int(text))
    offset, limit = values
    if offset > MAX_OFFSET:
        raise invalid_field("offset", "OffsetTeGroot", f"'offset' mag hoogstens {MAX_OFFSET} zijn.")
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid_field("limit", "OngeldigeLimit", f"'limit' ligt tussen 1 en {MAX_LIMIT}.")
    return offset, limit


def _following(
    url: str, params: dict[str, str], offset: int, limit: int, total: int
) -> dict[str, str]:
    if offset + limit >= total:
        return {}
    kept = [f"{k}={v}" for k, v in params.items() if k not in _PAGING]
    query = "&".join([*kept, f"offset={offset + limit}", f"limit={limit}"])
    return {"volgende": f"{url}?{query}"}


def _keep_street(naam: str, straatnaam_id: int, params: dict[str, str]) -> bool:
    wanted = params.get("straatnaam")
    if wanted is not None and fold(wanted) != fold(naam):
        return False
    return params.get("straatnaamobjectid", str(straatnaam_id)) == str(straatnaam_id)


def _in_leuven(params: dict[str, str]) -> bool:
    gemeente = params.get("gemeentenaam", GEMEENTE)
    return fold(gemeente) == fold(GEMEENTE) and params.get("niscode", NIS_CODE) == NIS_CODE


def _object_of(path: str, params: dict[str, str]) -> str | None:
    _, _, object_id = path.partition("/")
    return object_id or params.get("adresobjectid") or params.get("gebouwobjectid")
