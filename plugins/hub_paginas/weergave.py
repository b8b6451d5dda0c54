"""How pages are made: templates, and times as people in Brussels read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hub_paginas.access import make_proof, may

FOLDER = Path(__file__).with_name("sjablonen")
_BRUSSELS = ZoneInfo("Europe/Brussels")
_UNITS = ((86400, "dag", "dagen"), (3600, "uur", "uur"), (60, "minuut", "minuten"))
_STANDEN = {
    "klaar": "wacht",
    "onderweg": "onderweg",
    "aangenomen": "aangenomen, nog niet bevestigd",
    "bevestigd": "bevestigd",
    "opgegeven": "opgegeven",
    "in_twijfel": "in twijfel",
    "ingetrokken": "ingetrokken",
    "overgeslagen": "overgeslagen",
}


def tijd(moment: datetime | None) -> str:
    """Return a moment (UTC) as day and hour in Brussels."""
    return "" if moment is None else moment.astimezone(_BRUSSELS).strftime("%d/%m/%Y %H:%M:%S")


def duur(moment: datetime | None) -> str:
    """Return how long ago a moment (UTC) was, in its largest unit."""
    return "" if moment is None else lengte(datetime.now(UTC) - moment)


def lengte(span: timedelta) -> str:
    """Return a span of time in its largest unit."""
    seconds = max(0, int(span.total_seconds()))
    for size, one, more in (
        (86400, "dag", "dagen"),
        (3600, "uur", "uur"),
        (60, "minuut", "minuten"),
    ):
        if seconds >= size:
            count = seconds // size
            return f"{count} {one if count == 1 else more}"
    return f"{seconds} seconden"


def stand(naam: str) -> str:
    """Return a state as people read it."""
    return _STANDEN.get(naam, naam)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(tijd=tijd, duur=duur, lengte=lengte, stand=stand)
    return made


_ENVIRONMENT = _environment()


def page(template: str, user: Any, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page for a user; forms on it carry the proof that they came from us."""
    given: Mapping[str, Any] = {
        "bewijs": make_proof(user),
        "mag_handelen": may(user, "PUT"),
        "gebruiker": user.get_name(),
        **values,
    }
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(given), status)


def refusal(status: int, text: str) -> HTMLResponse:
    """Return a page that says why there is nothing to see."""
    return HTMLResponse(_ENVIRONMENT.get_template("weigering.html").render(tekst=text), status)
