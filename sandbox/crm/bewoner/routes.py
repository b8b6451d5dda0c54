"""The addresses below ``/crm/bewoner``: sign on, look at one's own dossiers, sign off."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.crm.bewoner.aanmelden import Aanbieder, SignOnError, find_out, make_request
from sandbox.crm.bewoner.inhoud import (
    collect,
    describe_status,
    find_own,
    list_documents,
    list_own,
)
from sandbox.crm.bewoner.sessie import Bewoner, Sessies
from sandbox.crm.bewoner.woorden import VOORTGANG
from sandbox.crm.pagina import (
    find_document,
    format_date,
    format_moment_for_reader,
    name_in_words,
    show_document,
)
from sandbox.crm.schema import parse_guid
from sandbox.world import World

BASE = "/crm/bewoner"
# Who is signed on, and which browser began a sign-on.
SESSIE, BROWSER = "crm_bewoner", "crm_browser"
_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build_bewoner_routes(world: World) -> list[BaseRoute]:
    """Build the routes; they go before the service below ``/crm``."""
    page = _Page(world)
    return [
        Route(BASE, page.index),
        Route(f"{BASE}/aangemeld", page.come_back),
        Route(f"{BASE}/afmelden", page.sign_off, methods=["POST"]),
        Route(f"{BASE}/afgemeld", page.signed_off),
        Route(f"{BASE}/stijl.css", page.style),
        Route(f"{BASE}/{{dossiernummer}}", page.show_dossier),
        Route(f"{BASE}/{{dossiernummer}}/documenten/{{document}}", page.show_document),
    ]


class _Page:
    def __init__(self, world: World) -> None:
        self._world = world
        self._sessies = Sessies(world.state)
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["woord"] = name_in_words
        self._templates.filters["datum"] = format_date
        self._templates.filters["moment"] = format_moment_for_reader

    async def index(self, request: Request) -> Response:
        """Show which dossiers the resident has."""
        bewoner = self._who(request)
        if bewoner is None:
            return self._sign_on(request, "")
        own = [
            {"nummer": one["rh_dossiernummer"], "status": describe_status(one)}
            for one in list_own(self._world, bewoner.insz)
        ]
        return self._show("dossiers.html", bewoner, dossiers=own)

    async def show_dossier(self, request: Request) -> Response:
        """Show a dossier of the resident's own; to anybody else there is none."""
        nummer = request.path_params["dossiernummer"]
        bewoner = self._who(request)
        if bewoner is None:
            return self._sign_on(request, nummer)
        dossier = find_own(self._world.rijen, bewoner.insz, nummer)
        if dossier is None:
            return self._show("onbekend.html", bewoner, 404)
        content = collect(self._world, bewoner.insz, dossier)
        return self._show("dossier.html", bewoner, voortgang=VOORTGANG, **content)

    async def show_document(self, request: Request) -> Response:
        """Show a document that is meant for the resident."""
        nummer, wanted = request.path_params["dossiernummer"], request.path_params["document"]
        bewoner = self._who(request)
        if bewoner is None:
            return self._sign_on(request, nummer)
        rijen = self._world.rijen
        dossier = find_own(rijen, bewoner.insz, nummer)
        meant = list_documents(rijen, dossier["rh_dossierid"]) if dossier is not None else []
        guid = parse_guid(wanted)
        found = None
        if guid in {row["rh_documentid"] for row in meant}:
            found = find_document(rijen, nummer, wanted)
        if found is None:
            return self._show("onbekend.html", bewoner, 404)
        return show_document(*found)

    async def come_back(self, request: Request) -> Response:
        """Take the answer of the sign-on, and lead to where the resident was going."""
        told = request.query_params
        with self._world.state.write():
            begin = self._sessies.take(told.get("state", ""), request.cookies.get(BROWSER, ""))
        if begin is None:
            return self._show("mislukt.html", None, 400, doel=BASE)
        doel = _address(begin.dossiernummer)
        if "error" in told or "code" not in told:
            return self._show("mislukt.html", None, 403, doel=doel)
        try:
            bewoner = await find_out(self._world, Aanbieder.of(request), begin, told["code"])
        except SignOnError:
            return self._show("mislukt.html", None, 502, doel=doel)
        with self._world.state.write():
            self._sessies.close(request.cookies.get(SESSIE, ""))
            lifetime = self._world.settings.get("crm")["sessie_geldig"]
            key = self._sessies.open(bewoner, lifetime)
        answer = RedirectResponse(doel, 303, headers=_HEADERS)
        _set_cookie(answer, request, SESSIE, key)
        return answer

    async def sign_off(self, request: Request) -> Response:
        """End the session."""
        with self._world.state.write():
            self._sessies.close(request.cookies.get(SESSIE, ""))
        answer = RedirectResponse(f"{BASE}/afgemeld", 303, headers=_HEADERS)
        answer.delete_cookie(SESSIE, path=BASE)
        return answer

    async def signed_off(self, _request: Request) -> Response:
        """Say that the session is over."""
        return self._show("afgemeld.html", None)

    async def style(self, _request: Request) -> Response:
        """Give the style of the pages."""
        return Response((_TEMPLATES / "stijl.css").read_bytes(), media_type="text/css")

    def _who(self, request: Request) -> Bewoner | None:
        return self._sessies.find(request.cookies.get(SESSIE, ""))

    def _sign_on(self, request: Request, dossiernummer: str) -> Response:
        # The same browser may open several dossiers before it signs on.
        browser = request.cookies.get(BROWSER) or secrets.token_urlsafe(32)
        with self._world.state.write():
            state, begin = self._sessies.begin(browser, dossiernummer)
        answer = RedirectResponse(
            make_request(Aanbieder.of(request), state, begin), 302, headers=_HEADERS
        )
        _set_cookie(answer, request, BROWSER, browser)
        return answer

    def _show(
        self, template: str, bewoner: Bewoner | None, status: int = 200, **values: Any
    ) -> Response:
        html = self._templates.get_template(template).render(bewoner=bewoner, **values)
        return HTMLResponse(html, status, headers=_HEADERS)


def _address(dossiernummer: str) -> str:
    return f"{BASE}/{quote(dossiernummer, safe='')}" if dossiernummer else BASE


def _set_cookie(answer: Response, request: Request, naam: str, value: str) -> None:
    # Lax: a link in the portal, another site, must find who is signed on.
    answer.set_cookie(
        naam, value, path=BASE, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
