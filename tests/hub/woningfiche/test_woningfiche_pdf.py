"""The page as PDF/UA-1: tagged, named, in Dutch, on one A4, whatever a source wrote."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from hub.woningfiche import pdf
from hub.woningfiche.inhoud import compose_fiche
from hub.woningfiche.model import to_plain
from hub.woningfiche.pdf import WeergaveError, render_pdf
from tests.hub.woningfiche.beelden import VANDAAG, aanbeveling, beeld, stand, typisch, waarde

HOSTILE = {
    "code": '#panic("x") #{1+1} $x$ #include "/etc/passwd" \\ `raw` *bold* <label> @ref',
    "markup": "</script><b>&amp;",
    "long": "W" * 5000,
    "rtl": "\u202eabc שלום مرحبا",
    "emoji": "🏠🔥👩‍👩‍👧 𝕏",
    "invisible": "a\x00b\x07c\u200bd\ufeff\uffff",
    "combining": "e" + "\u0301" * 80,
    "other script": "房屋 ไทย हिन्दी",
}


def plain(made: Any, dossiernummer: str = "RD-0001-000001") -> dict[str, Any]:
    return to_plain(compose_fiche(made, dossiernummer=dossiernummer, vandaag=VANDAAG))


def read(made: Any, dossiernummer: str = "RD-0001-000001") -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(plain(made, dossiernummer))))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def tags(element: Any) -> list[str]:
    """Return the structure of a document, in the order in which it is read aloud."""
    element = element.get_object()
    if not isinstance(element, dict):
        return []
    kids = element.get("/K", [])
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    found = [str(element["/S"])] if "/S" in element else []
    for kid in kids if isinstance(kids, list) else [kids]:
        if hasattr(kid, "get_object"):
            found += tags(kid)
    return found


@pytest.fixture(scope="module")
def typical() -> PdfReader:
    return read(typisch())


def test_it_declares_pdf_ua_1_title_and_language(typical: PdfReader) -> None:
    root = typical.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("nl")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert typical.metadata is not None
    assert typical.metadata.title == "Woningfiche Voorbeeldstraat 12, 3010 Kessel-Lo (Leuven)"
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_its_structure_holds_headings_tables_and_told_drawings(typical: PdfReader) -> None:
    tree = typical.trailer["/Root"]["/StructTreeRoot"]
    found = tags(tree)
    assert found.count("/H1") == 1
    assert found.count("/H2") >= 6
    assert found.index("/H1") < found.index("/H2")
    assert found.count("/Table") == 5
    assert "/TH" in found
    assert found.count("/Figure") == 2


def test_a_typical_dwelling_fits_on_one_a4_with_all_it_must_say(typical: PdfReader) -> None:
    assert len(typical.pages) == 1
    box = typical.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    text = text_of(typical)
    for said in (
        "Voorbeeldstraat 12, 3010 Kessel-Lo (Leuven)",
        "RD-0001-000001",
        "431",
        "Label D vraagt hoogstens 400",
        "Hellend dak: isoleren",
        "€ 9.000 – 16.000",
        "OMV_2021012345",
        "geen aanduiding gekend",
        "dat wil niet zeggen: niet verontreinigd",
        "klasse B",
        "kan van toepassing zijn",
        "EPC-databank, 24/11/2026",
        "bladzijde 1 van 1",
    ):
        assert said in text, said


def test_dutch_letters_and_signs_are_shown_as_they_are() -> None:
    signs = "Café Zoë, ’t Gängeltje: één coördinaat ≤ 3 m², € 5 – naïef"
    assert signs in text_of(read(typisch(waarde("adres", signs), zonder=("adres",))))


def test_forty_recommendations_flow_to_a_second_page() -> None:
    many = [aanbeveling(number, omschrijving=f"werk {number}.") for number in range(5, 45)]
    reader = read(typisch(*many))
    assert len(reader.pages) == 2
    text = text_of(reader)
    assert all(f"werk {number}." in text for number in range(5, 45))
    assert "bladzijde 2 van 2" in text


def test_a_dwelling_of_which_nothing_is_known_has_a_page_that_says_so() -> None:
    reader = read(beeld(standen=(stand("epc", "opnieuw", "De bron antwoordde niet."),)))
    assert len(reader.pages) == 1
    text = text_of(reader)
    assert "Geen energielabel: de bron antwoordde niet." in text
    assert "ontbreekt: de bron antwoordde niet" in text


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_values_are_text_and_break_nothing(kind: str) -> None:
    text = HOSTILE[kind]
    made = typisch(
        waarde("adres", text),
        waarde("erfgoed", {"naam": text, "type": text}, onderdeel=text, bron="erfgoed"),
        aanbeveling(9, omschrijving=text, type=text, categorie=text),
        waarde("installatie", {"soort": text, "omschrijving": text}, onderdeel=text),
        waarde("perceel", {"geometrie": None}, onderdeel=text),
        zonder=("adres", "erfgoed"),
    )
    reader = read(made, text)
    assert len(reader.pages) <= 2
    if kind == "code":
        assert '#panic("x") #{1+1}' in text_of(reader)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80))
def test_any_text_of_a_source_makes_a_document(text: str) -> None:
    made = beeld(waarde("adres", text), aanbeveling(1, type=text, omschrijving=text))
    assert render_pdf(plain(made, text)).startswith(b"%PDF-")


@pytest.mark.parametrize("block", pdf._SHOWN, ids=lambda block: f"{block[0]:x}")
def test_every_letter_that_is_let_through_can_be_shown(block: tuple[int, int]) -> None:
    letters = [chr(point) for point in range(block[0], block[1] + 1)]
    for start in range(0, len(letters), 100):
        made = plain(beeld())
        made["adres"] = " ".join(letters[start : start + 100])
        assert render_pdf(made).startswith(b"%PDF-")


def test_the_same_page_gives_the_same_bytes_in_any_order_of_work() -> None:
    first, other = plain(typisch()), plain(beeld())
    made = render_pdf(first)
    render_pdf(other)
    assert render_pdf(first) == made
    assert b"/etc/" not in made


def test_what_goes_wrong_inside_typst_is_one_error_without_what_stood_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Panic(BaseException):
        """What a panic in the library looks like: no Exception."""

    class Broken:
        def compile(self, **_: object) -> bytes:
            raise Panic("Geheimstraat 1")

    monkeypatch.setattr(pdf, "_compiler", Broken)
    with pytest.raises(WeergaveError) as caught:
        render_pdf(plain(typisch()))
    assert "Geheimstraat" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
