"""Every way a receiver can fail ends in the error that says what to do next."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

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
from connectors.transport.http import HttpClient
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, in_turn, serve

SECRET = "Fien Voorbeeld 90.61.01-123.45 geheim"
CORRELATIE = UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10")


def client(server: ScriptedServer, **options: object) -> HttpClient:
    settings: dict[str, object] = {"timeout": server.timeout, **options}
    return HttpClient("proef", f"{server.url}/api", **settings)  # type: ignore[arg-type]


def ask(http: HttpClient, path: str = "dingen/1", *, changes: bool = False, **options: object):
    return http.request(
        "PUT" if changes else "GET",
        path,
        operation="vraag",
        key="ding 1",
        changes=changes,
        **{"expected": {200}, **options},  # type: ignore[arg-type]
    )


def failure(answer: Answer, *, changes: bool, **options: object) -> ConnectorError:
    with serve(in_turn(answer)) as server, pytest.raises(ConnectorError) as caught:
        ask(client(server, **options), changes=changes, json={"naam": SECRET} if changes else None)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


def test_the_answer_and_the_correlation_id_come_through() -> None:
    with serve(in_turn(Answer(body=b'{"a": 1}', headers={"ETag": '"7"'}))) as server:
        http = client(server, headers={"x-api-key": "sleutel"})
        answer = ask(http, params={"q": "é&="}, correlation_id=CORRELATIE)
        asked = server.asked[0]
    assert answer.json() == {"a": 1}
    assert answer.headers["ETag"] == '"7"'
    assert asked.path == "/api/dingen/1?q=%C3%A9%26%3D"
    assert asked.headers["x-correlation-id"] == str(CORRELATIE)
    assert asked.headers["x-api-key"] == "sleutel"


def test_a_json_body_is_sent_as_utf_8() -> None:
    with serve(in_turn(Answer())) as server:
        ask(client(server), changes=True, json={"straat": "Sint-Jansbergsesteenweg é"})
        asked = server.asked[0]
    assert json.loads(asked.body) == {"straat": "Sint-Jansbergsesteenweg é"}
    assert asked.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "changes", "kind"),
    [
        (301, False, ContractError),
        (302, True, ContractError),
        (202, False, ContractError),
        (202, True, UnknownOutcomeError),
        (400, False, PermanentError),
        (400, True, PermanentError),
        (401, False, AuthenticationError),
        (403, True, AuthenticationError),
        (404, False, PermanentError),
        (408, False, RetryableError),
        (408, True, RetryableError),
        (409, True, ConflictError),
        (410, False, PermanentError),
        (412, True, ConflictError),
        (422, True, PermanentError),
        (425, True, RetryableError),
        (429, False, ThrottledError),
        (429, True, ThrottledError),
        (500, False, RetryableError),
        (500, True, UnknownOutcomeError),
        (501, True, UnknownOutcomeError),
        (502, False, RetryableError),
        (502, True, UnknownOutcomeError),
        (503, False, RetryableError),
        (503, True, RetryableError),
        (504, False, RetryableError),
        (504, True, UnknownOutcomeError),
        (599, True, UnknownOutcomeError),
    ],
)
def test_a_status_means_this_error(status: int, changes: bool, kind: type[ConnectorError]) -> None:
    error = failure(Answer(status, body=SECRET.encode()), changes=changes)
    assert type(error) is kind
    assert str(status) in str(error)
    assert str(error).startswith("proef vraag ding 1: ")


def test_a_caller_refines_what_a_status_means() -> None:
    with serve(in_turn(Answer(400))) as server, pytest.raises(ContractError):
        ask(client(server), refusals={400: ContractError})


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_a_receiver_asks_for_is_kept(status: int) -> None:
    error = failure(Answer(status, headers={"Retry-After": "7"}), changes=True)
    assert isinstance(error, RetryableError)
    assert error.retry_after == 7.0


def test_a_pause_nobody_understands_is_no_pause() -> None:
    error = failure(Answer(429, headers={"Retry-After": "later"}), changes=False)
    assert isinstance(error, ThrottledError)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"type": "urn:x:throttled", "title": SECRET}, "(urn:x:throttled)"),
        ({"error": {"code": "0x80072322", "message": SECRET}}, "(0x80072322)"),
        ({"error": {"code": "", "message": SECRET}, "code": "te_druk"}, "(te_druk)"),
        ({"error": "invalid_client", "error_description": SECRET}, "(invalid_client)"),
    ],
)
def test_only_the_code_of_a_problem_is_told(body: dict[str, object], shown: str) -> None:
    error = failure(Answer(422, body=json.dumps(body).encode()), changes=True)
    assert shown in str(error)


@pytest.mark.parametrize(
    "body",
    [
        {"type": SECRET},
        {"code": "fien.voorbeeld@example.org"},
        {"code": "x90610112345"},
        {"error": {"code": 12}},
        [1],
        "tekst",
    ],
)
def test_a_code_that_may_hold_data_is_left_out(body: object) -> None:
    error = failure(Answer(422, body=json.dumps(body).encode()), changes=True)
    assert error.observed == "answered 422"


@pytest.mark.parametrize("changes", [False, True])
def test_a_server_that_is_not_there_can_be_tried_again(changes: bool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        http = HttpClient("proef", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(RetryableError) as caught:
            ask(http, changes=changes)
    assert "no connection" in str(caught.value)


@pytest.mark.parametrize("changes", [False, True])
def test_a_name_that_does_not_exist_can_be_tried_again(changes: bool) -> None:
    with pytest.raises(RetryableError, match="no connection"):
        ask(HttpClient("proef", "http://bestaat-niet.invalid"), changes=changes)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(delay=0.8),
        Answer(reset=True),
        Answer(raw=b""),
        Answer(raw=b"onzin, geen HTTP\r\n\r\n"),
        Answer(body=b"half", headers={"Content-Length": "400"}),
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nhalf"),
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 2, 4\r\n\r\nhalf"),
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"),
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf"),
        Answer(body=b"geen gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=[
        "late",
        "reset",
        "closed",
        "garbage",
        "stuck",
        "cut",
        "two-lengths",
        "cut-chunks",
        "odd-chunks",
        "odd-gzip",
    ],
)
def test_a_lost_answer_is_unknown_for_a_write_and_retryable_for_a_read(answer: Answer) -> None:
    assert type(failure(answer, changes=True)) is UnknownOutcomeError
    assert type(failure(answer, changes=False)) is RetryableError


def test_an_answer_that_drips_for_ever_is_given_up() -> None:
    begun = time.monotonic()
    error = failure(Answer(body=b"x" * 100, drip=0.1), changes=False)
    assert type(error) is RetryableError
    assert time.monotonic() - begun < 3.0


def test_an_answer_larger_than_we_hold_is_refused() -> None:
    answer = Answer(body=b"x" * 5000)
    assert type(failure(answer, changes=False, largest_answer=4999)) is ContractError
    assert type(failure(answer, changes=True, largest_answer=4999)) is UnknownOutcomeError
    with serve(in_turn(answer)) as server:
        assert len(ask(client(server, largest_answer=5000)).content) == 5000


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused() -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    answer = Answer(body=bomb, headers={"Content-Encoding": "gzip"})
    assert len(bomb) < 10_000
    assert type(failure(answer, changes=False, largest_answer=100_000)) is ContractError


def test_a_redirect_is_never_followed() -> None:
    elsewhere = Answer(302, headers={"Location": "http://127.0.0.1:9/anders"})
    with serve(in_turn(elsewhere)) as server:
        with pytest.raises(ContractError):
            ask(client(server))
        assert len(server.asked) == 1


def test_a_cookie_is_never_sent_back() -> None:
    with serve(in_turn(Answer(headers={"Set-Cookie": "sessie=1; Path=/"}))) as server:
        http = client(server)
        ask(http)
        ask(http)
        assert "Cookie" not in server.asked[1].headers


def test_the_environment_does_not_lead_requests_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with serve(in_turn(Answer())) as server:
        assert ask(client(server)).status_code == 200


def test_a_next_link_of_the_same_host_is_followed() -> None:
    with serve(in_turn(Answer())) as server:
        ask(client(server), f"{server.url}/api/dingen?vanaf=2")
        assert server.asked[0].path == "/api/dingen?vanaf=2"


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:9/api/dingen",
        "https://{host}/api/dingen",
        "http://{host}@127.0.0.1:9/api",
        "http://iemand@{host}/api",
        "http://{host}\\@127.0.0.1:9/",
        "http://[::1/api",
        "file:///etc/passwd",
        "ftp://{host}/x",
    ],
)
def test_a_link_to_another_host_is_not_followed(link: str) -> None:
    with serve(in_turn(Answer())) as server:
        host = server.url.removeprefix("http://")
        with pytest.raises(ContractError, match="another host"):
            ask(client(server), link.format(host=host))
        assert server.asked == []


def test_a_path_with_two_slashes_stays_at_the_host() -> None:
    with serve(in_turn(Answer())) as server:
        ask(client(server), "//127.0.0.2/x")
        assert server.asked[0].path == "/api/127.0.0.2/x"


class Badge:
    """Hands out numbered tokens and remembers how often it was asked to renew."""

    def __init__(self) -> None:
        self.number = 1
        self.renewed = 0

    def __call__(self, renew: bool) -> Mapping[str, str]:
        if renew:
            self.number += 1
            self.renewed += 1
        return {"Authorization": f"Bearer t{self.number}"}


@pytest.mark.parametrize("changes", [False, True])
def test_a_refused_token_is_renewed_once(changes: bool) -> None:
    def script(asked: Asked) -> Answer:
        return Answer(200 if asked.headers["Authorization"] == "Bearer t2" else 401)

    badge = Badge()
    with serve(script) as server:
        assert ask(client(server, auth=badge), changes=changes).status_code == 200
        assert len(server.asked) == 2
    assert badge.renewed == 1


def test_a_token_refused_twice_stops_the_channel() -> None:
    badge = Badge()
    with serve(in_turn(Answer(401))) as server:
        with pytest.raises(AuthenticationError):
            ask(client(server, auth=badge))
        assert len(server.asked) == 2
    assert badge.renewed == 1


@pytest.mark.parametrize("value", ["a\r\nX-Inject: 1", "a\nb", "naam\u20ac"])
def test_a_header_that_cannot_be_sent_is_our_mistake(value: str) -> None:
    with serve(in_turn(Answer())) as server:
        with pytest.raises(ContractError, match="cannot be sent") as caught:
            ask(client(server), changes=True, headers={"If-Match": value})
        assert server.asked == []
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["\ud800 geheim", float("nan"), object()])
def test_a_body_that_cannot_be_sent_is_our_mistake(value: object) -> None:
    with serve(in_turn(Answer())) as server:
        with pytest.raises(ContractError, match="cannot be sent") as caught:
            ask(client(server), changes=True, json={"veld": value})
        assert server.asked == []
    assert "geheim" not in str(caught.value)
    assert caught.value.__context__ is None


def test_many_threads_share_one_client_and_its_connections() -> None:
    seen: set[str] = set()
    lock = threading.Lock()

    def script(asked: Asked) -> Answer:
        with lock:
            seen.add(asked.headers["x-correlation-id"])
        return Answer(body=asked.path.encode())

    with serve(script) as server:
        http = client(server, pool_size=8, timeout=(2.0, 10.0))
        with ThreadPoolExecutor(8) as pool:
            bodies = list(pool.map(lambda i: ask(http, f"dingen/{i}").content, range(200)))
    assert bodies == [f"/api/dingen/{i}".encode() for i in range(200)]
    assert len(seen) == 200


def test_connections_are_used_again() -> None:
    with serve(in_turn(Answer(body=b"{}"), Answer(404, body=b"{}"), Answer(body=b"{}"))) as server:
        accepted = 0
        original = server._server.get_request

        def count() -> object:
            nonlocal accepted
            accepted += 1
            return original()

        server._server.get_request = count  # type: ignore[method-assign, assignment]
        http = client(server)
        for _ in range(3):
            ask(http, expected={200, 404})
    assert accepted == 1


def test_the_log_tells_the_key_and_never_the_query_or_the_body(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "connectors"), serve(in_turn(Answer())) as server:
        ask(client(server), params={"straatnaam": SECRET}, headers={"x-api-key": SECRET})
    assert "proef vraag ding 1 answered 200" in caplog.text
    assert SECRET not in "".join(r.getMessage() for r in caplog.records if "connectors" in r.name)
