"""The control endpoint: the city, the journals, faults to order, settings and acts of others.

Every path except ``/gezond`` wants ``Authorization: Bearer <control token>``.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.basisregisters.register import RegisterError
from sandbox.crm import nazicht, stand
from sandbox.crm.consulent import put_row
from sandbox.crm.handelingen import (
    ADVIES,
    ActError,
    add_aanmelding,
    choose_dwelling,
    decide_suggestion,
    delete_row,
    edit_dossier,
    set_consent,
)
from sandbox.dialoog import werk
from sandbox.dialoog.gebreken import BUILDS
from sandbox.dialoog.standen import bring_back, lose
from sandbox.dialoog.voortgang import add_voortgang
from sandbox.faults import FaultError
from sandbox.journal import SYSTEMEN
from sandbox.magda.dosis import Dossiers
from sandbox.notificaties.opslag import Notificaties
from sandbox.settings import UnknownSettingError
from sandbox.stad.bewoner import build_bewoner, build_dossiernummer, parse_dossiernummer
from sandbox.stad.groei import CityError, count_residents, grow_city
from sandbox.stad.kennis import describe_bewoner
from sandbox.world import World

Handler = Callable[[Request], Awaitable[Response]]


class ControlError(ValueError):
    """The request cannot be understood."""


def answer(body: Any, status: int = 200) -> Response:
    """Answer JSON."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def create_control_app(world: World, beside: Mapping[str, World]) -> Starlette:
    """Build the application under ``/_control``; ``beside``: systems with a memory of their own."""
    expected = f"Bearer {world.secrets.control_token}".encode()

    def guard(handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            shown = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(shown, expected):
                return answer({"fout": "control token ontbreekt of klopt niet"}, 401)
            try:
                return await handler(request)
            except (
                ControlError, CityError, FaultError, UnknownSettingError, ActError, RegisterError,
                TypeError,
            ) as error:  # fmt: skip
                return answer({"fout": str(error)}, 400)

        return guarded

    async def gezond(_request: Request) -> Response:
        return answer({"status": "ready"})

    async def stad(request: Request) -> Response:
        body = await _read(request, {"residents": int, "seed": int})
        return answer({"dossiers": grow_city(world, body["seed"], body["residents"])})

    async def bewoner(request: Request) -> Response:
        place = parse_dossiernummer(request.path_params["dossiernummer"])
        if place is None or not 0 <= place[1] < count_residents(world, place[0]):
            return answer({"fout": "deze bewoner woont hier niet"}, 404)
        return answer(describe_bewoner(world.city, build_bewoner(*place)))

    async def journaal(request: Request) -> Response:
        systeem = _known(request.path_params["systeem"])
        after = _number(request, "na", 0)
        limit = min(max(_number(request, "limit", 1000), 1), 10_000)
        journal = beside.get(systeem, world).journal
        regels, following = journal.page(systeem, after, limit)
        return answer({"regels": regels, "volgende": following})

    async def effecten(request: Request) -> Response:
        first = last = None
        if "seed" in request.query_params:
            seed = _number(request, "seed", 0)
            first = build_dossiernummer(seed, 0)
            last = build_dossiernummer(seed, _number(request, "residents", 1_000_000) - 1)
        systemen = ("crm", "dialoog", "igo", "dosis", "notificaties")
        return answer({s: beside.get(s, world).journal.effects(s, first, last) for s in systemen})

    async def fouten(request: Request) -> Response:
        if request.method == "GET":
            return answer({"fouten": world.faults.list_open()})
        if request.method == "DELETE":
            return answer({"geschrapt": world.faults.clear()})
        fault = world.faults.order(await _read(request, {}), SYSTEMEN)
        return answer({"id": fault.id}, 201)

    async def instellingen(request: Request) -> Response:
        systeem = request.path_params["systeem"]
        body = {} if request.method == "GET" else await _read(request, {})
        if body.get("gebrek", "") not in BUILDS:
            raise ControlError(f"gebrek must be one of {', '.join(BUILDS)}")
        return answer(world.settings.change(systeem, body))

    async def drukte(request: Request) -> Response:
        systeem = _known(request.path_params["systeem"])
        if request.method == "DELETE":
            world.load.reset(systeem)
        return answer(world.load.describe(systeem))

    async def stilstand(_request: Request) -> Response:
        return answer({"stilstanden": world.stilstand.list_all()})

    async def standaard(_request: Request) -> Response:
        world.settings.reset()
        return answer({"hersteld": True})

    async def crm_wijzig(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str, "velden": dict})
        edit_dossier(world, body["dossiernummer"], body["velden"], body.get("consulent"))
        return answer({"gewijzigd": True})

    async def crm_toestemming(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str})
        set_consent(world, body["dossiernummer"], body.get("tot"), _doel(body))
        return answer({"gewijzigd": True})

    async def crm_aanmelding(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str})
        return answer(add_aanmelding(world, body["dossiernummer"], _doel(body)), 201)

    async def crm_stap(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str, "velden": dict})
        row_id = put_row(world, "stap", body["dossiernummer"], body["velden"], body.get("id"))
        return answer({"id": row_id}, 201)

    async def crm_aanvraag(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str, "velden": dict})
        row_id = put_row(world, "aanvraag", body["dossiernummer"], body["velden"], body.get("id"))
        return answer({"id": row_id}, 201)

    async def crm_keuze(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str})
        return answer(choose_dwelling(world, body["dossiernummer"], body.get("keuze")))

    async def crm_beslissing(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str, "veld": str})
        decide_suggestion(world, body["dossiernummer"], body["veld"], body.get("beslissing"))
        return answer({"gewijzigd": True})

    async def crm_verwijder(request: Request) -> Response:
        body = await _read(request, {"tabel": str, "id": str})
        delete_row(world, body["tabel"], body["id"])
        return answer({"verwijderd": True})

    async def register_wijzig(request: Request) -> Response:
        body = await _read(request, {"feed": str, "id": str, "status": str})
        world.register.change_status(body["feed"], body["id"], body["status"])
        return answer({"gewijzigd": True})

    async def register_verwijder(request: Request) -> Response:
        body = await _read(request, {"feed": str, "id": str})
        world.register.remove(body["feed"], body["id"])
        return answer({"verwijderd": True})

    async def register_splits(request: Request) -> Response:
        body = await _read(request, {"gebouweenheid_id": str, "aantal": int})
        made = world.register.split(body["gebouweenheid_id"], body["aantal"])
        return answer({"gebouweenheid_ids": made}, 201)

    async def register_voeg_samen(request: Request) -> Response:
        body = await _read(request, {"gebouweenheid_ids": list})
        made = world.register.merge([str(unit) for unit in body["gebouweenheid_ids"]])
        return answer({"gebouweenheid_id": made}, 201)

    def partner(request: Request) -> World:
        naam = request.url.path.split("/")[-2]
        return beside.get(naam, world)

    def partner_base(request: Request) -> str:
        return f"{request.base_url}{request.url.path.split('/')[-2]}"

    async def partner_voortgang(request: Request) -> Response:
        if request.method == "GET":
            return answer(werk.describe(partner(request).state))
        body = await _read(request, {"status": str})
        return answer(add_voortgang(partner(request), body, partner_base(request)), 201)

    async def partner_werk(request: Request) -> Response:
        body = await _read(request, {"seed": int, "stap": int})
        state, base = partner(request).state, partner_base(request)
        return answer(werk.work(state, body["seed"], body["stap"], base))

    async def crm_voortgang(_request: Request) -> Response:
        return answer(nazicht.describe(world.rijen))

    async def crm_stand(_request: Request) -> Response:
        return answer(stand.describe(world.rijen))

    async def partner_verlies(request: Request) -> Response:
        body = await _read(request, {"referentie": str})
        lose(partner(request).state, body["referentie"])
        return answer({"verloren": True})

    async def partner_herstel(request: Request) -> Response:
        body = await _read(request, {"referentie": str})
        bring_back(partner(request).state, body["referentie"])
        return answer({"hersteld": True})

    async def dosis_standen(_request: Request) -> Response:
        return answer(Dossiers(world.state).list_shown())

    async def dosis_verwijzingen(request: Request) -> Response:
        since = request.query_params.get("sinds", "")
        return answer(Dossiers(world.state).list_links(since))

    async def dosis_verlies(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str, "aantal": int})
        return answer(
            {"verloren": Dossiers(world.state).lose(body["dossiernummer"], body["aantal"])}
        )

    async def notificaties(request: Request) -> Response:
        nummer = request.query_params.get("dossiernummer")
        return answer({"berichten": Notificaties(world.state).list_read(nummer)})

    async def notificaties_verlies(request: Request) -> Response:
        body = await _read(request, {"dossiernummer": str})
        return answer({"verloren": Notificaties(world.state).lose(body["dossiernummer"])})

    return Starlette(
        routes=[
            Route("/gezond", gezond),
            Route("/stad", guard(stad), methods=["POST"]),
            Route("/stad/{dossiernummer}", guard(bewoner)),
            Route("/journaal/{systeem}", guard(journaal)),
            Route("/effecten", guard(effecten)),
            Route("/fouten", guard(fouten), methods=["GET", "POST", "DELETE"]),
            Route("/instellingen", guard(standaard), methods=["DELETE"]),
            Route("/instellingen/{systeem}", guard(instellingen), methods=["GET", "POST"]),
            Route("/drukte/{systeem}", guard(drukte), methods=["GET", "DELETE"]),
            Route("/stilstand", guard(stilstand)),
            Route("/crm/wijzig", guard(crm_wijzig), methods=["POST"]),
            Route("/crm/toestemming", guard(crm_toestemming), methods=["POST"]),
            Route("/crm/aanmelding", guard(crm_aanmelding), methods=["POST"]),
            Route("/crm/stap", guard(crm_stap), methods=["POST"]),
            Route("/crm/aanvraag", guard(crm_aanvraag), methods=["POST"]),
            Route("/crm/keuze", guard(crm_keuze), methods=["POST"]),
            Route("/crm/beslissing", guard(crm_beslissing), methods=["POST"]),
            Route("/crm/verwijder", guard(crm_verwijder), methods=["POST"]),
            Route("/basisregisters/wijzig", guard(register_wijzig), methods=["POST"]),
            Route("/basisregisters/verwijder", guard(register_verwijder), methods=["POST"]),
            Route("/basisregisters/splits", guard(register_splits), methods=["POST"]),
            Route("/basisregisters/voeg-samen", guard(register_voeg_samen), methods=["POST"]),
            Route("/crm/voortgang", guard(crm_voortgang)),
            Route("/crm/stand", guard(crm_stand)),
            *(
                Route(f"/{naam}/{path}", guard(handler), methods=methods)
                for naam in ("dialoog", "igo")
                for path, handler, methods in (
                    ("voortgang", partner_voortgang, ["GET", "POST"]),
                    ("werk", partner_werk, ["POST"]),
                    ("verlies", partner_verlies, ["POST"]),
                    ("herstel", partner_herstel, ["POST"]),
                )
            ),
            Route("/dosis/standen", guard(dosis_standen)),
            Route("/dosis/verwijzingen", guard(dosis_verwijzingen)),
            Route("/dosis/verlies", guard(dosis_verlies), methods=["POST"]),
            Route("/notificaties", guard(notificaties)),
            Route("/notificaties/verlies", guard(notificaties_verlies), methods=["POST"]),
        ]
    )


async def _read(request: Request, needed: dict[str, type]) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise ControlError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise ControlError("the body is not an object")
    for naam, kind in needed.items():
        if not isinstance(body.get(naam), kind) or isinstance(body[naam], bool):
            raise ControlError(f"{naam} must be given as {kind.__name__}")
    return body


def _doel(body: dict[str, Any]) -> tuple[str, str]:
    """Read for what and whom: ``soort`` and ``partner``, Dialoog's advice when not told."""
    return str(body.get("soort", ADVIES[0])), str(body.get("partner", ADVIES[1]))


def _known(systeem: str) -> str:
    if systeem not in SYSTEMEN:
        raise ControlError(f"systeem must be one of {', '.join(SYSTEMEN)}")
    return systeem


def _number(request: Request, naam: str, default: int) -> int:
    text = request.query_params.get(naam)
    if text is None or text == "":
        return default
    if not text.isdigit():
        raise ControlError(f"{naam} must be a whole number")
    return int(text)
