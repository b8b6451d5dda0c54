"""Messages to residents, over real HTTP: what is sent, what is refused, what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mijnburgerprofiel.notificaties import (
    NotificatieBundel,
    NotificatiesClient,
    open_notificaties_client,
)
from connectors.mijnburgerprofiel.notificaties.mapping import bundel_to_json, find_faults
from connectors.transport.acm import open_acm
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from tests.connectors.magda_proef import INSZ
from tests.sandbox_process import SandboxHandle, acm_client, running_sandbox

NUMBER = "RD-0001-000001"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("notificaties")) as handle:
        yield handle


@pytest.fixture
def sandbox(running: SandboxHandle) -> Iterator[SandboxHandle]:
    yield running
    running.control("DELETE", "/instellingen")
    running.control("DELETE", "/fouten")


@pytest.fixture
def client(sandbox: SandboxHandle) -> NotificatiesClient:
    return make_client(sandbox)


def make_client(sandbox: SandboxHandle, scope: str = "notificaties") -> NotificatiesClient:
    base = f"{sandbox.base_url}/notificaties"
    return open_notificaties_client(
        base, auth=open_acm(acm_client(sandbox, scope)), leesadres=f"{base}/ontvangen"
    )


def make_bundel(**fields: Any) -> NotificatieBundel:
    waarden = {
        "DossierNummer": NUMBER,
        "StatusVlaamseCode": "Ingediend",
        "StatusVlaamseFase": "Samenstelling",
        "Status": "Uw dossier is gestart",
    }
    values: dict[str, Any] = {
        "bundel_id": uuid4(),
        "aanbieder_uri": "https://renovatiehub.leuven.example",
        "bestemmelingen": (INSZ,),
        "categorie": "DossierGerelateerdBerichtWijzigingDossier",
        "datum": datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        "kanalen": ("MijnBurgerprofiel",),
        "product_id": 1234,
        "merk_code": "LEUVEN",
        "waarden": waarden,
    }
    return NotificatieBundel(**(values | fields))


def without(bundel: NotificatieBundel, sleutel: str) -> NotificatieBundel:
    return replace(bundel, waarden={k: v for k, v in bundel.waarden.items() if k != sleutel})


def read(sandbox: SandboxHandle, bundel_id: UUID) -> list[dict[str, Any]]:
    found = sandbox.control("GET", "/notificaties")["berichten"]
    return [one for one in found if one["id"] == str(bundel_id)]


def test_a_message_reaches_the_resident_with_its_words(
    sandbox: SandboxHandle, client: NotificatiesClient
) -> None:
    bundel = make_bundel(vervaldatum=date(2999, 1, 1), transactie_id=f"leuven{NUMBER}")
    correlation = uuid4()
    client.post_bundel(bundel=bundel, correlation_id=correlation)
    (one,) = read(sandbox, bundel.bundel_id)
    assert one["insz"] == INSZ
    assert one["dossiernummer"] == NUMBER
    assert one["waarden"] == bundel.waarden
    line = sandbox.journal("notificaties")[-1]
    assert (line["status"], line["effect"]) == (202, True)
    assert line["correlatie_id"] == str(correlation)


@pytest.mark.parametrize(
    ("bundel", "fault"),
    [
        (without(make_bundel(), "DossierNummer"), "/DossierNummer is missing"),
        (without(make_bundel(), "StatusVlaamseFase"), "/StatusVlaamseFase is missing"),
        (
            make_bundel(waarden={**make_bundel().waarden, "StatusVlaamseCode": " "}),
            "/StatusVlaamseCode is missing",
        ),
        (make_bundel(waarden={**make_bundel().waarden, "Titel": "x"}), "/Titel is no key"),
        (make_bundel(categorie="Onbekend"), "/Categorie is not in"),
        (make_bundel(bestemmelingen=()), "/Bestemmelingen minItems"),
        (make_bundel(kanalen=()), "/Kanalen minItems"),
        (make_bundel(product_id=0), "/ProductId minimum"),
        (make_bundel(merk_code=""), "/MerkCode minLength"),
        (make_bundel(aanbieder_uri=""), "/AanbiederUri minLength"),
    ],
)
def test_a_bundle_that_breaks_the_contract_is_not_sent(
    sandbox: SandboxHandle, client: NotificatiesClient, bundel: NotificatieBundel, fault: str
) -> None:
    before = len(sandbox.journal("notificaties"))
    with pytest.raises(ContractError, match=fault) as caught:
        client.post_bundel(bundel=bundel)
    assert "It was not sent" in str(caught.value)
    assert INSZ not in str(caught.value)
    assert len(sandbox.journal("notificaties")) == before


def test_the_managing_service_may_be_told_under_any_name_that_begins_so() -> None:
    waarden = {**make_bundel().waarden, "DossierBeheerderNaam": "Energieloket"}
    bundel = make_bundel(waarden=waarden)
    assert find_faults(bundel, bundel_to_json(bundel)) == []


@pytest.mark.parametrize("missing", list(bundel_to_json(make_bundel())))
def test_every_required_field_is_missed_by_both_sides(sandbox: SandboxHandle, missing: str) -> None:
    body = bundel_to_json(make_bundel())
    del body[missing]
    if missing != "SleutelWaardeParen":
        assert find_faults(make_bundel(), body)
    sign_on = open_acm(acm_client(sandbox, "notificaties"))(False)
    url = f"{sandbox.base_url}/notificaties/api/v2/notificaties"
    answer = sandbox.session.post(url, json=body, headers=dict(sign_on))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == missing


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"merk_code": "GENT"}, "merk.onbekend"),
        ({"product_id": 30_000}, "product.onbekend"),
        ({"kanalen": ("Postduif",)}, "kanaal.onbekend"),
        ({"bestemmelingen": (INSZ[:9] + "00",)}, "bestemmeling.ongeldig"),
    ],
)
def test_what_the_service_refuses_is_given_up_with_its_code(
    client: NotificatiesClient, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(PermanentError, match=code) as caught:
        client.post_bundel(bundel=make_bundel(**fields))
    assert type(caught.value) is PermanentError
    assert INSZ[:9] not in str(caught.value)


def test_a_token_without_the_scope_is_not_let_in(sandbox: SandboxHandle) -> None:
    with pytest.raises(AuthenticationError, match=r"401 \(token.ongeldig\)"):
        make_client(sandbox, "dosis").post_bundel(bundel=make_bundel())
    assert sandbox.journal("notificaties")[-1]["effect"] is False


def test_a_token_that_ended_meanwhile_is_renewed_once(
    sandbox: SandboxHandle, client: NotificatiesClient
) -> None:
    client.post_bundel(bundel=make_bundel())
    now = datetime.now(UTC) + timedelta(milliseconds=1)
    sandbox.change_settings("acm", tokens_geldig_vanaf=now.timestamp())
    bundel = make_bundel()
    client.post_bundel(bundel=bundel)
    assert len(read(sandbox, bundel.bundel_id)) == 1


@pytest.mark.parametrize(
    ("soort", "fields", "kind"),
    [
        ("429", {"retry_after": 7}, ThrottledError),
        ("5xx", {}, RetryableError),
        ("5xx", {"status": 500}, UnknownOutcomeError),
        ("5xx", {"status": 502}, UnknownOutcomeError),
        ("5xx", {"status": 409}, PermanentError),
        ("5xx", {"status": 404}, PermanentError),
        ("reset", {}, UnknownOutcomeError),
        ("onzin", {}, UnknownOutcomeError),
    ],
)
def test_each_trouble_is_sorted_by_what_happens_next(
    sandbox: SandboxHandle,
    client: NotificatiesClient,
    soort: str,
    fields: dict[str, Any],
    kind: type[ConnectorError],
) -> None:
    sandbox.order_fault("notificaties", soort, operatie="post", **fields)
    bundel = make_bundel()
    with pytest.raises(kind) as caught:
        client.post_bundel(bundel=bundel)
    assert type(caught.value) is kind
    assert read(sandbox, bundel.bundel_id) == []


def test_a_lost_answer_leaves_it_unknown_whether_the_message_arrived(
    sandbox: SandboxHandle, client: NotificatiesClient
) -> None:
    bundel = make_bundel()
    sandbox.order_fault("notificaties", "bevestig_en_verbreek", operatie="post")
    with pytest.raises(UnknownOutcomeError):
        client.post_bundel(bundel=bundel)
    assert len(read(sandbox, bundel.bundel_id)) == 1


@pytest.mark.parametrize(("recognises", "messages"), [(False, 2), (True, 1)])
def test_whether_a_repeat_is_one_message_is_a_setting(
    sandbox: SandboxHandle, client: NotificatiesClient, recognises: bool, messages: int
) -> None:
    sandbox.change_settings("notificaties", ontdubbelt=recognises)
    bundel = make_bundel()
    client.post_bundel(bundel=bundel)
    client.post_bundel(bundel=bundel)
    assert len(read(sandbox, bundel.bundel_id)) == messages
    held = {one.bundel_id: one.aantal for one in client.list_ontvangen().items}
    assert held[bundel.bundel_id] == messages


def test_after_its_last_day_a_message_reaches_nobody(
    sandbox: SandboxHandle, client: NotificatiesClient
) -> None:
    bundel = make_bundel(vervaldatum=date(2020, 1, 1))
    client.post_bundel(bundel=bundel)
    assert read(sandbox, bundel.bundel_id) == []


def test_a_message_is_read_once_it_was_handled(
    sandbox: SandboxHandle, client: NotificatiesClient
) -> None:
    sandbox.change_settings("notificaties", verwerkingstijd=3600)
    bundel = make_bundel()
    client.post_bundel(bundel=bundel)
    assert read(sandbox, bundel.bundel_id) == []


def test_another_spelling_of_the_unknown_parts_is_refused(
    sandbox: SandboxHandle, client: NotificatiesClient
) -> None:
    sandbox.change_settings("notificaties", bestemmeling="Rijksregisternummer")
    with pytest.raises(ContractError, match="contract.vorm"):
        client.post_bundel(bundel=make_bundel())


def test_a_service_that_cannot_be_asked_says_so(sandbox: SandboxHandle) -> None:
    base = f"{sandbox.base_url}/notificaties"
    unasked = open_notificaties_client(base, auth=open_acm(acm_client(sandbox, "notificaties")))
    assert not unasked.can_be_asked
    with pytest.raises(PermanentError, match="no address is known"):
        unasked.list_ontvangen()


@given(
    st.dictionaries(
        st.sampled_from(["DossierNummer", "StatusVlaamseCode", "StatusVlaamseFase", "Status"]),
        st.text(max_size=20),
    )
)
def test_a_bundle_is_right_exactly_when_its_required_pairs_are_filled(
    waarden: dict[str, str],
) -> None:
    bundel = make_bundel(waarden=waarden)
    needed = ("DossierNummer", "StatusVlaamseCode", "StatusVlaamseFase")
    is_full = all(waarden.get(sleutel, "").strip() for sleutel in needed)
    assert (find_faults(bundel, bundel_to_json(bundel)) == []) is is_full


def test_no_person_is_in_what_a_bundle_shows_of_itself() -> None:
    assert INSZ not in repr(make_bundel())


def test_the_owner_of_the_unknown_spellings_is_one_file() -> None:
    folder = Path(__file__).parents[3] / "connectors" / "mijnburgerprofiel" / "notificaties"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    for spelling in ("SleutelWaardeParen", '"Insz"', '"Waarde"'):
        assert spelling not in code
