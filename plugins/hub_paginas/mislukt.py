"""Records that wait for a person: find one, read why it failed, choose what to do with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from hub.beheer import mislukt
from hub.beheer.mislukt import Keuze
from hub.beheer.uitleg import explain
from hub.ledger import acts
from hub.ledger.acts import HandelingError
from hub.ledger.view import show_messages
from hub_paginas.access import TEXT, Operator, Reader
from hub_paginas.data import acting, reading
from hub_paginas.weergave import page

router = APIRouter()

Daad = Literal["opnieuw", "bevestig", "opzij"]
_ACTS: dict[str, Any] = {
    "opnieuw": acts.resend,
    "bevestig": acts.confirm,
    "opzij": acts.set_aside,
}
# All of them is meant as all: what is more than this goes in a second time.
_MOST = 100_000
# PostgreSQL holds no larger number.
_HIGHEST = 2**63 - 1
_Name = Annotated[str | None, Query(max_length=64, pattern=TEXT)]
_Field = Annotated[str, Form(max_length=64, pattern=TEXT)]
_Chosen = Annotated[list[UUID], Form()]


def _keuze(
    bestemming: _Name = None, soort: _Name = None, stand: _Name = None, reden: _Name = None
) -> Keuze:
    return Keuze(bestemming or None, soort or None, stand or None, reden or None)


@router.get("/mislukt")
def list_failed(
    user: Reader,
    bestemming: _Name = None,
    soort: _Name = None,
    stand: _Name = None,
    reden: _Name = None,
    na: Annotated[int, Query(ge=0, le=_HIGHEST)] = 0,
) -> HTMLResponse:
    """Show why messages failed, and a page of them."""
    keuze = _keuze(bestemming, soort, stand, reden)
    with reading() as connection:
        return page(
            "mislukt.html",
            user,
            keuze=keuze,
            redenen=mislukt.count_redenen(connection),
            berichten=mislukt.list_berichten(connection, keuze, na=na),
            aantal=mislukt.PAGE_SIZE,
            quarantaine=mislukt.count_quarantaine(connection),
        )


@router.post("/zoek")
def find(
    user: Reader, verwijzing: Annotated[str, Form(max_length=80, pattern=TEXT)]
) -> HTMLResponse:
    """Show the messages of a reference; it stands in no address, whatever was typed."""
    with reading() as connection:
        found = mislukt.find(connection, verwijzing)
        return page("gevonden.html", user, berichten=show_messages(connection, found))


@router.get("/bericht/{bericht_id}")
def show_message(user: Reader, bericht_id: UUID, gedaan: int | None = None) -> HTMLResponse:
    """Show a message: its state and reason, every attempt, what people did; never its content."""
    with reading() as connection:
        found = show_messages(connection, [bericht_id])
    if not found:
        raise HTTPException(404)
    uitleg = explain(found[0]["stand"], found[0]["pogingen_lijst"])
    return page("bericht.html", user, bericht=found[0], uitleg=uitleg, gedaan=gedaan)


@router.post("/handel")
def prepare(user: Operator, daad: Annotated[Daad, Form()], bericht_id: _Chosen) -> HTMLResponse:
    """Ask whether this is meant, with the number that it is about."""
    return page("handel.html", user, daad=daad, bericht_ids=bericht_id, fout=None, reden="")


@router.post("/handel/alle")
def prepare_all(
    user: Operator,
    daad: Annotated[Daad, Form()],
    bestemming: _Field = "",
    soort: _Field = "",
    stand: _Field = "",
    reden: _Field = "",
) -> HTMLResponse:
    """Ask the same about everything of a choice, as it is now."""
    keuze = _keuze(bestemming, soort, stand, reden)
    with reading() as connection:
        chosen = mislukt.list_ids(connection, keuze, _MOST)
    return page("handel.html", user, daad=daad, bericht_ids=chosen, fout=None, reden="")


@router.post("/handel/doe")
def act(
    user: Operator,
    daad: Annotated[Daad, Form()],
    bericht_id: _Chosen,
    waarom: Annotated[str, Form(max_length=1000, pattern=TEXT)] = "",
    niet_aangekomen: Annotated[bool, Form()] = False,
) -> Any:
    """Do it: all of them or none. A refused act says why and changes nothing."""
    options: dict[str, Any] = {"reden": waarom, "wie": user.get_name()}
    if daad == "opnieuw":
        options["niet_aangekomen"] = niet_aangekomen
    try:
        with acting() as connection:
            gedaan = _ACTS[daad](connection, bericht_id, **options)
    except HandelingError as error:
        return page(
            "handel.html", user, status=409,
            daad=daad, bericht_ids=bericht_id, fout=str(error), reden=waarom,
        )  # fmt: skip
    if len(bericht_id) == 1:
        return RedirectResponse(f"../bericht/{bericht_id[0]}?gedaan={gedaan.gewijzigd}", 303)
    return page("gedaan.html", user, daad=daad, gedaan=gedaan)


@router.get("/quarantaine")
def list_quarantine(user: Reader, model: _Name = None, na: UUID | None = None) -> HTMLResponse:
    """Show a page of rows in quarantine, with why and where they are mended."""
    with reading() as connection:
        return page(
            "quarantaine.html",
            user,
            model=model,
            telling=mislukt.count_quarantaine(connection),
            rijen=mislukt.list_quarantaine(connection, model=model or None, na=na),
            aantal=mislukt.PAGE_SIZE,
        )
