"""A partner's service: PUT, GET, DELETE of an aanmelding, and the lists of progress and of all."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.dialoog import opslag
from sandbox.dialoog.contract import is_moment, is_reference, load_check
from sandbox.dialoog.opslag import Aanmelding
from sandbox.dialoog.partij import Partij
from sandbox.dialoog.standen import list_standen, write_intrekking, write_stand
from sandbox.dialoog.voortgang import list_voortgang, record
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.world import World

_SLEUTEL = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_WRONG_PAGE = {"veld": "pagina", "code": "verkeerde_vorm"}
_TITELS = {
    "ongeldig": "Het verzoek is niet goed gevormd",
    "niet-aangemeld": "Geen geldig token",
    "niet-gekend": "Deze aanmelding is niet gekend",
    "andere-inhoud": "Deze referentie draagt al een andere aanmelding",
    "ingetrokken": "Deze aanmelding is ingetrokken",
    "verouderd": "De aanmelding is intussen gewijzigd",
    "geweigerd": "De partner neemt deze aanmelding niet aan",
    "te-veel-verzoeken": "Te veel verzoeken",
    "niet-toegelaten": "Deze methode bestaat hier niet",
}


class ProbleemError(Exception):
    """A request the partner refuses; never holds what was in the body."""

    def __init__(
        self,
        status: int,
        soort: str,
        fouten: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(soort)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {
            "type": f"urn:renovatiehub:aanmelding:{soort}",
            "title": _TITELS[soort],
            "status": status,
        }
        if fouten:
            self.body["fouten"] = fouten


def name_partner_operation(naam: str, scope: Scope) -> tuple[str, str]:
    """Name the partner's operation: put, get, delete, list or standen."""
    path = scope["path"][len(scope.get("root_path", "")) :].strip("/")
    if scope["method"] == "GET" and path == "aanmeldingen":
        return naam, "list"
    if scope["method"] == "GET" and path == "standen":
        return naam, "standen"
    return naam, scope["method"].lower()


def create_partner_app(world: World, partij: Partij) -> ASGIApp:
    """Build the application of one partner; ``world`` holds that partner's own memory."""
    return Partner(world, partij)


