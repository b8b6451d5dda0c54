"""The map services and the inventory: as strict as the real ones, and real enough for OWSLib."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from owslib.wfs import WebFeatureService

from sandbox.stad.omgeving import (
    Kaart,
    describe_omgeving,
    find_aanduiding,
    get_positie,
    list_aanduidingen,
)
from tests.sandbox_process import SandboxHandle

OWS = "{http://www.opengis.net/ows/1.1}"
URN = "urn:ogc:def:crs:EPSG::31370"


class Kaarten:
    """Bare HTTP to the maps and the inventory."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox

    def get(
        self, path: str, headers: dict[str, str] | None = None, **params: Any
    ) -> requests.Response:
        return self.sandbox.session.get(
            self.sandbox.base_url + path, headers=headers, params=params or None, timeout=10
        )

    def features(self, path: str = "/mercator/wfs", **changed: Any) -> requests.Response:
        """Ask the designated objects around dwelling 0, unless changed."""
        x, y = get_positie(0)
        params = {
            "service": "WFS", "version": "2.0.0", "request": "GetFeature",
            "typeNames": "ps:ps_aandobj", "outputFormat": "application/json",
            "bbox": f"{x - 1},{y - 1},{x + 1},{y + 1},{URN}", **changed,
        }  # fmt: skip
        return self.get(path, **{k: v for k, v in params.items() if v is not None})

    def info(self, soort: str = "pluviaal", **changed: Any) -> requests.Response:
        """Ask the flood class at dwelling 1, unless changed."""
        x, y = get_positie(1)
        params = {
            "service": "WMS", "version": "1.3.0", "request": "GetFeatureInfo", "layers": "0",
            "query_layers": "0", "styles": "", "crs": "EPSG:31370", "width": "3", "height": "3",
            "bbox": f"{x - 1.5},{y - 1.5},{x + 1.5},{y + 1.5}", "i": "1", "j": "1",
            "info_format": "text/xml", **changed,
        }  # fmt: skip
        path = (
            "/waterinfo/services/informatieplicht/overstromingsgevoelige_gebieden_"
            f"{soort}/MapServer/WMSServer"
        )
        return self.get(path, **{k: v for k, v in params.items() if v is not None})


@pytest.fixture
def kaarten(sandbox: SandboxHandle) -> Kaarten:
    """Give the maps of a city of 150."""
    sandbox.grow(150, 1)
    return Kaarten(sandbox)


def code(answer: requests.Response) -> tuple[str | None, str | None]:
    """Return code and locator of an OWS exception report."""
    root = ET.fromstring(answer.content)
    assert root.tag == f"{OWS}ExceptionReport"
    found = root.find(f"{OWS}Exception")
    assert found is not None
    return found.get("exceptionCode"), found.get("locator")


def test_features_look_as_the_owners_own_answer(kaarten: Kaarten, voorbeelden: Path) -> None:
    for name, layer, where in (
        ("mercator_wfs_1.json", "ps:ps_aandobj", 0),
        ("mercator_wfs_leuven.json", "lu:lu_wet_erfgobj_pub", 4),
    ):
        sample = json.loads((voorbeelden / "erfgoed" / name).read_text())
        x, y = get_positie(where)
        answer = kaarten.features(typeNames=layer, bbox=f"{x},{y},{x},{y},{URN}")
        body = answer.json()
        assert set(body) == set(sample)
        assert body["crs"] == sample["crs"]
        (ours,), (theirs,) = body["features"], sample["features"]
        assert set(ours) == set(theirs)
        assert ours["properties"].keys() == theirs["properties"].keys()
        assert ours["geometry"]["type"] == theirs["geometry"]["type"]
        assert answer.headers["Content-Type"].startswith("application/json")


def test_the_inventorys_page_has_the_fields_of_the_owners_own(
    kaarten: Kaarten, voorbeelden: Path
) -> None:
    folder = voorbeelden / "erfgoed"
    accept = {"Accept": "application/json"}
    number = list_aanduidingen(0)[0].aanduid_id
    page = kaarten.get(f"/inventaris/aanduidingsobjecten/{number}", accept).json()
    sample = json.loads((folder / "aanduidingsobject_response_131635.json").read_text())
    assert sample.keys() - page.keys() == set()
    items = kaarten.get("/inventaris/aanduidingsobjecten", accept, tekst="Burgerhuis 1").json()
    (item,) = json.loads((folder / "aanduidingsobjecten.json").read_text())
    assert set(items[0]) == set(item)


