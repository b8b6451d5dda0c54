"""The sandbox's DOSIS by REST judges an upload at once, field by field, as the facts spell them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from connectors.transport.acm import open_acm
from tests.connectors.magda_proef import INSZ
from tests.sandbox_process import SandboxHandle, acm_client, running_sandbox

Change = Callable[[dict[str, Any]], object]
BODY: dict[str, Any] = {
    "Identificatie": {"Bron": "https://leuven.be/energieloket", "DossierNummer": "RD-1"},
    "UploadId": "0f6b4c1e-7d4b-4c3a-9c86-5e0a6c3f1b20",
    "Naam": "Renovatiebegeleiding",
    "WijzigingsDatum": "2026-11-23T14:30:00+01:00",
    "Status": {
        "VlaamsCode": "Ingediend",
        "VlaamsFase": "Samenstelling",
        "Detail1": "Uw dossier is gestart.",
        "Actie": {"ActieNodig": True, "Actie": "Bezorg ons uw plannen."},
    },
    "Doorverwijzing": "https://leuven.be/dossier/RD-1",
    "TypeDossierCode": "DossierStatus",
    "Producten": [{"Id": 1234}],
    "DossierBeheerder": {"Dienst": "Energieloket Leuven", "Adres": {"Straat": "Grote Markt"}},
    "Agenten": [{"Identificatie": INSZ, "Toegangsrechten": [{"Code": "Raadpleger"}]}],
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("dosis")) as running:
        yield running


@pytest.fixture(scope="module")
def header(sandbox: SandboxHandle) -> dict[str, str]:
    return dict(open_acm(acm_client(sandbox, "dosis"))(False))


def call(
    sandbox: SandboxHandle, method: str, path: str, header: dict[str, str], **options: Any
) -> requests.Response:
    url = f"{sandbox.base_url}/dosis/api/v1/dosis/{path}"
    return sandbox.session.request(method, url, headers=header, timeout=10, **options)


def upload(
    sandbox: SandboxHandle, header: dict[str, str], change: Change | None = None
) -> requests.Response:
    body = copy.deepcopy(BODY) | {"UploadId": str(uuid4())}
    if change is not None:
        change(body)
    return call(sandbox, "POST", "dossiers", header, json=body)


def test_an_upload_as_the_facts_tell_it_is_accepted(
    sandbox: SandboxHandle, header: dict[str, str]
) -> None:
    answer = upload(sandbox, header)
    told = answer.json()
    assert (answer.status_code, told["Status"]) == (200, "OK")
    params = {"uploadId": told["UploadId"]}
    receipt = call(sandbox, "GET", "resultaten/perUploadId", header, params=params).json()
    assert (receipt["Succes"], receipt["Fouten"]) == (True, [])
    params = {"bron": BODY["Identificatie"]["Bron"], "dossierNummer": "RD-1"}
    assert call(sandbox, "GET", "resultaten", header, params=params).json()["Succes"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda b: b["Status"].update(VlaamseCode=b["Status"].pop("VlaamsCode")), "VlaamseCode"),
        (lambda b: b.update(Extra=1), "Extra"),
        (lambda b: b.pop("UploadId"), "UploadId"),
        (lambda b: b.update(UploadId="1"), "UploadId"),
        (lambda b: b.update(WijzigingsDatum="2026-11-23T14:30:00"), "WijzigingsDatum"),
        (lambda b: b.update(WijzigingsDatum=None), "WijzigingsDatum"),
        (lambda b: b["Status"].update(VlaamsFase="Droom"), "Status.VlaamsFase"),
        (lambda b: b["Status"].update(VlaamsCode="Betaald"), "Status.VlaamsCode"),
        (lambda b: b["Status"]["Actie"].update(ActieNodig="1"), "Status.Actie.ActieNodig"),
        (lambda b: b.update(Status=[]), "Status"),
        (lambda b: b["Producten"].append({"Id": 1}), "Producten"),
        (lambda b: b.update(Producten=[{"Id": 31_000}]), "Producten"),
        (lambda b: b.update(Agenten=[]), "Agenten"),
        (lambda b: b["Agenten"][0].update(Identificatie="85670712379"), "Agenten"),
        (lambda b: b["Agenten"][0].update(Toegangsrechten=[{"Code": "Beheerder"}]), "Agenten"),
        (lambda b: b.update(TypeDossierCode="Iets"), "TypeDossierCode"),
        (lambda b: b.update(Doorverwijzing="leuven.be"), "Doorverwijzing"),
        (lambda b: b.update(Naam="x" * 256), "Naam"),
    ],
    ids=range(18),
)
def test_a_wrong_field_is_refused_and_named(
    sandbox: SandboxHandle, header: dict[str, str], change: Change, field: str
) -> None:
    answer = upload(sandbox, header, change)
    assert (answer.status_code, answer.json()["code"]) == (400, "ValidatieFout")
    assert any(error["field"].endswith(field) for error in answer.json()["errors"])


def test_a_question_of_another_shape_is_refused(
    sandbox: SandboxHandle, header: dict[str, str]
) -> None:
    assert call(sandbox, "POST", "dossiers", header, data=b"[]").status_code == 415
    as_json = {**header, "Content-Type": "application/json"}
    assert call(sandbox, "POST", "dossiers", as_json, data=b"[]").status_code == 400
    assert call(sandbox, "POST", "dossiers", as_json, data=b"{").status_code == 400
    assert call(sandbox, "DELETE", "dossiers", header).status_code == 400
    assert call(sandbox, "GET", "resultaten/perUploadId", header).status_code == 400
    unknown = {"uploadId": str(uuid4())}
    answer = call(sandbox, "GET", "resultaten/perUploadId", header, params=unknown)
    assert answer.status_code == 404


@pytest.mark.parametrize("token", ["", "Bearer x.y", "Bearer é.é", "Basic abc"])
def test_nobody_gets_in_without_a_token(sandbox: SandboxHandle, token: str) -> None:
    header = {"Authorization": token.encode("utf-8").decode("latin-1")} if token else {}
    assert upload(sandbox, header).status_code == 401
    params = {"uploadId": str(uuid4())}
    answer = call(sandbox, "GET", "resultaten/perUploadId", header, params=params)
    assert answer.status_code == 401
    assert call(sandbox, "DELETE", "dossiers", header).status_code == 401


def test_a_token_of_another_scope_does_not_open_dosis(sandbox: SandboxHandle) -> None:
    other = dict(open_acm(acm_client(sandbox, "notificaties"))(False))
    assert upload(sandbox, other).status_code == 401
