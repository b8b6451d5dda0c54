"""The CRM's service root: sign-on, required headers, limits, and who handles what."""

from __future__ import annotations

import math
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.crm import batch, lezen, odata
from sandbox.crm.fouten import (
    JSON_HEADERS,
    TOO_MANY_AT_ONCE,
    TOO_MANY_REQUESTS,
    CrmError,
)
from sandbox.crm.schrijven import Opdracht, Uitkomst, apply_write
from sandbox.crm.token import accept_token, issue_token
from sandbox.gateway import get_header
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.world import World

TOKEN_PATH = "/oauth2/v2.0/token"
_VERBS = {"POST": "create", "PATCH": "update", "PUT": "update", "DELETE": "delete"}


def name_crm_operation(scope: Scope) -> tuple[str, str]:
    """Name the operation of a request: token, batch, get, list, changes, create, update, delete.

    All but the first two carry the entity set: ``changes:rh_dossiers``.
    """
    path = scope["path"][len(scope.get("root_path", "")) :]
    if path == TOKEN_PATH:
        return "crm", "token"
    resource = path.removeprefix(odata.PREFIX)
    if resource == "$batch":
        return "crm", "batch"
    entity_set, keyed, _ = resource.partition("(")
    verb = _VERBS.get(scope["method"])
    if verb is None:
        verb = "get" if keyed else "list"
        if verb == "list":
            prefer = get_header(scope, b"prefer") or ""
            query = scope["query_string"]
            if "track-changes" in prefer or b"deltatoken" in query:
                verb = "changes"
    return "crm", f"{verb}:{entity_set}"


def create_crm_app(world: World) -> ASGIApp:
    """Build the application under ``/crm``."""
    return Crm(world)


