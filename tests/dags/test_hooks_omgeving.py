"""The clients of the map services, as the connections of the sandbox and of a city make them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shapely

from connectors.transport.geometrie import LAMBERT72, Ligging
from tests.connectors.omgeving.kaart import logged
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("hooks")) as handle:
        handle.grow(10)
        yield handle


def connect(monkeypatch: pytest.MonkeyPatch, name: str, **fields: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(fields))


def place(sandbox: SandboxHandle, i: int) -> Ligging:
    return Ligging(shapely.Point(sandbox.resident(i)["omgeving"]["positie"]), LAMBERT72)


def test_each_client_answers_over_its_connection(
    sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_sources

    base = sandbox.base_url
    connect(monkeypatch, "OVERSTROMING", conn_type="wms", host=f"{base}/waterinfo")
    connect(monkeypatch, "BODEM", conn_type="wfs", host=f"{base}/dov/wfs")
    connect(monkeypatch, "VERGUNNINGEN", conn_type="wfs", host=f"{base}/mercator/wfs")
    connect(
        monkeypatch, "ERFGOED", conn_type="wfs", host=f"{base}/mercator/wfs",
        extra={"inventaris": f"{base}/inventaris"},
    )  # fmt: skip
    where, known = place(sandbox, 0), sandbox.resident(0)["omgeving"]
    (monument,) = hub_sources.erfgoed_client().list_aanduidingen(
        ligging=where, raadpleging=logged()
    )
    page = hub_sources.erfgoed_client().get_aanduidingsobject(
        object_id=monument.object_id, raadpleging=logged()
    )
    assert page.aanduiding == monument
    permits = hub_sources.vergunningen_client().list_vergunningen(
        ligging=where, raadpleging=logged()
    )
    assert len(permits) == len(known["vergunningen"])
    soil = hub_sources.bodem_client().list_uitspraken(
        capakey=known["capakey"], raadpleging=logged()
    )
    assert [found.uitspraak for found in soil] == known["bodem"]
    flood = hub_sources.overstroming_client().get_klassen(ligging=where, raadpleging=logged())
    assert flood.pluviaal.value == known["overstroming"]["pluviaal"]


def test_a_connection_may_name_other_layers_and_another_way_of_asking(
    sandbox: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub_sources
    from connectors.transport.errors import ContractError

    base = sandbox.base_url
    connect(
        monkeypatch, "BODEM", conn_type="wfs", host=f"{base}/dov/wfs",
        extra={"lagen": {"laag": "ovam:anders"}},
    )  # fmt: skip
    with pytest.raises(ContractError, match="InvalidParameterValue"):
        hub_sources.bodem_client().list_uitspraken(
            capakey="24062A0001/00A000", raadpleging=logged()
        )
    connect(
        monkeypatch, "OVERSTROMING", conn_type="wms", host=f"{base}/waterinfo",
        extra={"versie": "1.1.1", "antwoord": "application/geojson", "laag": "", "pad": None},
    )  # fmt: skip
    found = hub_sources.overstroming_client().get_klassen(
        ligging=place(sandbox, 1), raadpleging=logged()
    )
    assert found.fluviaal.value == "C"


@pytest.mark.parametrize("lagen", [{"weg": "ps:x"}, ["ps:x"], "ps:x"])
def test_a_layer_that_the_source_does_not_have_is_refused_with_the_names_it_has(
    monkeypatch: pytest.MonkeyPatch, lagen: object
) -> None:
    import hub_sources

    connect(
        monkeypatch, "VERGUNNINGEN", conn_type="wfs", host="http://127.0.0.1:9/wfs",
        extra={"lagen": lagen},
    )  # fmt: skip
    with pytest.raises(ValueError, match="VERGUNNINGEN: lagen may name .*kleinhandel"):
        hub_sources.vergunningen_client()
