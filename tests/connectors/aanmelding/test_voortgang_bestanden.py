"""Progress and documents as files: over the partner's real SFTP server, and whatever lies there."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.client import open_client
from connectors.aanmelding.models import (
    Aanmelding,
    Aanvrager,
    DocumentVerwijzing,
    Gebouw,
    GeweigerdeVoortgang,
    Soort,
    Voortgang,
    VoortgangBladzijde,
)
from connectors.aanmelding.sftp_client import BestandenClient, open_sftp_client
from connectors.aanmelding.voortgang_bestanden import (
    LARGEST_FILE,
    find_files,
    locate_document,
    read_file,
    read_moment,
)
from connectors.transport.errors import ContractError, PermanentError, RetryableError
from hub.kill_point import FILE_POINTS, TAKEN, VARIABLE
from tests.sandbox_process import SandboxHandle, running_sandbox, sftp_adres

ROOT = Path(__file__).resolve().parents[3]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# Later than any file that the sandbox writes by itself.
NAME = "voortgang-20991125T101500123456Z.jsonl"
BEFORE = datetime(2099, 1, 1, tzinfo=UTC)
EVENT = {
    "id": "1",
    "referentie": "6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10",
    "status": "ingepland",
    "tijdstip": "2026-12-20T15:00:00Z",
    "gewijzigdOp": "2026-11-25T10:15:00.123456Z",
}
LINE = json.dumps(EVENT).encode()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("uitgave")) as handle:
        yield handle


@pytest.fixture
def igo(sandbox: SandboxHandle) -> Iterator[BestandenClient]:
    yield open_sftp_client(system="igo", adres=sftp_adres(sandbox))
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


@pytest.fixture
def naar_stad(sandbox: SandboxHandle) -> Iterator[Path]:
    """The partner's folder, to put there what the sandbox would not; emptied of it afterwards."""
    folder = sandbox.folder / "state" / "igo" / "bestanden" / "naar_stad"
    before = set(folder.iterdir())
    yield folder
    for path in set(folder.iterdir()) - before:
        path.unlink()


def sign_up(sandbox: SandboxHandle) -> UUID:
    referentie = uuid4()
    client = open_client(
        system="igo", base_url=f"{sandbox.base_url}/igo", token=sandbox.secrets["igo"]["token"]
    )
    client.put_aanmelding(
        aanmelding=Aanmelding(
            referentie,
            Soort.ENERGIELENING,
            "RD-0001-000017",
            datetime.now(UTC),
            Aanvrager("Fien", "Voorbeeld"),
            Gebouw("Naamsestraat", "12", "Leuven"),
        ),
        idempotency_key=f"aanmelding:{referentie}",
    )
    return referentie


def advance(sandbox: SandboxHandle, referentie: UUID, status: str, **more: Any) -> None:
    body = {"referentie": str(referentie), "status": status} | more
    sandbox.control("POST", "/igo/voortgang", json=body)


def read_all(igo: BestandenClient, since: datetime = LONG_AGO) -> list[VoortgangBladzijde]:
    pages = [igo.list_voortgang(gewijzigd_na=since)]
    while pages[-1].volgende is not None:
        pages.append(igo.list_voortgang(gewijzigd_na=since, pagina=pages[-1].volgende))
    return pages


def events_of(igo: BestandenClient, referentie: UUID, number: int) -> list[Voortgang]:
    """Wait until so many events of an aanmelding lie there, and return them."""
    for _ in range(100):
        found = [
            event
            for page in read_all(igo)
            for event in page.items
            if isinstance(event, Voortgang) and event.referentie == referentie
        ]
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError(f"only {len(found)} of {number} events came")


def keep_fetching(igo: BestandenClient, verwijzing: DocumentVerwijzing) -> None:
    for _ in range(100):
        igo.get_document(verwijzing=verwijzing)
        time.sleep(0.05)


def refused(igo: BestandenClient) -> list[str]:
    return [
        event.reden
        for page in read_all(igo)
        for event in page.items
        if isinstance(event, GeweigerdeVoortgang)
    ]


def test_progress_comes_in_order_and_again_the_same(
    igo: BestandenClient, sandbox: SandboxHandle
) -> None:
    referentie = sign_up(sandbox)
    events_of(igo, referentie, 1)
    for status in ("ingepland", "plaatsbezoek"):
        advance(sandbox, referentie, status)
    found = events_of(igo, referentie, 3)
    assert [event.status for event in found] == ["ontvangen", "ingepland", "plaatsbezoek"]
    assert events_of(igo, referentie, 3) == found
    later = read_all(igo, since=datetime.now(UTC) + timedelta(minutes=1))
    assert later == [VoortgangBladzijde((), None)]


