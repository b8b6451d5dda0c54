"""The heritage client against a map and an inventory in their own process, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import shapely

from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.geometrie import LAMBERT72, LAMBERT2008, Ligging
from connectors.woningpas.erfgoed.client import ErfgoedClient, ErfgoedLagen, open_client
from connectors.woningpas.erfgoed.models import Rechtsgevolg
from tests.connectors.omgeving.kaart import logged
from tests.sandbox_process import SandboxHandle, running_sandbox

VANDAAG = date(2026, 11, 24)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("erfgoed")) as handle:
        handle.grow(30)
        yield handle


@pytest.fixture
def erfgoed(sandbox: SandboxHandle) -> Iterator[ErfgoedClient]:
    yield client(sandbox)
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(sandbox: SandboxHandle, **changed: Any) -> ErfgoedClient:
    return open_client(
        wfs_url=f"{sandbox.base_url}/mercator/wfs",
        inventaris_url=f"{sandbox.base_url}/inventaris",
        timeout=(5.0, 3.0),
        **changed,
    )


def parcel(known: dict[str, Any]) -> Ligging:
    return Ligging(shapely.box(*known["perceel"]), LAMBERT72)


def test_what_is_found_is_what_the_city_holds_for_a_point_and_for_a_parcel(
    erfgoed: ErfgoedClient, sandbox: SandboxHandle
) -> None:
    seen: set[Rechtsgevolg] = set()
    for i in range(10):
        known = sandbox.resident(i)["omgeving"]
        truth = {a["id"]: (a["type"], a["beeindigd"]) for a in known["aanduidingen"]}
        truth |= dict.fromkeys(known["erfgoedobjecten"], ("erfgoedobject", False))
        point = Ligging(shapely.Point(known["positie"]), LAMBERT72)
        for place in (parcel(known), point, parcel(known).to_epsg(LAMBERT2008)):
            found = erfgoed.list_aanduidingen(ligging=place, raadpleging=logged())
            assert {a.object_id: (a.type, a.is_beeindigd(VANDAAG)) for a in found} == truth
            seen |= {a.rechtsgevolg for a in found}
    assert seen == set(Rechtsgevolg)


def test_the_neighbours_monument_that_reaches_over_the_border_is_not_ours(
    erfgoed: ErfgoedClient, sandbox: SandboxHandle
) -> None:
    known = sandbox.resident(7)["omgeving"]
    assert erfgoed.list_aanduidingen(ligging=parcel(known), raadpleging=logged()) == ()
    x1, y1, x2, y2 = known["perceel"]
    wider = Ligging(shapely.box(x1, y1, x2 + 4, y2), LAMBERT72)
    (there,) = erfgoed.list_aanduidingen(ligging=wider, raadpleging=logged())
    assert there.rechtsgevolg is Rechtsgevolg.BESCHERMD


def test_the_inventory_tells_what_the_map_tells(
    erfgoed: ErfgoedClient, sandbox: SandboxHandle
) -> None:
    known = sandbox.resident(2)["omgeving"]
    (on_map,) = erfgoed.list_aanduidingen(ligging=parcel(known), raadpleging=logged())
    page = erfgoed.get_aanduidingsobject(object_id=on_map.object_id, raadpleging=logged())
    assert page.aanduiding == on_map
    assert on_map.tot == date(2020, 6, 30)
    with pytest.raises(PermanentError):
        erfgoed.get_aanduidingsobject(object_id="299999", raadpleging=logged())


def test_a_search_finds_the_same_in_pages_of_any_size(sandbox: SandboxHandle) -> None:
    found = [
        client(sandbox, page_size=size).search_aanduidingsobjecten(
            tekst="burgerhuis", raadpleging=logged()
        )
        for size in (1, 2, 100)
    ]
    assert len(found[0]) > 4
    assert found[0] == found[1] == found[2]
    nothing = client(sandbox).search_aanduidingsobjecten(tekst="zyxw", raadpleging=logged())
    assert nothing == ()


def test_a_place_takes_two_requests_each_in_the_journal_under_its_reason(
    erfgoed: ErfgoedClient, sandbox: SandboxHandle
) -> None:
    reason = uuid4()
    place = parcel(sandbox.resident(5)["omgeving"])
    erfgoed.list_aanduidingen(ligging=place, raadpleging=logged(reason))
    told = [line for line in sandbox.journal("erfgoed") if line["correlatie_id"] == str(reason)]
    assert [line["operatie"] for line in told] == [
        "GetFeature:ps_aandobj", "GetFeature:lu_wet_erfgobj_pub",
    ]  # fmt: skip


def test_a_server_that_gives_one_feature_at_a_time_is_read_to_its_end(
    erfgoed: ErfgoedClient, sandbox: SandboxHandle
) -> None:
    place = parcel(sandbox.resident(5)["omgeving"])
    everything = erfgoed.list_aanduidingen(ligging=place, raadpleging=logged())
    sandbox.change_settings("erfgoed", max_kaartobjecten=1)
    assert erfgoed.list_aanduidingen(ligging=place, raadpleging=logged()) == everything
    assert len(everything) == 3


def test_a_layer_that_was_renamed_breaks_the_contract(sandbox: SandboxHandle) -> None:
    http = client(sandbox, lagen=ErfgoedLagen(aanduidingen="ps:weg"))
    with pytest.raises(ContractError, match="InvalidParameterValue"):
        http.list_aanduidingen(
            ligging=parcel(sandbox.resident(5)["omgeving"]), raadpleging=logged()
        )


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
    erfgoed: ErfgoedClient,
    sandbox: SandboxHandle,
    fault: dict[str, object],
    kind: type[ConnectorError],
) -> None:
    place = parcel(sandbox.resident(5)["omgeving"])
    sandbox.order_fault("erfgoed", **fault)  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        erfgoed.list_aanduidingen(ligging=place, raadpleging=logged())
    assert type(caught.value) is kind
