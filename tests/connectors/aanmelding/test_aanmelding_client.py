"""A resident is signed up once, whatever happens on the way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from connectors.aanmelding.client import AanmeldingClient, open_client
from connectors.aanmelding.mapping import find_faults
from connectors.aanmelding.models import (
    Aanmelding,
    Aanvrager,
    Bewaarplicht,
    DocumentVerwijzing,
    Gebouw,
    Intrekking,
    Ontvangst,
    Soort,
    Status,
    Uitkomst,
    Voortgang,
)
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
from tests.connectors.scripted_server import Answer, ScriptedServer, in_turn, serve

REFERENTIE = UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10")
MOMENT = datetime(2026, 11, 10, 9, 15, tzinfo=UTC)
PERSONAL = ("Fien", "Voorbeeld", "fien.voorbeeld@example.org", "+32 470", "Naamsestraat", "dakraam")
AANMELDING = Aanmelding(
    referentie=REFERENTIE,
    soort=Soort.DUURZAAM_BOUWADVIES,
    dossiernummer="RD-0001-000017",
    ingediend_op=MOMENT,
    aanvrager=Aanvrager("Fien", "Voorbeeld", "fien.voorbeeld@example.org", "+32 470 00 00 00"),
    gebouw=Gebouw(
        straat="Naamsestraat",
        huisnummer="12A",
        busnummer="0301",
        postcode="3000",
        gemeente="Leuven",
        adres_id="2550151",
        bouwjaar=1931,
        energielabel="E",
        kengetal=Decimal("437.5"),
    ),
    vraag="Mag er een dakraam bij?",
)
RECEIPT = {"referentie": str(REFERENTIE), "ontvangenOp": "2026-11-10T10:15:02+01:00"}
STAND = {
    **RECEIPT,
    "soort": "duurzaam_bouwadvies",
    "status": "ingepland",
    "gewijzigdOp": "2026-11-11T00:00:00Z",
    "idempotencyKey": "k:1",
    "ontvangstnummer": "DIA-1",
    "nieuwVeld": 1,
}


def client(server: ScriptedServer) -> AanmeldingClient:
    return open_client(
        system="dialoog", base_url=f"{server.url}/dialoog", token="geheim", timeout=server.timeout
    )


def as_json(body: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, body=json.dumps(body).encode(), headers=headers)


def put(server: ScriptedServer, **options: str) -> Ontvangst:
    return client(server).put_aanmelding(
        aanmelding=AANMELDING, idempotency_key="k:1", correlation_id=REFERENTIE, **options
    )


def test_the_body_is_what_the_contract_asks() -> None:
    with serve(in_turn(as_json(RECEIPT, 201, ETag='"1"'))) as server:
        put(server)
        asked = server.asked[0]
    body = json.loads(asked.body)
    assert find_faults(body) == []
    assert body == {
        "referentie": str(REFERENTIE),
        "soort": "duurzaam_bouwadvies",
        "dossierNummer": "RD-0001-000017",
        "ingediendOp": "2026-11-10T09:15:00Z",
        "aanvrager": {
            "voornaam": "Fien",
            "naam": "Voorbeeld",
            "email": "fien.voorbeeld@example.org",
            "telefoon": "+32 470 00 00 00",
        },
        "gebouw": {
            "straat": "Naamsestraat",
            "huisnummer": "12A",
            "busnummer": "0301",
            "postcode": "3000",
            "gemeente": "Leuven",
            "adresId": "2550151",
            "bouwjaar": 1931,
            "energielabel": "E",
            "kengetal": 437.5,
        },
        "vraag": "Mag er een dakraam bij?",
    }
    assert (asked.method, asked.path) == ("PUT", f"/dialoog/aanmeldingen/{REFERENTIE}")
    assert asked.headers["Idempotency-Key"] == "k:1"
    assert asked.headers["Authorization"] == "Bearer geheim"
    assert asked.headers["x-correlation-id"] == str(REFERENTIE)
    assert "If-Match" not in asked.headers


@pytest.mark.parametrize("status", [200, 201])
def test_a_first_time_and_a_repeat_are_both_a_success(status: int) -> None:
    answer = as_json({**RECEIPT, "ontvangstnummer": "DIA-1"}, status, ETag='"1"')
    with serve(in_turn(answer)) as server:
        ontvangst = put(server)
    moment = datetime(2026, 11, 10, 9, 15, 2, tzinfo=UTC)
    assert ontvangst == Ontvangst(REFERENTIE, moment, '"1"', "DIA-1")


def test_a_correction_names_the_version_it_replaces() -> None:
    with serve(in_turn(as_json(RECEIPT, ETag='"2"'))) as server:
        assert put(server, if_match='"1"').etag == '"2"'
        assert server.asked[0].headers["If-Match"] == '"1"'


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400), ContractError),
        (Answer(401), AuthenticationError),
        (Answer(403), AuthenticationError),
        (Answer(404), PermanentError),
        (Answer(405), ContractError),
        (Answer(409), ConflictError),
        (Answer(412), ConflictError),
        (Answer(415), ContractError),
        (Answer(418), PermanentError),
        (Answer(422), PermanentError),
        (Answer(429, headers={"Retry-After": "9"}), ThrottledError),
        (Answer(500), UnknownOutcomeError),
        (Answer(502), UnknownOutcomeError),
        (Answer(503, headers={"Retry-After": "9"}), RetryableError),
        (Answer(504), UnknownOutcomeError),
        (Answer(302, headers={"Location": "/"}), ContractError),
        (Answer(202), UnknownOutcomeError),
        (Answer(delay=0.8), UnknownOutcomeError),
        (Answer(reset=True), UnknownOutcomeError),
        (Answer(raw=b"onzin"), UnknownOutcomeError),
        (Answer(201), UnknownOutcomeError),
        (Answer(200, body=b"<html>Fien Voorbeeld</html>"), UnknownOutcomeError),
        (as_json([RECEIPT]), UnknownOutcomeError),
        (as_json({"referentie": str(REFERENTIE)}), UnknownOutcomeError),
        (as_json({**RECEIPT, "ontvangenOp": "Fien"}), UnknownOutcomeError),
        (as_json({**RECEIPT, "referentie": str(UUID(int=1))}), UnknownOutcomeError),
        (Answer(body=b"{", headers={"Content-Length": "99"}), UnknownOutcomeError),
    ],
)
def test_every_other_answer_to_an_aanmelding_is_sorted(
    answer: Answer, kind: type[ConnectorError]
) -> None:
    with serve(in_turn(answer)) as server, pytest.raises(ConnectorError) as caught:
        put(server)
    error = caught.value
    assert type(error) is kind
    assert str(error).startswith(f"dialoog put_aanmelding {REFERENTIE}: ")
    assert not any(text in str(error) for text in PERSONAL)
    if isinstance(error, RetryableError):
        assert error.retry_after == 9.0


def test_a_partner_that_is_not_there_can_be_tried_again() -> None:
    with serve(in_turn(Answer())) as server:
        gone = client(server)
    with pytest.raises(RetryableError):
        gone.put_aanmelding(aanmelding=AANMELDING, idempotency_key="k:1")


def test_the_problem_text_of_a_partner_is_not_told() -> None:
    problem = {
        "type": "urn:renovatiehub:aanmelding:geweigerd",
        "title": "Fien Voorbeeld woont te ver",
        "detail": "fien.voorbeeld@example.org",
    }
    with serve(in_turn(as_json(problem, 422))) as server, pytest.raises(PermanentError) as caught:
        put(server)
    assert "answered 422 (urn:renovatiehub:aanmelding:geweigerd)" in str(caught.value)
    assert not any(text in str(caught.value) for text in PERSONAL)


def test_a_body_that_breaks_the_contract_is_never_sent() -> None:
    wrong = Aanmelding(
        referentie=REFERENTIE,
        soort=Soort.DUURZAAM_BOUWADVIES,
        dossiernummer="RD-1",
        ingediend_op=MOMENT,
        aanvrager=Aanvrager("Fien", "", email="fien"),
        gebouw=Gebouw("Naamsestraat", "12A", "30O0", "Leuven"),
    )
    with serve(in_turn(as_json(RECEIPT))) as server:
        with pytest.raises(ContractError) as caught:
            client(server).put_aanmelding(aanmelding=wrong, idempotency_key="k:1")
        assert server.asked == []
    for fault in ("/aanvrager/naam minLength", "/aanvrager/email format", "/gebouw/postcode"):
        assert fault in str(caught.value)
    assert "30O0" not in str(caught.value)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Aanmelding(
            REFERENTIE,
            Soort.ENERGIELENING,
            "RD-1",
            MOMENT.replace(tzinfo=None),
            AANMELDING.aanvrager,
            AANMELDING.gebouw,
        )


def test_nothing_personal_is_in_a_representation() -> None:
    assert not any(text in repr(AANMELDING) for text in PERSONAL)


def test_what_the_partner_holds_is_read_and_new_fields_are_ignored() -> None:
    kept = {
        "referentie": str(REFERENTIE),
        "uitkomst": "bewaard",
        "ingetrokkenOp": "2026-11-15T10:00:00Z",
        "bewaarplicht": {"reden": "andere", "rechtsgrond": "wet", "bewarenTot": "2033-12-31"},
    }
    answer = as_json({**STAND, "intrekking": kept}, ETag='"3"')
    with serve(in_turn(answer)) as server:
        stand = client(server).get_aanmelding(referentie=REFERENTIE)
        assert server.asked[0].method == "GET"
    assert stand is not None
    assert stand.status is Status.INGEPLAND
    assert (stand.idempotency_key, stand.etag, stand.ontvangst_nummer) == ("k:1", '"3"', "DIA-1")
    assert stand.intrekking == Intrekking(
        REFERENTIE,
        Uitkomst.BEWAARD,
        datetime(2026, 11, 15, 10, tzinfo=UTC),
        Bewaarplicht("andere", "wet", date(2033, 12, 31)),
    )


def test_a_partner_that_holds_nothing_says_so() -> None:
    with serve(in_turn(Answer(404))) as server:
        assert client(server).get_aanmelding(referentie=REFERENTIE) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "verdwenen"},
        {"soort": None},
        {"referentie": str(UUID(int=1))},
        {"idempotencyKey": ""},
        {"gewijzigdOp": "gisteren"},
        {"intrekking": {"uitkomst": "bewaard"}},
    ],
)
def test_an_answer_about_what_it_holds_that_cannot_be_read_breaks_the_contract(
    changed: dict[str, object],
) -> None:
    with serve(in_turn(as_json({**STAND, **changed}))) as server, pytest.raises(ContractError):
        client(server).get_aanmelding(referentie=REFERENTIE)


@pytest.mark.parametrize("answer", [Answer(500), Answer(reset=True), Answer(delay=0.8)])
def test_asking_what_it_holds_can_be_tried_again(answer: Answer) -> None:
    with serve(in_turn(answer)) as server, pytest.raises(RetryableError):
        client(server).get_aanmelding(referentie=REFERENTIE)


def test_a_withdrawal_tells_what_was_done() -> None:
    removed = {
        "referentie": str(REFERENTIE),
        "uitkomst": "verwijderd",
        "ingetrokkenOp": "2026-11-15T10:00:00Z",
    }
    with serve(in_turn(as_json(removed), Answer(404))) as server:
        http = client(server)
        first = http.delete_aanmelding(referentie=REFERENTIE)
        nothing = http.delete_aanmelding(referentie=REFERENTIE)
        assert server.asked[0].method == "DELETE"
    moment = datetime(2026, 11, 15, 10, tzinfo=UTC)
    assert first == Intrekking(REFERENTIE, Uitkomst.VERWIJDERD, moment)
    assert nothing == Intrekking(REFERENTIE, Uitkomst.VERWIJDERD, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"uitkomst": None},
        {"uitkomst": "weg"},
        {"uitkomst": "bewaard"},
        {"ingetrokkenOp": "gisteren"},
        {"referentie": str(UUID(int=1))},
    ],
)
def test_a_withdrawal_whose_answer_cannot_be_read_is_unknown(
    changed: dict[str, str | None],
) -> None:
    removed = {
        "referentie": str(REFERENTIE),
        "uitkomst": "verwijderd",
        "ingetrokkenOp": "2026-11-15T10:00:00Z",
    }
    with (
        serve(in_turn(as_json({**removed, **changed}))) as server,
        pytest.raises(UnknownOutcomeError),
    ):
        client(server).delete_aanmelding(referentie=REFERENTIE)


def test_progress_is_asked_since_a_moment_and_paged() -> None:
    event = {
        "id": "1002",
        "referentie": str(REFERENTIE),
        "status": "advies_opgemaakt",
        "tijdstip": "2026-11-20T15:00:00Z",
        "gewijzigdOp": "2026-11-20T15:02:44Z",
        "adviesSoort": "dubo",
        "adviseur": "Joris Verzonnen",
        "documenten": [
            {"documentId": "77", "titel": "Advies", "mediatype": "application/pdf", "href": "http://x/77"}
        ],
    }  # fmt: skip
    bare = {name: event[name] for name in ("referentie", "status", "tijdstip", "gewijzigdOp")}
    first = as_json({"items": [{**bare, "id": "1001"}, event], "volgende": "a/b"})
    with serve(in_turn(first, as_json({"items": []}))) as server:
        http = client(server)
        since = datetime(2026, 11, 20, 1, tzinfo=timezone(timedelta(hours=1)))
        page = http.list_voortgang(gewijzigd_na=since)
        last = http.list_voortgang(gewijzigd_na=since, pagina=page.volgende)
        asked = [parse_qs(urlsplit(question.path).query) for question in server.asked]
    assert asked == [
        {"gewijzigdNa": ["2026-11-20T00:00:00Z"]},
        {"gewijzigdNa": ["2026-11-20T00:00:00Z"], "pagina": ["a/b"]},
    ]
    assert [item.voortgang_id for item in page.items] == ["1001", "1002"]
    early, advice = page.items
    assert isinstance(early, Voortgang) and isinstance(advice, Voortgang)
    assert early.documenten == ()
    assert advice.status is Status.ADVIES_OPGEMAAKT
    assert advice.documenten == (
        DocumentVerwijzing("77", "Advies", "application/pdf", "http://x/77"),
    )
    assert "Joris" not in repr(page)
    assert last.items == ()
    assert last.volgende is None


@pytest.mark.parametrize("body", [[], {}, {"items": {}}, {"items": [], "volgende": 2}])
def test_a_page_of_progress_that_is_no_page_breaks_the_contract(body: object) -> None:
    with serve(in_turn(as_json(body))) as server, pytest.raises(ContractError):
        client(server).list_voortgang(gewijzigd_na=MOMENT)


def test_all_that_a_partner_holds_is_asked_in_pages() -> None:
    first = as_json({"items": [STAND], "volgende": "a/b"})
    with serve(in_turn(first, as_json({"items": []}))) as server:
        http = client(server)
        page = http.list_standen()
        last = http.list_standen(pagina=page.volgende)
        asked = [urlsplit(question.path) for question in server.asked]
    assert {question.path.rpartition("/")[2] for question in asked} == {"standen"}
    assert [parse_qs(question.query) for question in asked] == [
        {"limiet": ["500"]},
        {"limiet": ["500"], "pagina": ["a/b"]},
    ]
    (held,) = page.items
    assert (held.referentie, held.idempotency_key, held.etag) == (
        REFERENTIE,
        STAND["idempotencyKey"],
        None,
    )
    assert (last.items, last.volgende) == ((), None)


@pytest.mark.parametrize("body", [{}, {"items": [{}]}, {"items": [STAND | {"status": "x"}]}])
def test_a_list_of_all_that_cannot_be_read_breaks_the_contract(body: object) -> None:
    with serve(in_turn(as_json(body))) as server, pytest.raises(ContractError):
        client(server).list_standen()


def test_a_partner_that_offers_no_list_of_all_is_no_reason_to_stop_its_channel() -> None:
    with (
        serve(in_turn(as_json({}, 404))) as server,
        pytest.raises(PermanentError, match="404") as caught,
    ):
        client(server).list_standen()
    assert not isinstance(caught.value, AuthenticationError)