def test_owslib_itself_can_read_the_service_but_needs_a_request_more(kaarten: Kaarten) -> None:
    before = len(kaarten.sandbox.journal("bodem"))
    wfs = WebFeatureService(f"{kaarten.sandbox.base_url}/dov/wfs", version="2.0.0", timeout=10)
    assert list(wfs.contents) == ["ovam:uitspraak_bodemonderzoeken"]
    x, y = get_positie(0)
    answer = wfs.getfeature(
        typename="ovam:uitspraak_bodemonderzoeken", bbox=(x, y, x, y, URN),
        outputFormat="application/json",
    )  # fmt: skip
    assert json.loads(answer.read())["numberMatched"] == 1
    assert len(kaarten.sandbox.journal("bodem")) == before + 2
    schema = wfs.get_schema("ovam:uitspraak_bodemonderzoeken")
    assert set(schema["properties"]) == {"kadaster_id", "uitspraak"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"typeNames": "ps:weg"}, ("InvalidParameterValue", "typeName")),
        ({"typeNames": None}, ("InvalidParameterValue", "typeName")),
        ({"laag": "ps:ps_aandobj"}, ("InvalidParameterValue", "laag")),
        ({"outputFormat": "text/html"}, ("InvalidParameterValue", "outputFormat")),
        ({"outputFormat": None}, ("InvalidParameterValue", "outputFormat")),
        ({"srsName": "EPSG:4326"}, ("InvalidParameterValue", "srsName")),
        ({"bbox": "1,2,3"}, ("InvalidParameterValue", "bbox")),
        ({"bbox": "3,4,1,2"}, ("InvalidParameterValue", "bbox")),
        ({"bbox": "1,2,3,4,EPSG:4326"}, ("InvalidParameterValue", "bbox")),
        ({"sortBy": "weg"}, ("InvalidParameterValue", "sortBy")),
        ({"count": "veel"}, ("InvalidParameterValue", "count")),
        ({"startIndex": "-1"}, ("InvalidParameterValue", "startindex")),
        ({"version": "1.0.0"}, ("InvalidParameterValue", "version")),
        ({"service": None}, ("MissingParameterValue", "service")),
        ({"request": "Transaction"}, ("OperationNotSupported", "request")),
        ({"cql_filter": "naam='x'"}, ("InvalidParameterValue", "cql_filter")),
        ({"bbox": None, "cql_filter": "weg='x'"}, ("InvalidParameterValue", "GetFeature")),
        ({"bbox": None, "cql_filter": "naam LIKE 'x'"}, ("InvalidParameterValue", "cql_filter")),
        ({"bbox": None, "filter": "<x"}, ("OperationParsingFailed", "filter")),
        ({"bbox": None, "filter": "<x/>"}, ("OperationProcessingFailed", "filter")),
    ],
)
def test_a_wfs_refuses_what_it_does_not_know(
    kaarten: Kaarten, changed: dict[str, Any], told: tuple[str, str]
) -> None:
    answer = kaarten.features(**changed)
    assert answer.status_code in (400, 403)
    assert code(answer) == told


def test_a_feature_is_found_by_cql_as_by_rectangle(kaarten: Kaarten) -> None:
    x, y = get_positie(0)
    by_box = kaarten.features().json()["features"]
    assert len(by_box) == 1
    for cql in (f"INTERSECTS(geom, POINT({x} {y}))", f"aanduid_id='{by_box[0]['id'][11:]}'"):
        found = kaarten.features(bbox=None, cql_filter=cql).json()["features"]
        assert found == by_box


def test_pages_of_the_whole_city_have_no_gaps_and_tell_their_number(kaarten: Kaarten) -> None:
    everything = kaarten.features(bbox=None).json()
    ids = [found["id"] for found in everything["features"]]
    assert everything["numberMatched"] == len(ids) == len(set(ids)) > 10
    kaarten.sandbox.change_settings("erfgoed", max_kaartobjecten=4)
    seen: list[str] = []
    while True:
        page = kaarten.features(bbox=None, startIndex=len(seen), count=7).json()
        assert page["numberReturned"] == len(page["features"]) <= 4
        if not page["features"]:
            break
        seen += [found["id"] for found in page["features"]]
    assert seen == ids


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"layers": "1"}, "LayerNotDefined"),
        ({"crs": None}, "MissingParameterValue"),
        ({"crs": "EPSG:4326"}, "InvalidCRS"),
        ({"crs": None, "srs": "EPSG:31370"}, "MissingParameterValue"),
        ({"i": None, "x": "1"}, "MissingParameterValue"),
        ({"i": "3"}, "InvalidPoint"),
        ({"bbox": "1,2,3"}, "InvalidParameterValue"),
        ({"info_format": "text/csv"}, "InvalidFormat"),
        ({"version": "1.1.1"}, "MissingParameterValue"),
        ({"request": "GetMap"}, "OperationNotSupported"),
        ({"kleur": "rood"}, "InvalidParameterValue"),
    ],
)
def test_a_wms_refuses_with_status_200(
    kaarten: Kaarten, changed: dict[str, Any], told: str
) -> None:
    answer = kaarten.info(**changed)
    assert answer.status_code == 200
    root = ET.fromstring(answer.content)
    assert root.tag.endswith("ServiceExceptionReport")
    assert [child.get("code") for child in root] == [told]


def test_the_flood_class_depends_on_the_pixel(kaarten: Kaarten) -> None:
    assert 'gridcode="2"' in kaarten.info("fluviaal").text
    far = kaarten.info("fluviaal", bbox="1,1,4,4")
    assert far.status_code == 200
    assert "FIELDS" not in far.text
    assert kaarten.info("lawine").status_code == 404


