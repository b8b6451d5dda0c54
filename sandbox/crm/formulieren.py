"""The forms of the dossier page: a consultant chooses the dwelling and decides on suggestions."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.crm.handelingen import ActError, choose_dwelling, decide_suggestion
from sandbox.world import World

_LARGEST = 4096
_CANDIDATE = re.compile(r"- (?P<keuze>(?:adres|gebouweenheid) \d{1,12})(?:: (?P<tekst>.+))?")

Form = dict[str, str]


def build_form_routes(world: World) -> list[Route]:
    """Build the routes to which the page's forms are sent; each leads back to the page."""

    def keuze(nummer: str, form: Form) -> None:
        choose_dwelling(world, nummer, form.get("anders", "").strip() or form.get("keuze"))

    def beslissing(nummer: str, form: Form) -> None:
        decide_suggestion(world, nummer, form.get("veld", ""), form.get("beslissing"))

    return [
        Route("/crm/dossiers/{dossiernummer}/keuze", _handle(keuze), methods=["POST"]),
        Route("/crm/dossiers/{dossiernummer}/beslissing", _handle(beslissing), methods=["POST"]),
    ]


def list_candidates(omschrijving: str | None) -> list[tuple[str, str]]:
    """Return what a task offers to choose from: what to fill in, and the text beside it."""
    found = (_CANDIDATE.fullmatch(line.strip()) for line in (omschrijving or "").splitlines())
    return [(match["keuze"], match["tekst"] or "") for match in found if match]


def _handle(act: Callable[[str, Form], None]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        nummer = request.path_params["dossiernummer"]
        body = await request.body()
        if len(body) > _LARGEST:
            return PlainTextResponse("Dit formulier is te groot.", 413)
        sent = parse_qs(body.decode("utf-8", "replace"))
        try:
            act(nummer, {name: values[-1] for name, values in sent.items()})
        except ActError:
            return PlainTextResponse("Dat kan hier niet. Ga terug en ververs de bladzijde.", 409)
        return RedirectResponse(f"/crm/dossiers/{quote(nummer, safe='')}", 303)

    return handle
