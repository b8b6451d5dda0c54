"""The client reads pages of changes and writes all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from connectors.crm.client import CrmClient, open_client
from connectors.crm.errors import DeltaExpiredError
from connectors.crm.models import CrmChange, CrmDeleted
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
from tests.connectors.crm.odata import batch_answer, part
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, serve

API = "/crm/api/data/v9.2"
SECRET = "Fien Voorbeeld"
TOESTEMMING = UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10")
PROFIEL = UUID("0f9e7f0a-93c5-4f0b-8f6d-1c3f4f1f7a22")
TOKEN = json.dumps({"token_type": "Bearer", "expires_in": 3600, "access_token": "t1"}).encode()


def client(server: ScriptedServer) -> CrmClient:
    return open_client(
        base_url=f"{server.url}/crm",
        client_id="hub",
        client_secret="geheim",
        scope="crm/.default",
        timeout=server.timeout,
    )


def crm(answer: Callable[[Asked], Answer] | Answer) -> Callable[[Asked], Answer]:
    """Sign on, then answer by the script."""

    def script(asked: Asked) -> Answer:
        if asked.path.rstrip("/") == "/crm/oauth2/v2.0/token":
            return Answer(body=TOKEN)
        return answer(asked) if callable(answer) else answer

    return script


def row(**changed: object) -> dict[str, object]:
    return {
        "@odata.etag": 'W/"3"',
        "rh_toestemmingid": str(TOESTEMMING),
        "modifiedon": "2026-11-23T12:00:00Z",
        "_rh_profiel_value": str(PROFIEL),
        "rh_doel": "duurzaam_bouwadvies",
        "rh_ontvanger": "dialoog",
        "rh_van": "2026-11-01T08:00:00Z",
        "rh_tot": None,
        **changed,
    }


def page(*rows: object, **links: str) -> Answer:
    body = {"value": list(rows), **{f"@odata.{name}": link for name, link in links.items()}}
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def gone(identifier: object) -> dict[str, object]:
    context = "http://x/$metadata#rh_toestemmingen/$deletedEntity"
    return {"@odata.context": context, "id": str(identifier), "reason": "deleted"}


def test_a_first_page_asks_to_track_changes_and_signs_on() -> None:
    with serve(crm(page(row(), deltaLink="http://x/delta"))) as server:
        changes = client(server).get_changes(tabel="toestemming", link=None, page_size=250)
        asked = server.asked[-1]
    url = urlsplit(asked.path)
    assert url.path == f"{API}/rh_toestemmingen"
    assert set(parse_qs(url.query)) == {"$select"}
    assert asked.headers["Prefer"] == "odata.track-changes,odata.maxpagesize=250"
    assert asked.headers["Authorization"] == "Bearer t1"
    assert asked.headers["OData-Version"] == "4.0"
    assert asked.headers["OData-MaxVersion"] == "4.0"
    assert asked.headers["Accept"] == "application/json"
    assert changes.delta_link == "http://x/delta"
    assert changes.next_link is None
    assert changes.records[0].object_id == TOESTEMMING
    assert changes.records[0].velden["van"] == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert changes.records[0].velden["tot"] is None


def test_a_link_is_followed_as_it_was_given() -> None:
    def answer(asked: Asked) -> Answer:
        if "$skiptoken" in asked.path:
            return page(gone(TOESTEMMING), deltaLink="http://x/delta")
        return page(row(), nextLink=f"{server.url}{API}/rh_toestemmingen?$skiptoken=a%2Fb")

    with serve(crm(answer)) as server:
        http = client(server)
        first = http.get_changes(tabel="toestemming", link=None, page_size=1)
        last = http.get_changes(tabel="toestemming", link=first.next_link, page_size=1)
        assert server.asked[-1].path == f"{API}/rh_toestemmingen?$skiptoken=a%2Fb"
        assert "maxpagesize=1" in server.asked[-1].headers["Prefer"]
    assert first.delta_link is None
    assert last.deleted == (CrmDeleted("toestemming", TOESTEMMING),)
    assert last.records == ()


@pytest.mark.parametrize("shape", ["{}", "http://x/rh_toestemmingen({})", "rh_toestemmingen({})"])
def test_a_deleted_row_is_known_by_its_id_however_written(shape: str) -> None:
    unseen = uuid4()
    with serve(crm(page(gone(shape.format(unseen)), deltaLink="x"))) as server:
        changes = client(server).get_changes(tabel="toestemming", link=None, page_size=1)
    assert changes.deleted[0].object_id == unseen


@pytest.mark.parametrize("status", [400, 410])
def test_a_link_that_expired_asks_for_a_full_reload(status: int) -> None:
    with (
        serve(crm(Answer(status, body=b'{"error":{"code":"","message":"x"}}'))) as server,
        pytest.raises(DeltaExpiredError) as caught,
    ):
        client(server).get_changes(
            tabel="dossier", link=f"{server.url}{API}/rh_dossiers?$deltatoken=1", page_size=9
        )
    assert isinstance(caught.value, RetryableError)


def test_a_refused_first_page_is_no_expired_link() -> None:
    with serve(crm(Answer(400))) as server, pytest.raises(PermanentError):
        client(server).get_changes(tabel="dossier", link=None, page_size=9)


def test_a_link_to_another_host_never_sees_the_token() -> None:
    with serve(crm(Answer())) as server, pytest.raises(ContractError, match="another host"):
        client(server).get_changes(tabel="dossier", link="http://127.0.0.1:9/x", page_size=9)


@pytest.mark.parametrize(
    "answer",
    [
        page(row()),
        page(row(), nextLink="a", deltaLink="b"),
        page(SECRET, deltaLink="b"),
        page(gone(SECRET), deltaLink="b"),
        Answer(body=b'{"value": {}}'),
        Answer(body=b"<html>Fien Voorbeeld</html>"),
        Answer(body=b""),
    ],
    ids=["no-link", "two-links", "row", "id", "list", "html", "empty"],
)
def test_a_page_that_breaks_the_contract_is_refused_without_its_data(answer: Answer) -> None:
    with serve(crm(answer)) as server, pytest.raises(ContractError) as caught:
        client(server).get_changes(tabel="toestemming", link=None, page_size=9)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        (row(rh_van=SECRET), str(TOESTEMMING)),
        (row(**{"@odata.etag": None}), str(TOESTEMMING)),
        ({"rh_doel": SECRET}, "unknown"),
        (row(rh_toestemmingid=SECRET), "unknown"),
    ],
    ids=["kind", "etag", "columns", "key"],
)
def test_a_row_that_does_not_fit_stands_apart_without_its_data(
    bad: dict[str, object], key: str
) -> None:
    with serve(crm(page(bad, row(), deltaLink="b"))) as server:
        changes = client(server).get_changes(tabel="toestemming", link=None, page_size=9)
    assert [record.object_id for record in changes.records] == [TOESTEMMING]
    (rejected,) = changes.rejected
    assert rejected.object_id.partition(" ")[0] == key
    assert rejected.inhoud == bad
    assert SECRET not in repr(changes.rejected)


def test_rows_without_a_readable_key_stand_apart_each_by_itself() -> None:
    one, other = {"rh_doel": "a"}, {"rh_doel": "b"}
    with serve(crm(page(one, other, one, deltaLink="b"))) as server:
        changes = client(server).get_changes(tabel="toestemming", link=None, page_size=9)
    first, second, again = (rejected.object_id for rejected in changes.rejected)
    assert first == again != second


def test_a_row_is_read_by_its_id_or_its_key() -> None:
    with serve(crm(Answer(body=json.dumps(row()).encode()))) as server:
        http = client(server)
        record = http.get(tabel="toestemming", object_id=TOESTEMMING)
        assert urlsplit(server.asked[-1].path).path == f"{API}/rh_toestemmingen({TOESTEMMING})"
        with pytest.raises(ContractError):
            http.get(tabel="gegeven", sleutel="a:b")
        assert urlsplit(server.asked[-1].path).path == f"{API}/rh_gegevens(rh_sleutel='a%3Ab')"
    assert record is not None
    assert record.etag == 'W/"3"'


def test_a_row_that_does_not_exist_is_none() -> None:
    with serve(crm(Answer(404))) as server:
        assert client(server).get(tabel="dossier", object_id=uuid4()) is None


CHANGES = (
    CrmChange("dossier", TOESTEMMING, None, {"bouwjaar": 1931}, if_match='W/"7"'),
    CrmChange("gegeven", None, f"{TOESTEMMING}:bouwjaar", {"waarde": "1931", "bron": "epc"}),
    CrmChange("aanmelding", PROFIEL, None, {"status": "verzonden"}),
    CrmChange("stap", None, "s1", {"omschrijving": SECRET}, create_only=True),
)


def answered(*parts: str, status: int = 200, changeset: bool = True) -> Answer:
    kind, body = batch_answer(*parts, changeset=changeset)
    return Answer(status, body=body, headers={"Content-Type": kind})


def write(answer: Answer | Callable[[Asked], Answer]) -> Asked:
    with serve(crm(answer)) as server:
        client(server).write(changes=CHANGES, key="bericht 7", correlation_id=PROFIEL)
        return server.asked[-1]


def test_changes_travel_as_one_atomic_changeset() -> None:
    asked = write(answered(*(part(204, number=n) for n in (1, 2, 3, 4))))
    assert asked.path == f"{API}/$batch"
    assert asked.method == "POST"
    assert asked.headers["x-correlation-id"] == str(PROFIEL)
    text = asked.body.decode()
    assert text.count("Content-Type: application/http\r\n") == 4
    first, second, third, fourth = text.split("PATCH ")[1:]
    assert first.startswith(f"{API}/rh_dossiers({TOESTEMMING}) HTTP/1.1\r\n")
    assert '\r\nIf-Match: W/"7"\r\n' in first
    assert second.startswith(f"{API}/rh_gegevens(rh_sleutel='{TOESTEMMING}%3Abouwjaar') HTTP")
    assert "If-" not in second
    assert "\r\nIf-Match: *\r\n" in third
    assert "\r\nIf-None-Match: *\r\n" in fourth


def test_nothing_to_write_sends_nothing() -> None:
    with serve(crm(Answer(500))) as server:
        client(server).write(changes=(), key="bericht 7")
        assert server.asked == []


FAILURES = [
    (400, ContractError),
    (401, AuthenticationError),
    (403, AuthenticationError),
    (404, PermanentError),
    (409, ConflictError),
    (412, ConflictError),
    (418, PermanentError),
    (429, ThrottledError),
    (500, RetryableError),
    (503, RetryableError),
]


@pytest.mark.parametrize(
    ("status", "kind", "outer"),
    [(status, kind, 200) for status, kind in FAILURES]
    # Some servers give the batch as a whole the status of its failure, and tell it in parts.
    + [(status, kind, status) for status, kind in FAILURES if status in (400, 404, 409, 412)],
)
def test_the_failing_operation_decides(status: int, kind: type[ConnectorError], outer: int) -> None:
    body = {"error": {"code": "0x80060882", "message": SECRET}}
    failed = part(status, number=2, body=body, headers={"Retry-After": "4"})
    with pytest.raises(ConnectorError) as caught:
        write(answered(failed, status=outer, changeset=False))
    assert type(caught.value) is kind
    assert f"change 2 (gegeven) answered {status} (0x80060882)" in str(caught.value)
    assert SECRET not in str(caught.value)
    if isinstance(caught.value, RetryableError):
        assert caught.value.retry_after == 4.0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(401), AuthenticationError),
        (Answer(403), AuthenticationError),
        (Answer(412), ConflictError),
        (Answer(413), PermanentError),
        (Answer(429, headers={"Retry-After": "4"}), ThrottledError),
        (Answer(503), RetryableError),
        (Answer(500), UnknownOutcomeError),
        (Answer(502), UnknownOutcomeError),
        (Answer(delay=0.8), UnknownOutcomeError),
        (Answer(reset=True), UnknownOutcomeError),
        (Answer(raw=b"onzin"), UnknownOutcomeError),
        (Answer(body=b"onzin"), UnknownOutcomeError),
        (Answer(body=b"{}", headers={"Content-Type": "application/json"}), UnknownOutcomeError),
        (Answer(204), UnknownOutcomeError),
        (answered(part(204, number=1)), UnknownOutcomeError),
        (
            Answer(
                headers={"Content-Type": "multipart/mixed; boundary=b"},
                body=b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No",
            ),
            UnknownOutcomeError,
        ),
    ],
)
def test_a_batch_as_a_whole_that_fails_is_sorted(
    answer: Answer, kind: type[ConnectorError]
) -> None:
    with pytest.raises(ConnectorError) as caught:
        write(answer)
    assert type(caught.value) is kind
    assert "bericht 7" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        CrmChange("dossier", TOESTEMMING, None, {"bouwjaar": SECRET}),
        CrmChange("dossier", TOESTEMMING, None, {"onbekend": SECRET}),
        CrmChange("onbekend", TOESTEMMING, None, {}),
        CrmChange("profiel", None, "x", {}),
        CrmChange("dossier", TOESTEMMING, None, {}, if_match="a\r\nb"),
    ],
)
def test_a_change_that_cannot_be_written_is_never_sent(wrong: CrmChange) -> None:
    with serve(crm(Answer())) as server:
        with pytest.raises(ContractError) as caught:
            client(server).write(changes=[*CHANGES, wrong], key="bericht 7")
        assert server.asked == []
    assert SECRET not in str(caught.value)


def test_more_changes_than_one_batch_holds_are_never_sent() -> None:
    with serve(crm(Answer())) as server:
        with pytest.raises(ContractError, match="1001 changes"):
            client(server).write(changes=[CHANGES[0]] * 1001, key="bericht 7")
        assert server.asked == []


def test_a_change_does_not_show_its_values() -> None:
    assert SECRET not in repr(CHANGES[3])
