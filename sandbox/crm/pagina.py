"""The dossier page: a dossier as a consultant sees it in the CRM, each value with its source."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.crm.formulieren import build_form_routes, list_candidates
from sandbox.crm.rijen import Rijen
from sandbox.crm.schema import PER_NAAM, parse_guid
from sandbox.world import World

PER_PAGINA = 50
_DOSSIER = PER_NAAM["dossier"]
_BRUSSELS = ZoneInfo("Europe/Brussels")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
}

# Column of the dossier, what a consultant calls it, unit.
_WONING = (
    ("rh_epclabel", "Energielabel", ""),
    ("rh_epckengetal", "Energiekengetal", "kWh/m² per jaar"),
    ("rh_epcattestnummer", "EPC-attest", ""),
    ("rh_epcgeldigtot", "EPC geldig tot", ""),
    ("rh_bouwjaar", "Bouwjaar", ""),
    ("rh_gebouwtype", "Gebouwtype", ""),
    ("rh_bouwvorm", "Bouwvorm", ""),
    ("rh_bestemming", "Bestemming", ""),
    ("rh_beschermdvolume", "Beschermd volume", "m³"),
    ("rh_brutovloeroppervlakte", "Bruto vloeroppervlakte", "m²"),
    ("rh_renovatieplicht", "Renovatieplicht", ""),
    ("rh_erfgoedstatus", "Onroerend erfgoed", ""),
    ("rh_vergunningenaantal", "Omgevingsvergunningen", ""),
    ("rh_vergunninglaatste", "Jongste vergunning", ""),
    ("rh_bodemstatus", "Bodemonderzoek", ""),
    ("rh_overstromingpluviaal", "Overstroming door regen (klasse)", ""),
    ("rh_overstromingfluviaal", "Overstroming door rivieren (klasse)", ""),
    ("rh_overstromingvanuitdezee", "Overstroming vanuit zee (klasse)", ""),
    ("rh_perceelid", "Perceel", ""),
    ("rh_adresid", "Adres (Adressenregister)", ""),
    ("rh_adresstatus", "Status van het adres", ""),
    ("rh_gebouweenheidid", "Gebouweenheid", ""),
    ("rh_gebouwid", "Gebouw", ""),
)
_BRONNEN = {
    "basisregisters": "Basisregisters Vlaanderen",
    "epc": "EPC-databank (VEKA)",
    "ligging": "Basisregisters Vlaanderen en GRB",
    "erfgoed": "Inventaris Onroerend Erfgoed",
    "vergunningen": "Omgevingsloket",
    "bodem": "OVAM",
    "overstroming": "Waterinfo (informatieplicht)",
    "crm": "CRM",
}
_WOORDEN = {
    "duurzaam_bouwadvies": "Duurzaam bouwadvies",
    "renovatiebegeleiding": "Renovatiebegeleiding",
    "energielening": "Energielening",
    "advies_erfgoed": "Advies erfgoed",
    "advies_wonen": "Advies wonen",
    "advies_ro_milieu": "Advies ruimtelijke ordening en milieu",
    "dialoog": "Dialoog",
    "stad_begeleiding": "Renovatiegidsen van de stad",
    "stad_erfgoed": "Dienst erfgoed",
    "stad_wonen": "Dienst wonen",
    "stad_ro_milieu": "Dienst ruimtelijke ordening en milieu",
    "minder_meer": "Minder=Meer",
    "igo": "IGO",
    "inGebruik": "in gebruik",
    "mijnburgerprofiel": "Mijn Burgerprofiel",
    "webformulier": "webformulier",
    "niet_van_toepassing": "niet van toepassing",
    "mogelijk": "kan van toepassing zijn",
    "geen_aanduiding": "geen aanduiding gekend",
    "geen_informatie": "geen gegevens gekend",
}


@dataclass(frozen=True, slots=True)
class Waarde:
    """One line of the dwelling: what the dossier says and what the sources say."""

    naam: str
    veld: str
    tekst: str | None
    eenheid: str
    bron: str | None
    datum: str | None
    object_id: str | None
    afgeleid: bool
    suggestie: str | None
    suggestie_bron: str | None
    suggestie_datum: str | None
    beslissing: str | None


def build_pagina_routes(world: World) -> list[Route]:
    """Build the routes of the index and of a dossier."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kandidaten"] = list_candidates
    environment.filters["woord"] = name_in_words
    environment.filters["datum"] = format_date
    environment.filters["moment"] = format_moment_for_reader

    async def index(request: Request) -> Response:
        page = request.query_params.get("pagina", "1")
        wanted = request.query_params.get("zoek", "").strip()
        number = int(page) if page.isdigit() and 1 <= int(page) <= 100_000 else 1
        content = list_dossiers(world, number, wanted)
        html = environment.get_template("dossiers.html").render(content)
        return HTMLResponse(html, headers=_HEADERS)

    async def detail(request: Request) -> Response:
        dossiernummer = request.path_params["dossiernummer"]
        content = collect_dossier(world.rijen, dossiernummer)
        if content is None:
            html = environment.get_template("onbekend.html").render(dossiernummer=dossiernummer)
            return HTMLResponse(html, 404, headers=_HEADERS)
        html = environment.get_template("dossier.html").render(content)
        return HTMLResponse(html, headers=_HEADERS)

    async def document(request: Request) -> Response:
        parts = request.path_params
        found = find_document(world.rijen, parts["dossiernummer"], parts["document"])
        if found is None:
            html = environment.get_template("onbekend.html").render(
                dossiernummer=parts["dossiernummer"]
            )
            return HTMLResponse(html, 404, headers=_HEADERS)
        return show_document(*found)

    return [
        *build_form_routes(world),
        Route("/crm/dossiers", index),
        Route("/crm/dossiers/", index),
        Route("/crm/dossiers/{dossiernummer}", detail),
        Route("/crm/dossiers/{dossiernummer}/documenten/{document}", document),
    ]


