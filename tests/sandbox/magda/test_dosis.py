"""The DOSIS simulator accepts, processes later, gives a receipt and forgets nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from connectors.mijnburgerprofiel.dosis import (
    DosisClient,
    DosisDossier,
    DosisStatus,
    Resultaat,
    open_dosis_client,
)
from connectors.transport.errors import UnknownOutcomeError
from tests.connectors.magda_proef import (
    AFZENDER,
    DOSIS_ANTWOORD,
    DOSIS_VRAAG,
    INSZ,
    XML,
    dossier,
    message_of,
    owner_schema,
)
from tests.sandbox_process import SandboxHandle

SERVICES = (
    "RegistreerDossier",
    "GeefResultaatRegistratie",
    "GeefUitzonderingenRegistraties",
    "GeefCodeLijst",
    "VerwijderDossier",
)


def open_client(sandbox: SandboxHandle) -> DosisClient:
    return open_dosis_client(f"{sandbox.base_url}/magda/dosis", AFZENDER)


@pytest.fixture
def one(seed: int) -> DosisDossier:
    return dossier(dossiernummer=f"RD-{seed:04d}-000001")


def register(sandbox: SandboxHandle, one: DosisDossier) -> None:
    open_client(sandbox).register_dossier(dossier=one, referte=uuid4())


def receipt(sandbox: SandboxHandle, one: DosisDossier) -> Resultaat:
    return open_client(sandbox).get_resultaat(
        bron=one.bron, dossiernummer=one.dossiernummer, referte=uuid4()
    )


def lines(sandbox: SandboxHandle, one: DosisDossier, operatie: str) -> list[dict[str, Any]]:
    return [
        line
        for line in sandbox.journal("dosis")
        if (line["dossiernummer"], line["operatie"]) == (one.dossiernummer, operatie)
    ]


def test_a_dossier_is_processed_and_leaves_a_receipt(
    sandbox: SandboxHandle, one: DosisDossier
) -> None:
    assert receipt(sandbox, one) == Resultaat(verwerkt=False, gelukt=False)
    register(sandbox, one)
    found = receipt(sandbox, one)
    assert (found.verwerkt, found.gelukt, found.fouten) == (True, True, ())
    assert found.tijdstip is not None
    (line,) = lines(sandbox, one, "RegistreerDossier")
    assert (line["effect"], line["status"]) == (True, 200)
    assert INSZ in line["inhoud"]


def test_the_receipt_comes_only_after_processing(sandbox: SandboxHandle, one: DosisDossier) -> None:
    sandbox.change_settings("dosis", verwerkingstijd=0.8)
    register(sandbox, one)
    assert not receipt(sandbox, one).verwerkt
    time.sleep(0.9)
    assert receipt(sandbox, one).gelukt


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"product": 30_001}, "product"),
        ({"status": DosisStatus("Onbekend", "Samenstelling")}, "code"),
        ({"status": DosisStatus("Ingediend", "Droom")}, "fase"),
        ({"insz": INSZ[:-1] + "0"}, "INSZ"),
        ({"insz": "geen"}, "INSZ"),
    ],
)
def test_a_dossier_with_a_fault_is_accepted_and_fails_in_the_receipt(
    sandbox: SandboxHandle, one: DosisDossier, changes: dict[str, object], says: str
) -> None:
    bad = dossier(dossiernummer=one.dossiernummer, **changes)
    register(sandbox, bad)
    found = receipt(sandbox, bad)
    assert (found.verwerkt, found.gelukt) == (True, False)
    assert says in found.fouten[0]
    assert [line["effect"] for line in lines(sandbox, bad, "RegistreerDossier")] == [False]


def test_sending_twice_shows_as_two_effects(sandbox: SandboxHandle, one: DosisDossier) -> None:
    register(sandbox, one)
    register(sandbox, one)
    effects = [line["effect"] for line in lines(sandbox, one, "RegistreerDossier")]
    assert effects == [True, True]


def test_after_a_lost_answer_the_receipt_tells_whether_it_arrived(
    sandbox: SandboxHandle, one: DosisDossier
) -> None:
    sandbox.order_fault("dosis", "bevestig_en_verbreek", operatie="RegistreerDossier")
    with pytest.raises(UnknownOutcomeError):
        register(sandbox, one)
    assert receipt(sandbox, one).gelukt

    other = dossier(dossiernummer=f"{one.dossiernummer}-2")
    sandbox.order_fault("dosis", "reset", operatie="RegistreerDossier")
    with pytest.raises(UnknownOutcomeError):
        register(sandbox, other)
    assert not receipt(sandbox, other).verwerkt


@pytest.mark.parametrize("effect", [True, False])
def test_an_internal_error_leaves_the_outcome_open(
    sandbox: SandboxHandle, one: DosisDossier, effect: bool
) -> None:
    exception = {"code": "60009", "niveau": "repliek", "effect": effect}
    sandbox.order_fault("dosis", "uitzondering", uitzondering=exception)
    with pytest.raises(UnknownOutcomeError, match="60009"):
        register(sandbox, one)
    assert receipt(sandbox, one).verwerkt is effect


def test_what_was_accepted_survives_a_killed_sandbox(
    sandbox: SandboxHandle, one: DosisDossier
) -> None:
    register(sandbox, one)
    sandbox.kill()
    sandbox.start()
    assert receipt(sandbox, one).gelukt


def test_every_message_in_the_journal_validates_against_the_owners_schemas(
    voorbeelden: Path, sandbox: SandboxHandle, one: DosisDossier
) -> None:
    register(sandbox, one)
    receipt(sandbox, one)
    for operatie in ("RegistreerDossier", "GeefResultaatRegistratie"):
        validate = owner_schema(voorbeelden, DOSIS_VRAAG.format(operatie))
        (line,) = lines(sandbox, one, operatie)
        assert validate(message_of(line["inhoud"].encode())) is None


def test_questions_and_answers_of_every_service_validate_against_the_owners_schemas(
    voorbeelden: Path, sandbox: SandboxHandle, one: DosisDossier
) -> None:
    client = open_client(sandbox)
    sandbox.change_settings("dosis", verwerkingsfout="Het dossier kan niet verwerkt worden")
    register(sandbox, one)
    receipt(sandbox, one)
    assert client.list_uitzonderingen(bron=one.bron, referte=uuid4())
    assert client.get_codelijst(codetype="DossierStatusCode", taal="NL", referte=uuid4())
    assert client.get_codelijst(codetype="Onbekend", taal="FR", referte=uuid4()) == ()
    client.delete_dossier(bron=one.bron, dossiernummer=one.dossiernummer, referte=uuid4())
    questions = {
        line["operatie"]: line["inhoud"]
        for line in sandbox.journal("dosis")
        if line["operatie"] in SERVICES
    }
    assert set(questions) == set(SERVICES)
    for operatie in SERVICES:
        body = questions[operatie].encode()
        assert owner_schema(voorbeelden, DOSIS_VRAAG.format(operatie))(message_of(body)) is None
        # Asked again as it was asked: the removal now finds nothing, the receipt is gone.
        answer = sandbox.session.post(
            f"{sandbox.base_url}/magda/dosis/{operatie}",
            data=body,
            headers={**XML, "SOAPAction": '""'},
            timeout=10,
        )
        validate = owner_schema(voorbeelden, DOSIS_ANTWOORD.format(operatie))
        assert validate(message_of(answer.content)) is None, operatie
