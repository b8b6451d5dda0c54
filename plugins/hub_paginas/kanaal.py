"""Stop and open the channel of a destination, and let what waits leave now."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from hub.ledger import acts
from hub.ledger.acts import HandelingError
from hub.ledger.view import show_channels
from hub_paginas.access import TEXT, Operator
from hub_paginas.data import acting, reading
from hub_paginas.weergave import page

router = APIRouter()

Daad = Literal["stop", "open", "nu"]
_ACTS: dict[str, Any] = {
    "stop": acts.stop_by_hand,
    "open": acts.open_channel,
    "nu": acts.try_now,
}
_Bestemming = Annotated[str, Form(max_length=64, pattern=TEXT)]


@router.post("/kanaal")
def prepare(user: Operator, daad: Annotated[Daad, Form()], bestemming: _Bestemming) -> HTMLResponse:
    """Ask whether this is meant, with the number of messages that wait."""
    return _ask(user, daad, bestemming)


@router.post("/kanaal/doe")
def act(
    user: Operator,
    daad: Annotated[Daad, Form()],
    bestemming: _Bestemming,
    waarom: Annotated[str, Form(max_length=1000, pattern=TEXT)] = "",
) -> Any:
    """Do it; a refused act says why and changes nothing."""
    try:
        with acting() as connection:
            _ACTS[daad](connection, bestemming, reden=waarom, wie=user.get_name())
    except HandelingError as error:
        return _ask(user, daad, bestemming, fout=str(error), reden=waarom, status=409)
    return RedirectResponse("../overzicht", 303)


def _ask(
    user: Any, daad: str, bestemming: str, *, fout: str | None = None, reden: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    with reading() as connection:
        found = show_channels(connection, bestemming)
    if not found:
        raise HTTPException(404)
    return page(
        "kanaal.html", user, status=status, daad=daad, kanaal=found[0], fout=fout, reden=reden
    )
