"""The flood client against map services in their own process, over real HTTP."""

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
from connectors.woningpas.overstroming.client import OverstromingClient, WmsVorm, open_client
from tests.connectors.omgeving.kaart import logged
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("overstroming")) as handle:
        handle.grow(30)
        yield handle


@pytest.fixture(autouse=True)
def clean(sandbox: SandboxHandle) -> Iterator[None]:
    yield
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(sandbox: SandboxHandle, vorm: WmsVorm | None = None) -> OverstromingClient:
    return open_client(base_url=f"{sandbox.base_url}/waterinfo", vorm=vorm, timeout=(5.0, 3.0))


def place(sandbox: SandboxHandle, i: int) -> Ligging:
    return Ligging(shapely.Point(sandbox.resident(i)["omgeving"]["positie"]), LAMBERT72)


@pytest.mark.parametrize("versie", ["1.1.1", "1.3.0"])
@pytest.mark.parametrize("antwoord", ["text/xml", "application/geojson"])
def test_the_classes_are_those_of_the_city(
    sandbox: SandboxHandle, versie: str, antwoord: str
) -> None:
    http = client(sandbox, WmsVorm(versie=versie, antwoord=antwoord))
    seen = set()
    for i in range(12):
        known = sandbox.resident(i)["omgeving"]["overstroming"]
        found = http.get_klassen(ligging=place(sandbox, i), raadpleging=logged())
        assert {soort: getattr(found, soort).value for soort in known} == known
        seen |= set(known.values())
    assert seen == set("ABCD")


def test_a_place_takes_three_requests_each_in_the_journal_under_its_reason(
    sandbox: SandboxHandle,
) -> None:
    reason = uuid4()
    client(sandbox).get_klassen(ligging=place(sandbox, 1), raadpleging=logged(reason))
    told = [
        line for line in sandbox.journal("overstroming") if line["correlatie_id"] == str(reason)
    ]
    assert [line["operatie"] for line in told] == [
        "GetFeatureInfo:pluviaal", "GetFeatureInfo:fluviaal", "GetFeatureInfo:vanuit_de_zee",
    ]  # fmt: skip


def test_another_layer_than_the_server_has_breaks_the_contract(sandbox: SandboxHandle) -> None:
    with pytest.raises(ContractError, match="LayerNotDefined"):
        client(sandbox, WmsVorm(laag="7")).get_klassen(
            ligging=place(sandbox, 1), raadpleging=logged()
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
    sandbox: SandboxHandle, fault: dict[str, object], kind: type[ConnectorError]
) -> None:
    where = place(sandbox, 1)
    sandbox.order_fault("overstroming", **fault)  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        client(sandbox).get_klassen(ligging=where, raadpleging=logged())
    assert type(caught.value) is kind