def list_dossiers(world: World, page: int, wanted: str) -> dict[str, Any]:
    """Return one page of dossiers, with their resident, for the index."""
    rows = world.state.query(
        "SELECT d.sleutel, CAST(d.inhoud AS TEXT) ->> '$.rh_straat',"
        " CAST(d.inhoud AS TEXT) ->> '$.rh_huisnummer', CAST(d.inhoud AS TEXT) ->> '$.rh_gemeente',"
        " CAST(d.inhoud AS TEXT) ->> '$.rh_epclabel', CAST(d.inhoud AS TEXT) ->> '$.rh_status',"
        " CAST(p.inhoud AS TEXT) ->> '$.rh_voornaam', CAST(p.inhoud AS TEXT) ->> '$.rh_naam'"
        " FROM crm_rij d LEFT JOIN crm_rij p"
        " ON p.tabel = 'profiel' AND p.id = d.profiel AND p.gewist = 0"
        " WHERE d.tabel = 'dossier' AND d.gewist = 0 AND d.sleutel IS NOT NULL"
        " AND instr(lower(d.sleutel), lower(?)) > 0"
        " ORDER BY d.sleutel LIMIT ? OFFSET ?",
        (wanted, PER_PAGINA + 1, (page - 1) * PER_PAGINA),
    )
    total = world.state.first(
        "SELECT count(*) FROM crm_rij WHERE tabel = 'dossier' AND gewist = 0"
        " AND sleutel IS NOT NULL AND instr(lower(sleutel), lower(?)) > 0",
        (wanted,),
    )
    names = ("nummer", "straat", "huisnummer", "gemeente", "label", "status", "voornaam", "naam")
    return {
        "dossiers": [dict(zip(names, row, strict=True)) for row in rows[:PER_PAGINA]],
        "pagina": page,
        "zoek": wanted,
        "totaal": total[0] if total else 0,
        "meer": len(rows) > PER_PAGINA,
    }


def collect_dossier(rijen: Rijen, dossiernummer: str) -> dict[str, Any] | None:
    """Return all that the page shows of a dossier, or None when it is unknown."""
    rij = rijen.find_by_key(_DOSSIER, dossiernummer)
    if rij is None:
        return None
    dossier = rij.velden
    profiel = _follow(rijen, "profiel", dossier["_rh_profiel_value"])
    gegevens = {
        _fold(row["rh_veld"] or ""): row for row in rijen.list_of("gegeven", "dossier", rij.id)
    }
    woning = [
        _show_value(dossier[kolom], naam, eenheid, gegevens.get(kolom[3:]))
        for kolom, naam, eenheid in _WONING
    ]
    toestemmingen = (
        rijen.list_of("toestemming", "profiel", profiel["rh_profielid"]) if profiel else []
    )
    return {
        "dossier": dossier,
        "profiel": profiel,
        "vraag": _follow(rijen, "vraag", dossier["_rh_vraag_value"]),
        "woning": woning,
        "gevuld": sum(1 for waarde in woning if waarde.bron and waarde.tekst is not None),
        "suggesties": [w for w in woning if w.suggestie and not w.beslissing],
        "stappen": rijen.list_of("stap", "dossier", rij.id),
        "aanmeldingen": rijen.list_of("aanmelding", "dossier", rij.id),
        "documenten": rijen.list_of("document", "dossier", rij.id)[::-1],
        "toestemmingen": toestemmingen,
    }


