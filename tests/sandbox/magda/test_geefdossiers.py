"""The DOSIS simulator shows a resident the history of what it processed, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from connectors.mijnburgerprofiel.dosis import (
    DosisClient,
    DosisDossier,
    DosisStatus,
    DossierLijst,
    OntbrekendeBron,
    open_dosis_client,
)
from connectors.transport.errors import AuthenticationError, ContractError, RetryableError
from tests.connectors.magda_proef import (
    AFZENDER,
    DOSIS_ANTWOORD,
    DOSIS_VRAAG,
    XML,
    dossier,
    message_of,
    owner_schema,
)
from tests.sandbox_process import SandboxHandle

FIRST = datetime(2026, 11, 23, 13, 30, 0, 654321, tzinfo=UTC)


def open_client(sandbox: SandboxHandle) -> DosisClient:
    return open_dosis_client(f"{sandbox.base_url}/magda/dosis", AFZENDER)


def insz(seed: int) -> str:
    first = f"8567{seed % 100_000:05d}"
    return f"{first}{97 - int(first) % 97:02d}"


@pytest.fixture
def one(seed: int) -> DosisDossier:
    return dossier(dossiernummer=f"RD-{seed:04d}-000001", datum_modificatie=FIRST, insz=insz(seed))


def next_status(one: DosisDossier, **changes: object) -> DosisDossier:
    values = {
        "dossiernummer": one.dossiernummer,
        "insz": one.insz,
        "datum_modificatie": FIRST + timedelta(days=1),
        "status": DosisStatus("InBehandeling", "Behandeling", "Wij behandelen uw dossier."),
    }
    return dossier(**values | changes)


def register(sandbox: SandboxHandle, *uploads: DosisDossier) -> None:
    for upload in uploads:
        open_client(sandbox).register_dossier(dossier=upload, referte=uuid4())


def look(sandbox: SandboxHandle, one: DosisDossier, bronnen: Sequence[str] = ()) -> DossierLijst:
    return open_client(sandbox).get_dossiers(insz=one.insz, bronnen=bronnen, referte=uuid4())


def codes(found: DossierLijst) -> list[str | None]:
    return [mutatie.code for dossier in found.dossiers for mutatie in dossier.mutaties]


def test_every_processed_upload_is_a_line_of_the_history_oldest_first(
    sandbox: SandboxHandle, one: DosisDossier
) -> None:
    assert look(sandbox, one) == DossierLijst(())
    register(sandbox, one, next_status(one))
    (held,) = look(sandbox, one).dossiers
    first, second = held.mutaties
    assert (held.bron, held.dossiernummer) == (one.bron, one.dossiernummer)
    assert (first.fase, first.code, first.details) == (
        "Samenstelling", "Ingediend", ("Wij hebben uw vraag ontvangen.",),
    )  # fmt: skip
    assert first.status_gewijzigd_op == FIRST.replace(microsecond=0)
    assert second.status_gewijzigd_op == (FIRST + timedelta(days=1)).replace(microsecond=0)
    assert first.dossier_gewijzigd_op == second.dossier_gewijzigd_op == second.status_gewijzigd_op


def test_sending_twice_shows_twice(sandbox: SandboxHandle, one: DosisDossier) -> None:
    register(sandbox, one, one)
    assert codes(look(sandbox, one)) == ["Ingediend", "Ingediend"]


def test_what_is_not_processed_yet_does_not_show(sandbox: SandboxHandle, one: DosisDossier) -> None:
    register(sandbox, one)
    sandbox.change_settings("dosis", verwerkingstijd=0.8)
    register(sandbox, next_status(one))
    assert codes(look(sandbox, one)) == ["Ingediend"]
    time.sleep(0.9)
    assert codes(look(sandbox, one)) == ["Ingediend", "InBehandeling"]


def test_what_was_processed_with_a_fault_never_shows(
    sandbox: SandboxHandle, one: DosisDossier
) -> None:
    register(sandbox, one, next_status(one, product=30_001))
    assert codes(look(sandbox, one)) == ["Ingediend"]


def test_a_question_for_other_sources_or_another_resident_finds_nothing(
    sandbox: SandboxHandle, one: DosisDossier, seed: int
) -> None:
    register(sandbox, one, next_status(one, bron="https://stl.be", dossiernummer="ST-1"))
    assert codes(look(sandbox, one, [one.bron])) == ["Ingediend"]
    assert codes(look(sandbox, one, ["https://stl.be"])) == ["InBehandeling"]
    assert codes(look(sandbox, one)) == ["Ingediend", "InBehandeling"]
    assert look(sandbox, one, ["VAPH"]) == DossierLijst(())
    assert look(sandbox, dossier(insz=insz(seed + 1))) == DossierLijst(())


def test_an_ordered_partial_answer_misses_one_source_and_the_rest_stands(
    sandbox: SandboxHandle, one: DosisDossier
) -> None:
    register(sandbox, one, next_status(one, bron="https://stl.be", dossiernummer="ST-1"))
    missing = {"code": "99986", "bron": "https://stl.be"}
    sandbox.order_fault("dosis", "uitzondering", uitzondering=missing)
    found = look(sandbox, one)
    assert codes(found) == ["Ingediend"]
    assert found.ontbrekend == (OntbrekendeBron("https://stl.be", "99986"),)
    sandbox.order_fault("dosis", "uitzondering", uitzondering={"code": "60013", "bron": one.bron})
    found = look(sandbox, one, [one.bron])
    assert found == DossierLijst((), (OntbrekendeBron(one.bron, "60013"),))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"soort": "reset"}, RetryableError),
        ({"soort": "5xx"}, RetryableError),
        ({"soort": "onzin"}, ContractError),
        ({"soort": "uitzondering", "uitzondering": {"code": "60009"}}, RetryableError),
        (
            {"soort": "uitzondering", "uitzondering": {"code": "13001", "niveau": "fault"}},
            AuthenticationError,
        ),
    ],
    ids=str,
)
def test_ordered_faults_hit_this_service_as_the_others(
    sandbox: SandboxHandle, one: DosisDossier, fault: dict[str, object], kind: type[Exception]
) -> None:
    sandbox.order_fault("dosis", **fault, operatie="GeefDossiers")
    register(sandbox, one)
    with pytest.raises(kind):
        look(sandbox, one)
    assert codes(look(sandbox, one)) == ["Ingediend"]


def test_questions_and_answers_validate_against_the_owners_schemas(
    voorbeelden: Path, sandbox: SandboxHandle, one: DosisDossier
) -> None:
    register(sandbox, one, next_status(one), next_status(one, doorverwijzing=None))
    look(sandbox, one, [one.bron])
    (line,) = [
        line
        for line in sandbox.journal("dosis")
        if line["operatie"] == "GeefDossiers" and one.insz in (line["inhoud"] or "")
    ]
    assert (line["effect"], line["status"], line["sleutel"]) == (False, 200, one.bron)
    question = line["inhoud"].encode()
    assert (
        owner_schema(voorbeelden, DOSIS_VRAAG.format("GeefDossiers"))(message_of(question)) is None
    )
    validate = owner_schema(voorbeelden, DOSIS_ANTWOORD.format("GeefDossiers"))
    headers = XML | {"SOAPAction": '""'}
    url = f"{sandbox.base_url}/magda/dosis/GeefDossiers"
    for code in (None, "99986", "60013"):
        if code is not None:
            missing = {"code": code, "bron": "VAPH"}
            sandbox.order_fault("dosis", "uitzondering", uitzondering=missing)
        answer = requests.post(url, question, headers=headers, timeout=10)
        message = message_of(answer.content)
        assert len(message.findall(".//DossierMutatie")) == 3
        assert validate(message) is None
