"""Heritage on the map and in the inventory: what the owner's own answers become."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.woningpas.erfgoed.client import ErfgoedClient, open_client
from connectors.woningpas.erfgoed.mapping import read_rechtsgevolg
from connectors.woningpas.erfgoed.models import Aanduiding, Rechtsgevolg
from tests.connectors.omgeving.kaart import (
    BAD,
    CORRELATIE,
    JSON,
    NIETS,
    PERCEEL,
    RAADPLEGING,
    SECRET,
    as_json,
    collection,
    feature,
    params,
)
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, in_turn, serve

ID = "https://id.erfgoed.net"
# An exception report is the map's; the inventory's refusals are told by status.
OF_THE_MAP = ("a server's own trouble with 200", "a server's own trouble with 403")


def client(server: ScriptedServer, page_size: int = 100) -> ErfgoedClient:
    return open_client(
        wfs_url=f"{server.url}/mercator/wfs",
        inventaris_url=f"{server.url}/inventaris",
        timeout=server.timeout,
        page_size=page_size,
    )


def aanduiding(**changed: object) -> dict[str, Any]:
    fields = {
        "aanduid_id": 7,
        "naam": "Burgerhuis",
        "type_naam": "beschermd monument",
        "locatie": "Naamsestraat 1 (Leuven)",
        "geld_start": "1999-05-03",
        "geld_einde": None,
        "uri": f"{ID}/aanduidingsobjecten/7",
    } | changed
    return feature("ps_aandobj.7", **fields)


def item(number: int = 7, **changed: object) -> dict[str, Any]:
    return {
        "id": number,
        "uri": f"{ID}/aanduidingsobjecten/{number}",
        "self": f"https://inventaris.onroerenderfgoed.be/aanduidingsobjecten/{number}",
        "naam": "Burgerhuis",
        "type": {"id": 1, "naam": "beschermd monument"},
        "status": {"actief": True},
        "locatie_samenvatting": "Naamsestraat 1 (Leuven)",
        "korte_beschrijving": None,
        "geldigheid_start": "1999-05-03",
        "geldigheid_einde": None,
        **changed,
    }


def place_of(sample: dict[str, Any]) -> Ligging:
    vorm = shapely.from_geojson(json.dumps(sample["features"][0]["geometry"]))
    return Ligging(vorm.representative_point(), LAMBERT72)


def test_the_owners_own_answer_of_a_designated_object_is_read(voorbeelden: Path) -> None:
    body = (voorbeelden / "erfgoed" / "mercator_wfs_1.json").read_bytes()
    with serve(in_turn(Answer(200, body, JSON), NIETS)) as server:
        found = client(server).list_aanduidingen(
            ligging=place_of(json.loads(body)), raadpleging=RAADPLEGING
        )
    (only,) = found
    assert (only.object_id, only.uri) == ("131635", f"{ID}/aanduidingsobjecten/131635")
    assert only.rechtsgevolg is Rechtsgevolg.VASTGESTELD
    assert (only.van, only.tot) == (date(2023, 6, 20), None)
    assert only.locatie


def test_the_owners_own_answer_of_an_inventoried_object_is_read(voorbeelden: Path) -> None:
    body = (voorbeelden / "erfgoed" / "mercator_wfs_leuven.json").read_bytes()
    with serve(in_turn(NIETS, Answer(200, body, JSON))) as server:
        found = client(server).list_aanduidingen(
            ligging=place_of(json.loads(body)), raadpleging=RAADPLEGING
        )
    (only,) = found
    assert (only.uri, only.type) == (f"{ID}/erfgoedobjecten/42549", "erfgoedobject")
    assert (only.rechtsgevolg, only.van, only.tot) == (Rechtsgevolg.ANDER, None, None)


def test_the_map_and_the_inventory_tell_the_same_object(voorbeelden: Path) -> None:
    kaart = (voorbeelden / "erfgoed" / "mercator_wfs_1.json").read_bytes()
    pagina = (voorbeelden / "erfgoed" / "aanduidingsobject_response_131635.json").read_bytes()
    with serve(in_turn(Answer(200, kaart, JSON), NIETS, Answer(200, pagina, JSON))) as server:
        http = client(server)
        (on_map,) = http.list_aanduidingen(
            ligging=place_of(json.loads(kaart)), raadpleging=RAADPLEGING
        )
        page = http.get_aanduidingsobject(object_id="131635", raadpleging=RAADPLEGING)
    assert page.aanduiding == on_map
    assert page.actief
    assert page.url.endswith("/aanduidingsobjecten/131635")


def test_the_owners_own_list_of_a_search_is_read(voorbeelden: Path) -> None:
    body = (voorbeelden / "erfgoed" / "aanduidingsobjecten.json").read_bytes()
    answer = Answer(200, body, {**JSON, "Content-Range": "items 0-0/1"})
    with serve(in_turn(answer)) as server:
        (found,) = client(server).search_aanduidingsobjecten(tekst="x", raadpleging=RAADPLEGING)
    assert found.aanduiding.rechtsgevolg is Rechtsgevolg.BESCHERMD
    assert found.aanduiding.is_beeindigd(date(2019, 10, 16))


def test_a_place_is_two_requests_with_its_reason_and_what_is_found_stands_by_uri() -> None:
    object_ = feature(
        "lu.9", erfgoed_id=9, naam="Huis", uri=f"{ID}/erfgoedobjecten/9", locatie=None
    )
    answers = as_json(collection([aanduiding()])), as_json(collection([object_]))
    with serve(in_turn(*answers)) as server:
        found = client(server).list_aanduidingen(ligging=PERCEEL, raadpleging=RAADPLEGING)
        asked = server.asked
    assert [params(question)["typenames"] for question in asked] == [
        "ps:ps_aandobj", "lu:lu_wet_erfgobj_pub",
    ]  # fmt: skip
    assert {question.headers["x-correlation-id"] for question in asked} == {CORRELATIE}
    assert [one.uri for one in found] == [
        f"{ID}/aanduidingsobjecten/7", f"{ID}/erfgoedobjecten/9",
    ]  # fmt: skip
    assert found[0] == Aanduiding(
        "7",
        f"{ID}/aanduidingsobjecten/7",
        "Burgerhuis",
        "beschermd monument",
        Rechtsgevolg.BESCHERMD,
        date(1999, 5, 3),
        None,
        "Naamsestraat 1 (Leuven)",
    )


@pytest.mark.parametrize(
    ("type_naam", "gevolg"),
    [
        ("beschermd monument", "beschermd"),
        ("Beschermd varend erfgoed", "beschermd"),
        ("beschermde archeologische site", "beschermd"),
        ("voorlopig beschermd monument", "beschermd"),
        ("vastgesteld bouwkundig erfgoed", "vastgesteld"),
        ("vastgestelde archeologische zone", "vastgesteld"),
        ("overgangszone bij een beschermd monument", "ander"),
        ("onbeschermd", "ander"),
        ("erfgoedlandschap", "ander"),
    ],
)
def test_the_name_of_a_type_tells_the_legal_consequence(type_naam: str, gevolg: str) -> None:
    assert read_rechtsgevolg(type_naam).value == gevolg


def test_an_ended_designation_is_told_as_ended_after_its_last_day() -> None:
    ended = aanduiding(geld_einde="2020-06-30")
    with serve(in_turn(as_json(collection([ended])), NIETS)) as server:
        (found,) = client(server).list_aanduidingen(ligging=PERCEEL, raadpleging=RAADPLEGING)
    assert found.tot == date(2020, 6, 30)
    assert [found.is_beeindigd(date(2020, month, 30)) for month in (5, 6, 7)] == [
        False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["aanduid_id", "uri", "naam", "type_naam"])
@pytest.mark.parametrize("value", [None, "", []])
def test_a_designation_without_a_needed_field_breaks_the_contract(
    field: str, value: object
) -> None:
    answer = as_json(collection([aanduiding(**{field: value})]))
    with serve(in_turn(answer, NIETS)) as server, pytest.raises(ContractError, match=field):
        client(server).list_aanduidingen(ligging=PERCEEL, raadpleging=RAADPLEGING)


@pytest.mark.parametrize("which", [0, 1])
def test_half_an_answer_is_no_answer(which: int) -> None:
    answers = [as_json(collection([aanduiding()])), NIETS]
    answers[which] = Answer(500)
    with serve(in_turn(*answers)) as server, pytest.raises(RetryableError):
        client(server).list_aanduidingen(ligging=PERCEEL, raadpleging=RAADPLEGING)


def test_the_inventory_is_asked_for_json() -> None:
    with serve(in_turn(as_json(item()))) as server:
        client(server).get_aanduidingsobject(object_id="7", raadpleging=RAADPLEGING)
        (asked,) = server.asked
    assert asked.path == "/inventaris/aanduidingsobjecten/7"
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["x-correlation-id"] == CORRELATIE


@pytest.mark.parametrize("object_id", ["", "7/8", "../x", "7?a=b", SECRET, "٧"])
def test_an_object_id_that_is_no_number_is_not_asked(object_id: str) -> None:
    with serve(in_turn(as_json(item()))) as server:
        with pytest.raises(ContractError) as caught:
            client(server).get_aanduidingsobject(object_id=object_id, raadpleging=RAADPLEGING)
        assert server.asked == []
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [{"id": 8}, {"id": None}, {"type": None}, {"type": {}}, {"status": {}}, {"uri": ""},
     {"status": {"actief": "ja"}}, {"geldigheid_einde": "ooit"}, {"self": None}],
)  # fmt: skip
def test_another_or_a_broken_object_breaks_the_contract(changed: dict[str, object]) -> None:
    with serve(in_turn(as_json(item(**changed)))) as server, pytest.raises(ContractError):
        client(server).get_aanduidingsobject(object_id="7", raadpleging=RAADPLEGING)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, PermanentError), (429, ThrottledError), (503, RetryableError)]
)
def test_a_refusal_of_the_inventory_is_sorted(status: int, kind: type[ConnectorError]) -> None:
    with serve(in_turn(Answer(status))) as server, pytest.raises(ConnectorError) as caught:
        client(server).get_aanduidingsobject(object_id="7", raadpleging=RAADPLEGING)
    assert type(caught.value) is kind


@pytest.mark.parametrize("name", [name for name in BAD if name not in OF_THE_MAP])
def test_a_bad_answer_of_the_inventory_is_never_an_object(name: str) -> None:
    with serve(in_turn(BAD[name][0])) as server:
        http = client(server)
        for ask in (
            lambda: http.get_aanduidingsobject(object_id="7", raadpleging=RAADPLEGING),
            lambda: http.search_aanduidingsobjecten(tekst=SECRET, raadpleging=RAADPLEGING),
        ):
            with pytest.raises(ConnectorError) as caught:
                ask()
            assert SECRET not in str(caught.value)


def ranged(total: int, most: int) -> Callable[[Asked], Answer]:
    def script(asked: Asked) -> Answer:
        first, last = map(int, asked.headers["Range"].removeprefix("items=").split("-"))
        numbers = range(first, min(last + 1, first + most, total))
        span = f"{numbers[0]}-{numbers[-1]}" if numbers else "*"
        body = json.dumps([item(number) for number in numbers]).encode()
        return Answer(206, body, {**JSON, "Content-Range": f"items {span}/{total}"})

    return script


@pytest.mark.parametrize(("total", "most", "asked"), [(0, 9, 1), (3, 9, 1), (7, 9, 3), (7, 2, 4)])
def test_a_search_reads_all_pages(total: int, most: int, asked: int) -> None:
    with serve(ranged(total, most)) as server:
        found = client(server, page_size=3).search_aanduidingsobjecten(
            tekst="Naamsestraat 1", raadpleging=RAADPLEGING
        )
        assert len(server.asked) == asked
        assert params(server.asked[0]) == {"tekst": "Naamsestraat 1"}
    assert [one.aanduiding.object_id for one in found] == [str(n) for n in range(total)]


@pytest.mark.parametrize(
    "told",
    [None, "items 0-0/2", "items 1-2/3", "items 0-1/1", "items 0-1", "bytes 0-1/2", "items */2"],
)
def test_a_list_that_may_be_cut_off_breaks_the_contract(told: str | None) -> None:
    headers = JSON if told is None else {**JSON, "Content-Range": told}
    body = json.dumps([item(1), item(2)]).encode()
    with serve(in_turn(Answer(200, body, headers))) as server, pytest.raises(ContractError):
        client(server).search_aanduidingsobjecten(tekst="x", raadpleging=RAADPLEGING)


def test_a_list_that_changes_while_it_is_read_is_read_again_later() -> None:
    def page(number: int, first: int, total: int) -> Answer:
        span = {"Content-Range": f"items {first}-{first}/{total}"}
        return Answer(200, json.dumps([item(number)]).encode(), {**JSON, **span})

    for second in (page(1, 1, 2), page(2, 1, 3)):
        with serve(in_turn(page(1, 0, 2), second)) as server, pytest.raises(RetryableError):
            client(server, page_size=1).search_aanduidingsobjecten(
                tekst="x", raadpleging=RAADPLEGING
            )
