"""Events of the change feeds become typed records, or a contract error that names the field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.fields import JsonObject
from connectors.woningpas.basisregisters.wijzigingen import (
    FEEDS,
    Attribuut,
    GeweigerdeWijziging,
    Transformatie,
    WijzigingenClient,
    WijzigingenPagina,
    last_part,
    map_wijziging,
    object_ids,
    open_wijzigingen_client,
)
from tests.connectors.basisregisters.register import without
from tests.connectors.scripted_server import Answer, ScriptedServer, in_turn, serve


def event(number: int = 7, **changed: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "time": "2026-11-02T07:24:43.9121352+01:00",
        "type": "basisregisters.buildingunit.update.v1",
        "source": "https://example.org/feed",
        "basisregisterseventtype": "BuildingUnitWasRetiredV2",
        "basisregisterscausationid": "1af00df5-93ff-5319-a073-ca4bcc6b28f0",
        "subject": "https://data.vlaanderen.be/id/gebouweenheid/7654321",
        "data": {
            "objectId": "7654321",
            "naamruimte": "https://data.vlaanderen.be/id/gebouweenheid",
            "versieId": "2026-11-02T07:24:43+01:00",
            "nisCodes": ["24062"],
            "attributen": [
                {
                    "naam": "status",
                    "oudeWaarde": "https://data.vlaanderen.be/id/concept/s/gerealiseerd",
                    "nieuweWaarde": "https://data.vlaanderen.be/id/concept/s/gehistoreerd",
                }
            ],
        },
        **changed,
    }


def read(raw: dict[str, Any]) -> Any:
    return map_wijziging(JsonObject("basisregisters", "get_wijzigingen", "7", raw))


def client(server: ScriptedServer) -> WijzigingenClient:
    return open_wijzigingen_client(
        base_url=f"{server.url}/v3", api_key="sleutel", timeout=server.timeout
    )


def answer(*events: object, complete: str | None = "false") -> Answer:
    headers = {} if complete is None else {"X-Page-Complete": complete}
    return Answer(200, body=json.dumps(events).encode(), headers=headers)


def test_a_page_is_asked_by_its_number_with_the_key() -> None:
    with serve(in_turn(answer(event(7), event(8), complete="True"))) as server:
        pagina = client(server).get_pagina(feed="gebouweenheden", nummer=12)
        asked = server.asked[0]
    url = urlsplit(asked.path)
    assert url.path == "/v3/feeds/wijzigingen/gebouweenheden"
    assert parse_qs(url.query) == {"pagina": ["12"]}
    assert asked.headers["x-api-key"] == "sleutel"
    assert "application/cloudevents-batch+json" in asked.headers["Accept"]
    assert (pagina.feed, pagina.nummer, pagina.volledig) == ("gebouweenheden", 12, True)
    assert [change.gebeurtenis_id for change in pagina.wijzigingen] == ["7", "8"]


def test_a_page_after_the_newest_is_empty_and_not_complete() -> None:
    with serve(in_turn(answer())) as server:
        pagina = client(server).get_pagina(feed="percelen", nummer=99)
    assert pagina == WijzigingenPagina("percelen", 99, (), False)


def test_an_event_that_cannot_be_read_is_set_apart_in_its_place() -> None:
    nameless = without(event(9), "id")
    broken = without(event(8), "data.versieId")
    with serve(in_turn(answer(event(7), broken, nameless, event(10)))) as server:
        pagina = client(server).get_pagina(feed="gebouweenheden", nummer=1)
    assert [change.gebeurtenis_id for change in pagina.wijzigingen] == ["7", "8", "[2]", "10"]
    assert pagina.wijzigingen[1] == GeweigerdeWijziging("8", "field [1].data.versieId is missing")


def test_a_page_of_which_nothing_can_be_read_breaks_the_contract() -> None:
    broken = [without(event(number), "data.versieId") for number in (7, 8)]
    with (
        serve(in_turn(answer(*broken))) as server,
        pytest.raises(ContractError, match="field .*versieId is missing"),
    ):
        client(server).get_pagina(feed="gebouweenheden", nummer=1)


def test_an_event_becomes_a_record_in_utc() -> None:
    change = read(event())
    assert change.tijd == datetime(2026, 11, 2, 6, 24, 43, 912135, tzinfo=UTC)
    assert change.versie_id == datetime(2026, 11, 2, 6, 24, 43, tzinfo=UTC)
    assert (change.soort, change.object_id, change.nis_codes) == ("update", "7654321", ("24062",))
    status = change.get("status")
    assert isinstance(status, Attribuut)
    assert last_part(str(status.nieuwe_waarde)) == "gehistoreerd"
    assert change.get("functie") is None
    assert change.oorzaak == "1af00df5-93ff-5319-a073-ca4bcc6b28f0"


def test_what_we_do_not_know_is_ignored() -> None:
    more = event(nieuw={"x": 1}, type="basisregisters.buildingunit.rename.v3")
    more["data"] = {**more["data"], "nog": [1]}
    more["data"]["attributen"] = [{"naam": "onbekend", "nieuweWaarde": {"a": [1]}, "x": 1}]
    change = read(without(more, "basisregisterscausationid"))
    assert (change.soort, change.oorzaak) == ("rename", None)
    assert change.attributen == (Attribuut("onbekend", None, {"a": [1]}),)


def test_addresses_that_live_on_under_another_number_are_told_as_pairs() -> None:
    base = "https://data.vlaanderen.be/id/adres"
    change = read(
        event(
            type="basisregisters.address.transform.v1",
            subject=None,
            data={
                "transformaties": [{"vanId": f"{base}/1", "naarId": f"{base}/2"}],
                "nisCodes": ["24062"],
            },
        )
    )
    assert change.transformaties == (Transformatie("1", "2"),)
    assert (change.object_id, change.versie_id, change.attributen) == (None, None, ())


@pytest.mark.parametrize(
    "path",
    [
        "id", "time", "type", "subject", "data", "data.objectId", "data.versieId", "data.nisCodes",
        "data.attributen",
    ],
)  # fmt: skip
def test_an_event_without_what_every_event_has_breaks_the_contract(path: str) -> None:
    with pytest.raises(ContractError, match=f"field {path} "):
        read(without(event(), path))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"time": "2026-11-02T07:24:43"}, "time is not a moment"),
        ({"subject": "https://data.vlaanderen.be/id/gebouweenheid/1"}, "does not name the object"),
        ({"id": 7}, "id is not a text"),
        ({"data": {**event()["data"], "nisCodes": [24062]}}, "nisCodes is not a list of texts"),
        ({"data": {**event()["data"], "attributen": [{}]}}, r"attributen\[0\].naam is missing"),
        ({"type": "basisregisters.address.transform.v1"}, "transformaties is not a list"),
    ],
)
def test_an_event_that_says_it_otherwise_breaks_the_contract(
    changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(ContractError, match=field):
        read(event(**changed))


@pytest.mark.parametrize("complete", [None, "", "misschien"])
def test_a_page_that_does_not_say_whether_it_is_complete_breaks_the_contract(
    complete: str | None,
) -> None:
    with (
        serve(in_turn(answer(complete=complete))) as server,
        pytest.raises(ContractError, match="x-page-complete"),
    ):
        client(server).get_pagina(feed="adressen", nummer=1)


@pytest.mark.parametrize(
    ("given_answer", "kind"),
    [
        (Answer(400), ContractError),
        (Answer(401), AuthenticationError),
        (Answer(429), ThrottledError),
        (Answer(503), RetryableError),
        (Answer(delay=0.8), RetryableError),
        (Answer(200, body=b"{}", headers={"X-Page-Complete": "false"}), ContractError),
        (Answer(200, body=b"[1]", headers={"X-Page-Complete": "false"}), ContractError),
        (Answer(200, body=b"\x00onzin", headers={"X-Page-Complete": "false"}), ContractError),
    ],
)
def test_a_page_that_does_not_come_is_sorted_and_named(
    given_answer: Answer, kind: type[ConnectorError]
) -> None:
    with serve(in_turn(given_answer)) as server, pytest.raises(ConnectorError) as caught:
        client(server).get_pagina(feed="adressen", nummer=3)
    assert type(caught.value) is kind
    assert "adressen pagina 3" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (None, ()),
        (True, ()),
        ("https://data.vlaanderen.be/id/gebouw/6355606", ("6355606",)),
        (
            ["https://data.vlaanderen.be/id/adres/1", "https://data.vlaanderen.be/id/adres/2"],
            ("1", "2"),
        ),
        ([{"gml": "x"}], ()),
    ],
)
def test_object_ids_are_read_from_the_uris_of_a_value(value: object, ids: tuple[str, ...]) -> None:
    assert object_ids(value) == ids


@pytest.mark.parametrize("feed", FEEDS)
def test_the_captured_events_are_read(feed: str, voorbeelden: Path) -> None:
    path = voorbeelden / "basisregisters" / f"wijzigingen_{feed}_v3.json"
    (raw,) = json.loads(path.read_text("utf-8"))
    change = read(raw)
    assert change.soort == "create"
    assert change.subject.endswith(f"/{change.object_id}")
    assert change.get("status").oude_waarde is None
    assert {attribuut.naam for attribuut in change.attributen} == {
        attribute["naam"] for attribute in raw["data"]["attributen"]
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*event(), "x"]), json_values),
    st.dictionaries(st.sampled_from([*event()["data"], "transformaties"]), json_values),
)
def test_any_event_is_a_record_or_a_contract_error(
    changed: dict[str, Any], data: dict[str, Any]
) -> None:
    raw = {**event(), "data": {**event()["data"], **data}, **changed}
    try:
        assert read(raw).gebeurtenis_id
    except ContractError:
        return
