"""Statements about soil: of one parcel, of a place, and what silence means."""

from __future__ import annotations

from collections.abc import Iterator
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
from connectors.woningpas.bodem.client import BodemClient, open_client
from connectors.woningpas.bodem.models import Uitspraak
from tests.connectors.omgeving.kaart import (
    CORRELATIE,
    PERCEEL,
    RAADPLEGING,
    SECRET,
    as_json,
    collection,
    feature,
    logged,
    params,
)
from tests.connectors.scripted_server import ScriptedServer, in_turn, serve
from tests.sandbox_process import SandboxHandle, running_sandbox

CAPAKEY = "24062A0001/00A000"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("bodem")) as handle:
        handle.grow(30)
        yield handle


@pytest.fixture
def bodem(sandbox: SandboxHandle) -> Iterator[BodemClient]:
    yield open_client(base_url=f"{sandbox.base_url}/dov/wfs", timeout=(5.0, 3.0))
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(server: ScriptedServer) -> BodemClient:
    return open_client(base_url=f"{server.url}/geoserver/ovam/wfs", timeout=server.timeout)


def uitspraak(**changed: object) -> dict[str, object]:
    fields = {"kadaster_id": CAPAKEY, "uitspraak": "Geen verontreiniging", "extra": 1, **changed}
    return feature("uitspraak.7", **{k: v for k, v in fields.items() if v is not None})


def test_a_parcel_is_asked_by_its_key_with_its_reason() -> None:
    with serve(in_turn(as_json(collection([uitspraak()])))) as server:
        found = client(server).list_uitspraken(capakey=CAPAKEY, raadpleging=RAADPLEGING)
        (asked,) = server.asked
    assert found == (Uitspraak("Geen verontreiniging", CAPAKEY, "uitspraak.7"),)
    assert params(asked)["typenames"] == "ovam:uitspraak_bodemonderzoeken"
    assert f"<fes:Literal>{CAPAKEY}</fes:Literal>" in params(asked)["filter"]
    assert asked.headers["x-correlation-id"] == CORRELATIE


def test_a_key_may_be_written_with_a_dash_and_the_order_is_always_the_same() -> None:
    some = [{**uitspraak(uitspraak=text), "id": text} for text in "cab"]
    with serve(in_turn(as_json(collection(some)), as_json(collection(some[::-1])))) as server:
        http, dash = client(server), CAPAKEY.replace("/", "-")
        first = http.list_uitspraken(capakey=dash, raadpleging=RAADPLEGING)
        assert f"<fes:Literal>{CAPAKEY}</fes:Literal>" in params(server.asked[0])["filter"]
        assert http.list_uitspraken(capakey=CAPAKEY, raadpleging=RAADPLEGING) == first
    assert [found.uitspraak for found in first] == ["a", "b", "c"]


@pytest.mark.parametrize("capakey", ["", "24062A0001_00A000", "24062A1/0A0", f"{CAPAKEY}' OR 1=1"])
def test_what_is_no_parcels_key_is_not_asked(capakey: str) -> None:
    with serve(in_turn(as_json(collection([])))) as server:
        with pytest.raises(ContractError, match="no capakey"):
            client(server).list_uitspraken(capakey=capakey, raadpleging=RAADPLEGING)
        assert server.asked == []


@pytest.mark.parametrize("field", ["uitspraak", "kadaster_id"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_a_statement_without_a_needed_field_breaks_the_contract(field: str, value: object) -> None:
    answer = as_json(collection([uitspraak(**{field: value})]))
    with serve(in_turn(answer)) as server, pytest.raises(ContractError, match=f"field .*{field}"):
        client(server).list_uitspraken_at(ligging=PERCEEL, raadpleging=RAADPLEGING)


def test_an_error_names_the_parcel_and_never_what_was_said_of_it() -> None:
    answer = as_json(collection([uitspraak(kadaster_id="24062A0002/00A000", uitspraak=SECRET)]))
    with serve(in_turn(answer)) as server, pytest.raises(ContractError) as caught:
        client(server).list_uitspraken(capakey=CAPAKEY, raadpleging=RAADPLEGING)
    assert CAPAKEY in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_statements_are_those_of_the_city_by_key_and_by_place(
    bodem: BodemClient, sandbox: SandboxHandle
) -> None:
    counts = set()
    for i in range(12):
        known = sandbox.resident(i)["omgeving"]
        by_key = bodem.list_uitspraken(capakey=known["capakey"], raadpleging=logged())
        place = Ligging(shapely.Point(known["positie"]), LAMBERT72)
        assert bodem.list_uitspraken_at(ligging=place, raadpleging=logged()) == by_key
        assert [found.uitspraak for found in by_key] == sorted(known["bodem"])
        assert {found.capakey for found in by_key} <= {known["capakey"]}
        counts.add(len(by_key))
    assert counts >= {0, 1, 2}


def test_a_parcel_nobody_knows_has_no_statements(bodem: BodemClient) -> None:
    assert bodem.list_uitspraken(capakey="24062Z9999/99Z999", raadpleging=logged()) == ()


def test_a_parcel_takes_one_request_and_a_page_more_when_the_server_gives_less(
    bodem: BodemClient, sandbox: SandboxHandle
) -> None:
    capakey = sandbox.resident(2)["omgeving"]["capakey"]
    first, second = uuid4(), uuid4()
    everything = bodem.list_uitspraken(capakey=capakey, raadpleging=logged(first))
    sandbox.change_settings("bodem", max_kaartobjecten=1)
    assert bodem.list_uitspraken(capakey=capakey, raadpleging=logged(second)) == everything
    told = [line["correlatie_id"] for line in sandbox.journal("bodem")]
    assert (told.count(str(first)), told.count(str(second))) == (1, 2)


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
    bodem: BodemClient,
    sandbox: SandboxHandle,
    fault: dict[str, object],
    kind: type[ConnectorError],
) -> None:
    sandbox.order_fault("bodem", **fault)  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        bodem.list_uitspraken(capakey=CAPAKEY, raadpleging=logged())
    assert type(caught.value) is kind
