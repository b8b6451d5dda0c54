"""Parcels as the GRB draws them: read in the system that is told, all pages, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from connectors.transport.errors import ContractError, RetryableError
from connectors.transport.geometrie import Ligging
from connectors.woningpas.basisregisters.grb import GrbClient, open_grb_client
from connectors.woningpas.basisregisters.models import PerceelVlak
from tests.connectors.basisregisters.register import RAADPLEGING
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, in_turn, serve

LAMBERT = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31370"}}
HERE = Ligging(Point(174005.0, 174005.0), 31370)


def feature(capakey: str, x: float, y: float, size: float = 10, **changed: Any) -> dict[str, Any]:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"CAPAKEY": capakey, "NISCODE": "24062", "LBLBGNINV": "x"},
        **changed,
    }


def page(*features: object, **changed: object) -> dict[str, Any]:
    return {
        "type": "FeatureCollection", "features": features, "links": [], "crs": LAMBERT, **changed,
    }  # fmt: skip


def as_json(body: object, **headers: str) -> Answer:
    return Answer(200, body=json.dumps(body).encode(), headers=headers)


def client(server: ScriptedServer) -> GrbClient:
    return open_grb_client(base_url=f"{server.url}/grb/v1", timeout=server.timeout)


def ask(*answers: Answer, ligging: Ligging = HERE) -> tuple[PerceelVlak, ...]:
    with serve(in_turn(*answers)) as server:
        return client(server).list_percelen(ligging=ligging, raadpleging=RAADPLEGING)


def test_a_parcel_is_asked_by_where_something_lies() -> None:
    body = page(feature("24126B0031/00V005", 174000, 174000), feature("24126B0032/00_000", 0, 0))
    with serve(in_turn(as_json(body))) as server:
        found = client(server).list_percelen(ligging=HERE, raadpleging=RAADPLEGING)
        asked = server.asked[0]
    url = urlsplit(asked.path)
    assert url.path == "/grb/v1/collections/ADP/items"
    query = parse_qs(url.query)
    assert query["bbox"] == ["174004.50,174004.50,174005.50,174005.50"]
    assert query["bbox-crs"] == query["crs"] == ["http://www.opengis.net/def/crs/EPSG/0/31370"]
    assert asked.headers["x-correlation-id"] == str(RAADPLEGING.raadpleging.correlatie_id)
    (parcel,) = found
    assert (parcel.capakey, parcel.nis_code) == ("24126B0031/00V005", "24062")
    assert (parcel.geometrie.epsg, parcel.geometrie.vorm.area) == (31370, 100)


def test_a_place_in_the_other_system_finds_the_same_parcel() -> None:
    body = page(feature("24126B0031/00V005", 174000, 174000))
    assert ask(as_json(body), ligging=HERE.to_epsg(3812)) == ask(as_json(body))


def test_a_building_finds_every_parcel_it_lies_on_over_all_pages() -> None:
    def script(asked: Asked) -> Answer:
        if "token=2" in asked.path:
            return as_json(page(feature("24126B0031/00A000", 174000, 174000)))
        following = f"http://{asked.headers['Host']}/grb/v1/collections/ADP/items?token=2"
        links = [{"rel": "self", "href": "x"}, {"rel": "next", "href": following}]
        return as_json(page(feature("24126B0031/00B000", 174010, 174000), links=links))

    house = Ligging(box(174005, 174002, 174015, 174008), 31370)
    with serve(script) as server:
        found = client(server).list_percelen(ligging=house, raadpleging=RAADPLEGING)
    assert [parcel.capakey for parcel in found] == ["24126B0031/00A000", "24126B0031/00B000"]


def test_the_system_is_read_from_the_header_when_the_answer_does_not_tell() -> None:
    body = page(feature("24126B0031/00V005", 174000, 174000))
    del body["crs"]
    header = {"Content-Crs": "<http://www.opengis.net/def/crs/EPSG/0/31370>"}
    assert ask(as_json(body, **header))[0].geometrie.epsg == 31370
    with pytest.raises(ContractError, match="field crs cannot be read: unknown reference system"):
        ask(as_json(body))


def test_a_parcel_of_two_parts_is_one_area() -> None:
    parts = [feature("x", x, 174000)["geometry"]["coordinates"] for x in (174000, 174050)]
    body = page(
        feature("24126B0031/00V005", 0, 0, geometry={"type": "MultiPolygon", "coordinates": parts})
    )
    assert ask(as_json(body))[0].geometrie.vorm.area == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "not a JSON object"),
        (page(crs={"type": "name", "properties": {"name": "EPSG:4326"}}), "crs"),
        (page(features=None), "features is not a list"),
        (page(links=None), "links is not a list"),
        (page(feature("Naamsestraat", 0, 0)), r"features\[0\].properties.CAPAKEY cannot be read"),
        (page(feature("24126B0031/00V005", 0, 0, geometry=None)), "geometry is missing"),
        (
            page(feature("24126B0031/00V005", 0, 0, geometry={"type": "Point", "coordinates": []})),
            "geometry.type is no polygon",
        ),
        (
            page(feature("24126B0031/00V005", 0, 0, geometry={"type": "Polygon"})),
            "coordinates make no area",
        ),
        (page(feature("24126B0031/00V005", 0, 0, size=0)), "coordinates make no area"),
    ],
)
def test_an_answer_that_breaks_the_contract_names_the_field(body: object, field: str) -> None:
    with pytest.raises(ContractError, match=field) as caught:
        ask(as_json(body))
    assert "Naamsestraat" not in str(caught.value)


def test_pages_that_go_round_and_a_page_elsewhere_are_given_up() -> None:
    def round_and_round(asked: Asked) -> Answer:
        following = f"http://{asked.headers['Host']}/grb/v1/collections/ADP/items?token=2"
        return as_json(page(links=[{"rel": "next", "href": following}]))

    with serve(round_and_round) as server, pytest.raises(ContractError, match="do not end"):
        client(server).list_percelen(ligging=HERE, raadpleging=RAADPLEGING)
    elsewhere = [{"rel": "next", "href": "http://127.0.0.1:9/items"}]
    with pytest.raises(ContractError, match="another host"):
        ask(as_json(page(links=elsewhere)))


def test_a_lost_answer_can_be_asked_again() -> None:
    with pytest.raises(RetryableError):
        ask(Answer(delay=0.8))


def test_the_captured_parcels_are_read(voorbeelden: Path) -> None:
    raw = json.loads((voorbeelden / "grb" / "percelen_ogc_features.json").read_text("utf-8"))
    area = Ligging(box(173000, 178000, 175000, 180000), 31370)
    found = ask(as_json(raw), ligging=area)
    assert len(found) == len(raw["features"])
    assert {parcel.nis_code for parcel in found} == {"24062"}
    corner = raw["features"][0]["geometry"]["coordinates"][0]
    inside = Ligging(
        Point((corner[0][0] + corner[2][0]) / 2, (corner[0][1] + corner[2][1]) / 2), 31370
    )
    assert [parcel.capakey for parcel in ask(as_json(raw), ligging=inside)] == ["24126B0031/00V005"]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values, st.sampled_from(["Polygon", "MultiPolygon"]))
def test_any_geometry_is_an_area_or_a_contract_error(coordinates: object, kind: str) -> None:
    from connectors.transport.fields import JsonObject
    from connectors.woningpas.basisregisters.grb import _area

    raw = JsonObject("grb", "list_percelen", "7", {"type": kind, "coordinates": coordinates})
    try:
        assert _area(raw).area > 0
    except ContractError:
        return
