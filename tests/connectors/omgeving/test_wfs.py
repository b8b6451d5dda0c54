"""A WFS is read whole or not at all, and only what lies at the place counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.transport.errors import ConnectorError, ContractError, RetryableError
from connectors.transport.fields import JsonObject
from connectors.transport.geometrie import LAMBERT2008, Ligging
from connectors.transport.http import HttpClient
from connectors.transport.ogc import LARGEST_ANSWER
from connectors.transport.wfs import Feature, Laag, WfsClient, read_dag
from tests.connectors.omgeving.kaart import (
    BAD,
    HTML,
    OFF_THE_MAP,
    PERCEEL,
    PUNT,
    SECRET,
    as_json,
    collection,
    feature,
    paged,
    params,
)
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, in_turn, serve

LAAG = Laag("ps:laag", "naam")
FIELDS = (
    "type", "features", "numberMatched", "numberReturned", "crs", "id", "geometry", "properties",
    "coordinates",
)  # fmt: skip
BOW_TIE = shapely.Polygon(
    [(173_000, 174_000), (173_010, 174_010), (173_010, 174_000), (173_000, 174_010)]
)


def client(server: ScriptedServer, page_size: int = 100) -> WfsClient:
    http = HttpClient(
        "wfs", f"{server.url}/wfs", timeout=server.timeout, largest_answer=LARGEST_ANSWER
    )
    return WfsClient(http, [LAAG], page_size=page_size)


def list_at(wfs: WfsClient, ligging: Ligging = PERCEEL) -> tuple[Feature, ...]:
    return wfs.list_at(LAAG, ligging, operation="list", key="plaats 7", correlation_id=uuid4())


def list_equal(wfs: WfsClient, waarde: str = "x") -> tuple[Feature, ...]:
    return wfs.list_equal(
        LAAG, "naam", waarde, operation="list", key="plaats 7", correlation_id=uuid4()
    )


def ask(*features: object, ligging: Ligging = PERCEEL, **changed: object) -> list[str]:
    with serve(in_turn(as_json(collection(features, **changed)), as_json(collection([])))) as s:
        return [found.feature_id for found in list_at(client(s), ligging)]


def test_one_question_is_one_request_for_the_rectangle_around_the_place() -> None:
    with serve(in_turn(as_json(collection([feature("a")])))) as server:
        list_at(client(server))
        assert len(server.asked) == 1
        asked = params(server.asked[0])
    assert asked == {
        "service": "WFS", "version": "2.0.0", "request": "GetFeature", "typenames": "ps:laag",
        "bbox": "172999.5,173999.5,173010.5,174010.5,urn:ogc:def:crs:EPSG::31370",
        "srsname": "urn:ogc:def:crs:EPSG::31370", "outputformat": "application/json",
        "sortby": "naam", "count": "100",
    }  # fmt: skip


def test_owslib_only_writes_the_question_and_sends_or_remarks_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        pytest.fail("OWSLib sent something itself")

    monkeypatch.setattr("owslib.util.requests.request", refuse)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    caplog.set_level("INFO")
    with serve(in_turn(as_json(collection([feature("a", naam="x")])))) as server:
        wfs = client(server)
        assert list_at(wfs) == list_equal(wfs)
        assert len(server.asked) == 2
    assert caplog.records == []


def test_a_value_is_asked_by_a_filter_that_cannot_be_broken_out_of() -> None:
    value = "x</fes:Literal>&'\""
    with serve(in_turn(as_json(collection([feature("a", naam=value)])))) as server:
        assert [found.feature_id for found in list_equal(client(server), value)] == ["a"]
        asked = params(server.asked[0])
    assert "&lt;/fes:Literal&gt;&amp;" in asked["filter"]
    assert "bbox" not in asked


def test_a_feature_with_another_value_than_was_asked_breaks_the_contract() -> None:
    with serve(in_turn(as_json(collection([feature("a", naam="y")])))) as server:
        with pytest.raises(ContractError, match="is not what was asked"):
            list_equal(client(server))


@pytest.mark.parametrize(
    ("vorm", "hit"),
    [
        (shapely.box(173_002, 174_002, 173_004, 174_004), True),
        (shapely.box(173_008, 174_000, 173_020, 174_010), True),
        (shapely.box(173_010, 174_000, 173_020, 174_010), False),
        (shapely.box(173_009.8, 174_000, 173_020, 174_010), False),
        (shapely.box(173_009.4, 174_000, 173_020, 174_010), True),
        (shapely.box(172_000, 173_000, 174_000, 175_000), True),
        (shapely.Point(173_001, 174_001), True),
        (shapely.LineString([(173_010, 174_000), (173_010, 174_010)]), False),
        (BOW_TIE, True),
    ],
    ids=[
        "inside", "overlap", "shared border", "overlap of 20 cm", "overlap of 60 cm", "around",
        "point", "line on the border", "bow-tie",
    ],
)  # fmt: skip
def test_what_only_touches_the_parcel_is_the_neighbours(vorm: Any, hit: bool) -> None:
    assert ask(feature("a", vorm)) == (["a"] if hit else [])


def test_a_parcel_narrower_than_the_margin_and_a_point_are_judged_by_a_point() -> None:
    narrow = Ligging(shapely.box(173_000, 174_000, 173_000.6, 174_030), 31370)
    cover = feature("a", shapely.box(172_990, 173_990, 173_001, 174_040))
    beside = feature("b", shapely.box(173_000.6, 174_000, 173_005, 174_030))
    assert ask(cover, beside, ligging=narrow) == ["a"]
    assert ask(feature("a"), ligging=PUNT) == ["a"]


def test_a_place_in_lambert_2008_is_the_same_place() -> None:
    assert ask(feature("a"), ligging=PERCEEL.to_epsg(LAMBERT2008)) == ["a"]


@pytest.mark.parametrize(
    "vorm",
    [
        shapely.box(174_000, 173_000, 174_010, 173_010),
        shapely.Point(4.7, 50.88),
        PERCEEL.to_epsg(LAMBERT2008).vorm,
    ],
    ids=["axes swapped", "degrees", "Lambert 2008"],
)
def test_features_elsewhere_are_an_error_and_not_nothing_found(vorm: Any) -> None:
    with pytest.raises(ContractError, match="outside of what was asked"):
        ask(feature("a", vorm))


@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:EPSG::31370", "EPSG:31370", "http://www.opengis.net/def/crs/EPSG/0/31370"],
)
def test_the_coordinate_system_may_be_written_in_each_usual_way(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert ask(feature("a"), crs=crs) == ["a"]


@pytest.mark.parametrize(
    "crs",
    [
        None,
        ...,
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3812"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::131370"}},
        {"type": "link"},
    ],
)
def test_features_in_an_unknown_or_other_coordinate_system_are_refused(crs: object) -> None:
    with pytest.raises(ContractError, match="field crs"):
        ask(feature("a"), crs=crs)


def test_nothing_there_needs_no_coordinate_system() -> None:
    assert ask() == []


@pytest.mark.parametrize(("total", "most", "asked"), [(0, 3, 1), (3, 3, 1), (7, 3, 3), (7, 2, 4)])
def test_all_pages_are_read_also_when_the_server_gives_less_than_was_asked(
    total: int, most: int, asked: int
) -> None:
    everything = [feature(str(number)) for number in range(total)]
    with serve(paged(everything, most)) as server:
        found = list_at(client(server, page_size=3))
        assert len(server.asked) == asked
    assert [one.feature_id for one in found] == [str(number) for number in range(total)]


@pytest.mark.parametrize("matched", ["unknown", ..., None])
def test_without_a_count_the_pages_are_read_until_one_is_empty(matched: object) -> None:
    told: dict[str, object] = {"numberMatched": matched, "totalFeatures": ...}
    pages = [collection([feature(name)], **told) for name in "ab"]
    with serve(in_turn(*map(as_json, pages), as_json(collection([], **told)))) as server:
        assert len(list_at(client(server))) == 2
        assert [params(question).get("startindex") for question in server.asked] == [
            None, "1", "2",
        ]  # fmt: skip


def page(names: list[str], **changed: object) -> Answer:
    return as_json(collection([feature(name) for name in names], **changed))


def cut(*pages: list[str], **changed: object) -> Callable[[Asked], Answer]:
    return in_turn(*(page(names, **changed) for names in pages))


@pytest.mark.parametrize(
    ("script", "kind", "observed"),
    [
        (cut(["a"], [], numberMatched=2), RetryableError, "empty before the last"),
        (in_turn(page(["a"], numberMatched=2), page(["b"])), RetryableError, "changed between"),
        (cut(["a"], numberReturned=2), ContractError, "numberReturned"),
        (cut(["a", "b"], numberMatched=1), ContractError, "more features"),
        (cut(["a"], numberMatched=9), RetryableError, "overlap"),
    ],
    ids=["cut", "changed", "miscounted", "too many", "the same page again"],
)
def test_an_answer_that_is_cut_off_is_an_error(
    script: Callable[[Asked], Answer], kind: type[ConnectorError], observed: str
) -> None:
    with serve(script) as server, pytest.raises(ConnectorError, match=observed) as caught:
        list_at(client(server))
    assert type(caught.value) is kind


def test_pages_that_never_end_are_given_up() -> None:
    def script(asked: Asked) -> Answer:
        start = params(asked).get("startindex", "0")
        return as_json(collection([feature(start)], numberMatched="unknown", totalFeatures=...))

    with serve(script) as server, pytest.raises(ContractError, match="do not end"):
        list_at(client(server))


@pytest.mark.parametrize("name", OFF_THE_MAP)
def test_a_place_off_the_map_is_not_asked(name: str) -> None:
    with serve(in_turn(as_json(collection([])))) as server:
        with pytest.raises(ContractError, match="outside of Belgium"):
            list_at(client(server), OFF_THE_MAP[name])
        assert server.asked == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_never_nothing_found(name: str) -> None:
    answer, kind = BAD[name]
    for question in (list_at, list_equal):
        with serve(in_turn(answer)) as server, pytest.raises(ConnectorError) as caught:
            question(client(server))
        assert type(caught.value) is kind
        assert SECRET not in str(caught.value)
        assert "plaats 7" in str(caught.value)


@pytest.mark.parametrize(
    "broken",
    [
        {"geometry": None}, {"geometry": {"type": "Point", "coordinates": []}},
        {"geometry": {"type": "Point", "coordinates": ["x", 1]}},
        {"geometry": {"type": "Punt", "coordinates": [1, 2]}}, {"geometry": []},
        {"properties": None}, {"id": None}, {"id": ""},
    ],
)  # fmt: skip
def test_a_feature_that_lacks_a_part_breaks_the_contract(broken: dict[str, object]) -> None:
    with pytest.raises(ContractError, match=rf"features\[0\]\.{next(iter(broken))}"):
        ask({**feature("a"), **broken})


@pytest.fixture(scope="module")
def anything() -> Iterator[ScriptedServer]:
    with serve(in_turn(HTML)) as server:
        yield server


@settings(max_examples=60, deadline=None)
@given(part=st.floats(0, 0.999))
def test_a_truncated_answer_is_an_error(anything: ScriptedServer, part: float) -> None:
    good = as_json(collection([feature("a")]))
    anything.script = in_turn(Answer(200, good.body[: int(part * len(good.body))], good.headers))
    with pytest.raises(ContractError):
        list_at(client(anything))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(field=st.sampled_from(FIELDS), value=_json)
def test_any_value_anywhere_is_features_or_an_error_of_the_family(
    anything: ScriptedServer, field: str, value: object
) -> None:
    one = feature("a")
    if field in one:
        one[field] = value
    elif field == "coordinates":
        one["geometry"]["coordinates"] = value
    body = collection([one], totalFeatures=1)
    if field in body and field != "type":
        body[field] = value
    anything.script = in_turn(as_json(body), as_json(collection([])))
    with suppress(ConnectorError):
        assert len(list_at(client(anything))) <= 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-06-20", date(2023, 6, 20)),
        ("2023-06-20Z", date(2023, 6, 20)),
        ("2023-06-19T22:00:00Z", date(2023, 6, 20)),
        ("2023-12-31T23:30:00.000+00:00", date(2024, 1, 1)),
        ("2023-06-20T00:00:00", date(2023, 6, 20)),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_read_in_each_way_that_servers_write_it(text: object, day: date | None) -> None:
    assert read_dag(JsonObject("w", "list", "7", {"van": text}), "van") == day


@pytest.mark.parametrize("text", ["20/06/2023", "2023-13-01", "9999-12-31T23:59:59Z", 20230620])
def test_what_is_no_day_breaks_the_contract(text: object) -> None:
    with pytest.raises(ContractError, match="field van"):
        read_dag(JsonObject("w", "list", "7", {"van": text}), "van")
