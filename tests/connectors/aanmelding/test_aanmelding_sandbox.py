"""The aanmelding client against a partner in its own process, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from connectors.aanmelding.client import AanmeldingClient, open_client
from connectors.aanmelding.feiten import AanmeldingFeiten, BewonerFeiten, WoningFeiten
from connectors.aanmelding.models import Aanmelding, Soort, Status, Uitkomst
from connectors.dialoog.mapping import map_aanmelding
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

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("dialoog")) as handle:
        yield handle


@pytest.fixture
def dialoog(sandbox: SandboxHandle) -> Iterator[AanmeldingClient]:
    yield client(sandbox)
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(sandbox: SandboxHandle, token: str | None = None) -> AanmeldingClient:
    return open_client(
        system="dialoog",
        base_url=f"{sandbox.base_url}/dialoog",
        token=token or sandbox.secrets["dialoog"]["token"],
        timeout=(5.0, 3.0),
    )


def aanmelding(vraag: str = "Hoe isoleer ik mijn dak?") -> Aanmelding:
    return map_aanmelding(
        AanmeldingFeiten(
            aanmelding_id=uuid4(),
            dossiernummer="RD-0001-000017",
            gemaakt_op=datetime.now(UTC),
            bewoner=BewonerFeiten("Fien", "Voorbeeld", "fien@example.org", "0470 00 00 00"),
            woning=WoningFeiten("Naamsestraat", "12A", "3000", "Leuven", "0301"),
            vraag=vraag,
        )
    )


def effects(sandbox: SandboxHandle, referentie: UUID) -> int:
    lines = sandbox.journal("dialoog")
    return sum(1 for line in lines if line["effect"] and line["sleutel"] == str(referentie))


def test_the_same_aanmelding_twice_is_one(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    new = aanmelding()
    first = dialoog.put_aanmelding(aanmelding=new, idempotency_key="a:1")
    again = dialoog.put_aanmelding(aanmelding=new, idempotency_key="a:1")
    assert first.referentie == new.referentie
    assert again == first
    assert first.etag
    assert first.ontvangst_nummer
    assert effects(sandbox, new.referentie) == 1


def test_another_body_needs_the_version_it_replaces(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    new = aanmelding()
    first = dialoog.put_aanmelding(aanmelding=new, idempotency_key="b:1")
    corrected = replace(new, vraag="En mijn gevel?")
    with pytest.raises(ConflictError, match="409"):
        dialoog.put_aanmelding(aanmelding=corrected, idempotency_key="b:2")
    second = dialoog.put_aanmelding(
        aanmelding=corrected, idempotency_key="b:3", if_match=first.etag
    )
    assert second.etag != first.etag
    with pytest.raises(ConflictError, match="412"):
        dialoog.put_aanmelding(
            aanmelding=replace(new, vraag="Of mijn vloer?"),
            idempotency_key="b:4",
            if_match=first.etag,
        )
    stand = dialoog.get_aanmelding(referentie=new.referentie)
    assert stand is not None
    assert (stand.idempotency_key, stand.etag) == ("b:3", second.etag)
    assert effects(sandbox, new.referentie) == 2


def test_a_partner_tells_what_it_holds(dialoog: AanmeldingClient) -> None:
    new = aanmelding()
    assert dialoog.get_aanmelding(referentie=new.referentie) is None
    dialoog.put_aanmelding(aanmelding=new, idempotency_key="c:1")
    stand = dialoog.get_aanmelding(referentie=new.referentie)
    assert stand is not None
    assert (stand.soort, stand.status) == (Soort.DUURZAAM_BOUWADVIES, Status.ONTVANGEN)
    assert stand.idempotency_key == "c:1"
    assert stand.intrekking is None


def test_a_lost_answer_is_cleared_up_by_asking(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    new = aanmelding()
    sandbox.order_fault("dialoog", "bevestig_en_verbreek", operatie="put")
    with pytest.raises(UnknownOutcomeError):
        dialoog.put_aanmelding(aanmelding=new, idempotency_key="d:1")
    stand = dialoog.get_aanmelding(referentie=new.referentie)
    assert stand is not None
    assert stand.idempotency_key == "d:1"
    assert effects(sandbox, new.referentie) == 1


def test_a_withdrawal_removes_and_a_late_repeat_does_not_bring_it_back(
    dialoog: AanmeldingClient,
) -> None:
    new = aanmelding()
    dialoog.put_aanmelding(aanmelding=new, idempotency_key="e:1")
    gone = dialoog.delete_aanmelding(referentie=new.referentie)
    assert gone.uitkomst is Uitkomst.VERWIJDERD
    assert gone.ingetrokken_op is not None
    assert dialoog.get_aanmelding(referentie=new.referentie) is None
    with pytest.raises(ConflictError):
        dialoog.put_aanmelding(aanmelding=new, idempotency_key="e:1")
    assert dialoog.delete_aanmelding(referentie=new.referentie).uitkomst is Uitkomst.VERWIJDERD


def test_withdrawing_what_never_arrived_is_done(dialoog: AanmeldingClient) -> None:
    gone = dialoog.delete_aanmelding(referentie=uuid4())
    assert (gone.uitkomst, gone.ingetrokken_op) == (Uitkomst.VERWIJDERD, None)


def test_a_visit_that_was_invoiced_is_kept_by_law(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    new = aanmelding()
    dialoog.put_aanmelding(aanmelding=new, idempotency_key="f:1")
    advance(sandbox, new.referentie, "plaatsbezoek")
    kept = dialoog.delete_aanmelding(referentie=new.referentie)
    assert kept.uitkomst is Uitkomst.BEWAARD
    assert kept.bewaarplicht is not None
    assert kept.bewaarplicht.reden == "gefactureerd_bezoek"
    stand = dialoog.get_aanmelding(referentie=new.referentie)
    assert stand is not None
    assert stand.intrekking == kept


def advance(sandbox: SandboxHandle, referentie: UUID, status: str, **extra: object) -> None:
    body = {"referentie": str(referentie), "status": status, **extra}
    sandbox.control("POST", "/dialoog/voortgang", json=body)


def test_progress_comes_in_pages_and_since_a_moment(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    new = aanmelding()
    dialoog.put_aanmelding(aanmelding=new, idempotency_key="g:1")
    for _ in range(130):
        advance(sandbox, new.referentie, "ingepland")
    advance(sandbox, new.referentie, "advies_opgemaakt", adviesSoort="dubo")
    pages = [dialoog.list_voortgang(gewijzigd_na=LONG_AGO)]
    while pages[-1].volgende is not None:
        pages.append(dialoog.list_voortgang(gewijzigd_na=LONG_AGO, pagina=pages[-1].volgende))
    events = [event for page in pages for event in page.items]
    mine = [event for event in events if event.referentie == new.referentie]
    assert len(pages) > 1
    assert len({event.voortgang_id for event in events}) == len(events)
    assert [event.gewijzigd_op for event in events] == sorted(e.gewijzigd_op for e in events)
    assert [event.status for event in mine][-2:] == [Status.INGEPLAND, Status.ADVIES_OPGEMAAKT]
    assert mine[-1].advies_soort == "dubo"
    later = dialoog.list_voortgang(gewijzigd_na=mine[-2].gewijzigd_op)
    assert [event.voortgang_id for event in later.items] == [mine[-1].voortgang_id]
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert dialoog.list_voortgang(gewijzigd_na=soon).items == ()


def test_all_that_is_held_comes_in_pages_without_what_was_removed(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    made = [aanmelding() for _ in range(3)]
    for new in made:
        dialoog.put_aanmelding(aanmelding=new, idempotency_key=f"s:{new.referentie}")
    running, kept, removed = (new.referentie for new in made)
    advance(sandbox, kept, "plaatsbezoek")
    dialoog.delete_aanmelding(referentie=kept)
    dialoog.delete_aanmelding(referentie=removed)
    page = dialoog.list_standen()
    held = {stand.referentie: stand for stand in page.items}
    assert page.volgende is None
    assert held[running].intrekking is None
    assert held[kept].intrekking is not None
    assert held[kept].intrekking.uitkomst is Uitkomst.BEWAARD
    assert removed not in held
    assert list(held) == sorted(held, key=str)


def test_what_a_partner_lost_or_brought_back_shows_in_its_list(
    dialoog: AanmeldingClient, sandbox: SandboxHandle
) -> None:
    new = aanmelding()
    dialoog.put_aanmelding(aanmelding=new, idempotency_key=f"s:{new.referentie}")
    dialoog.delete_aanmelding(referentie=new.referentie)
    body = {"referentie": str(new.referentie)}
    sandbox.control("POST", "/dialoog/herstel", json=body)
    assert new.referentie in {stand.referentie for stand in dialoog.list_standen().items}
    sandbox.control("POST", "/dialoog/verlies", json=body)
    assert new.referentie not in {stand.referentie for stand in dialoog.list_standen().items}
    assert dialoog.get_aanmelding(referentie=new.referentie) is None


def test_a_kind_this_partner_does_not_offer_is_refused(dialoog: AanmeldingClient) -> None:
    other = replace(aanmelding(), soort=Soort.ENERGIELENING)
    with pytest.raises(PermanentError, match="422") as caught:
        dialoog.put_aanmelding(aanmelding=other, idempotency_key="h:1")
    assert type(caught.value) is PermanentError


def test_a_key_that_was_used_for_another_aanmelding_is_refused(dialoog: AanmeldingClient) -> None:
    dialoog.put_aanmelding(aanmelding=aanmelding(), idempotency_key="i:1")
    with pytest.raises(PermanentError):
        dialoog.put_aanmelding(aanmelding=aanmelding(), idempotency_key="i:1")


def test_a_wrong_token_stops_the_channel(sandbox: SandboxHandle) -> None:
    with pytest.raises(AuthenticationError) as caught:
        client(sandbox, "verkeerd-token").get_aanmelding(referentie=uuid4())
    assert "verkeerd-token" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "for_a_read", "for_a_write"),
    [
        ({"soort": "reset"}, RetryableError, UnknownOutcomeError),
        ({"soort": "5xx", "status": 500}, RetryableError, UnknownOutcomeError),
        ({"soort": "5xx", "status": 503}, RetryableError, RetryableError),
        ({"soort": "429", "retry_after": 7}, ThrottledError, ThrottledError),
        ({"soort": "onzin"}, ContractError, UnknownOutcomeError),
        ({"soort": "vertraging", "seconden": 4}, RetryableError, UnknownOutcomeError),
    ],
    ids=["reset", "500", "503", "429", "garbage", "late"],
)
def test_a_fault_is_sorted_and_the_partner_holds_one_or_none(
    dialoog: AanmeldingClient,
    sandbox: SandboxHandle,
    fault: dict[str, object],
    for_a_read: type[ConnectorError],
    for_a_write: type[ConnectorError],
) -> None:
    new = aanmelding()
    sandbox.order_fault("dialoog", **fault, operatie="put")  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        dialoog.put_aanmelding(aanmelding=new, idempotency_key=f"j:{new.referentie}")
    assert type(caught.value) is for_a_write
    assert "Fien" not in str(caught.value)
    sandbox.order_fault("dialoog", **fault, operatie="get")  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        dialoog.get_aanmelding(referentie=new.referentie)
    assert type(caught.value) is for_a_read
    dialoog.put_aanmelding(aanmelding=new, idempotency_key=f"j:{new.referentie}")
    assert effects(sandbox, new.referentie) == 1


def test_one_client_serves_many_threads(dialoog: AanmeldingClient, sandbox: SandboxHandle) -> None:
    many = [aanmelding(f"Vraag {number}") for number in range(60)]

    def put(new: Aanmelding) -> UUID:
        key = f"k:{new.referentie}"
        return dialoog.put_aanmelding(aanmelding=new, idempotency_key=key).referentie

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(put, many)) == [new.referentie for new in many]
    lines = [line for line in sandbox.journal("dialoog") if line["effect"]]
    told = [line["sleutel"] for line in lines]
    assert all(told.count(str(new.referentie)) == 1 for new in many)
