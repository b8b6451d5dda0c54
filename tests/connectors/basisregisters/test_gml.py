"""A point or an outline is read with the system its srsName tells, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon

from connectors.transport.geometrie import Ligging
from connectors.woningpas.basisregisters.gml import parse_gml
from tests.connectors.basisregisters.register import LAMBERT_72, SQUARE

SRS = [
    ("https://www.opengis.net/def/crs/EPSG/0/31370", 31370),
    ("http://www.opengis.net/def/crs/EPSG/0/3812", 3812),
    ("urn:ogc:def:crs:EPSG::31370", 31370),
    ("EPSG:3812", 3812),
    ("31370", 31370),
]
GML = "http://www.opengis.net/gml/3.2"
coordinates = st.decimals(min_value=-(10**7), max_value=10**7, places=2)


def gml(srs: str, pos: str, prefix: str = "gml:", quote: str = '"') -> str:
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return (
        f"<{prefix}Point srsName={quote}{srs}{quote} {declared}={quote}{GML}{quote}>"
        f"<{prefix}pos>{pos}</{prefix}pos></{prefix}Point>"
    )


@given(st.sampled_from(SRS), coordinates, coordinates, st.sampled_from(["gml:", "", "g:"]))
def test_a_point_is_read_in_its_own_system(
    srs: tuple[str, int], x: object, y: object, prefix: str
) -> None:
    expected = Ligging(Point(float(str(x)), float(str(y))), srs[1])
    assert parse_gml(gml(srs[0], f"{x} {y}", prefix)) == expected
    assert parse_gml(gml(srs[0], f" {x}\n{y} ", prefix, "'")) == expected


def test_the_point_of_the_register_is_read() -> None:
    assert parse_gml(LAMBERT_72) == Ligging(Point(173861.12, 174216.03), 31370)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT (1 2)",
        gml("EPSG:4326", "4.7 50.8"),
        gml("EPSG:131370", "1 2"),
        gml("31370/EPSG:4326", "1 2"),
        gml("EPSG:31370", "1"),
        gml("EPSG:31370", "1 2 3"),
        gml("EPSG:31370", "1,5 2,5"),
        gml("EPSG:31370", "nan inf"),
        gml("EPSG:31370", "1e5 2"),
        gml("EPSG:31370", "1 2").replace("Point", "Polygon"),
        gml("EPSG:31370", "1 2").replace("srsName", "srs"),
        "<gml:Point srsName='31370'><pos>1 2</pos></gml:Point>",
        f"<!DOCTYPE x [<!ENTITY a 'b'>]>{LAMBERT_72}",
        f"{LAMBERT_72}{LAMBERT_72}",
        gml("EPSG:31370", "1 2").replace(GML, "https://example.org/gml"),
        gml("EPSG:31370", "1 2").replace("<gml:pos>", "<gml:pos srsDimension='3'>"),
        gml("EPSG:31370", "<gml:x/>1 2"),
        gml("EPSG:31370", "<?php ?>1 2"),
        gml("EPSG:31370", "<![CDATA[1 2]]>"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no GML|reference system|coordinates"):
        parse_gml(text)


@given(st.text())
def test_any_text_is_a_point_or_a_value_error(text: str) -> None:
    try:
        ligging = parse_gml(text)
    except ValueError:
        return
    assert ligging.epsg in (31370, 3812)


def rings(outer: str, *inner: str, srs: str = "EPSG:31370") -> str:
    def ring(name: str, positions: str) -> str:
        listed = f"<gml:LinearRing><gml:posList>{positions}</gml:posList></gml:LinearRing>"
        return f"<gml:{name}>{listed}</gml:{name}>"

    holes = "".join(ring("interior", hole) for hole in inner)
    return (
        f'<gml:Polygon srsName="{srs}" xmlns:gml="{GML}">{ring("exterior", outer)}{holes}'
        "</gml:Polygon>"
    )


def listed(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x} {y}" for x, y in points)


def test_an_outline_is_read_with_its_hole() -> None:
    ligging = parse_gml(SQUARE)
    assert ligging.epsg == 3812
    assert ligging.vorm.area == 20 * 20 - 4 * 4
    assert isinstance(ligging.vorm, Polygon)
    assert len(ligging.vorm.interiors) == 1


def test_an_outline_lies_at_the_same_place_in_the_other_system() -> None:
    ligging = parse_gml(SQUARE).to_epsg(31370)
    assert ligging.epsg == 31370
    assert ligging.vorm.area == pytest.approx(384, rel=1e-3)
    assert ligging.vorm.centroid.x == pytest.approx(173870, abs=20)


@given(
    st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 500), st.integers(1, 500),
    st.sampled_from(SRS),
)  # fmt: skip
def test_any_rectangle_keeps_its_corners(
    x: int, y: int, width: int, height: int, srs: tuple[str, int]
) -> None:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    ligging = parse_gml(rings(listed(corners), srs=srs[0]))
    assert (ligging.epsg, ligging.vorm.area) == (srs[1], width * height)
    assert list(ligging.vorm.exterior.coords) == corners  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        rings("0 0 10 0 10 10 0 10"),
        rings("0 0 10 0 0 0"),
        rings("0 0 10 0 10 10 0 10 0"),
        rings("0 0 10 10 10 0 0 10 0 0"),
        rings("0 0 10 0 5 0 0 0"),
        rings("0 0 10 0 10 10 0 10 0 0", "20 20 22 20 22 22 20 20"),
        rings("0 0 10 0 10 1x0 0 10 0 0"),
        rings("0 0 10 0 10 10 0 10 0 0", srs="EPSG:4326"),
        rings("0 0 10 0 10 10 0 10 0 0").replace("exterior", "interior"),
        rings("0 0 10 0 10 10 0 10 0 0").replace("posList", "coordinates"),
        rings("").replace("gml:LinearRing", "gml:Ring"),
    ],
)
def test_an_outline_that_makes_no_area_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        parse_gml(text)
    assert "1x0" not in str(caught.value)


def test_the_captured_outline_with_a_broken_number_is_refused_and_the_other_read(
    voorbeelden: Path,
) -> None:
    path = voorbeelden / "basisregisters" / "wijzigingen_gebouwen_v3.json"
    (event,) = json.loads(path.read_text("utf-8"))
    shapes = next(
        attribute["nieuweWaarde"]
        for attribute in event["data"]["attributen"]
        if attribute["naam"] == "geometrie.geometrie"
    )
    with pytest.raises(ValueError, match="coordinates"):
        parse_gml(shapes[0]["gml"])
    assert parse_gml(shapes[1]["gml"]).epsg == 3812