def test_over_both_roads_the_same_events_come(igo: BestandenClient, sandbox: SandboxHandle) -> None:
    referentie = sign_up(sandbox)
    advance(sandbox, referentie, "ingepland", adviseur="Zoë D'Hondt")
    files = events_of(igo, referentie, 2)
    rest = open_client(
        system="igo", base_url=f"{sandbox.base_url}/igo", token=sandbox.secrets["igo"]["token"]
    )
    page = rest.list_voortgang(gewijzigd_na=LONG_AGO)
    asked = [
        event
        for event in page.items
        if isinstance(event, Voortgang) and event.referentie == referentie
    ]
    assert asked == files
    assert files[-1].adviseur == "Zoë D'Hondt"


def test_a_document_is_what_its_reference_says(
    igo: BestandenClient, sandbox: SandboxHandle
) -> None:
    referentie = sign_up(sandbox)
    advance(sandbox, referentie, "advies_opgemaakt", documenten=[{"titel": "Advies"}])
    (verwijzing,) = events_of(igo, referentie, 2)[-1].documenten
    inhoud = igo.get_document(verwijzing=verwijzing)
    assert hashlib.sha256(inhoud).hexdigest() == verwijzing.sha256
    assert igo.get_document(verwijzing=verwijzing) == inhoud
    for changes in ({"grootte": 3}, {"sha256": "0" * 64}, {"mediatype": "text/html"}):
        with pytest.raises(ContractError) as caught:
            igo.get_document(verwijzing=replace(verwijzing, **changes))
        assert "Advies" not in str(caught.value)


def test_a_document_with_other_bytes_stays_out(
    igo: BestandenClient, sandbox: SandboxHandle
) -> None:
    sandbox.change_settings("igo", document_anders=True)
    referentie = sign_up(sandbox)
    advance(sandbox, referentie, "advies_opgemaakt", documenten=[{"titel": "Advies"}])
    (verwijzing,) = events_of(igo, referentie, 2)[-1].documenten
    with pytest.raises(ContractError, match="sha256"):
        igo.get_document(verwijzing=verwijzing)


def test_the_document_of_what_was_withdrawn_goes_away(
    igo: BestandenClient, sandbox: SandboxHandle
) -> None:
    referentie = sign_up(sandbox)
    advance(sandbox, referentie, "ingepland", documenten=[{"titel": "Uitnodiging"}])
    (verwijzing,) = events_of(igo, referentie, 2)[-1].documenten
    rest = open_client(
        system="igo", base_url=f"{sandbox.base_url}/igo", token=sandbox.secrets["igo"]["token"]
    )
    rest.delete_aanmelding(referentie=referentie)
    with pytest.raises(PermanentError, match="is not there"):
        keep_fetching(igo, verwijzing)


