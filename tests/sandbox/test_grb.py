"""The GRB: parcels in a box, in the system that was asked, page by page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from shapely import Polygon

from tests.sandbox_process import SandboxHandle

LAMBERT_72 = "http://www.opengis.net/def/crs/EPSG/0/31370"
LAMBERT_2008 = "http://www.opengis.net/def/crs/EPSG/0/3812"
EVERYWHERE = {"bbox": "160000,160000,190000,190000", "bbox-crs": LAMBERT_72, "crs": LAMBERT_72}


@pytest.fixture
def grb(sandbox: SandboxHandle) -> SandboxHandle:
    sandbox.grow(150, 1)
    return sandbox


def get(sandbox: SandboxHandle, **params: Any) -> requests.Response:
    url = f"{sandbox.base_url}/grb/ogc/features/v1/collections/ADP/items"
    return sandbox.session.get(url, params=params, timeout=10)


def test_an_answer_has_the_fields_of_the_owners_own(grb: SandboxHandle, voorbeelden: Path) -> None:
    sample = json.loads((voorbeelden / "grb" / "percelen_ogc_features.json").read_text("utf-8"))
    answer = get(grb, **EVERYWHERE, limit=5)
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert answer.headers["Content-Crs"] == f"<{LAMBERT_72}>"
    assert set(body) == set(sample)
    assert body["crs"] == sample["crs"]
    feature, expected = body["features"][0], sample["features"][0]
    assert set(feature) == set(expected) - {"bbox"}
    assert set(feature["properties"]) == set(expected["properties"])


def test_every_parcel_is_found_once_over_the_pages(grb: SandboxHandle) -> None:
    body = get(grb, **EVERYWHERE, limit=40).json()
    keys = [f["properties"]["CAPAKEY"] for f in body["features"]]
    pages = 1
    while following := [link["href"] for link in body["links"] if link["rel"] == "next"]:
        body = grb.session.get(following[0], timeout=10).json()
        keys += [f["properties"]["CAPAKEY"] for f in body["features"]]
        pages += 1
    assert pages >= 4
    assert len(keys) == len(set(keys)) >= 150
    assert grb.resident(0)["capakey"] in keys


def test_a_box_finds_its_neighbours_only_and_a_removed_parcel_is_gone(grb: SandboxHandle) -> None:
    everything = get(grb, **EVERYWHERE, limit=1000).json()["features"]
    chosen = everything[77]
    shape = Polygon(chosen["geometry"]["coordinates"][0])
    inside = ",".join(str(v) for v in shape.buffer(-1).bounds)
    asked = {**EVERYWHERE, "bbox": inside}
    found = get(grb, **asked).json()["features"]
    assert [f["properties"]["CAPAKEY"] for f in found] == [chosen["properties"]["CAPAKEY"]]
    body = {"feed": "percelen", "id": chosen["properties"]["CAPAKEY"].replace("/", "-")}
    grb.control("POST", "/basisregisters/verwijder", json=body)
    assert get(grb, **asked).json()["features"] == []


def test_the_system_that_is_asked_is_answered(grb: SandboxHandle) -> None:
    asked = {**EVERYWHERE, "crs": LAMBERT_2008, "limit": 1}
    body = get(grb, **asked).json()
    x, y = body["features"][0]["geometry"]["coordinates"][0][0]
    assert body["crs"]["properties"]["name"].endswith("3812")
    assert 660_000 < x < 690_000
    assert 660_000 < y < 690_000
    longitude, latitude = get(grb, limit=1).json()["features"][0]["geometry"]["coordinates"][0][0]
    assert 4.5 < longitude < 5
    assert 50.7 < latitude < 51
    assert "crs" not in get(grb, limit=1).json()
    degrees = get(grb, bbox="4.6,50.8,4.8,51.0", limit=1).json()
    assert degrees["numberReturned"] == 1


@pytest.mark.parametrize(
    "params",
    [
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "5,5,1,1"},
        {"bbox": "1,2,3,nan"},
        {"bbox": "1,2,3,4", "bbox-crs": "EPSG:31370"},
        {"crs": "EPSG:4326"},
        {"limit": "0"},
        {"limit": "x"},
        {"capakey": "24126B0031/00V005"},
    ],
)
def test_a_question_outside_the_standard_is_400(grb: SandboxHandle, params: dict[str, str]) -> None:
    assert get(grb, **params).status_code == 400


def test_it_is_in_its_own_journal_and_takes_orders_for_faults(grb: SandboxHandle) -> None:
    grb.order_fault("grb", "5xx", operatie="items")
    assert get(grb, limit=1).status_code == 503
    grb.change_settings("grb", limiet_per_minuut=0)
    assert get(grb, limit=1).status_code == 429
    assert [line["status"] for line in grb.journal("grb")][-2:] == [503, 429]
