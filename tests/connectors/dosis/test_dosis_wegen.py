"""Both roads to DOSIS behave alike, over the real sandbox: MAGDA and REST."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cli import certificates
from connectors.mijnburgerprofiel.dosis import (
    DosisDossier,
    DosisStatus,
    DossierstatusDienst,
    Resultaat,
    open_dosis_client,
    open_dosis_rest_client,
)
from connectors.transport.acm import open_acm
from connectors.transport.errors import (
    AlreadyDoneError,
    AuthenticationError,
    ContractError,
    PermanentError,
    RetryableError,
    UnknownOutcomeError,
)
from tests.connectors.magda_proef import AFZENDER, INSZ, dossier
from tests.sandbox_process import SandboxHandle, acm_client, running_sandbox

ROADS = ("magda", "rest")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("dosis")) as running:
        yield running


@pytest.fixture(params=ROADS)
def road(request: pytest.FixtureRequest, sandbox: SandboxHandle) -> Iterator[str]:
    yield request.param
    sandbox.change_settings("dosis", verwerkingstijd=0.0, verwerkingsfout="")


@pytest.fixture
def dienst(road: str, sandbox: SandboxHandle) -> DossierstatusDienst:
    if road == "magda":
        return open_dosis_client(f"{sandbox.base_url}/magda/dosis", AFZENDER)
    auth = open_acm(acm_client(sandbox, "dosis"))
    return open_dosis_rest_client(f"{sandbox.base_url}/dosis", auth)


def make_dossier(**changes: Any) -> DosisDossier:
    """A dossier of its own, so that tests do not meet."""
    return dossier(dossiernummer=f"RD-{uuid4().hex[:12]}", **changes)


def register(dienst: DossierstatusDienst, one: DosisDossier) -> None:
    dienst.register_dossier(dossier=one, referte=uuid4())


def receipt(dienst: DossierstatusDienst, one: DosisDossier) -> Resultaat:
    return dienst.get_resultaat(
        bron=one.bron, dossiernummer=one.dossiernummer, upload_id=one.upload_id, referte=uuid4()
    )


def received(dienst: DossierstatusDienst, one: DosisDossier) -> bool:
    return dienst.was_received(dossier=one, referte=uuid4())


def delete(dienst: DossierstatusDienst, one: DosisDossier) -> None:
    dienst.delete_dossier(bron=one.bron, dossiernummer=one.dossiernummer, referte=uuid4())


def shown(sandbox: SandboxHandle, one: DosisDossier) -> list[tuple[str | None, str | None]]:
    """What the resident's portal reads, whichever road it came by."""
    reader = open_dosis_client(f"{sandbox.base_url}/magda/dosis", AFZENDER)
    found = reader.get_dossiers(insz=one.insz, bronnen=[one.bron], referte=uuid4())
    return [
        (mutatie.fase, mutatie.code)
        for held in found.dossiers
        if held.dossiernummer == one.dossiernummer
        for mutatie in held.mutaties
    ]


def test_a_status_is_accepted_processed_and_shown(
    dienst: DossierstatusDienst, sandbox: SandboxHandle
) -> None:
    one = make_dossier()
    register(dienst, one)
    found = receipt(dienst, one)
    assert (found.verwerkt, found.gelukt, found.fouten) == (True, True, ())
    assert found.tijdstip is not None and found.tijdstip.utcoffset() == timedelta(0)
    assert received(dienst, one)
    assert shown(sandbox, one) == [("Samenstelling", "Ingediend")]


def test_a_bare_status_is_enough(dienst: DossierstatusDienst, sandbox: SandboxHandle) -> None:
    one = make_dossier(
        status=DosisStatus("Beslist", "Beslissing"), doorverwijzing=None, beheerder_dienst=None
    )
    register(dienst, one)
    assert received(dienst, one)
    assert shown(sandbox, one) == [("Beslissing", "Beslist")]


def test_a_receipt_comes_later(dienst: DossierstatusDienst, sandbox: SandboxHandle) -> None:
    one = make_dossier()
    sandbox.change_settings("dosis", verwerkingstijd=0.6)
    register(dienst, one)
    assert not receipt(dienst, one).verwerkt
    assert not received(dienst, one)
    time.sleep(0.7)
    assert receipt(dienst, one).gelukt
    assert received(dienst, one)


def test_an_upload_that_fails_in_processing_says_so_and_is_listed(
    dienst: DossierstatusDienst, sandbox: SandboxHandle
) -> None:
    sandbox.change_settings("dosis", verwerkingsfout="Het dossier kan niet verwerkt worden")
    one = make_dossier(bron=f"https://leuven.be/{uuid4().hex}")
    assert dienst.list_uitzonderingen(bron=one.bron, referte=uuid4()) == ()
    register(dienst, one)
    found = receipt(dienst, one)
    assert (found.verwerkt, found.gelukt) == (True, False)
    assert found.fouten == ("Het dossier kan niet verwerkt worden",)
    (failed,) = dienst.list_uitzonderingen(bron=one.bron, referte=uuid4())
    assert (failed.dossiernummer, failed.fouten) == (one.dossiernummer, found.fouten)
    assert shown(sandbox, one) == []


def test_another_status_of_the_dossier_is_another_upload(dienst: DossierstatusDienst) -> None:
    first = make_dossier()
    register(dienst, first)
    second = replace(
        first,
        status=DosisStatus("InBehandeling", "Behandeling"),
        datum_modificatie=first.datum_modificatie + timedelta(minutes=1),
    )
    assert not received(dienst, second)
    register(dienst, second)
    assert received(dienst, first) and received(dienst, second)


