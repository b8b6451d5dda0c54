"""A position is read with the reference system its srsName tells, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.woningpas.basisregisters.mapping import parse_positie
from connectors.woningpas.basisregisters.models import Positie
from tests.connectors.basisregisters.register import LAMBERT_72

SRS = [
    ("https://www.opengis.net/def/crs/EPSG/0/31370", 31370),
    ("http://www.opengis.net/def/crs/EPSG/0/3812", 3812),
    ("urn:ogc:def:crs:EPSG::31370", 31370),
    ("EPSG:3812", 3812),
    ("31370", 31370),
]
coordinates = st.decimals(min_value=-(10**7), max_value=10**7, places=2)


def gml(srs: str, pos: str, prefix: str = "gml:", quote: str = '"') -> str:
    return (
        f"<{prefix}Point srsName={quote}{srs}{quote} xmlns:gml={quote}x{quote}>"
        f"<{prefix}pos>{pos}</{prefix}pos></{prefix}Point>"
    )


@given(st.sampled_from(SRS), coordinates, coordinates, st.sampled_from(["gml:", "", "g:"]))
def test_a_point_is_read_in_its_own_system(
    srs: tuple[str, int], x: object, y: object, prefix: str
) -> None:
    expected = Positie(float(str(x)), float(str(y)), srs[1])
    assert parse_positie(gml(srs[0], f"{x} {y}", prefix)) == expected
    assert parse_positie(gml(srs[0], f" {x}\n{y} ", prefix, "'")) == expected


def test_the_point_of_the_register_is_read() -> None:
    assert parse_positie(LAMBERT_72) == Positie(173861.12, 174216.03, 31370)


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
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no GML point|reference system|coordinates"):
        parse_positie(text)


@given(st.text())
def test_any_text_is_a_point_or_a_value_error(text: str) -> None:
    try:
        positie = parse_positie(text)
    except ValueError:
        return
    assert positie.epsg in (31370, 3812)