class Crm:
    """One application user's view of the service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._window = Window(300.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        body = await request.body()
        try:
            response = self._route(request, body)
        except CrmError as error:
            response = error.response()
            self._note_refusal(request, error.status)
        except UnicodeDecodeError:
            response = CrmError(400, "The URL is not UTF-8.", "0x80060888").response()
        await response(scope, receive, send)

    def _note_refusal(self, request: Request, status: int) -> None:
        _, operatie = name_crm_operation(request.scope)
        with self._world.state.write():
            self._world.journal.record(_line(request, operatie, status))

    def _route(self, request: Request, body: bytes) -> Response:
        mount = request.scope.get("root_path", "")
        raw = request.scope["raw_path"].decode("latin-1")[len(mount) :]
        if raw == TOKEN_PATH:
            if request.method != "POST":
                raise CrmError(405, "Method not allowed.")
            return issue_token(self._world, request.headers.get("content-type", ""), body)
        if not raw.startswith(odata.PREFIX):
            raise CrmError(404, "Not found.")
        self._admit(request)
        resource = raw[len(odata.PREFIX) :]
        root = f"{request.url.scheme}://{request.headers['host']}{mount}{odata.PREFIX}"
        if resource == "$batch":
            return self._batch(request, body, root, mount)
        if resource == "WhoAmI":
            context = f"{root}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"
            who = {"@odata.context": context, "UserId": self._world.secrets.crm_client_id}
            return Response(orjson.dumps(who), 200, JSON_HEADERS)
        return self._single(request, body, resource, root, mount)

    def _admit(self, request: Request) -> None:
        settings = self._world.settings.get("crm")
        if not accept_token(self._world, request.headers.get("authorization")):
            raise CrmError(
                401, "The access token is missing, expired or not valid.", "0x80072560",
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )  # fmt: skip
        at_once = settings["max_gelijktijdig"]
        if at_once is not None and request.scope["sandbox.gelijktijdig"] > at_once:
            raise CrmError(
                429,
                f"Number of concurrent requests exceeded the limit of {at_once}.",
                TOO_MANY_AT_ONCE,
                {"Retry-After": "1"},
            )
        limit = settings["limiet_per_300s"]
        if (pause := self._window.take(limit)) is not None:
            raise CrmError(
                429,
                f"Number of requests exceeded the limit of {limit} over time window of 300 "
                "seconds.",
                TOO_MANY_REQUESTS,
                {"Retry-After": str(math.ceil(pause))},
            )
        for name in ("odata-version", "odata-maxversion"):
            if request.headers.get(name) != "4.0":
                raise CrmError(400, f"The header {name} must be 4.0.", "0x80060888")

    def _single(
        self, request: Request, body: bytes, resource: str, root: str, mount: str
    ) -> Response:
        world = self._world
        doel = odata.parse_resource(resource)
        preferences = odata.parse_preferences(request.headers.get("prefer"))
        if request.method == "GET":
            accept = request.headers.get("accept", "*/*")
            if "application/json" not in accept and "*/*" not in accept:
                raise CrmError(406, "Only application/json can be answered.")
            answer = self._read(
                doel, root, request.url.query, preferences, request.headers.get("if-none-match")
            )
            _, operatie = name_crm_operation(request.scope)
            with world.state.write():
                world.journal.record(_line(request, operatie, answer.status))
            headers = JSON_HEADERS | answer.headers
            return Response(answer.body, answer.status, headers)
        opdracht = Opdracht(
            request.method,
            doel,
            request.headers,
            body,
            world.secrets.crm_client_id,
            mount,
            request.headers.get("x-correlation-id"),
        )
        with world.rijen.write():
            uitkomst = apply_write(world.rijen, opdracht, {})
            world.journal.record(uitkomst.regel)
        status, headers, answer_body = _show(uitkomst, root, preferences)
        return Response(answer_body, status, headers)

    def _read(
        self,
        doel: odata.Doel,
        root: str,
        query: str,
        preferences: dict[str, str],
        if_none_match: str | None,
    ) -> lezen.Antwoord:
        vraag = lezen.Vraag(
            root,
            query,
            preferences,
            self._world.secrets.crm_client_secret,
            self._world.settings.get("crm")["delta_geldig"],
        )
        if doel.single:
            return lezen.read_one(self._world.rijen, doel, vraag, if_none_match)
        return lezen.read_list(self._world.rijen, doel.tabel, vraag)

    def _batch(self, request: Request, body: bytes, root: str, mount: str) -> Response:
        if request.method != "POST":
            raise CrmError(405, "A batch must be posted.")
        parts = batch.parse_batch(request.headers.get("content-type", ""), body)
        preferences = odata.parse_preferences(request.headers.get("prefer"))
        go_on = "odata.continue-on-error" in preferences
        correlatie_id = request.headers.get("x-correlation-id")
        answers: list[batch.Deel] = []
        status = 200
        with self._world.state.write():
            for part in parts:
                answer = self._run_part(part, root, mount, correlatie_id)
                answers.append(answer)
                if answer.nested is None and answer.status >= 400 and not go_on:
                    status = answer.status
                    break
            self._world.journal.record(_line(request, "batch", status))
        boundary = f"batchresponse_{uuid4()}"
        headers = {
            "Content-Type": f"multipart/mixed; boundary={boundary}",
            "OData-Version": "4.0",
        }
        return Response(batch.build_batch(answers, boundary), status, headers)

    def _run_part(
        self, part: batch.Onderdeel, root: str, mount: str, correlatie_id: str | None
    ) -> batch.Deel:
        refs: dict[str, str] = {}
        nested: list[batch.Deel] = []
        regels: list[Regel] = []
        operatie = part.operaties[0]
        try:
            with self._world.rijen.write():
                for operatie in part.operaties:
                    answer, regel = self._run_one(operatie, refs, root, mount, correlatie_id)
                    nested.append(answer)
                    if regel is not None:
                        regels.append(regel)
                self._world.journal.record_many(regels)
        except CrmError as error:
            headers = JSON_HEADERS | error.headers
            return batch.Deel(error.status, headers, error.body(), operatie.content_id)
        return batch.Deel(nested=nested) if part.changeset else nested[0]

    def _run_one(
        self,
        operatie: batch.Operatie,
        refs: dict[str, str],
        root: str,
        mount: str,
        correlatie_id: str | None,
    ) -> tuple[batch.Deel, Regel | None]:
        url = operatie.url
        if url.startswith("$") and not url.startswith("$batch"):
            if url[1:] not in refs:
                raise odata.bad_request(
                    f"Content-ID Reference: '{url}' does not exist in the batch context."
                )
            url = refs[url[1:]]
        resource, _, query = odata.strip_root(url, mount).partition("?")
        if resource == "$batch":
            raise odata.bad_request("A batch cannot contain other batches.")
        doel = odata.parse_resource(resource)
        preferences = odata.parse_preferences(operatie.headers.get("prefer"))
        if operatie.method == "GET":
            read = self._read(doel, root, query, preferences, operatie.headers.get("if-none-match"))
            headers = JSON_HEADERS | read.headers
            return batch.Deel(read.status, headers, read.body, operatie.content_id), None
        opdracht = Opdracht(
            operatie.method,
            doel,
            operatie.headers,
            operatie.body,
            self._world.secrets.crm_client_id,
            mount,
            correlatie_id,
        )
        uitkomst = apply_write(self._world.rijen, opdracht, refs)
        if operatie.content_id is not None:
            refs[operatie.content_id] = f"{uitkomst.set}({uitkomst.row_id})"
        status, headers, body = _show(uitkomst, root, preferences)
        return batch.Deel(status, headers, body, operatie.content_id), uitkomst.regel


def _show(
    uitkomst: Uitkomst, root: str, preferences: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    entity = f"{root}{uitkomst.set}({uitkomst.row_id})"
    if uitkomst.rij is None:
        return 204, {"OData-Version": "4.0"}, b""
    if preferences.get("return") != "representation":
        return 204, {"OData-Version": "4.0", "OData-EntityId": entity, "Location": entity}, b""
    created = uitkomst.regel.operatie.startswith("create:")
    headers = JSON_HEADERS | {
        "Preference-Applied": "return=representation",
        "Location": entity,
        "ETag": uitkomst.rij.velden["@odata.etag"],
    }
    context = {"@odata.context": f"{root}$metadata#{uitkomst.set}/$entity"}
    return 201 if created else 200, headers, orjson.dumps(context | uitkomst.rij.velden)


def _line(request: Request, operatie: str, status: int) -> Regel:
    return Regel("crm", operatie, status, correlatie_id=request.headers.get("x-correlation-id"))