def test_repeated_lines_a_wrong_order_and_nonsense_are_told_and_stop_nothing(
    igo: BestandenClient, sandbox: SandboxHandle, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.change_settings(
        "igo", voortgang_dubbel=True, voortgang_omgekeerd=True, voortgang_onzin=True
    )
    referentie = sign_up(sandbox)
    advance(sandbox, referentie, "ingepland")
    with caplog.at_level(logging.WARNING, "connectors.aanmelding.sftp"):
        found = events_of(igo, referentie, 4)
    assert sorted(event.status for event in found) == ["ingepland"] * 2 + ["ontvangen"] * 2
    reasons = refused(igo)
    assert any("no JSON" in reden for reden in reasons)
    assert any("field status is not a known value" in reden for reden in reasons)
    assert "1 files have a name outside the agreement" in caplog.text
    assert "Fien" not in caplog.text


def test_what_breaks_off_comes_back_later(igo: BestandenClient, sandbox: SandboxHandle) -> None:
    referentie = sign_up(sandbox)
    found = events_of(igo, referentie, 1)
    for operatie in ("sftp_list", "sftp_read"):
        sandbox.order_fault("igo", "reset", operatie=operatie)
        with pytest.raises(RetryableError):
            read_all(igo)
    assert events_of(igo, referentie, 1) == found


def test_what_is_still_being_written_is_nobodys_business(
    igo: BestandenClient, naar_stad: Path
) -> None:
    (naar_stad / f"{NAME}.deel").write_bytes(LINE)
    (naar_stad / "voortgang-20991399T101500123456Z.jsonl").write_bytes(LINE)
    assert read_all(igo, since=BEFORE) == [VoortgangBladzijde((), None)]
    (naar_stad / NAME).write_bytes(LINE)
    (page,) = read_all(igo, since=BEFORE)
    assert [event.voortgang_id for event in page.items] == ["1"]


def test_a_file_that_goes_away_or_is_too_large_is_told(
    igo: BestandenClient, naar_stad: Path
) -> None:
    page = igo.list_voortgang(gewijzigd_na=LONG_AGO, pagina=NAME)
    assert [event.reden for event in page.items if isinstance(event, GeweigerdeVoortgang)] == [
        f"{NAME}: it went away before it was read"
    ]
    (naar_stad / NAME).write_bytes(b"\n" * (LARGEST_FILE + 1))
    (told,) = igo.list_voortgang(gewijzigd_na=LONG_AGO, pagina=NAME).items
    assert told == GeweigerdeVoortgang(None, f"{NAME}: it holds more than {LARGEST_FILE} bytes")


def test_a_page_that_is_no_file_of_progress_is_not_looked_for(igo: BestandenClient) -> None:
    with pytest.raises(ContractError):
        igo.list_voortgang(gewijzigd_na=LONG_AGO, pagina="../../etc/passwd")


def test_an_event_from_after_its_file_would_hide_what_comes_and_is_refused() -> None:
    late = json.dumps(EVENT | {"gewijzigdOp": "2100-01-01T00:00:00Z"}).encode()
    told, good = read_file("igo", "lezen", NAME, late + b"\n" + LINE)
    assert isinstance(good, Voortgang)
    assert told == GeweigerdeVoortgang(
        "1", f"{NAME} line 1: field gewijzigdOp lies after the moment of its file"
    )


def test_a_file_that_was_cut_off_loses_its_last_line_only() -> None:
    good, told = read_file("igo", "lezen", NAME, LINE + b"\n" + LINE[:40])
    assert isinstance(good, Voortgang)
    assert isinstance(told, GeweigerdeVoortgang)
    assert told.reden.startswith(f"{NAME} line 2: no JSON")


@given(st.lists(st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")), max_size=6))
def test_whatever_lies_in_a_file_every_line_is_told_of(lines: list[bytes]) -> None:
    events = read_file("igo", "lezen", NAME, b"\n".join([*lines, LINE]))
    assert len(events) == 1 + sum(bool(line.strip()) for line in lines)
    assert isinstance(events[-1], Voortgang)


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b"NaN"])
def test_a_line_made_to_break_a_reader_is_a_line_that_cannot_be_read(deep: bytes) -> None:
    told, good = read_file("igo", "lezen", NAME, deep + b"\n" + LINE)
    assert isinstance(told, GeweigerdeVoortgang)
    assert isinstance(good, Voortgang)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_name_tells_its_moment_and_only_later_files_are_read(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    name = f"voortgang-{moment:%Y%m%dT%H%M%S%f}Z.jsonl"
    assert read_moment(name) == moment
    assert find_files([name], moment) == []
    assert find_files([name, "x", NAME], moment - timedelta(microseconds=1))[:1] in ([name], [NAME])


@given(st.text(max_size=60))
def test_any_other_name_tells_none(name: str) -> None:
    assert read_moment(name) is None


@pytest.mark.parametrize(
    "href",
    [
        "naar_stad/documenten/78.pdf",
        "/naar_stad/documenten/77.pdf",
        "naar_stad/../naar_stad/documenten/77.pdf",
        "naar_partner/77.pdf",
        "https://partner.example/documenten/77",
    ],
)
def test_only_the_documents_own_place_is_read(href: str) -> None:
    verwijzing = DocumentVerwijzing("77", "Advies", "application/pdf", href)
    with pytest.raises(ContractError):
        locate_document("igo", verwijzing)
    with pytest.raises(ContractError):
        locate_document("igo", replace(verwijzing, document_id="../77"))
    good = replace(verwijzing, href="naar_stad/documenten/77.pdf")
    assert locate_document("igo", good) == "naar_stad/documenten/77.pdf"


WORKER = """
import json, sys
from uuid import UUID
from connectors.aanmelding.bestanden import Regel
from connectors.aanmelding.sftp_client import open_sftp_client
from connectors.transport.sftp import SftpAdres
from hub.kill_point import kill_point
adres, referentie = json.loads(sys.argv[1]), UUID(sys.argv[2])
client = open_sftp_client(system="igo", adres=SftpAdres(**adres))
regel = Regel(f"intrekking:{referentie}", referentie, None)
client.put_batch(regels=[regel], on_step=lambda step: kill_point(f"batch_{step}"))
"""


@pytest.mark.parametrize("point", FILE_POINTS)
def test_a_worker_killed_while_handing_in_leaves_a_batch_or_none(
    igo: BestandenClient, sandbox: SandboxHandle, tmp_path: Path, point: str
) -> None:
    sandbox.change_settings("igo", verwerkingstijd=60.0)
    (tmp_path / TAKEN).mkdir()
    (tmp_path / f"{point}.1").touch()
    adres, referentie = sftp_adres(sandbox), uuid4()
    fields = {name: getattr(adres, name) for name in adres.__dataclass_fields__}
    done = subprocess.run(
        [sys.executable, "-P", "-c", WORKER, json.dumps(fields), str(referentie)],
        cwd=ROOT,
        env=os.environ | {VARIABLE: str(tmp_path), "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / TAKEN / f"{point}.1").exists()
    waits = f"intrekking:{referentie}" in igo.read_stand().wachtend
    assert waits == (point == "batch_handed_in")
