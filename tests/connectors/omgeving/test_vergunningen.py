"""Permits at a place: over four layers, each project once per kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
import shapely

from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.woningpas.vergunningen.client import LAGEN, VergunningenClient, open_client
from connectors.woningpas.vergunningen.mapping import select_latest
from connectors.woningpas.vergunningen.models import Vergunning
from tests.connectors.omgeving.kaart import (
    CORRELATIE,
    NIETS,
    PERCEEL,
    RAADPLEGING,
    as_json,
    collection,
    feature,
    logged,
    params,
    report,
)
from tests.connectors.scripted_server import ScriptedServer, in_turn, serve
from tests.sandbox_process import SandboxHandle, running_sandbox

WERKEN = "stedenbouwkundige_handelingen"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("vergunningen")) as handle:
        handle.grow(30)
        yield handle


@pytest.fixture
def vergunningen(sandbox: SandboxHandle) -> Iterator[VergunningenClient]:
    yield open_client(base_url=f"{sandbox.base_url}/mercator/wfs", timeout=(5.0, 3.0))
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(server: ScriptedServer) -> VergunningenClient:
    return open_client(base_url=f"{server.url}/mercator/wfs", timeout=server.timeout)


def project(**changed: object) -> dict[str, Any]:
    fields = {
        "projectnummer": "OMV_2021000001",
        "datum_indiening": "2021-05-04Z",
        "datum_huidige_toestand": "2021-09-01T22:00:00Z",
        "voorwerp_uuid": "6b1c",
        **changed,
    }
    return feature(f"lu_omv.{fields['voorwerp_uuid']}", **fields)


def ask(*answers: Any) -> tuple[Vergunning, ...]:
    with serve(in_turn(*answers)) as server:
        return client(server).list_vergunningen(ligging=PERCEEL, raadpleging=RAADPLEGING)


def place(sandbox: SandboxHandle, i: int) -> Ligging:
    return Ligging(shapely.Point(sandbox.resident(i)["omgeving"]["positie"]), LAMBERT72)


def test_each_kind_is_asked_once_with_its_reason() -> None:
    with serve(in_turn(as_json(collection([project()])), NIETS)) as server:
        found = client(server).list_vergunningen(ligging=PERCEEL, raadpleging=RAADPLEGING)
        asked = server.asked
    assert found == (
        Vergunning("OMV_2021000001", WERKEN, date(2021, 5, 4), date(2021, 9, 2), "6b1c"),
    )
    assert [params(question)["typenames"] for question in asked] == list(LAGEN.values())
    assert {question.headers["x-correlation-id"] for question in asked} == {CORRELATIE}


def test_a_project_in_two_kinds_is_two_lines_and_its_subjects_are_one() -> None:
    first = project(voorwerp_uuid="a", datum_huidige_toestand="2021-01-01")
    second = project(voorwerp_uuid="b", datum_huidige_toestand="2022-01-01")
    third = project(voorwerp_uuid="c", datum_huidige_toestand=None)
    found = ask(as_json(collection([second, first, third])), as_json(collection([first])), NIETS)
    assert {(one.soort, one.object_id) for one in found} == {(WERKEN, "b"), ("verkaveling", "a")}


def test_the_order_of_the_answers_does_not_matter_and_the_newest_comes_first() -> None:
    some = [
        Vergunning("1", "s", date(2020, 1, 1), date(2020, 2, 1), "a"),
        Vergunning("1", "s", date(2020, 1, 1), date(2020, 3, 1), "b"),
        Vergunning("2", "s", date(2022, 1, 1), None, "c"),
        Vergunning("3", "s", None, None, "d"),
    ]
    results = {select_latest(order) for order in permutations(some)}
    assert results == {(some[2], some[1], some[3])}


@pytest.mark.parametrize("field", ["projectnummer", "voorwerp_uuid"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_a_project_without_a_needed_field_breaks_the_contract(field: str, value: object) -> None:
    with pytest.raises(ContractError, match=f"properties.{field}"):
        ask(as_json(collection([{**project(), "id": "x", "properties": {
            **project()["properties"], field: value
        }}])), NIETS)  # fmt: skip


def test_a_date_that_cannot_be_read_breaks_the_contract() -> None:
    with pytest.raises(ContractError, match="datum_indiening is not a day"):
        ask(as_json(collection([project(datum_indiening="mei 2021")])), NIETS)


@pytest.mark.parametrize("which", range(4))
def test_one_layer_without_an_answer_is_no_answer(which: int) -> None:
    answers = [as_json(collection([project()])), NIETS, NIETS, NIETS]
    answers[which] = report("NoApplicableCode")
    with pytest.raises(RetryableError, match=f"list_vergunningen {list(LAGEN)[which]}"):
        ask(*answers)


def test_the_permits_are_those_of_the_city(
    vergunningen: VergunningenClient, sandbox: SandboxHandle
) -> None:
    kinds: set[str] = set()
    for i in range(12):
        known = sandbox.resident(i)["omgeving"]["vergunningen"]
        found = vergunningen.list_vergunningen(ligging=place(sandbox, i), raadpleging=logged())
        assert sorted(one.projectnummer for one in found) == sorted(known)
        assert all(one.datum_indiening and one.datum_huidige_toestand for one in found)
        kinds |= {one.soort for one in found}
    assert kinds == set(LAGEN)


def test_a_place_takes_four_requests_also_behind_a_server_that_gives_little(
    vergunningen: VergunningenClient, sandbox: SandboxHandle
) -> None:
    first, second, where = uuid4(), uuid4(), place(sandbox, 3)
    everything = vergunningen.list_vergunningen(ligging=where, raadpleging=logged(first))
    sandbox.change_settings("vergunningen", max_kaartobjecten=1)
    again = vergunningen.list_vergunningen(ligging=where, raadpleging=logged(second))
    assert again == everything
    told = [line["correlatie_id"] for line in sandbox.journal("vergunningen")]
    assert (told.count(str(first)), told.count(str(second))) == (4, len(everything))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"soort": "reset"}, RetryableError),
        ({"soort": "5xx", "status": 503}, RetryableError),
        ({"soort": "429", "retry_after": 7}, ThrottledError),
        ({"soort": "onzin"}, ContractError),
        ({"soort": "uitzondering", "uitzondering": {"code": "NoApplicableCode"}}, RetryableError),
        ({"soort": "vertraging", "seconden": 4}, RetryableError),
    ],
    ids=["reset", "503", "429", "garbage", "exception", "late"],
)
def test_a_fault_is_sorted(
    vergunningen: VergunningenClient,
    sandbox: SandboxHandle,
    fault: dict[str, object],
    kind: type[ConnectorError],
) -> None:
    where = place(sandbox, 3)
    sandbox.order_fault("vergunningen", operatie="GetFeature:lu_omv_vk_v2", **fault)  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        vergunningen.list_vergunningen(ligging=where, raadpleging=logged())
    assert type(caught.value) is kind
