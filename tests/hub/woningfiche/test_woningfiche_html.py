"""The page as HTML: for everyone, from one file, whatever a source wrote."""

from __future__ import annotations

import itertools
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from hub.woningfiche.html import render_html
from hub.woningfiche.inhoud import compose_fiche
from hub.woningfiche.model import to_plain
from tests.hub.woningfiche.beelden import VANDAAG, aanbeveling, beeld, typisch, waarde


def page(made: Any, dossiernummer: str = "RD-0001-000001") -> Any:
    plain = to_plain(compose_fiche(made, dossiernummer=dossiernummer, vandaag=VANDAAG))
    return lxml_html.document_fromstring(render_html(plain))


def test_the_page_says_its_language_and_title() -> None:
    root = page(typisch())
    assert root.get("lang") == "nl-BE"
    assert root.findtext(".//title") == "Woningfiche Voorbeeldstraat 12, 3010 Kessel-Lo (Leuven)"


def test_headings_begin_with_one_and_skip_no_level() -> None:
    for made in (typisch(), beeld()):
        levels = [int(h.tag[1]) for h in page(made).iter("h1", "h2", "h3", "h4")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_scoped_headers() -> None:
    tables = list(page(typisch()).iter("table"))
    assert len(tables) == 5
    for table in tables:
        assert table.find("caption") is not None
        assert all(th.get("scope") in ("col", "row") for th in table.iter("th"))
        for row in table.find("tbody").iter("tr"):
            assert row[0].tag == "th"


def test_every_drawing_is_told_in_words() -> None:
    root = page(typisch())
    for drawing in root.iter("svg"):
        holder = drawing.getparent()
        assert holder.get("role") == "img"
        assert len(holder.get("aria-label")) > 30
    assert len(list(root.iter("svg"))) == 2


def test_sections_are_named_by_headings_that_exist() -> None:
    root = page(typisch())
    named = [s.get("aria-labelledby") for s in root.iter("section")]
    assert named
    assert set(named) <= {h.get("id") for h in root.iter("h2")}


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    root = page(typisch())
    assert not list(root.iter("script", "link", "img", "iframe", "object", "a"))
    raw = lxml_html.tostring(root, encoding="unicode")
    assert not re.findall(r"url\(|@import|(?:src|href)=", raw)
    assert set(re.findall(r"https?://[^\"'\s]+", raw)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in raw


def test_the_same_page_gives_the_same_bytes() -> None:
    plain = to_plain(compose_fiche(typisch(), dossiernummer="RD-1", vandaag=VANDAAG))
    assert render_html(plain) == render_html(plain)


def test_a_map_that_cannot_be_drawn_says_so() -> None:
    null = waarde("perceel", {"geometrie": None}, onderdeel="24062A0001/00B000")
    root = page(typisch(null, zonder=("perceel", "positie", "gebouw_geometrie")))
    section = next(s for s in root.iter("section") if s.get("aria-labelledby") == "k-ligging")
    assert "de bron gaf geen tekenbare ligging" in section.text_content()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_what_a_source_wrote_never_becomes_markup(text: str) -> None:
    hostile = f"</script><img src=x onerror=1>{text}"
    made = typisch(
        waarde("adres", hostile),
        waarde("erfgoed", {"naam": hostile, "type": hostile}, onderdeel=hostile, bron="erfgoed"),
        aanbeveling(9, omschrijving=hostile, type=hostile),
        waarde("perceel", {"geometrie": hostile}, onderdeel=hostile),
        zonder=("adres",),
    )
    root = page(made, hostile)
    assert not list(root.iter("script", "img"))
    # An address may well be long; what is shown of it is text.
    assert "onerror=1" in root.findtext(".//h1/span")
