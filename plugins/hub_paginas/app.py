"""The application behind the pages: its routes, and what every answer carries."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint

from hub_paginas import kanaal, mislukt, overzicht
from hub_paginas.access import Reader
from hub_paginas.weergave import FOLDER, refusal

_logger = logging.getLogger("hub.paginas")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def make_app() -> FastAPI:
    """Return the application. Without documentation of its own: every route asks who you are."""
    app = FastAPI(title="Renovatiehub", docs_url=None, redoc_url=None, openapi_url=None)
    for part in (overzicht, mislukt, kanaal):
        app.include_router(part.router)

    @app.get("/")
    def start(_user: Reader) -> RedirectResponse:
        return RedirectResponse("overzicht", 303)

    @app.get("/stijl.css")
    def style(_user: Reader) -> Response:
        return Response((FOLDER / "stijl.css").read_bytes(), media_type="text/css")

    @app.middleware("http")
    async def add_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
        answer = await call_next(request)
        answer.headers.update(_HEADERS)
        return answer

    @app.exception_handler(HTTPException)
    async def refuse(_request: Request, error: HTTPException) -> Response:
        text = {401: "Meld je eerst aan in Airflow.", 404: "Deze pagina bestaat niet."}
        return refusal(error.status_code, text.get(error.status_code, str(error.detail)))

    @app.exception_handler(RequestValidationError)
    async def misread(_request: Request, _error: RequestValidationError) -> Response:
        # What was sent is not repeated: it could be anything.
        return refusal(422, "De hub begrijpt deze vraag niet. Er is niets gewijzigd.")

    @app.exception_handler(Exception)
    async def fail(_request: Request, error: Exception) -> Response:
        # The text could hold data, so only its kind is kept.
        _logger.error("page failed: %s", type(error).__name__)
        return refusal(
            500,
            "De pagina lukt nu niet. Er is niets gewijzigd. Probeer het opnieuw; blijft het duren, "
            "bekijk het logboek van de webserver.",
        )

    return app