class Partner:
    """The partner's side of the contract."""

    def __init__(self, world: World, partij: Partij) -> None:
        opslag.create_tables(world.state)
        self._world = world
        self._partij = partij
        self._check = load_check()
        self._window = Window(60.0)
        self._expected = f"Bearer {partij.token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        body = await request.body()
        path = scope["path"][len(scope.get("root_path", "")) :].strip("/")
        with self._world.state.write():
            try:
                response, effect, dossiernummer = self._route(request, path, body)
            except ProbleemError as problem:
                response = Response(
                    orjson.dumps(problem.body),
                    problem.status,
                    problem.headers,
                    media_type="application/problem+json",
                )
                effect, dossiernummer = False, None
            self._note(request, path, body, response.status_code, effect, dossiernummer)
        await response(scope, receive, send)

    def _note(
        self,
        request: Request,
        path: str,
        body: bytes,
        status: int,
        effect: bool,
        dossiernummer: str | None,
    ) -> None:
        systeem, operatie = name_partner_operation(self._partij.naam, request.scope)
        self._world.journal.record(
            Regel(
                systeem,
                operatie,
                status,
                sleutel=path.partition("/")[2] or None,
                dossiernummer=dossiernummer,
                effect=effect,
                correlatie_id=request.headers.get("x-correlation-id"),
                idempotency_key=request.headers.get("idempotency-key"),
                inhoud=body.decode("utf-8", "replace") if body else None,
            )
        )

    def _route(self, request: Request, path: str, body: bytes) -> tuple[Response, bool, str | None]:
        shown = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, self._expected):
            raise ProbleemError(401, "niet-aangemeld", headers={"WWW-Authenticate": "Bearer"})
        limit = self._world.settings.get(self._partij.naam)["limiet_per_minuut"]
        if (pause := self._window.take(limit)) is not None:
            headers = {"Retry-After": str(math.ceil(pause))}
            raise ProbleemError(429, "te-veel-verzoeken", headers=headers)
        if path == "standen":
            if request.method != "GET":
                raise ProbleemError(405, "niet-toegelaten")
            return self._standen(request), False, None
        collection, _, referentie = path.partition("/")
        if collection != "aanmeldingen" or "/" in referentie:
            raise ProbleemError(404, "niet-gekend")
        if not referentie:
            if request.method != "GET":
                raise ProbleemError(405, "niet-toegelaten")
            return self._list(request), False, None
        if not is_reference(referentie):
            raise ProbleemError(
                400, "ongeldig", [{"veld": "/referentie", "code": "verkeerde_vorm"}]
            )
        match request.method:
            case "PUT":
                return self._put(request, referentie, body)
            case "GET":
                return self._get(referentie)
            case "DELETE":
                return self._delete(referentie)
        raise ProbleemError(405, "niet-toegelaten")

    def _put(
        self, request: Request, referentie: str, raw: bytes
    ) -> tuple[Response, bool, str | None]:
        key = request.headers.get("idempotency-key", "")
        if not _SLEUTEL.match(key):
            raise ProbleemError(400, "ongeldig", [{"veld": "Idempotency-Key", "code": "ontbreekt"}])
        body = self._read(request, raw)
        if body["referentie"] != referentie:
            raise ProbleemError(400, "ongeldig", [{"veld": "/referentie", "code": "verschilt"}])
        if body["soort"] not in self._partij.soorten:
            raise ProbleemError(422, "geweigerd", [{"veld": "/soort", "code": "niet_aangeboden"}])
        inhoud = orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
        self._claim_key(key, referentie, inhoud)
        state = self._world.state
        held = opslag.find(state, referentie)
        if_match = request.headers.get("if-match")
        if held is not None and held.uitkomst is not None:
            raise ProbleemError(409, "ingetrokken")
        if if_match is not None and (held is None or if_match.strip() != held.etag):
            raise ProbleemError(412, "verouderd")
        if held is not None and held.inhoud == inhoud:
            return _receipt(200, held), False, held.dossiernummer
        moment = opslag.now()
        if held is None:
            held = Aanmelding(
                referentie, opslag.next_number(state), body["soort"], body["dossierNummer"],
                inhoud, 1, key, "ontvangen", moment, moment,
            )  # fmt: skip
            opslag.save(state, held)
            record(state, referentie, "ontvangen", moment, {})
            return _receipt(201, held), True, held.dossiernummer
        if if_match is None:
            raise ProbleemError(409, "andere-inhoud")
        held.inhoud, held.idempotency_key = inhoud, key
        held.versie += 1
        held.soort, held.dossiernummer = body["soort"], body["dossierNummer"]
        held.gewijzigd_op = moment
        opslag.save(state, held)
        return _receipt(200, held), True, held.dossiernummer

    def _read(self, request: Request, raw: bytes) -> dict[str, Any]:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if media_type != "application/json":
            raise ProbleemError(
                400, "ongeldig", [{"veld": "Content-Type", "code": "verkeerde_vorm"}]
            )
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise ProbleemError(400, "ongeldig", [{"veld": "", "code": "geen_json"}]) from None
        if fouten := self._check(body):
            raise ProbleemError(400, "ongeldig", fouten)
        result: dict[str, Any] = body
        return result

    def _claim_key(self, key: str, referentie: str, inhoud: str) -> None:
        """Refuse a key that was used for another request."""
        digest = hashlib.sha256(inhoud.encode()).hexdigest()
        state = self._world.state
        used = state.first(
            "SELECT referentie, inhoud_hash FROM dialoog_sleutel WHERE idempotency_key = ?", (key,)
        )
        if used is None:
            state.execute("INSERT INTO dialoog_sleutel VALUES (?, ?, ?)", (key, referentie, digest))
        elif used != (referentie, digest):
            raise ProbleemError(
                422, "geweigerd", [{"veld": "Idempotency-Key", "code": "hergebruikt"}]
            )

    def _get(self, referentie: str) -> tuple[Response, bool, str | None]:
        held = opslag.find(self._world.state, referentie)
        if held is None or held.uitkomst == "verwijderd":
            raise ProbleemError(404, "niet-gekend")
        return _answer(200, write_stand(held), held.etag), False, held.dossiernummer

    def _delete(self, referentie: str) -> tuple[Response, bool, str | None]:
        state = self._world.state
        held = opslag.find(state, referentie)
        if held is None:
            raise ProbleemError(404, "niet-gekend")
        dossiernummer = held.dossiernummer
        effect = held.uitkomst is None
        if effect:
            held.uitkomst = "bewaard" if held.status in self._partij.bewaren_vanaf else "verwijderd"
            held.ingetrokken_op = held.gewijzigd_op = opslag.now()
            held.versie += 1
            if held.uitkomst == "verwijderd":
                held.inhoud = None
                state.execute("DELETE FROM dialoog_voortgang WHERE referentie = ?", (referentie,))
            opslag.save(state, held)
        return _answer(200, write_intrekking(held)), effect, dossiernummer

    def _list(self, request: Request) -> Response:
        params = request.query_params
        since = params.get("gewijzigdNa", "")
        fouten = [] if is_moment(since) else [{"veld": "gewijzigdNa", "code": "verkeerde_vorm"}]
        limit, wrong = _read_limit(params.get("limiet", "100"))
        fouten += wrong
        if fouten:
            raise ProbleemError(400, "ongeldig", fouten)
        moment = datetime.fromisoformat(since).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        try:
            body = list_voortgang(self._world.state, moment, params.get("pagina"), limit)
        except ValueError:
            raise ProbleemError(400, "ongeldig", [_WRONG_PAGE]) from None
        return _answer(200, body)

    def _standen(self, request: Request) -> Response:
        params = request.query_params
        limit, fouten = _read_limit(params.get("limiet", "100"))
        if fouten:
            raise ProbleemError(400, "ongeldig", fouten)
        try:
            body = list_standen(self._world.state, params.get("pagina"), limit)
        except ValueError:
            raise ProbleemError(400, "ongeldig", [_WRONG_PAGE]) from None
        return _answer(200, body)


def _read_limit(text: str) -> tuple[int, list[dict[str, str]]]:
    if text.isdigit() and 1 <= int(text) <= 500:
        return int(text), []
    return 0, [{"veld": "limiet", "code": "verkeerde_vorm"}]


def _answer(status: int, body: dict[str, Any], etag: str | None = None) -> Response:
    headers = {} if etag is None else {"ETag": etag}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def _receipt(status: int, held: Aanmelding) -> Response:
    body = {
        "referentie": held.referentie,
        "ontvangenOp": held.ontvangen_op,
        "ontvangstnummer": held.ontvangstnummer,
    }
    return _answer(status, body, held.etag)
