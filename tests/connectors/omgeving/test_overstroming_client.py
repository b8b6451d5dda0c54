"""The flood maps' answers become classes, or the error that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.transport.errors import ConnectorError, ContractError, RetryableError
from connectors.transport.geometrie import LAMBERT72, LAMBERT2008, Ligging
from connectors.woningpas.overstroming.client import (
    SOORTEN,
    OverstromingClient,
    WmsVorm,
    open_client,
)
from connectors.woningpas.overstroming.models import Klasse, Overstroming
from tests.connectors.omgeving.kaart import (
    BAD,
    CORRELATIE,
    HTML,
    OFF_THE_MAP,
    PERCEEL,
    PUNT,
    RAADPLEGING,
    SECRET,
    params,
)
from tests.connectors.scripted_server import Answer, ScriptedServer, in_turn, serve

XML = {"Content-Type": "text/xml; charset=utf-8"}
GEOJSON = WmsVorm(antwoord="application/geojson")


def client(server: ScriptedServer, vorm: WmsVorm | None = None) -> OverstromingClient:
    return open_client(base_url=f"{server.url}/arcgis", vorm=vorm, timeout=server.timeout)


def get(http: OverstromingClient, ligging: Ligging = PUNT) -> Overstroming:
    return http.get_klassen(ligging=ligging, raadpleging=RAADPLEGING)


def info(*gridcodes: str, field: str = "gridcode") -> Answer:
    fields = "".join(
        f'<FIELDS OBJECTID="1" {field}="{code}" naam="{SECRET}"/>' for code in gridcodes
    )
    body = f'<FeatureInfoResponse xmlns="http://www.esri.com/wms">{fields}</FeatureInfoResponse>'
    return Answer(200, body.encode(), XML)


def geojson(*gridcodes: object) -> Answer:
    features = [{"type": "Feature", "properties": {"gridcode": code}} for code in gridcodes]
    body = json.dumps({"type": "FeatureCollection", "features": features})
    return Answer(200, body.encode(), {"Content-Type": "application/geojson"})


def test_each_kind_is_asked_once_at_the_place_with_its_reason() -> None:
    with serve(in_turn(info("1"), info(), info("3"))) as server:
        found = get(client(server))
        asked = server.asked
    assert found == Overstroming(Klasse.B, Klasse.A, Klasse.D, 173_005.0, 174_005.0)
    assert [question.path.partition("?")[0] for question in asked] == [
        "/arcgis/services/informatieplicht/overstromingsgevoelige_gebieden_"
        f"{soort}/MapServer/WMSServer"
        for soort in SOORTEN
    ]
    assert {question.headers["x-correlation-id"] for question in asked} == {CORRELATIE}


def test_the_asked_pixel_is_the_middle_of_the_map_in_lambert_72() -> None:
    with serve(in_turn(info())) as server:
        get(client(server))
        asked = params(server.asked[0])
    x1, y1, x2, y2 = map(float, asked["bbox"].split(","))
    width, column, row = int(asked["width"]), int(asked["i"]), int(asked["j"])
    assert x1 + (column + 0.5) * (x2 - x1) / width == pytest.approx(173_005, abs=0.01)
    assert y2 - (row + 0.5) * (y2 - y1) / width == pytest.approx(174_005, abs=0.01)
    assert (asked["version"], asked["crs"], asked["layers"], asked["info_format"]) == (
        "1.3.0", "EPSG:31370", "0", "text/xml",
    )  # fmt: skip
    assert not {"x", "y", "srs"} & asked.keys()


def test_version_1_1_1_has_other_names_for_the_same_question() -> None:
    with serve(in_turn(info())) as server:
        get(client(server, WmsVorm(versie="1.1.1")))
        asked = params(server.asked[0])
    assert (asked["version"], asked["srs"], asked["x"], asked["y"]) == (
        "1.1.1", "EPSG:31370", "50", "50",
    )  # fmt: skip
    assert not {"i", "j", "crs"} & asked.keys()


@pytest.mark.parametrize("ligging", [PERCEEL, PERCEEL.to_epsg(LAMBERT2008), PUNT])
def test_a_place_in_either_coordinate_system_is_asked_within_it(ligging: Ligging) -> None:
    with serve(in_turn(info())) as server:
        found = get(client(server), ligging)
    assert found.x == pytest.approx(173_005, abs=0.2)
    assert found.y == pytest.approx(174_005, abs=0.2)
    assert LAMBERT72 == 31370


@pytest.mark.parametrize(("code", "klasse"), [("0", "A"), ("1", "B"), ("2", "C"), ("3", "D")])
def test_each_code_of_the_legend_is_a_class_in_both_formats(code: str, klasse: str) -> None:
    with serve(in_turn(info(code))) as server:
        assert get(client(server)).pluviaal.value == klasse
    with serve(in_turn(geojson(int(code)))) as server:
        assert get(client(server, GEOJSON)).pluviaal.value == klasse


def test_no_area_means_class_a_and_of_several_the_worst_counts() -> None:
    with serve(in_turn(info(), info("1", "3", "2"), info("0", field="GRIDCODE"))) as server:
        found = get(client(server))
    assert (found.pluviaal, found.fluviaal, found.vanuit_de_zee) == (Klasse.A, Klasse.D, Klasse.A)
    with serve(in_turn(geojson(), geojson(2, 1), geojson(0))) as server:
        found = get(client(server, GEOJSON))
    assert (found.pluviaal, found.fluviaal, found.vanuit_de_zee) == (Klasse.A, Klasse.C, Klasse.A)


@pytest.mark.parametrize("code", ["4", "-1", "", "NoData", "Null", SECRET, "1.5"])
def test_a_code_that_the_legend_does_not_know_is_never_taken_for_a_class(code: str) -> None:
    with serve(in_turn(info(code))) as server, pytest.raises(ContractError) as caught:
        get(client(server))
    assert "FIELDS.gridcode is not in the legend" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_area_without_a_code_breaks_the_contract() -> None:
    with serve(in_turn(info("1", field="code"))) as server:
        with pytest.raises(ContractError, match="gridcode is missing"):
            get(client(server))
    with serve(in_turn(geojson(True))) as server, pytest.raises(ContractError):
        get(client(server, GEOJSON))


@pytest.mark.parametrize("name", OFF_THE_MAP)
def test_a_place_off_the_map_is_not_asked_and_not_class_a(name: str) -> None:
    with serve(in_turn(info())) as server:
        with pytest.raises(ContractError, match="outside of Belgium"):
            get(client(server), OFF_THE_MAP[name])
        assert server.asked == []


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("vorm", [WmsVorm(), GEOJSON], ids=["xml", "geojson"])
def test_a_bad_answer_is_never_class_a(name: str, vorm: WmsVorm) -> None:
    answer, kind = BAD[name]
    with serve(in_turn(answer)) as server, pytest.raises(ConnectorError) as caught:
        get(client(server, vorm))
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)
    assert "gebouweenheid 120000000" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "kind"), [("LayerNotDefined", ContractError), ("NoApplicableCode", RetryableError)]
)
@pytest.mark.parametrize("space", ["", ' xmlns="http://www.opengis.net/ogc"'])
def test_a_service_exception_is_sorted_by_its_code(
    code: str, kind: type[ConnectorError], space: str
) -> None:
    body = (
        f'<ServiceExceptionReport version="1.3.0"{space}><ServiceException code="{code}">'
        f"{SECRET}</ServiceException></ServiceExceptionReport>"
    )
    with serve(in_turn(Answer(200, body.encode(), XML))) as server:
        with pytest.raises(ConnectorError) as caught:
            get(client(server))
    assert type(caught.value) is kind
    assert f"({code})" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        b'<!DOCTYPE x [<!ENTITY a "1">]><FeatureInfoResponse><FIELDS gridcode="&a;"',
        b"<FeatureInfoResponse",
        b"<!-- niets -->",
    ],
)
def test_xml_that_is_no_answer_breaks_the_contract(body: bytes) -> None:
    with serve(in_turn(Answer(200, body, XML))) as server, pytest.raises(ContractError):
        get(client(server))


@pytest.mark.parametrize(("vorm", "good"), [(WmsVorm(), info()), (GEOJSON, geojson())])
@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/html"}])
def test_a_good_answer_under_another_media_type_is_not_class_a(
    vorm: WmsVorm, good: Answer, headers: dict[str, str]
) -> None:
    with serve(in_turn(Answer(200, good.body, headers))) as server:
        with pytest.raises(ContractError, match="media type"):
            get(client(server, vorm))


@pytest.mark.parametrize(
    "wrong", [{"versie": "1.2.0"}, {"antwoord": "text/html"}, {"pad": "services/x"}]
)
def test_a_setting_that_the_client_cannot_speak_is_refused_at_once(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must"):
        WmsVorm(**wrong)


@pytest.fixture(scope="module")
def anything() -> Iterator[ScriptedServer]:
    with serve(in_turn(HTML)) as server:
        yield server


@settings(max_examples=60, deadline=None)
@given(part=st.floats(0, 0.999), xml=st.booleans())
def test_a_truncated_answer_is_never_a_class(
    anything: ScriptedServer, part: float, xml: bool
) -> None:
    good = info("3") if xml else geojson(3)
    anything.script = in_turn(Answer(200, good.body[: int(part * len(good.body))], good.headers))
    with pytest.raises(ContractError):
        get(client(anything, None if xml else GEOJSON))


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 90), noise=st.binary(min_size=1, max_size=8), xml=st.booleans())
def test_a_damaged_answer_is_a_class_or_an_error_of_the_family(
    anything: ScriptedServer, place: int, noise: bytes, xml: bool
) -> None:
    good = info("3") if xml else geojson(3)
    body = good.body[:place] + noise + good.body[place + len(noise) :]
    anything.script = in_turn(Answer(200, body, good.headers))
    with suppress(ConnectorError):
        assert get(client(anything, None if xml else GEOJSON)).pluviaal in Klasse
