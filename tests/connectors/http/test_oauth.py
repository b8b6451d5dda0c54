"""One token serves all threads, is renewed in time, and is never shown."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from urllib.parse import parse_qs

import pytest

from connectors.transport.errors import AuthenticationError, RetryableError
from connectors.transport.http import HttpClient
from connectors.transport.oauth import ClientCredentials
from tests.connectors.scripted_server import Answer, Asked, Script, ScriptedServer, in_turn, serve

SECRET = "geheim&=é"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def tokens(**fields: object) -> Script:
    numbers = count(1)

    def script(_asked: Asked) -> Answer:
        body = {"token_type": "Bearer", "expires_in": 3600, "access_token": f"t{next(numbers)}"}
        return Answer(body=json.dumps({**body, **fields}).encode())

    return script


def provider(server: ScriptedServer, clock: Clock | None = None) -> ClientCredentials:
    http = HttpClient("crm", f"{server.url}/oauth2/v2.0/token", timeout=server.timeout)
    return ClientCredentials(
        http,
        client_id="hub",
        client_secret=SECRET,
        scope="crm/.default",
        clock=clock or Clock(),
    )


def test_the_client_shows_its_credentials_as_a_form() -> None:
    with serve(tokens()) as server:
        assert provider(server)(False) == {"Authorization": "Bearer t1"}
        asked = server.asked[0]
    assert asked.method == "POST"
    assert asked.path.rstrip("/") == "/oauth2/v2.0/token"
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["hub"],
        "client_secret": [SECRET],
        "scope": ["crm/.default"],
    }


def test_a_token_is_used_until_a_minute_before_it_expires() -> None:
    clock = Clock()
    with serve(tokens(expires_in="3600")) as server:
        auth = provider(server, clock)
        auth(False)
        clock.now += 3539
        assert auth(False) == {"Authorization": "Bearer t1"}
        clock.now += 1
        assert auth(False) == {"Authorization": "Bearer t2"}


def test_a_token_that_lives_shorter_than_a_minute_is_still_used_for_half_of_it() -> None:
    clock = Clock()
    with serve(tokens(expires_in=40)) as server:
        auth = provider(server, clock)
        auth(False)
        clock.now += 19
        assert auth(False) == {"Authorization": "Bearer t1"}
        clock.now += 1
        assert auth(False) == {"Authorization": "Bearer t2"}


def test_a_token_without_a_lifetime_is_used_for_some_minutes() -> None:
    clock = Clock()
    with serve(tokens(expires_in=None)) as server:
        auth = provider(server, clock)
        auth(False)
        clock.now += 239
        auth(False)
        assert len(server.asked) == 1
        clock.now += 2
        auth(False)
        assert len(server.asked) == 2


def test_threads_that_start_together_fetch_one_token() -> None:
    with serve(tokens()) as server:
        auth = provider(server)
        with ThreadPoolExecutor(12) as pool:
            given = list(pool.map(lambda _: auth(False)["Authorization"], range(48)))
        assert len(server.asked) == 1
    assert set(given) == {"Bearer t1"}


def test_threads_whose_token_is_refused_together_renew_it_once() -> None:
    with serve(tokens()) as server:
        auth = provider(server)
        barrier = Barrier(8)

        def refused() -> str:
            auth(False)
            barrier.wait(5)
            return auth(True)["Authorization"]

        with ThreadPoolExecutor(8) as pool:
            renewed = [future.result() for future in [pool.submit(refused) for _ in range(8)]]
        assert len(server.asked) == 2
    assert set(renewed) == {"Bearer t2"}


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_client_that_is_refused_stops_the_channel(status: int) -> None:
    body = json.dumps({"error": "invalid_client", "error_description": SECRET}).encode()
    with (
        serve(in_turn(Answer(status, body=body))) as server,
        pytest.raises(AuthenticationError) as caught,
    ):
        provider(server)(False)
    assert "invalid_client" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_endpoint_that_fails_can_be_asked_again() -> None:
    with serve(in_turn(Answer(500), Answer(reset=True))) as server:
        auth = provider(server)
        for _ in range(2):
            with pytest.raises(RetryableError):
                auth(False)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"token_type": "mac", "access_token": "x"}', b'{"token_type": "Bearer"}'],
)
def test_an_answer_without_a_bearer_token_breaks_the_contract(body: bytes) -> None:
    with serve(in_turn(Answer(body=body))) as server, pytest.raises(RetryableError):
        provider(server)(False)


def test_the_secret_and_the_token_are_not_in_a_representation() -> None:
    with serve(tokens(access_token="zeergeheim")) as server:
        auth = provider(server)
        auth(False)
        assert "zeergeheim" not in repr(auth)
        assert SECRET not in repr(auth)