def test_the_inventory_speaks_json_only_when_asked_and_pages_by_range(kaarten: Kaarten) -> None:
    path, accept = "/inventaris/aanduidingsobjecten", {"Accept": "application/json"}
    assert "html" in kaarten.get(path, {"Accept": "*/*"}).headers["Content-Type"]
    page = kaarten.get(path, accept | {"Range": "items=1-2"})
    total = int(page.headers["Content-Range"].partition("/")[2])
    assert page.headers["Content-Range"] == f"items 1-2/{total}"
    assert len(page.json()) == 2
    assert len(kaarten.get(path, accept).json()) == total
    assert kaarten.get(path, accept | {"Range": f"items={total}-{total + 5}"}).status_code == 416
    nothing = kaarten.get(path, accept, tekst="zyxw")
    assert (nothing.json(), nothing.headers["Content-Range"]) == ([], "items */0")
    assert kaarten.get(f"{path}/1", accept).status_code == 404


def test_every_look_is_in_the_journal_with_its_correlation_id(kaarten: Kaarten) -> None:
    mark = {"x-correlation-id": str(uuid4())}
    kaarten.get("/dov/wfs", mark, service="WFS", request="GetCapabilities")
    kaarten.get("/mercator/wfs", mark, service="WFS", request="GetFeature", typeNames="ps:weg")
    kaarten.get("/mercator/wfs", mark, request="GetFeature", typeNames="lu:lu_omv_kh_v2")
    kaarten.get("/inventaris/aanduidingsobjecten/7", mark | {"Accept": "application/json"})
    told = [
        (line["systeem"], line["operatie"], line["sleutel"], line["status"], line["effect"])
        for systeem in ("bodem", "erfgoed", "vergunningen", "overstroming")
        for line in kaarten.sandbox.journal(systeem)
        if line["correlatie_id"] == mark["x-correlation-id"]
    ]
    assert told == [
        ("bodem", "GetCapabilities", None, 200, False),
        ("erfgoed", "GetFeature", None, 400, False),
        ("erfgoed", "aanduidingsobject", "7", 404, False),
        ("vergunningen", "GetFeature:lu_omv_kh_v2", None, 400, False),
    ]


@pytest.mark.parametrize("systeem", ["erfgoed", "vergunningen", "bodem", "overstroming"])
def test_each_source_has_a_throttle_of_its_own(kaarten: Kaarten, systeem: str) -> None:
    kaarten.sandbox.change_settings(systeem, limiet_per_minuut=0)
    answers = {
        "erfgoed": kaarten.features(),
        "vergunningen": kaarten.features(typeNames="lu:lu_omv_kh_v2"),
        "bodem": kaarten.features("/dov/wfs", typeNames="ovam:uitspraak_bodemonderzoeken"),
        "overstroming": kaarten.info(),
    }
    throttled = {name for name, answer in answers.items() if answer.status_code == 429}
    assert throttled == {systeem}
    assert int(answers[systeem].headers["Retry-After"]) >= 1


def test_an_ordered_exception_comes_with_status_200(kaarten: Kaarten) -> None:
    for systeem in ("erfgoed", "overstroming"):
        kaarten.sandbox.order_fault(systeem, "uitzondering", uitzondering={"code": "Kapot"})
    answers = kaarten.features(), kaarten.info()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert code(answers[0]) == ("Kapot", None)
    assert 'code="Kapot"' in answers[1].text


def test_the_first_dwellings_hold_every_case() -> None:
    known = [describe_omgeving(i) for i in range(10)]
    types = {a["type"].split()[0] for one in known for a in one["aanduidingen"]}
    assert types == {"beschermd", "vastgesteld", "erfgoedlandschap"}
    assert any(a["beeindigd"] for one in known for a in one["aanduidingen"])
    assert {len(one["bodem"]) for one in known} == {0, 1, 2}
    assert {klasse for one in known for klasse in one["overstroming"].values()} == set("ABCD")
    assert max(len(one["vergunningen"]) for one in known) == 7


def test_a_designations_number_leads_back_to_its_dwelling() -> None:
    for i in (0, 5, 7):
        for found in list_aanduidingen(i):
            assert find_aanduiding(found.aanduid_id) == (i, found)
    assert find_aanduiding(1) is None


def test_the_map_finds_a_dwelling_at_its_place_and_grows_with_the_city() -> None:
    class Growing:
        size = 20

        def list_woningen(self) -> range:
            return range(self.size)

    city = Growing()
    kaart = Kaart(city)  # type: ignore[arg-type]
    x, y = get_positie(70)
    assert 70 not in kaart.list_near(x, y, x, y)
    city.size = 400
    assert 70 in kaart.list_near(x, y, x, y)
    assert len(kaart.list_near(x, y, x, y)) < 100
    assert kaart.list_near(0, 0, 1e6, 1e6) == list(range(400))
