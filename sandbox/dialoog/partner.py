"""A partner's side of the contract, a request at a time; ``gebreken`` builds broken ones on it."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.dialoog import documenten, opslag, proef
from sandbox.dialoog.contract import Check, is_moment, is_reference, is_uuid
from sandbox.dialoog.opslag import Aanmelding
from sandbox.dialoog.partij import Partij
from sandbox.dialoog.probleem import ProbleemError, refuse_field
from sandbox.dialoog.standen import list_standen, write_intrekking, write_stand
from sandbox.dialoog.voortgang import list_voortgang, record
from sandbox.limits import Window
from sandbox.world import World

_SLEUTEL = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_PATHS = {"standen": ("GET",), "aanmeldingen": ("GET",)}
_ONE = ("PUT", "GET", "DELETE")


class Result(NamedTuple):
    """An answer, whether the partner's state changed, and whose dossier it was about."""

    response: Response
    effect: bool = False
    dossiernummer: str | None = None


class Partner:
    """Answers by the contract; ``world`` holds this partner's own memory."""

    def __init__(self, world: World, partij: Partij, check: Check, window: Window) -> None:
        self.state = world.state
        self.check = check
        self._partij = partij
        self._settings = world.settings
        self._window = window
        self._token = f"Bearer {partij.token}".encode()
        self._busy_once: set[str] = set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until this request may be read; any number may be."""
        yield

    async def prepare(self, request: Request, path: str) -> None:
        """Do what must be done before the request is carried out."""

    def carry_out(self, request: Request, path: str, body: bytes) -> Result:
        """Carry out one request.

        Raises:
            ProbleemError: the partner refuses it.
        """
        self.check_token(request, path)
        self._throttle()
        correlatie_id = request.headers.get("x-correlation-id")
        if correlatie_id is not None and not is_uuid(correlatie_id):
            raise refuse_field("x-correlation-id", "verkeerde_vorm")
        collection, _, key = path.partition("/")
        if collection == "documenten" and key:
            _allow(request, ("GET",))
            return Result(self.give_document(key))
        if path in _PATHS:
            _allow(request, _PATHS[path])
            return Result(
                self.give_standen(request) if path == "standen" else self.give_voortgang(request)
            )
        if collection != "aanmeldingen" or "/" in key:
            raise ProbleemError(404, "niet-gekend")
        _allow(request, _ONE)
        if not is_reference(key):
            raise refuse_field("/referentie", "verkeerde_vorm")
        if request.method == "PUT":
            return self.put(request, key, body)
        return self.get(key) if request.method == "GET" else self.delete(key)

    def check_token(self, request: Request, path: str) -> None:
        """Refuse who does not show the token."""
        shown = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, self._token):
            raise ProbleemError(401, "niet-aangemeld", headers={"WWW-Authenticate": "Bearer"})

    def _throttle(self) -> None:
        limit = self._settings.get(self._partij.naam)["limiet_per_minuut"]
        if (pause := self._window.take(limit)) is not None:
            raise too_busy(math.ceil(pause))

    def put(self, request: Request, referentie: str, raw: bytes) -> Result:
        """Create, repeat or correct an aanmelding."""
        key = request.headers.get("idempotency-key", "")
        if not _SLEUTEL.match(key):
            raise refuse_field("Idempotency-Key", "ontbreekt")
        body = self.read(request, raw)
        if body["referentie"] != referentie:
            raise refuse_field("/referentie", "verschilt")
        self.refuse(body)
        if proef.is_proef(body["dossierNummer"], "druk") and referentie not in self._busy_once:
            self._busy_once.add(referentie)
            self.be_busy(request, key, body)
        inhoud = self.write_inhoud(body, raw)
        self.claim_key(key, referentie, inhoud)
        held = opslag.find(self.state, referentie)
        if_match = request.headers.get("if-match")
        if held is not None and held.uitkomst is not None:
            return self.meet_withdrawn(request, key, body, inhoud)
        if if_match is not None and (held is None or if_match.strip() != held.etag):
            return self.meet_stale(request, key, body, inhoud, held)
        if held is None:
            return self.create(request, key, body, inhoud)
        if held.inhoud == inhoud:
            return self.repeat(held, key)
        if if_match is None:
            return self.meet_conflict(key, body, inhoud, held)
        return self.replace(key, body, inhoud, held)

    def read(self, request: Request, raw: bytes) -> dict[str, Any]:
        """Read a body that keeps to the contract."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise ProbleemError(415, "verkeerd-mediatype")
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise refuse_field("", "geen_json") from None
        if fouten := self.check(body):
            raise ProbleemError(400, "ongeldig", fouten)
        result: dict[str, Any] = body
        return result

    def refuse(self, body: dict[str, Any]) -> None:
        """Refuse what the partner does not do."""
        if body["soort"] not in self._partij.soorten:
            raise ProbleemError(422, "geweigerd", [{"veld": "/soort", "code": "niet_aangeboden"}])
        if proef.is_proef(body["dossierNummer"], "geweigerd"):
            raise ProbleemError(422, "geweigerd", [{"veld": "/dossierNummer", "code": "proef"}])

    def be_busy(self, request: Request, key: str, body: dict[str, Any]) -> None:
        """Refuse for once, without doing anything."""
        raise too_busy(1)

    def write_inhoud(self, body: dict[str, Any], raw: bytes) -> str:
        """Write a body so that equal JSON is equal text."""
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()

    def claim_key(self, key: str, referentie: str, inhoud: str) -> None:
        """Refuse a key that was used for another request."""
        digest = hashlib.sha256(inhoud.encode()).hexdigest()
        used = self.state.first(
            "SELECT referentie, inhoud_hash FROM dialoog_sleutel WHERE idempotency_key = ?", (key,)
        )
        if used is None:
            self.state.execute(
                "INSERT INTO dialoog_sleutel VALUES (?, ?, ?)", (key, referentie, digest)
            )
        elif used != (referentie, digest):
            raise ProbleemError(
                422, "geweigerd", [{"veld": "Idempotency-Key", "code": "hergebruikt"}]
            )

    def create(self, request: Request, key: str, body: dict[str, Any], inhoud: str) -> Result:
        """Write down a new aanmelding and its first event."""
        moment = opslag.now()
        held = Aanmelding(
            body["referentie"], opslag.next_number(self.state), body["soort"],
            body["dossierNummer"], inhoud, 1, key, "ontvangen", moment, moment,
        )  # fmt: skip
        opslag.save(self.state, held)
        record(self.state, held.referentie, "ontvangen", moment, {})
        if proef.is_proef(held.dossiernummer, "advies"):
            root = f"{str(request.base_url).rstrip('/')}{request.scope.get('root_path', '')}"
            proef.advance(self.state, held, root)
        return Result(write_receipt(201, held), True, held.dossiernummer)

    def repeat(self, held: Aanmelding, key: str) -> Result:
        """Answer what was answered before."""
        return Result(write_receipt(200, held), False, held.dossiernummer)

    def replace(self, key: str, body: dict[str, Any], inhoud: str, held: Aanmelding) -> Result:
        """Write down a correction."""
        held.inhoud, held.idempotency_key = inhoud, key
        held.versie += 1
        held.soort, held.dossiernummer = body["soort"], body["dossierNummer"]
        held.gewijzigd_op = opslag.now()
        opslag.save(self.state, held)
        return Result(write_receipt(200, held), True, held.dossiernummer)

    def meet_conflict(
        self, key: str, body: dict[str, Any], inhoud: str, held: Aanmelding
    ) -> Result:
        """Refuse another body without If-Match."""
        raise ProbleemError(409, "andere-inhoud")

    def meet_stale(
        self, request: Request, key: str, body: dict[str, Any], inhoud: str,
        held: Aanmelding | None,
    ) -> Result:  # fmt: skip
        """Refuse an If-Match that is not the present version."""
        raise ProbleemError(412, "verouderd")

    def meet_withdrawn(
        self, request: Request, key: str, body: dict[str, Any], inhoud: str
    ) -> Result:
        """Refuse what was withdrawn."""
        raise ProbleemError(409, "ingetrokken")

    def get(self, referentie: str) -> Result:
        """Tell what is held."""
        held = opslag.find(self.state, referentie)
        if held is None or held.uitkomst == "verwijderd":
            raise ProbleemError(404, "niet-gekend")
        return Result(write_json(200, write_stand(held), held.etag), False, held.dossiernummer)

    def delete(self, referentie: str) -> Result:
        """Withdraw: remove, or keep by law."""
        held = opslag.find(self.state, referentie)
        if held is None:
            raise ProbleemError(404, "niet-gekend")
        dossiernummer = held.dossiernummer
        effect = held.uitkomst is None
        if effect:
            kept = held.status in self._partij.bewaren_vanaf
            kept = kept or proef.is_proef(dossiernummer, "bewaard")
            held.uitkomst = "bewaard" if kept else "verwijderd"
            held.ingetrokken_op = held.gewijzigd_op = opslag.now()
            held.versie += 1
            if not kept:
                held.inhoud = None
                documenten.remove_documents(self.state, referentie)
                self.state.execute(
                    "DELETE FROM dialoog_voortgang WHERE referentie = ?", (referentie,)
                )
            opslag.save(self.state, held)
        return Result(write_json(200, write_intrekking(held)), effect, dossiernummer)

    def give_voortgang(self, request: Request) -> Response:
        """Give a page of events."""
        params = request.query_params
        since = params.get("gewijzigdNa", "")
        if not is_moment(since):
            raise refuse_field("gewijzigdNa", "verkeerde_vorm")
        limit, page = read_page(request)
        moment = datetime.fromisoformat(since).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        try:
            return write_json(200, self.list_voortgang(moment, page, limit))
        except ValueError:
            raise refuse_field("pagina", "verkeerde_vorm") from None

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        """List a page of events after a moment."""
        return list_voortgang(self.state, since, page, limit)

    def give_standen(self, request: Request) -> Response:
        """Give a page of all that is held."""
        limit, page = read_page(request)
        try:
            return write_json(200, self.list_standen(page, limit))
        except ValueError:
            raise refuse_field("pagina", "verkeerde_vorm") from None

    def list_standen(self, page: str | None, limit: int) -> dict[str, Any]:
        """List a page of what is held."""
        return list_standen(self.state, page, limit)

    def give_document(self, document_id: str) -> Response:
        """Give a document's bytes."""
        inhoud = documenten.find_document(self.state, document_id)
        if inhoud is None:
            raise ProbleemError(404, "niet-gekend")
        return Response(inhoud, media_type="application/pdf")


def too_busy(seconds: int) -> ProbleemError:
    """Say how long to wait."""
    return ProbleemError(429, "te-veel-verzoeken", headers={"Retry-After": str(seconds)})


def read_page(request: Request) -> tuple[int, str | None]:
    """Return how many a page may hold, and which page is asked for."""
    text = request.query_params.get("limiet", "100")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 500):
        raise refuse_field("limiet", "verkeerde_vorm")
    page = request.query_params.get("pagina")
    if page == "":
        raise refuse_field("pagina", "verkeerde_vorm")
    return int(text), page


def write_json(status: int, body: dict[str, Any], etag: str | None = None) -> Response:
    """Answer JSON, with its version."""
    headers = {} if etag is None else {"ETag": etag}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def write_receipt(status: int, held: Aanmelding) -> Response:
    """Answer the receipt of an aanmelding."""
    body = {
        "referentie": held.referentie,
        "ontvangenOp": held.ontvangen_op,
        "ontvangstnummer": held.ontvangstnummer,
    }
    return write_json(status, body, held.etag)


def _allow(request: Request, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise ProbleemError(405, "niet-toegelaten", headers={"Allow": ", ".join(methods)})