def find_document(rijen: Rijen, dossiernummer: str, document_id: str) -> tuple[bytes, str] | None:
    """Return the content and kind of a dossier's document; None when there is no such one."""
    dossier = rijen.find_by_key(_DOSSIER, dossiernummer)
    guid = parse_guid(document_id)
    rij = rijen.find(PER_NAAM["document"], guid) if guid else None
    if dossier is None or rij is None or rij.velden["_rh_dossier_value"] != dossier.id:
        return None
    try:
        content = base64.b64decode(rij.velden["rh_inhoud"] or "", validate=True)
    except ValueError:
        return None
    return content, rij.velden["rh_mimetype"] or ""


def show_document(content: bytes, mimetype: str) -> Response:
    """Serve a document: what a browser can show safely as a page, everything else to save."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if mimetype == "text/html":
        headers["Content-Security-Policy"] = (
            "sandbox; default-src 'none'; style-src 'unsafe-inline'"
        )
        return Response(content, media_type="text/html; charset=utf-8", headers=headers)
    if mimetype == "application/pdf":
        return Response(content, media_type=mimetype, headers=headers)
    headers["Content-Disposition"] = "attachment"
    return Response(content, media_type="application/octet-stream", headers=headers)


def name_in_words(text: str) -> str:
    """Return what people call a value of the CRM; the value itself when it has no other name."""
    return _WOORDEN.get(text, text)


def format_date(text: str | None) -> str:
    """Write a date as a reader in Flanders expects it."""
    if not text:
        return ""
    return f"{text[8:10]}/{text[5:7]}/{text[:4]}" if len(text) >= 10 else text


def format_moment_for_reader(text: str | None) -> str:
    """Write a UTC moment in local time."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(_BRUSSELS).strftime("%d/%m/%Y, %H:%M")


def _follow(rijen: Rijen, naam: str, row_id: str | None) -> dict[str, Any] | None:
    rij = rijen.find(PER_NAAM[naam], row_id) if row_id else None
    return rij.velden if rij else None


def _fold(veld: str) -> str:
    return veld.removeprefix("rh_").replace("_", "").lower()


def _show_value(value: Any, naam: str, eenheid: str, gegeven: dict[str, Any] | None) -> Waarde:
    tekst = _write(value, naam)
    # A source is named beside the value only when the value is what that source gave.
    ours = gegeven is not None and _same(value, gegeven["rh_waarde"])
    bron = gegeven["rh_bron"] if gegeven and (ours or value is None) else None
    return Waarde(
        naam=naam,
        veld=gegeven["rh_veld"] if gegeven else "",
        tekst=tekst,
        eenheid=eenheid if tekst is not None else "",
        bron=_BRONNEN.get(bron, bron) if bron and ours else None,
        datum=gegeven["rh_opgehaaldop"] if gegeven and ours else None,
        object_id=gegeven["rh_bronobject"] if gegeven and ours else None,
        afgeleid=bool(gegeven and ours and gegeven["rh_afgeleid"]),
        suggestie=_suggest(gegeven),
        suggestie_bron=_BRONNEN.get(gegeven["rh_bron"], gegeven["rh_bron"]) if gegeven else None,
        suggestie_datum=gegeven["rh_opgehaaldop"] if gegeven else None,
        beslissing=gegeven["rh_beslissing"] if gegeven else None,
    )


def _suggest(gegeven: dict[str, Any] | None) -> str | None:
    if gegeven is None or not gegeven["rh_suggestie"]:
        return None
    return str(gegeven["rh_suggestie"])


def _same(value: Any, waarde: str | None) -> bool:
    if value is None or waarde is None:
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(waarde) == float(value)
        except ValueError:
            return False
    return str(value) == waarde


def _write(value: Any, naam: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float):
        whole, _, cents = f"{value:,.2f}".partition(".")
        return f"{whole.replace(',', ' ')},{cents}"
    if naam == "EPC geldig tot":
        return format_date(str(value))
    return _WOORDEN.get(str(value), str(value))
