"""What stands beside a certificate: its files, when asked, and the newer recommendations."""

from __future__ import annotations

import base64
from decimal import Decimal

from sandbox.magda.xml import Element, make, wrap
from sandbox.stad.epcs import EpcFact

# The newer recommendations, with prices, came with the certificates of 2019.
_NEW_SINCE = 2019
_PRICES = {  # from and to, euro per m² of floor area
    "Plafond": (15, 30),
    "Gevel": (60, 110),
    "Hellend dak": (45, 90),
    "Glas": (40, 75),
    "Verwarming": (55, 120),
}
# One white pixel.
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMB/6X4v7sAAAAASUVORK5CYII="
)


def write_documenten(criteria: Element, epc: EpcFact) -> Element | None:
    """Write the files that a question asks for; None when it asks none."""
    attesten = []
    if _asked(criteria, "Attesten"):
        attesten.append(_write_file("Attest", _write_pdf(epc.attestnummer), "pdf", "false"))
    if _asked(criteria, "AttestenGeanonimiseerd"):
        attesten.append(_write_file("Attest", _write_pdf(epc.attestnummer), "pdf", "true"))
    foto = _write_file("Foto", _PNG, "png", None) if _asked(criteria, "Foto") else None
    return wrap("Documenten", (wrap("Attesten", attesten), foto))


def has_newer_kind(epc: EpcFact) -> bool:
    """Tell whether a certificate carries recommendations of the newer kind, or of the older."""
    return epc.datum_ingediend.year >= _NEW_SINCE


def write_nieuwe_aanbevelingen(epc: EpcFact) -> Element | None:
    """Write the recommendations of the newer kind, with methods and prices."""
    return wrap(
        "NieuweAanbevelingen",
        (
            _write_aanbeveling(epc, one.type, one.subtype, number)
            for number, one in enumerate(epc.aanbevelingen, start=1)
        ),
    )


def _write_aanbeveling(epc: EpcFact, type_: str, subtype: str, number: int) -> Element:
    low, high = (int(euro * epc.bruto_vloeroppervlakte) for euro in _PRICES[type_])
    after = max(Decimal(20), epc.kengetal * (10 - number) / 10)
    methodes = [
        make(
            "Uitvoeringsmethode",
            None,
            make("Omschrijving", f"{subtype}, uitgevoerd door een aannemer"),
            make("Volgorde", 1),
            make("PrijsEen", low),
            make("PrijsTwee", high),
        ),
        make(
            "Uitvoeringsmethode",
            None,
            make("Omschrijving", f"{subtype}, zelf uitgevoerd"),
            make("Volgorde", 2),
            make("PrijsEen", low // 2),
        ),
    ]
    prioriteit = make("Prioriteit", number, kleur="#D9001B" if number == 1 else "#F59A23")
    return make(
        "Aanbeveling",
        None,
        make("Categorie", "Schil" if type_ != "Verwarming" else "Installaties"),
        make("Type", type_),
        make("Subtype", subtype),
        make("Uitvoeringsmethodes", None, *methodes),
        prioriteit,
        make("VolgordeEnergieschaal", number),
        make("Energiescore", f"{after:.2f}", meeteenheid="kWh/m²"),
    )


def _asked(criteria: Element, name: str) -> bool:
    return (criteria.findtext(name) or "").strip() in ("true", "1")


def _write_file(name: str, data: bytes, extension: str, anoniem: str | None) -> Element:
    return make(
        name,
        None,
        make("Inhoud", base64.b64encode(data).decode()),
        make("Extensie", extension),
        type="energieprestatiecertificaat" if name == "Attest" else None,
        anoniem=anoniem,
    )


def _write_pdf(title: str) -> bytes:
    """Write a PDF of one page with one line of text (letters of ASCII)."""
    text = f"BT /F1 18 Tf 60 760 Td (Energieprestatiecertificaat {title}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    document, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return document + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(document))
    )
