"""A partner's service: carries out a request and its line in the journal as one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.dialoog import documenten, opslag, werk
from sandbox.dialoog.contract import load_check
from sandbox.dialoog.gebreken import BUILDS
from sandbox.dialoog.partij import Partij
from sandbox.dialoog.partner import Result
from sandbox.dialoog.probleem import ProbleemError
from sandbox.journal import Regel
from sandbox.limits import Window
from sandbox.world import World

# Who answers below its own address.
PARTIJEN = ("dialoog", "igo")


def name_partner_operation(naam: str, scope: Scope) -> tuple[str, str]:
    """Name the partner's operation: put, get, delete, list, standen or document."""
    path = _path(scope)
    if scope["method"] == "GET" and path == "aanmeldingen":
        return naam, "list"
    if scope["method"] == "GET" and path == "standen":
        return naam, "standen"
    if scope["method"] == "GET" and path.startswith("documenten/"):
        return naam, "document"
    return naam, scope["method"].lower()


def create_partner_app(world: World, partij: Partij) -> ASGIApp:
    """Build the application of one partner; ``world`` holds that partner's own memory."""
    return Service(world, partij)


class Service:
    """The partner's side of the contract, in the build that the setting ``gebrek`` names."""

    def __init__(self, world: World, partij: Partij) -> None:
        opslag.create_tables(world.state)
        documenten.create_tables(world.state)
        werk.create_tables(world.state)
        self._world = world
        self._naam = partij.naam
        check, window = load_check(), Window(60.0)
        self._builds = {name: build(world, partij, check, window) for name, build in BUILDS.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        partner = self._builds[self._world.settings.get(self._naam)["gebrek"]]
        request, path = Request(scope, receive), _path(scope)
        async with partner.turn():
            body = await request.body()
        await partner.prepare(request, path)
        with self._world.state.write():
            try:
                result = partner.carry_out(request, path, body)
            except ProbleemError as problem:
                result = Result(problem.answer())
            self._note(request, path, body, result)
        await result.response(scope, receive, send)

    def _note(self, request: Request, path: str, body: bytes, result: Result) -> None:
        systeem, operatie = name_partner_operation(self._naam, request.scope)
        self._world.journal.record(
            Regel(
                systeem,
                operatie,
                result.response.status_code,
                sleutel=path.partition("/")[2] or None,
                dossiernummer=result.dossiernummer,
                effect=result.effect,
                correlatie_id=request.headers.get("x-correlation-id"),
                idempotency_key=request.headers.get("idempotency-key"),
                inhoud=body.decode("utf-8", "replace") if body else None,
            )
        )


def answer_nowhere(request: Request, _error: Exception) -> Response:
    """Answer what no simulator serves: below a partner's address as that partner does."""
    if request.url.path.split("/")[1] in PARTIJEN:
        return ProbleemError(404, "niet-gekend").answer()
    return PlainTextResponse("Not Found", 404)


def _path(scope: Scope) -> str:
    path: str = scope["path"][len(scope.get("root_path", "")) :].strip("/")
    return path
