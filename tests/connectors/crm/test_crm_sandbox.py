"""The CRM client against a CRM in its own process, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from connectors.crm.client import CrmClient, open_client
from connectors.crm.errors import DeltaExpiredError
from connectors.crm.mapping import CrmMapping
from connectors.crm.models import ChangePage, CrmChange, CrmRecord
from connectors.transport.errors import (
    AuthenticationError,
    ConflictError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from tests.sandbox_process import SandboxHandle, running_sandbox

SEED = 1
RESIDENTS = 30


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("crm")) as handle:
        handle.grow(RESIDENTS, SEED)
        yield handle


@pytest.fixture
def crm(sandbox: SandboxHandle) -> Iterator[CrmClient]:
    yield client(sandbox)
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(sandbox: SandboxHandle, **changed: str) -> CrmClient:
    names = {**sandbox.secrets["crm"], **changed}
    return open_client(
        base_url=f"{sandbox.base_url}/crm",
        client_id=names["client_id"],
        client_secret=names["client_secret"],
        scope=f"{sandbox.base_url}/crm/.default",
        timeout=(5.0, 3.0),
    )


def drain(crm: CrmClient, tabel: str, link: str | None, size: int) -> list[ChangePage]:
    pages = [crm.get_changes(tabel=tabel, link=link, page_size=size)]
    while (following := pages[-1].next_link) is not None:
        pages.append(crm.get_changes(tabel=tabel, link=following, page_size=size))
    return pages


def dossier(sandbox: SandboxHandle, i: int) -> tuple[str, UUID]:
    known = sandbox.resident(i, SEED)
    return known["dossiernummer"], UUID(known["crm"]["dossier"])


def read(crm: CrmClient, object_id: UUID) -> CrmRecord:
    record = crm.get(tabel="dossier", object_id=object_id)
    assert record is not None
    return record


def gegeven(dossier_id: UUID, veld: str, waarde: str) -> CrmChange:
    return CrmChange(
        "gegeven",
        None,
        f"{dossier_id}:{veld}",
        {
            "dossier_id": dossier_id,
            "veld": veld,
            "waarde": waarde,
            "bron": "epc",
            "bron_object": "20231101-0001234567-RES-1",
            "opgehaald_op": datetime.now(UTC),
            "afgeleid": False,
        },
    )


@pytest.mark.parametrize("tabel", sorted(CrmMapping.load().tables))
def test_every_table_is_read_in_pages_and_typed(crm: CrmClient, tabel: str) -> None:
    pages = drain(crm, tabel, None, 7)
    records = [record for page in pages for record in page.records]
    assert len({record.object_id for record in records}) == len(records)
    assert all(record.gewijzigd_op.tzinfo is UTC for record in records)
    assert pages[-1].delta_link is not None
    if tabel in ("vraag", "dossier", "aanmelding"):
        # Two of these residents also ask something of IGO.
        assert len(records) == RESIDENTS + (2 if tabel == "aanmelding" else 0)
        assert len(pages) == 5


def test_a_delta_link_tells_what_a_consultant_changed(
    crm: CrmClient, sandbox: SandboxHandle
) -> None:
    nummer, object_id = dossier(sandbox, 0)
    link = drain(crm, "dossier", None, 100)[-1].delta_link
    assert [page.records for page in drain(crm, "dossier", link, 100)] == [()]
    sandbox.control(
        "POST", "/crm/wijzig", json={"dossiernummer": nummer, "velden": {"rh_bouwjaar": 1958}}
    )
    (page,) = drain(crm, "dossier", link, 100)
    (changed,) = page.records
    assert changed.object_id == object_id
    assert changed.velden["bouwjaar"] == 1958
    assert changed.velden["dossiernummer"] == nummer


def test_a_deleted_row_comes_with_the_changes(crm: CrmClient, sandbox: SandboxHandle) -> None:
    aanmelding = UUID(sandbox.resident(24, SEED)["crm"]["aanmelding"])
    link = drain(crm, "aanmelding", None, 100)[-1].delta_link
    sandbox.control("POST", "/crm/verwijder", json={"tabel": "aanmelding", "id": str(aanmelding)})
    (page,) = drain(crm, "aanmelding", link, 100)
    assert [gone.object_id for gone in page.deleted] == [aanmelding]
    assert crm.get(tabel="aanmelding", object_id=aanmelding) is None


def test_an_expired_delta_link_asks_for_a_full_reload(
    crm: CrmClient, sandbox: SandboxHandle
) -> None:
    link = drain(crm, "dossier", None, 100)[-1].delta_link
    sandbox.change_settings("crm", delta_geldig=0)
    time.sleep(0.01)
    with pytest.raises(DeltaExpiredError):
        crm.get_changes(tabel="dossier", link=link, page_size=100)
    assert len(drain(crm, "dossier", None, 100)[0].records) == RESIDENTS


def test_a_write_fills_a_dossier_and_tells_its_source(
    crm: CrmClient, sandbox: SandboxHandle
) -> None:
    nummer, object_id = dossier(sandbox, 1)
    before = read(crm, object_id)
    correlatie = uuid4()
    velden = {
        "epc_label": "E",
        "epc_kengetal": Decimal("437.5"),
        "epc_geldig_tot": "2033-05-01",
        "beschermd_volume": "512.25",
        "adres_id": "2550151",
    }
    crm.write(
        changes=[
            CrmChange("dossier", object_id, None, velden, if_match=before.etag),
            gegeven(object_id, "epc_label", "E"),
            gegeven(object_id, "epc_kengetal", "437.5"),
        ],
        key="bericht 1",
        correlation_id=correlatie,
    )
    after = read(crm, object_id)
    assert after.etag != before.etag
    assert after.velden["epc_label"] == "E"
    assert after.velden["epc_kengetal"] == Decimal("437.5")
    assert str(after.velden["epc_geldig_tot"]) == "2033-05-01"
    assert after.velden["beschermd_volume"] == Decimal("512.25")
    assert after.velden["straat"] == before.velden["straat"]
    source = crm.get(tabel="gegeven", sleutel=f"{object_id}:epc_label")
    assert source is not None
    assert source.velden["dossier_id"] == object_id
    assert source.velden["bron"] == "epc"
    lines = [line for line in sandbox.journal("crm") if line["correlatie_id"] == str(correlatie)]
    assert [line["effect"] for line in lines].count(True) == 3
    assert {line["dossiernummer"] for line in lines if line["effect"]} == {nummer}


def test_a_stale_version_changes_nothing_at_all(crm: CrmClient, sandbox: SandboxHandle) -> None:
    nummer, object_id = dossier(sandbox, 2)
    stale = read(crm, object_id)
    sandbox.control(
        "POST", "/crm/wijzig", json={"dossiernummer": nummer, "velden": {"rh_bouwjaar": 1961}}
    )
    with pytest.raises(ConflictError) as caught:
        crm.write(
            changes=[
                gegeven(object_id, "bouwjaar", "1931"),
                CrmChange("dossier", object_id, None, {"bouwjaar": 1931}, if_match=stale.etag),
            ],
            key="bericht 2",
        )
    assert "412" in str(caught.value)
    assert read(crm, object_id).velden["bouwjaar"] == 1961
    assert crm.get(tabel="gegeven", sleutel=f"{object_id}:bouwjaar") is None


def test_a_repeated_write_leaves_one_row(crm: CrmClient, sandbox: SandboxHandle) -> None:
    _, object_id = dossier(sandbox, 3)
    for _ in range(2):
        crm.write(changes=[gegeven(object_id, "bouwjaar", "1931")], key="bericht 3")
    rows = [
        record
        for page in drain(crm, "gegeven", None, 100)
        for record in page.records
        if record.velden["dossier_id"] == object_id
    ]
    assert len(rows) == 1


def test_a_row_can_be_created_once(crm: CrmClient, sandbox: SandboxHandle) -> None:
    _, object_id = dossier(sandbox, 4)
    step = CrmChange(
        "stap",
        None,
        f"{object_id}:vraag_insz",
        {
            "dossier_id": object_id,
            "soort": "vraag_insz",
            "status": "open",
            "omschrijving": "Vraag het rijksregisternummer.",
        },
        create_only=True,
    )
    crm.write(changes=[step], key="bericht 4")
    with pytest.raises(ConflictError):
        crm.write(changes=[step], key="bericht 4")


def test_a_row_that_is_gone_is_not_brought_back(crm: CrmClient) -> None:
    unknown = uuid4()
    with pytest.raises(PermanentError, match="404"):
        crm.write(changes=[CrmChange("dossier", unknown, None, {"bouwjaar": 1}, "*")], key="b 5")
    assert crm.get(tabel="dossier", object_id=unknown) is None


def test_a_wrong_secret_stops_the_channel(sandbox: SandboxHandle) -> None:
    wrong = client(sandbox, client_secret="fout")
    with pytest.raises(AuthenticationError) as caught:
        wrong.get_changes(tabel="dossier", link=None, page_size=10)
    assert "fout" not in str(caught.value).replace("fouten", "")


def test_a_token_that_was_withdrawn_is_renewed(crm: CrmClient, sandbox: SandboxHandle) -> None:
    crm.get_changes(tabel="profiel", link=None, page_size=1)
    sandbox.change_settings("crm", tokens_geldig_vanaf=time.time())
    time.sleep(0.01)
    assert crm.get_changes(tabel="profiel", link=None, page_size=1).records


@pytest.mark.parametrize(
    ("fault", "for_a_read", "for_a_write"),
    [
        ({"soort": "reset"}, RetryableError, UnknownOutcomeError),
        ({"soort": "5xx", "status": 500}, RetryableError, UnknownOutcomeError),
        ({"soort": "5xx", "status": 502}, RetryableError, UnknownOutcomeError),
        ({"soort": "5xx", "status": 503}, RetryableError, RetryableError),
        ({"soort": "429", "retry_after": 7}, ThrottledError, ThrottledError),
        ({"soort": "onzin"}, ContractError, UnknownOutcomeError),
        ({"soort": "vertraging", "seconden": 4}, RetryableError, UnknownOutcomeError),
    ],
    ids=["reset", "500", "502", "503", "429", "garbage", "late"],
)
def test_a_fault_is_sorted(
    crm: CrmClient,
    sandbox: SandboxHandle,
    fault: dict[str, object],
    for_a_read: type[ConnectorError],
    for_a_write: type[ConnectorError],
) -> None:
    _, object_id = dossier(sandbox, 5)
    read(crm, object_id)
    sandbox.order_fault("crm", **fault, operatie="get")  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        read(crm, object_id)
    assert type(caught.value) is for_a_read
    sandbox.order_fault("crm", **fault, operatie="batch")  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        crm.write(changes=[gegeven(object_id, "bouwjaar", "1931")], key="bericht 6")
    assert type(caught.value) is for_a_write
    if isinstance(caught.value, ThrottledError):
        assert caught.value.retry_after == 7.0


def test_a_write_whose_answer_was_lost_is_found_by_asking(
    crm: CrmClient, sandbox: SandboxHandle
) -> None:
    _, object_id = dossier(sandbox, 6)
    sandbox.order_fault("crm", "bevestig_en_verbreek", operatie="batch")
    with pytest.raises(UnknownOutcomeError):
        crm.write(changes=[gegeven(object_id, "bouwjaar", "1931")], key="bericht 7")
    held = crm.get(tabel="gegeven", sleutel=f"{object_id}:bouwjaar")
    assert held is not None
    assert held.velden["waarde"] == "1931"
