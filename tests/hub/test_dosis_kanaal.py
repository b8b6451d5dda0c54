"""After an unknown outcome DOSIS is asked whether the dossier's history holds this very upload."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from connectors.mijnburgerprofiel.dosis import DosisStatus, DossierMutatie, open_dosis_client
from connectors.mijnburgerprofiel.dosis.mapping import is_upload
from connectors.transport.errors import (
    AuthenticationError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.transport.magda import MagdaAfzender
from hub.channels.dosis import DosisKanaal
from hub.ledger.bericht import Bericht, Ontvangst
from tests.connectors.magda_proef import INSZ, dossier
from tests.journey import BRON
from tests.sandbox_process import SandboxHandle, running_sandbox

MOMENT = datetime(2026, 11, 23, 13, 30, 5, 678901, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def kanaal(sandbox: SandboxHandle) -> DosisKanaal:
    sender = MagdaAfzender("leuven.be/renovatiehub", hoedanigheid="1300")
    return DosisKanaal(open_dosis_client(f"{sandbox.base_url}/magda/dosis", sender), BRON)


def make_bericht(**content: Any) -> Bericht:
    values = {
        "dossiernummer": "RD-0001-000001",
        "naam": "Renovatiebegeleiding",
        "datum_modificatie": MOMENT.isoformat(),
        "product": 1234,
        "dienst": "Energieloket Leuven",
        "insz": INSZ,
        "code": "Ingediend",
        "fase": "Samenstelling",
        "detail": "Uw dossier is gestart.",
    } | content
    return Bericht(uuid4(), "dosis", "sleutel", "dossierstatus", True, True, values)


def lose_the_answer(
    sandbox: SandboxHandle, kanaal: DosisKanaal, bericht: Bericht, how: str
) -> None:
    sandbox.order_fault("dosis", how, operatie="RegistreerDossier")
    with pytest.raises(UnknownOutcomeError):
        kanaal.send(bericht)


def test_an_upload_whose_answer_was_lost_is_found_with_its_receipt(
    sandbox: SandboxHandle, kanaal: DosisKanaal
) -> None:
    bericht = make_bericht()
    lose_the_answer(sandbox, kanaal, bericht, "bevestig_en_verbreek")
    receipt = kanaal.receipt(bericht)
    assert receipt is not None
    assert kanaal.ask(bericht) == Ontvangst(receipt.referentie)


def test_an_upload_that_never_arrived_is_not_found(
    sandbox: SandboxHandle, kanaal: DosisKanaal
) -> None:
    bericht = make_bericht()
    lose_the_answer(sandbox, kanaal, bericht, "reset")
    assert kanaal.ask(bericht) is None


def test_an_upload_is_found_only_once_it_was_processed(
    sandbox: SandboxHandle, kanaal: DosisKanaal
) -> None:
    bericht = make_bericht()
    sandbox.change_settings("dosis", verwerkingstijd=0.8)
    lose_the_answer(sandbox, kanaal, bericht, "bevestig_en_verbreek")
    assert kanaal.ask(bericht) is None
    time.sleep(0.9)
    assert kanaal.ask(bericht) is not None


def test_an_upload_that_failed_in_processing_is_not_found(kanaal: DosisKanaal) -> None:
    bericht = make_bericht(code="Onbekend")
    kanaal.send(bericht)
    assert kanaal.ask(bericht) is None


@pytest.mark.parametrize(
    "other",
    [
        {"dossiernummer": "RD-0001-000002"},
        {"code": "Aangevraagd"},
        {"detail": "Uw dossier is hernomen."},
        {"detail": None},
        {"datum_modificatie": (MOMENT + timedelta(seconds=1)).isoformat()},
    ],
    ids=str,
)
def test_another_upload_is_not_taken_for_this_one(
    kanaal: DosisKanaal, other: dict[str, Any]
) -> None:
    kanaal.send(make_bericht(**other))
    assert kanaal.ask(make_bericht()) is None
    assert kanaal.ask(make_bericht(**other)) is not None


def test_an_upload_behind_a_later_one_is_found(kanaal: DosisKanaal) -> None:
    later = make_bericht(code="InBehandeling", fase="Behandeling")
    kanaal.send(make_bericht())
    kanaal.send(later)
    assert kanaal.ask(make_bericht()) is not None
    assert kanaal.ask(later) is not None


def test_an_upload_that_is_processed_and_has_no_receipt_yet_waits_for_it(
    kanaal: DosisKanaal, monkeypatch: pytest.MonkeyPatch
) -> None:
    bericht = make_bericht()
    kanaal.send(bericht)
    monkeypatch.setattr(kanaal, "receipt", lambda _: None)
    assert kanaal.ask(bericht) == Ontvangst(later=True)


@pytest.mark.parametrize(
    ("code", "kind"), [("99986", RetryableError), ("60013", AuthenticationError)]
)
def test_the_silence_of_our_own_source_proves_nothing(
    sandbox: SandboxHandle, kanaal: DosisKanaal, code: str, kind: type[Exception]
) -> None:
    bericht = make_bericht()
    kanaal.send(bericht)
    sandbox.order_fault("dosis", "uitzondering", uitzondering={"code": code, "bron": BRON})
    with pytest.raises(kind, match=code) as caught:
        kanaal.ask(bericht)
    assert INSZ not in str(caught.value)
    assert kanaal.ask(bericht) is not None


def test_only_our_own_source_is_asked_for(sandbox: SandboxHandle, kanaal: DosisKanaal) -> None:
    bericht = make_bericht()
    kanaal.ask(bericht)
    (line,) = sandbox.journal("dosis")
    assert (line["operatie"], line["sleutel"]) == ("GeefDossiers", BRON)
    assert line["correlatie_id"] == str(bericht.bericht_id)


def test_a_moment_is_recognised_in_the_hour_that_a_belgian_clock_shows_twice() -> None:
    # 25 October 2026: 00:30 and 01:30 UTC are both half past two.
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    read_without_offset = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    sent = dossier(datum_modificatie=second, status=DosisStatus("Ingediend", "Samenstelling"))
    held = DossierMutatie(
        "DossierStatus", "Samenstelling", "Ingediend", status_gewijzigd_op=read_without_offset
    )
    assert is_upload(held, sent)
    assert not is_upload(replace(held, status_gewijzigd_op=None), sent)
    later = read_without_offset + timedelta(minutes=1)
    assert not is_upload(replace(held, status_gewijzigd_op=later), sent)