@pytest.mark.parametrize(("how", "arrived"), [("bevestig_en_verbreek", True), ("reset", False)])
def test_after_a_lost_answer_the_upload_can_be_asked_about(
    dienst: DossierstatusDienst, sandbox: SandboxHandle, how: str, arrived: bool
) -> None:
    one = make_dossier()
    received(dienst, one)  # signed on before the fault
    sandbox.order_fault("dosis", how, operatie="RegistreerDossier")
    with pytest.raises(UnknownOutcomeError):
        register(dienst, one)
    assert received(dienst, one) == arrived
    if not arrived:
        register(dienst, one)
    assert len(shown(sandbox, one)) == 1


def test_a_removed_dossier_is_gone_and_removing_again_does_no_harm(
    dienst: DossierstatusDienst, sandbox: SandboxHandle
) -> None:
    one, other = make_dossier(), make_dossier()
    register(dienst, one)
    register(dienst, other)
    delete(dienst, one)
    assert shown(sandbox, one) == []
    assert len(shown(sandbox, other)) == 1
    with pytest.raises(AlreadyDoneError):
        delete(dienst, one)


def test_a_dossier_without_offset_never_leaves(
    dienst: DossierstatusDienst, sandbox: SandboxHandle
) -> None:
    one = make_dossier()
    naive = replace(one, datum_modificatie=one.datum_modificatie.replace(tzinfo=None))
    with pytest.raises(ContractError, match="offset"):
        register(dienst, naive)
    assert shown(sandbox, one) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"product": 31_000},
        {"status": DosisStatus("Beslist", "Samenstelling")},
        {"status": DosisStatus("Ingediend", "Onbekend")},
        {"insz": "85670712379"},
    ],
    ids=["product", "code", "fase", "insz"],
)
def test_a_status_that_dosis_cannot_take_ends_as_refused(
    dienst: DossierstatusDienst, sandbox: SandboxHandle, road: str, wrong: dict[str, Any]
) -> None:
    one = make_dossier(**wrong)
    if road == "magda":
        register(dienst, one)
        assert not receipt(dienst, one).gelukt
    else:
        with pytest.raises(PermanentError, match=r"answered 400 \(ValidatieFout\)") as caught:
            register(dienst, one)
        assert one.insz not in str(caught.value)
    assert shown(sandbox, one) == []


@pytest.mark.parametrize("kind", ["429", "5xx"])
def test_a_busy_service_is_asked_again(
    dienst: DossierstatusDienst, sandbox: SandboxHandle, kind: str
) -> None:
    one = make_dossier()
    received(dienst, one)
    sandbox.order_fault("dosis", kind, operatie="RegistreerDossier")
    with pytest.raises(RetryableError):
        register(dienst, one)


def test_the_same_change_has_the_same_name_and_the_resident_is_not_in_it() -> None:
    one = dossier()
    assert one.upload_id == dossier(insz="71715100070").upload_id
    assert one.upload_id == replace(one, naam="Anders").upload_id
    for other in (
        dossier(dossiernummer="RD-0001-000002"),
        dossier(status=DosisStatus("Ingediend", "Samenstelling")),
        dossier(datum_modificatie=one.datum_modificatie + timedelta(seconds=1)),
        dossier(bron="https://leuven.be/ander"),
    ):
        assert one.upload_id != other.upload_id


def test_over_rest_a_refusal_names_the_fields(sandbox: SandboxHandle) -> None:
    client = open_dosis_rest_client(
        f"{sandbox.base_url}/dosis", open_acm(acm_client(sandbox, "dosis"))
    )
    with pytest.raises(PermanentError, match=r"because of Status\.VlaamsCode, Producten"):
        register(client, make_dossier(product=0, status=DosisStatus("X", "Behandeling")))


def test_over_rest_a_token_without_the_scope_stops_the_channel(sandbox: SandboxHandle) -> None:
    auth = open_acm(acm_client(sandbox, "notificaties"))
    client = open_dosis_rest_client(f"{sandbox.base_url}/dosis", auth)
    before = len(sandbox.journal("acm"))
    with pytest.raises(AuthenticationError, match="401"):
        register(client, make_dossier())
    assert len(sandbox.journal("acm")) == before + 2, "renewed once, and no more"


def test_over_rest_a_revoked_token_is_renewed_once(sandbox: SandboxHandle) -> None:
    auth = open_acm(acm_client(sandbox, "dosis"))
    client = open_dosis_rest_client(f"{sandbox.base_url}/dosis", auth)
    one = make_dossier()
    register(client, one)
    sandbox.change_settings("acm", tokens_geldig_vanaf=time.time())
    assert received(client, one)


def test_over_rest_a_wrong_client_key_stops_the_channel(
    sandbox: SandboxHandle, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ander")
    certificates.prepare_acm(folder)
    wrong = replace(
        acm_client(sandbox, "dosis"),
        sleutel=certificates.key_file(folder, certificates.ACM).read_bytes(),
    )
    client = open_dosis_rest_client(f"{sandbox.base_url}/dosis", open_acm(wrong))
    with pytest.raises(AuthenticationError, match="acm sign_on") as caught:
        register(client, make_dossier())
    assert INSZ not in str(caught.value)
