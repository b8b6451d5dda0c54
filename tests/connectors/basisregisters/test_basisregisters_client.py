"""The register's answers become typed records, or the error that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from shapely import Point

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.fields import JsonObject
from connectors.transport.geometrie import Ligging
from connectors.woningpas.basisregisters.client import BasisregistersClient, open_client
from connectors.woningpas.basisregisters.gml import parse_gml
from connectors.woningpas.basisregisters.mapping import map_adres, map_match
from connectors.woningpas.basisregisters.models import AdresMatches, Detail
from tests.connectors.basisregisters.register import (
    CAPAKEY,
    RAADPLEGING,
    SQUARE,
    adres,
    gebouw,
    gebouweenheid,
    name,
    perceel,
    without,
)
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, in_turn, serve

CORRELATIE = str(RAADPLEGING.raadpleging.correlatie_id)
SECRET = "Geheimestraat"


def client(server: ScriptedServer) -> BasisregistersClient:
    return open_client(
        base_url=f"{server.url}/basisregisters/v2", api_key="sleutel", timeout=server.timeout
    )


def as_json(body: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, body=json.dumps(body).encode(), headers=headers)


def match(http: BasisregistersClient, **asked: str | None) -> AdresMatches:
    question: dict[str, str | None] = {
        "straatnaam": SECRET,
        "huisnummer": "12A",
        "busnummer": None,
        "postcode": "3000",
        "gemeentenaam": "",
        **asked,
    }
    return http.match_adres(**question, raadpleging=RAADPLEGING)  # type: ignore[arg-type]


def matches(*found: object, warnings: object = ()) -> Answer:
    return as_json({"adresMatches": found, "warnings": warnings})


def test_a_match_asks_only_what_is_known_and_names_its_reason() -> None:
    with serve(in_turn(matches())) as server:
        assert match(client(server)) == AdresMatches((), ())
        asked = server.asked[0]
    url = urlsplit(asked.path)
    assert url.path == "/basisregisters/v2/adresmatch"
    assert parse_qs(url.query) == {
        "straatnaam": [SECRET],
        "huisnummer": ["12A"],
        "postcode": ["3000"],
    }
    assert asked.headers["x-api-key"] == "sleutel"
    assert asked.headers["x-correlation-id"] == CORRELATIE


def test_matches_come_best_first_with_what_was_recognised() -> None:
    street = {
        "gemeente": name("gemeentenaam", "Leuven", objectId="24062"),
        "straatnaam": name("straatnaam", "Naamsestraat", objectId="1"),
        "score": 71.5,
        "links": [],
    }
    town = {"gemeente": street["gemeente"], "score": 20}
    found = {**adres(), "score": 100, "links": []}
    warning = [{"code": "6", "message": f"Onbekende {SECRET}."}, {"message": "Zonder code."}]
    with serve(in_turn(matches(town, street, found, warnings=warning))) as server:
        answer = match(client(server))
    assert [m.score for m in answer.matches] == [Decimal(100), Decimal("71.5"), Decimal(20)]
    best, only_street, only_town = answer.matches
    assert best.adres_id == "2550151"
    assert (best.straatnaam, best.huisnummer, best.busnummer) == ("Naamsestraat", "12A", "0301")
    assert (best.postcode, best.gemeente, best.status) == ("3000", "Leuven", "inGebruik")
    assert only_street.adres_id is None
    assert only_street.straatnaam == "Naamsestraat"
    assert only_street.huisnummer is None
    assert only_town.straatnaam is None
    assert answer.waarschuwingen == ("6", "Zonder code.")


@pytest.mark.parametrize(
    "asked", [{"straatnaam": ""}, {"postcode": None}, {"postcode": "", "gemeentenaam": None}]
)
def test_a_question_the_register_would_refuse_is_not_asked(asked: dict[str, str | None]) -> None:
    with serve(in_turn(matches())) as server:
        with pytest.raises(ContractError, match="needs a street"):
            match(client(server), **asked)
        assert server.asked == []


def test_an_address_becomes_a_record() -> None:
    with serve(in_turn(as_json(adres(), ETag='"abc"'))) as server:
        detail = client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING)
        asked = server.asked[0]
    assert asked.path == "/basisregisters/v2/adressen/2550151"
    assert "If-None-Match" not in asked.headers
    assert (detail.etag, detail.ongewijzigd, detail.verwijderd) == ('"abc"', False, False)
    assert detail.waarde is not None
    assert detail.waarde.adres_id == "2550151"
    assert detail.waarde.versie_id == datetime(2023, 11, 1, 13, 50, 5, tzinfo=UTC)
    assert detail.waarde.nis_code == "24062"
    assert detail.waarde.volledig_adres == "Naamsestraat 12A bus 0301, 3000 Leuven"
    assert detail.waarde.positie == Ligging(Point(173861.12, 174216.03), 31370)


def test_a_building_unit_becomes_a_record() -> None:
    with serve(in_turn(as_json(gebouweenheid(), ETag='"abc"'))) as server:
        detail = client(server).get_gebouweenheid(
            gebouweenheid_id="7654321", raadpleging=RAADPLEGING
        )
    assert detail.waarde is not None
    assert detail.waarde.gebouw_id == "6355606"
    assert detail.waarde.adres_ids == ("2550151", "2550152")
    assert detail.waarde.status == "gerealiseerd"
    assert detail.waarde.functie == "nietGekend"


def test_a_building_becomes_a_record_with_its_outline_units_and_parcels() -> None:
    with serve(in_turn(as_json(gebouw(), ETag='"abc"'))) as server:
        detail = client(server).get_gebouw(gebouw_id="6355606", raadpleging=RAADPLEGING)
        assert server.asked[0].path == "/basisregisters/v2/gebouwen/6355606"
    assert detail.waarde is not None
    assert detail.waarde.geometrie == parse_gml(SQUARE)
    assert detail.waarde.status == "gerealiseerd"
    assert detail.waarde.gebouweenheid_ids == ("7654321",)
    assert detail.waarde.capakeys == (CAPAKEY,)


@pytest.mark.parametrize("asked", [CAPAKEY, "24126B0031-00V005"])
def test_a_parcel_is_asked_by_its_key_with_a_dash_and_told_with_a_slash(asked: str) -> None:
    with serve(in_turn(as_json(perceel(), ETag='"abc"'))) as server:
        detail = client(server).get_perceel(capakey=asked, raadpleging=RAADPLEGING)
        assert server.asked[0].path == "/basisregisters/v2/percelen/24126B0031-00V005"
    assert detail.waarde is not None
    assert (detail.waarde.capakey, detail.waarde.status) == (CAPAKEY, "gerealiseerd")
    assert detail.waarde.adres_ids == ("2550151",)


def test_a_building_and_a_parcel_are_told_as_unchanged_or_removed() -> None:
    with serve(in_turn(Answer(304), Answer(410))) as server:
        http = client(server)
        same = http.get_gebouw(gebouw_id="6355606", raadpleging=RAADPLEGING, etag='"abc"')
        gone = http.get_perceel(capakey=CAPAKEY, raadpleging=RAADPLEGING)
        assert server.asked[0].headers["If-None-Match"] == '"abc"'
    assert same.ongewijzigd
    assert gone.verwijderd


def test_the_parcels_of_an_address_and_the_buildings_on_a_parcel_are_listed() -> None:
    with serve(
        in_turn(as_json({"percelen": [perceel()]}), as_json({"gebouwen": [gebouw()]}))
    ) as server:
        http = client(server)
        assert http.list_percelen(adres_id="2550151", raadpleging=RAADPLEGING) == (CAPAKEY,)
        assert http.list_gebouwen(capakey=CAPAKEY, raadpleging=RAADPLEGING) == ("6355606",)
        asked = [urlsplit(question.path) for question in server.asked]
    assert [url.path.rpartition("/")[2] for url in asked] == ["percelen", "gebouwen"]
    assert parse_qs(asked[0].query)["adresObjectId"] == ["2550151"]
    assert parse_qs(asked[1].query)["caPaKey"] == ["24126B0031-00V005"]


@pytest.mark.parametrize("capakey", ["", "24126B0031", "24126B0031/00V005/..", "24126b0031-00v005"])
def test_a_text_that_is_no_cadastral_key_is_not_asked(capakey: str) -> None:
    with serve(in_turn(as_json(perceel()))) as server:
        with pytest.raises(ContractError, match="no cadastral key"):
            client(server).get_perceel(capakey=capakey, raadpleging=RAADPLEGING)
        assert server.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "identificator.objectId",
        "gebouwPolygoon",
        "gebouwPolygoon.geometrie.gml",
        "gebouwStatus",
        "gebouweenheden",
        "percelen",
    ],
)
def test_a_building_without_a_needed_field_breaks_the_contract(path: str) -> None:
    with (
        serve(in_turn(as_json(without(gebouw(), path)))) as server,
        pytest.raises(ContractError, match=f"field {path}"),
    ):
        client(server).get_gebouw(gebouw_id="6355606", raadpleging=RAADPLEGING)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"caPaKey": "Naamsestraat 12"}, "caPaKey cannot be read"),
        ({"caPaKey": "24126B0031/00V006"}, "objectId is another object"),
        ({"perceelStatus": None}, "perceelStatus is missing"),
        ({"adressen": None}, "adressen is not a list"),
    ],
)
def test_a_parcel_that_breaks_the_contract_names_the_field(
    changed: dict[str, object], field: str
) -> None:
    with (
        serve(in_turn(as_json(perceel(**changed)))) as server,
        pytest.raises(ContractError, match=field) as caught,
    ):
        client(server).get_perceel(capakey=CAPAKEY, raadpleging=RAADPLEGING)
    assert "Naamsestraat" not in str(caught.value)


def test_an_outline_where_a_point_belongs_breaks_the_contract() -> None:
    outline = {"geometrie": {"type": "Polygon", "gml": SQUARE}}
    with (
        serve(in_turn(as_json(adres(adresPositie=outline)))) as server,
        pytest.raises(ContractError, match="gml is no point"),
    ):
        client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING)


def test_an_unknown_version_is_answered_by_304() -> None:
    with serve(in_turn(Answer(304))) as server:
        detail = client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING, etag='"abc"')
        assert server.asked[0].headers["If-None-Match"] == '"abc"'
    assert detail == Detail(None, '"abc"', ongewijzigd=True)


def test_a_304_nobody_asked_for_breaks_the_contract() -> None:
    with serve(in_turn(Answer(304))) as server, pytest.raises(ContractError):
        client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING)


@pytest.mark.parametrize("etag", [None, '"abc"'])
def test_a_removed_object_is_told_and_not_an_error(etag: str | None) -> None:
    problem = {"type": "urn:be.vlaanderen.basisregisters.api:address:gone", "status": 410}
    with serve(in_turn(as_json(problem, 410))) as server:
        detail = client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING, etag=etag)
    assert detail == Detail(None, None, verwijderd=True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ContractError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, PermanentError),
        (406, ContractError),
        (429, ThrottledError),
        (500, RetryableError),
        (503, RetryableError),
    ],
)
def test_a_refusal_is_sorted_and_tells_its_type_only(
    status: int, kind: type[ConnectorError]
) -> None:
    problem = {"type": "urn:be.vlaanderen.basisregisters.api:soort", "title": SECRET}
    with (
        serve(in_turn(as_json(problem, status, **{"Retry-After": "3"}))) as server,
        pytest.raises(ConnectorError) as caught,
    ):
        match(client(server))
    assert type(caught.value) is kind
    assert "(urn:be.vlaanderen.basisregisters.api:soort)" in str(caught.value)
    assert SECRET not in str(caught.value)
    if isinstance(caught.value, RetryableError):
        assert caught.value.retry_after == 3.0


@pytest.mark.parametrize("answer", [Answer(delay=0.8), Answer(reset=True), Answer(raw=b"onzin")])
def test_a_lost_answer_can_be_asked_again_and_does_not_tell_the_question(answer: Answer) -> None:
    with serve(in_turn(answer)) as server, pytest.raises(RetryableError) as caught:
        match(client(server))
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
    assert str(RAADPLEGING.raadpleging.dossier_id) in str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "volledigAdres",
        "identificator",
        "identificator.objectId",
        "identificator.versieId",
        "gemeente.objectId",
        "gemeente.gemeentenaam",
        "straatnaam.straatnaam.geografischeNaam.spelling",
        "postinfo.objectId",
        "huisnummer",
        "adresStatus",
        "adresPositie.geometrie",
        "adresPositie.geometrie.gml",
    ],
)
def test_an_address_without_a_needed_field_breaks_the_contract(path: str) -> None:
    with (
        serve(in_turn(as_json(without(adres(), path)))) as server,
        pytest.raises(ContractError) as caught,
    ):
        client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING)
    assert f"field {path} is missing" in str(caught.value)


@pytest.mark.parametrize("path", ["busnummer", "adresPositie", "officieelToegekend", "@type"])
def test_an_address_may_lack_what_not_every_address_has(path: str) -> None:
    with serve(in_turn(as_json(without(adres(), path)))) as server:
        detail = client(server).get_adres(adres_id="2550151", raadpleging=RAADPLEGING)
    assert detail.waarde is not None


@pytest.mark.parametrize(
    "path",
    ["identificator.objectId", "gebouweenheidStatus", "functie", "gebouw.objectId", "adressen"],
)
def test_a_unit_without_a_needed_field_breaks_the_contract(path: str) -> None:
    with (
        serve(in_turn(as_json(without(gebouweenheid(), path)))) as server,
        pytest.raises(ContractError, match=f"field {path}"),
    ):
        client(server).get_gebouweenheid(gebouweenheid_id="7654321", raadpleging=RAADPLEGING)


@pytest.mark.parametrize("score", [None, "100", -1, 101, True])
def test_a_match_needs_a_score_between_0_and_100(score: object) -> None:
    with pytest.raises(ContractError, match="field score"):
        map_match(JsonObject("b", "m", "7", {**adres(), "score": score}))


def test_another_object_than_was_asked_breaks_the_contract() -> None:
    with serve(in_turn(as_json(adres("99")), as_json(gebouweenheid("99")))) as server:
        http = client(server)
        with pytest.raises(ContractError, match="another object"):
            http.get_adres(adres_id="2550151", raadpleging=RAADPLEGING)
        with pytest.raises(ContractError, match="another object"):
            http.get_gebouweenheid(gebouweenheid_id="7654321", raadpleging=RAADPLEGING)


@pytest.mark.parametrize("object_id", ["", "1/2", "../x", "12?a=b", SECRET, "\u0661"])
def test_an_object_id_that_is_no_number_is_not_asked(object_id: str) -> None:
    with serve(in_turn(as_json(adres()))) as server:
        with pytest.raises(ContractError) as caught:
            client(server).get_adres(adres_id=object_id, raadpleging=RAADPLEGING)
        assert server.asked == []
    assert SECRET not in str(caught.value)


def pages(total: int, size: int) -> Callable[[Asked], Answer]:
    def script(asked: Asked) -> Answer:
        url = urlsplit(asked.path)
        offset = int(parse_qs(url.query).get("offset", ["0"])[0])
        body: dict[str, object] = {
            "gebouweenheden": [
                gebouweenheid(str(number)) for number in range(offset, min(offset + size, total))
            ]
        }
        if offset + size < total:
            host = asked.headers["Host"]
            body["volgende"] = f"http://{host}{url.path}?offset={offset + size}&limit={size}"
        return as_json(body)

    return script


@pytest.mark.parametrize(("total", "asked"), [(0, 1), (1, 1), (2, 1), (5, 3), (40, 20)])
def test_all_pages_of_units_are_read(total: int, asked: int) -> None:
    with serve(pages(total, 2)) as server:
        units = client(server).list_gebouweenheden(adres_id="7", raadpleging=RAADPLEGING)
        first = parse_qs(urlsplit(server.asked[0].path).query)
        assert len(server.asked) == asked
        assert {question.headers["x-correlation-id"] for question in server.asked} == {CORRELATIE}
    assert units == tuple(str(number) for number in range(total))
    assert first == {"adresObjectId": ["7"], "limit": ["500"]}


def test_pages_that_go_round_are_given_up() -> None:
    def script(asked: Asked) -> Answer:
        volgende = f"http://{asked.headers['Host']}/basisregisters/v2/gebouweenheden?offset=1"
        return as_json({"gebouweenheden": [], "volgende": volgende})

    with serve(script) as server, pytest.raises(ContractError, match="do not end"):
        client(server).list_gebouweenheden(adres_id="7", raadpleging=RAADPLEGING)


def test_a_next_page_at_another_host_never_sees_the_key() -> None:
    body = {"gebouweenheden": [], "volgende": "http://127.0.0.1:9/v2/gebouweenheden"}
    with (
        serve(in_turn(as_json(body))) as server,
        pytest.raises(ContractError, match="another host"),
    ):
        client(server).list_gebouweenheden(adres_id="7", raadpleging=RAADPLEGING)


def test_the_captured_answers_of_the_register_are_read(voorbeelden: Path) -> None:
    folder = voorbeelden / "basisregisters"
    raw = json.loads((folder / "adres_detail_v2.json").read_text("utf-8"))
    found = map_adres(JsonObject("basisregisters", "get_adres", "2550151", raw))
    assert (found.adres_id, found.straatnaam, found.huisnummer) == ("2550151", "Bellevue", "1")
    assert (found.postcode, found.gemeente, found.nis_code) == ("9050", "Gent", "44021")
    assert found.positie == Ligging(Point(105600.61, 192113.19), 31370)
    assert found.busnummer is None
    assert found.volledig_adres == "Bellevue 1, 9050 Gent"
    raw = json.loads((folder / "adresmatch_v2.json").read_text("utf-8"))
    best = map_match(JsonObject("basisregisters", "match_adres", "7", raw))
    assert (best.adres_id, best.score, best.straatnaam) == (None, Decimal(100), "Bellevue")


def test_the_captured_positions_of_the_change_feed_are_read(voorbeelden: Path) -> None:
    seen = []
    for feed in ("adressen", "gebouweenheden"):
        path = voorbeelden / "basisregisters" / f"wijzigingen_{feed}_v3.json"
        for event in json.loads(path.read_text("utf-8")):
            for attribute in event["data"]["attributen"]:
                if attribute["naam"] == "positie.geometrie":
                    seen += [parse_gml(g["gml"]).epsg for g in attribute["nieuweWaarde"]]
    assert seen == [31370, 3812, 31370, 3812]
