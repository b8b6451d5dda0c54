"""The drawings are made from geometry and label alone, and say the same in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.woningfiche.energie import ladder
from hub.woningfiche.kaart import draw_kaart
from hub.woningfiche.label import draw_label
from tests.hub.woningfiche.beelden import GEBOUW, PERCEEL

FRAME: dict[str, Any] = {"rand": 8, "kleinste_zijde": 40}
MULTI = (
    "MULTIPOLYGON(((0 0, 20 0, 20 20, 0 20, 0 0), (5 5, 8 5, 8 8, 5 8, 5 5)),"
    "((30 30, 40 30, 40 40, 30 30)))"
)


def draw(**given_shapes: Any) -> Any:
    shapes = {"percelen": {}, "gebouw": None, "positie": None} | given_shapes
    return draw_kaart(**shapes, **FRAME)


def svg(tekening: Any) -> Any:
    return etree.fromstring(tekening.svg.encode())


def test_the_map_shows_parcel_building_place_scale_and_north() -> None:
    kaart = draw(
        percelen={"24062A0001/00B000": PERCEEL}, gebouw=GEBOUW, positie="POINT(173007 174006)"
    )
    root = svg(kaart)
    texts = [element.text for element in root.iter("{*}text")]
    assert texts == ["20 m", "N"]
    assert len(list(root.iter("{*}circle"))) == 3
    assert "24062A0001/00B000 (394\u00a0m²)" in kaart.alt
    assert "schaallat is 20 m" in kaart.alt


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    # 300 m wide and a margin of 8 m on both sides: 300 units for 316 m.
    root = svg(draw(percelen={"p": "POLYGON((0 0, 300 0, 300 10, 0 10, 0 0))"}))
    bar = next(p for p in root.iter("{*}path") if p.get("fill") == "none").get("d")
    begin, end = (float(x) for x in re.findall(r"[MH](\d+\.\d) ?[\d.]*", bar)[1:3])
    label = next(root.iter("{*}text")).text
    assert label == "100 m"
    assert end - begin == pytest.approx(100 * 300 / 316, abs=0.2)


def test_north_is_up_and_east_is_right() -> None:
    root = svg(
        draw(percelen={"p": "POLYGON((0 0, 100 0, 100 100, 0 100, 0 0))"}, positie="POINT(90 90)")
    )
    dot = next(iter(root.iter("{*}circle")))
    assert float(dot.get("cx")) > 150
    assert float(dot.get("cy")) < 95


@pytest.mark.parametrize(
    "wkt",
    [
        None, "", "POLYGON EMPTY", "POINT(1 1)", "LINESTRING(0 0, 1 1)", "POLYGON((0 0, 1 1))",
        "geen wkt", "POLYGON((nan nan, 1 1, 2 2, nan nan))", "POINT(1e300 1e300)",
        "POLYGON((0 0, 1e300 0, 1e300 1e300, 0 0))",
    ],
)  # fmt: skip
def test_a_shape_that_is_no_surface_is_not_drawn(wkt: str | None) -> None:
    assert draw(percelen={"p": wkt} if wkt else {}, gebouw=wkt) is None


def test_parts_and_holes_are_drawn_and_neighbours_do_not_move_the_frame() -> None:
    plain = draw(percelen={"p": MULTI})
    around = draw(percelen={"p": MULTI}, buren=["POLYGON((500 500, 900 500, 900 900, 500 500))"])
    own = svg(plain).findall("{*}path")[0].get("d")
    assert own.count("M") == 3
    assert own in around.svg


def test_a_shape_that_crosses_itself_is_still_drawn() -> None:
    assert draw(gebouw="POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))") is not None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_of_a_source_reaches_the_drawing(text: str) -> None:
    kaart = draw(percelen={text: PERCEEL}, gebouw=text, positie=text, buren=[text])
    assert [element.text for element in svg(kaart).iter("{*}text")] == ["20 m", "N"]


@settings(deadline=None)
@given(
    st.sampled_from([*ladder(), "G", "<b>"]),
    st.booleans(),
    st.sampled_from([None, *ladder(), "Z"]),
)
def test_a_label_is_drawn_at_its_step_and_told_in_words(
    label: str, verlopen: bool, hierna: str | None
) -> None:
    drawn = draw_label(ladder(), label, verlopen=verlopen, hierna=hierna)
    texts = [element.text for element in svg(drawn).iter("{*}text")]
    assert texts[:7] == ladder()
    assert (texts.count(label) == 2) == (label in ladder())
    assert ("verlopen" in drawn.alt) == verlopen
    assert ("na de werken" in texts) == (hierna in ladder() and hierna != label)
