"""The MAGDA gateway: one path per service, the same checks in front of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import Fault
from sandbox.journal import Regel
from sandbox.magda import dosis, epc
from sandbox.magda.handtekening import verify_body
from sandbox.magda.xml import (
    Dienst,
    Element,
    RefusalError,
    Vraag,
    find_referte,
    make,
    need,
    parse_envelope,
    read_vraag,
    write_antwoord,
    write_fault,
    write_repliek,
    write_uitzonderingen,
)
from sandbox.world import World

MEDIA_TYPE = "text/xml;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """What a service made of a question: the answer's content, and its line in the journal."""

    inhoud: Element | None = None
    weigering: RefusalError | None = None
    sleutel: str | None = None
    dossiernummer: str | None = None
    effect: bool = False


Verwerk = Callable[[Vraag, str], Uitkomst]


def create_magda_app(world: World) -> Starlette:
    """Build the application under ``/magda``."""
    dossiers = dosis.Dossiers(world.state)

    def geef_epc(vraag: Vraag, _body: str) -> Uitkomst:
        sleutel = epc.name_criteria(vraag)
        epcs = epc.find_epcs(world.city, vraag)
        if not epcs:
            nothing = RefusalError("antwoord", "30001", "Geen gegevens gevonden voor de vraag")
            return Uitkomst(weigering=nothing, sleutel=sleutel)
        return Uitkomst(inhoud=epc.write_inhoud(epcs), sleutel=sleutel)

    def registreer(vraag: Vraag, body: str) -> Uitkomst:
        pause = world.settings.get("dosis")["verwerkingstijd"]
        bron, nummer, shown = dossiers.add(vraag, body, pause)
        return Uitkomst(
            inhoud=make("Inhoud", None, make("Resultaat", 1, Beschrijving="OK")),
            sleutel=f"{bron} {nummer}",
            dossiernummer=nummer,
            effect=shown,
        )

    def geef_resultaat(vraag: Vraag, _body: str) -> Uitkomst:
        bron, nummer = dosis.read_identificatie(need(vraag.inhoud, "Identificatie"))
        sleutel = f"{bron} {nummer}"
        try:
            receipt = dossiers.write_receipt(bron, nummer)
        except RefusalError as refusal:
            return Uitkomst(weigering=refusal, sleutel=sleutel, dossiernummer=nummer)
        return Uitkomst(inhoud=receipt, sleutel=sleutel, dossiernummer=nummer)

    def serve(dienst: Dienst, verwerk: Verwerk) -> Route:
        async def handle(request: Request) -> Response:
            data = await request.body()
            return answer(world, dienst, verwerk, request, data)

        path = "/epc" if dienst.systeem == "epc" else f"/dosis/{dienst.naam}"
        return Route(path, handle, methods=["POST"])

    return Starlette(
        routes=[
            serve(epc.GEEF_EPC, geef_epc),
            serve(dosis.REGISTREER, registreer),
            serve(dosis.RESULTAAT, geef_resultaat),
        ]
    )


def answer(
    world: World, dienst: Dienst, verwerk: Verwerk, request: Request, data: bytes
) -> Response:
    """Check, carry out and journal one question, in one transaction."""
    body = data.decode("utf-8", "replace")
    vraag: Vraag | None = None
    referte: str | None = None
    with world.state.write():
        try:
            _check_headers(request)
            envelope = parse_envelope(data)
            referte = find_referte(envelope)
            if world.settings.get("magda")["handtekening"]:
                verify_body(envelope)
            vraag = read_vraag(dienst, envelope)
            _check_load(world, dienst, request.scope["sandbox.gelijktijdig"])
            ordered = _ordered_refusal(request.scope["sandbox.fout"])
            carry_out = ordered is None or _takes_effect(request.scope["sandbox.fout"])
            uitkomst = verwerk(vraag, body) if carry_out else Uitkomst()
            if ordered is not None:
                uitkomst = Uitkomst(
                    weigering=ordered,
                    sleutel=uitkomst.sleutel,
                    dossiernummer=uitkomst.dossiernummer,
                    effect=uitkomst.effect,
                )
        except RefusalError as refusal:
            uitkomst = Uitkomst(weigering=refusal)
        status, content = _write(dienst, vraag, referte, uitkomst)
        world.journal.record(
            Regel(
                dienst.systeem,
                dienst.naam,
                status,
                sleutel=uitkomst.sleutel,
                dossiernummer=uitkomst.dossiernummer,
                effect=uitkomst.effect,
                correlatie_id=referte,
                inhoud=body,
            )
        )
    return Response(content, status, media_type=MEDIA_TYPE)


def _write(
    dienst: Dienst, vraag: Vraag | None, referte: str | None, uitkomst: Uitkomst
) -> tuple[int, bytes]:
    refusal = uitkomst.weigering
    if refusal is None:
        return 200, write_repliek(
            dienst, vraag, referte, write_antwoord(referte or "", uitkomst.inhoud)
        )
    if refusal.niveau == "fault":
        return 500, write_fault(refusal.code, refusal.diagnose)
    group = write_uitzonderingen(refusal.code, refusal.diagnose)
    if refusal.niveau == "antwoord":
        group = write_antwoord(referte or "", group)
    return 200, write_repliek(dienst, vraag, referte, group)


def _check_headers(request: Request) -> None:
    media_type = request.headers.get("content-type", "").lower().replace(" ", "")
    if media_type != "text/xml;charset=utf-8":
        raise RefusalError("fault", "Client", "ERR_005: Content-Type is not text/xml, UTF-8")
    if request.headers.get("soapaction") != '""':
        raise RefusalError("fault", "Client", "ERR_006: SOAPAction is not empty")


def _check_load(world: World, dienst: Dienst, open_now: int) -> None:
    limits = (world.settings.get(s)["max_gelijktijdig"] for s in (dienst.systeem, "magda"))
    if any(limit is not None and open_now > limit for limit in limits):
        raise RefusalError("repliek", "99996", "Te veel gelijktijdige verzoeken")


def _ordered_refusal(fault: Fault | None) -> RefusalError | None:
    """Turn an ordered exception into a refusal: ``{"code", "niveau", "effect"?}``."""
    if fault is None or not fault.uitzondering:
        return None
    code = str(fault.uitzondering.get("code", "60009"))
    niveau = fault.uitzondering.get("niveau", "antwoord")
    if niveau == "fault":
        return RefusalError("fault", "Server", f"{code}: Er heeft zich een fout voorgedaan")
    return RefusalError(
        "repliek" if niveau == "repliek" else "antwoord", code, "Bestelde uitzondering"
    )


def _takes_effect(fault: Fault | None) -> bool:
    """Tell whether an ordered exception comes after the work was done: nobody can know."""
    return bool(fault is not None and fault.uitzondering and fault.uitzondering.get("effect"))
