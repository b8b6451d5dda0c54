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
from sandbox.magda import dosis, dosis_antwoord, epc, historiek
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
    """What a service made of a question: the answer's content, and its line in the journal.

    ``ontbrekend`` stands beside the content: code and source of the part that is missing.
    """

    inhoud: Element | None = None
    weigering: RefusalError | None = None
    ontbrekend: tuple[str, str] | None = None
    sleutel: str | None = None
    dossiernummer: str | None = None
    effect: bool = False


Verwerk = Callable[[Vraag, str, Fault | None], Uitkomst]

_NOTHING = RefusalError("antwoord", "30001", "Geen gegevens gevonden voor de vraag")


def create_magda_app(world: World, dossiers: dosis.Dossiers) -> Starlette:
    """Build the application under ``/magda``."""

    def geef_epc(vraag: Vraag, _body: str, _fault: Fault | None) -> Uitkomst:
        sleutel = epc.name_criteria(vraag)
        epcs = epc.find_epcs(world.city, vraag)
        if not epcs:
            return Uitkomst(weigering=_NOTHING, sleutel=sleutel)
        return Uitkomst(inhoud=epc.write_inhoud(vraag, epcs), sleutel=sleutel)

    def registreer(vraag: Vraag, body: str, _fault: Fault | None) -> Uitkomst:
        bron, nummer, shown = dossiers.add(
            need(vraag.inhoud, "Dossier"), vraag.referte, body, world.settings.get("dosis")
        )
        return Uitkomst(
            inhoud=make("Inhoud", None, make("Resultaat", 1, Beschrijving="OK")),
            sleutel=f"{bron} {nummer}",
            dossiernummer=nummer,
            effect=shown,
        )

    def geef_resultaat(vraag: Vraag, _body: str, _fault: Fault | None) -> Uitkomst:
        bron, nummer = dosis.read_identificatie(need(vraag.inhoud, "Identificatie"))
        sleutel = f"{bron} {nummer}"
        bewijs = dossiers.find_last(bron, nummer)
        if bewijs is None:
            return Uitkomst(weigering=_NOTHING, sleutel=sleutel, dossiernummer=nummer)
        receipt = dosis_antwoord.write_resultaat(bewijs)
        return Uitkomst(inhoud=receipt, sleutel=sleutel, dossiernummer=nummer)

    def geef_uitzonderingen(vraag: Vraag, _body: str, _fault: Fault | None) -> Uitkomst:
        bron = str(vraag.inhoud.findtext("Identificatie/Bron"))
        failed = dossiers.list_failed(bron)
        if not failed:
            return Uitkomst(weigering=_NOTHING, sleutel=bron)
        return Uitkomst(inhoud=dosis_antwoord.write_failed(failed), sleutel=bron)

    def verwijder(vraag: Vraag, _body: str, _fault: Fault | None) -> Uitkomst:
        bron, nummer = dosis.read_identificatie(need(vraag.inhoud, "Identificatie"))
        sleutel = f"{bron} {nummer}"
        if not dossiers.remove(bron, nummer):
            return Uitkomst(weigering=_NOTHING, sleutel=sleutel, dossiernummer=nummer)
        done = make("Inhoud", None, make("Resultaat", 1, Beschrijving="OK"))
        return Uitkomst(inhoud=done, sleutel=sleutel, dossiernummer=nummer, effect=True)

    def geef_codelijst(vraag: Vraag, _body: str, _fault: Fault | None) -> Uitkomst:
        codetype = str(vraag.inhoud.findtext("CodeType"))
        lijst = dosis_antwoord.write_codelijst(codetype)
        if lijst is None:
            return Uitkomst(weigering=_NOTHING, sleutel=codetype)
        return Uitkomst(inhoud=lijst, sleutel=codetype)

    def geef_dossiers(vraag: Vraag, _body: str, fault: Fault | None) -> Uitkomst:
        insz, bronnen = historiek.read_criteria(vraag)
        uploads = dossiers.list_processed(insz, bronnen)
        sleutel = ", ".join(bronnen) or "alle bronnen"
        missing = _missing_source(fault)
        if missing is not None:
            uploads = [upload for upload in uploads if upload.bron != missing[1]]
        inhoud = historiek.write_inhoud(uploads)
        if inhoud is None and missing is None:
            return Uitkomst(weigering=_NOTHING, sleutel=sleutel)
        return Uitkomst(inhoud=inhoud, ontbrekend=missing, sleutel=sleutel)

    def serve(dienst: Dienst, verwerk: Verwerk) -> Route:
        async def handle(request: Request) -> Response:
            data = await request.body()
            if world.settings.get("magda")["tweezijdig_tls"] and request.url.scheme != "https":
                return Response("<html><body>403 Forbidden</body></html>", 403)
            return answer(world, dienst, verwerk, request, data)

        path = "/epc" if dienst.systeem == "epc" else f"/dosis/{dienst.naam}"
        return Route(path, handle, methods=["POST"])

    return Starlette(
        routes=[
            serve(epc.GEEF_EPC, geef_epc),
            serve(dosis.REGISTREER, registreer),
            serve(dosis.RESULTAAT, geef_resultaat),
            serve(historiek.DOSSIERS, geef_dossiers),
            serve(dosis.UITZONDERINGEN, geef_uitzonderingen),
            serve(dosis.VERWIJDER, verwijder),
            serve(dosis.CODELIJST, geef_codelijst),
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
                verify_body(envelope, world.autoriteiten)
            vraag = read_vraag(dienst, envelope)
            _check_load(world, dienst, request.scope["sandbox.gelijktijdig"])
            fault = request.scope["sandbox.fout"]
            ordered = _ordered_refusal(fault)
            carry_out = ordered is None or _takes_effect(fault)
            uitkomst = verwerk(vraag, body, fault) if carry_out else Uitkomst()
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
        beside = None
        if uitkomst.ontbrekend is not None:
            code, bron = uitkomst.ontbrekend
            beside = write_uitzonderingen(code, "Foutcode van de bron", bron=bron)
        content = write_antwoord(referte or "", uitkomst.inhoud, beside)
        return 200, write_repliek(dienst, vraag, referte, content)
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
    """Turn an ordered exception into a refusal: ``{"code", "niveau", "effect"?}``.

    One with a ``bron`` is no refusal: the answer stands without that source's part.
    """
    if fault is None or not fault.uitzondering or _missing_source(fault) is not None:
        return None
    code = str(fault.uitzondering.get("code", "60009"))
    niveau = fault.uitzondering.get("niveau", "antwoord")
    if niveau == "fault":
        return RefusalError("fault", "Server", f"{code}: Er heeft zich een fout voorgedaan")
    return RefusalError(
        "repliek" if niveau == "repliek" else "antwoord", code, "Bestelde uitzondering"
    )


def _missing_source(fault: Fault | None) -> tuple[str, str] | None:
    """Return code and source of an ordered partial answer: ``{"code", "bron"}``."""
    if fault is None or not fault.uitzondering or "bron" not in fault.uitzondering:
        return None
    return str(fault.uitzondering.get("code", "99986")), str(fault.uitzondering["bron"])


def _takes_effect(fault: Fault | None) -> bool:
    """Tell whether an ordered exception comes after the work was done: nobody can know."""
    return bool(fault is not None and fault.uitzondering and fault.uitzondering.get("effect"))
