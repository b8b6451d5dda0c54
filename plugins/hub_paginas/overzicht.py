"""How everything is: flows, channels, what waits for a person; and the incidents in full."""

from __future__ import annotations

from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from hub.beheer.mislukt import count_quarantaine
from hub.beheer.overzicht import list_incidenten, list_kanalen, list_regels
from hub_paginas.access import Reader
from hub_paginas.data import reading
from hub_paginas.stromen import list_stromen
from hub_paginas.weergave import page

router = APIRouter()


@router.get("/overzicht")
def show_overview(user: Reader, session: SessionDep) -> HTMLResponse:
    """Show flows, channels, quarantine and how many incidents are open."""
    stromen = list_stromen(session)
    with reading() as connection:
        return page(
            "overzicht.html",
            user,
            stromen=stromen,
            kanalen=list_kanalen(connection),
            quarantaine=count_quarantaine(connection),
            incidenten=list_incidenten(connection),
        )


@router.get("/aansluiting")
def show_incidents(user: Reader) -> HTMLResponse:
    """Show every open incident, with what is proposed."""
    with reading() as connection:
        return page("aansluiting.html", user, incidenten=list_incidenten(connection))


@router.get("/datakwaliteit")
def show_rules(user: Reader) -> HTMLResponse:
    """Show how each rule ended last, and how it went before."""
    with reading() as connection:
        return page("datakwaliteit.html", user, regels=list_regels(connection))
