"""One ACM token serves all who sign on as one client; one renews it, nobody asks in vain."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from cli import certificates
from connectors.transport.acm import AcmClient, AcmSignOn, open_acm
from connectors.transport.deadline import deadline
from connectors.transport.errors import AuthenticationError, RetryableError
from connectors.transport.http import HttpClient
from connectors.transport.tokens import CLAIM_SECONDS, MemoryTokenStore, Token
from tests.connectors.scripted_server import Answer, Asked, Script, ScriptedServer, in_turn, serve
from tests.connectors.sleutels import make_key
from tests.sandbox_process import SandboxHandle, acm_client, running_sandbox


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="module")
def sleutel() -> bytes:
    return make_key()[0]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("acm")) as running:
        yield running


def tokens(**fields: object) -> Script:
    numbers = count(1)

    def script(_asked: Asked) -> Answer:
        body = {"token_type": "Bearer", "expires_in": 3600, "access_token": f"t{next(numbers)}"}
        return Answer(body=json.dumps({**body, **fields}).encode())

    return script


def sign_on(
    server: ScriptedServer, sleutel: bytes, store: MemoryTokenStore, clock: Clock
) -> AcmSignOn:
    client = AcmClient("hub", sleutel, ("dosis",))
    http = HttpClient("acm", f"{server.url}/op/v1/token", timeout=server.timeout)
    return AcmSignOn(client, store, http, clock=clock, sleep=clock.sleep)


def test_a_token_is_renewed_a_minute_before_its_end(sleutel: bytes) -> None:
    clock = Clock()
    with serve(tokens()) as server:
        auth = sign_on(server, sleutel, MemoryTokenStore(clock), clock)
        auth(False)
        clock.now += 3539
        assert auth(False) == {"Authorization": "Bearer t1"}
        clock.now += 1
        assert auth(False) == {"Authorization": "Bearer t2"}


def test_workers_share_one_token(sleutel: bytes) -> None:
    clock = Clock()
    store = MemoryTokenStore(clock)
    with serve(tokens()) as server:
        workers = [sign_on(server, sleutel, store, clock) for _ in range(5)]
        assert {worker(False)["Authorization"] for worker in workers} == {"Bearer t1"}
        assert len(server.asked) == 1


def test_while_one_renews_the_others_use_the_old_token(sleutel: bytes) -> None:
    clock = Clock()
    store = MemoryTokenStore(clock)
    go_on = threading.Event()

    def slow(asked: Asked) -> Answer:
        if len(server.asked) > 1:
            go_on.wait(5)
        return give(asked)

    give = tokens()
    with serve(slow) as server:
        one, other = (sign_on(server, sleutel, store, clock) for _ in range(2))
        one(False)
        clock.now += 3545
        with ThreadPoolExecutor(1) as pool:
            renewing = pool.submit(one, False)
            while len(server.asked) < 2:
                pass
            assert other(False) == {"Authorization": "Bearer t1"}
            go_on.set()
            assert renewing.result(5) == {"Authorization": "Bearer t2"}
        assert other(False) == {"Authorization": "Bearer t2"}
        assert len(server.asked) == 2


def test_workers_whose_token_is_refused_together_renew_it_once(sleutel: bytes) -> None:
    clock = Clock()
    store = MemoryTokenStore(clock)
    with serve(tokens()) as server:
        workers = [sign_on(server, sleutel, store, clock) for _ in range(6)]
        for worker in workers:
            worker(False)
        assert {worker(True)["Authorization"] for worker in workers} == {"Bearer t2"}
        assert len(server.asked) == 2


def test_threads_that_start_together_fetch_one_token(sleutel: bytes) -> None:
    with serve(tokens()) as server:
        client = AcmClient("hub", sleutel, ("dosis",), token_url=f"{server.url}/op/v1/token")
        auth = open_acm(client)
        with ThreadPoolExecutor(8) as pool:
            given = set(pool.map(lambda _: auth(False)["Authorization"], range(24)))
        assert (given, len(server.asked)) == ({"Bearer t1"}, 1)


def test_a_worker_that_dies_while_renewing_holds_nobody_up_for_long(sleutel: bytes) -> None:
    clock = Clock()
    store = MemoryTokenStore(clock)
    with serve(tokens()) as server:
        auth = sign_on(server, sleutel, store, clock)
        assert store.claim(auth._name)
        begun = clock.now
        assert auth(False) == {"Authorization": "Bearer t1"}
        assert clock.now - begun <= CLAIM_SECONDS + 1


def test_nobody_waits_for_another_worker_longer_than_the_message_may_take(sleutel: bytes) -> None:
    clock = Clock()
    store = MemoryTokenStore(clock)
    with serve(tokens()) as server:
        auth = sign_on(server, sleutel, store, clock)
        assert store.claim(auth._name)
        begun = clock.now
        with deadline(time.monotonic() + 2), pytest.raises(RetryableError, match="another worker"):
            auth(False)
        assert clock.now - begun <= 3
        assert server.asked == []


def test_the_old_token_serves_while_acm_does_not_answer(sleutel: bytes) -> None:
    clock = Clock()
    give = tokens()
    away = threading.Event()
    with serve(lambda asked: Answer(503) if away.is_set() else give(asked)) as server:
        auth = sign_on(server, sleutel, MemoryTokenStore(clock), clock)
        auth(False)
        away.set()
        clock.now += 3545
        assert auth(False) == {"Authorization": "Bearer t1"}
        clock.now += 60
        with pytest.raises(RetryableError):
            auth(False)
        away.clear()
        assert auth(False) == {"Authorization": "Bearer t2"}


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_client_that_is_refused_stops_the_channel(sleutel: bytes, status: int) -> None:
    body = json.dumps({"error": "invalid_client", "error_description": "uitleg"}).encode()
    clock = Clock()
    with serve(in_turn(Answer(status, body=body))) as server:
        auth = sign_on(server, sleutel, MemoryTokenStore(clock), clock)
        for _ in range(2):
            with pytest.raises(AuthenticationError, match="invalid_client") as caught:
                auth(False)
            assert "uitleg" not in str(caught.value)


@pytest.mark.parametrize("broken", [b"", b"geen sleutel", make_key(curve=True)[0]])
def test_a_key_that_cannot_sign_is_told_before_anything_is_sent(broken: bytes) -> None:
    with pytest.raises(AuthenticationError, match="no RSA key"):
        open_acm(AcmClient("hub", broken, ("dosis",)))


def test_the_key_and_the_token_are_not_in_a_representation(sleutel: bytes) -> None:
    assert "PRIVATE" not in repr(AcmClient("hub", sleutel, ("dosis",)))
    assert "geheim" not in repr(Token("geheim", 1.0, 1.0))


def test_each_assertion_is_a_new_one(sleutel: bytes) -> None:
    clock = Clock()
    with serve(tokens()) as server:
        auth = sign_on(server, sleutel, MemoryTokenStore(clock), clock)
        auth(False)
        auth(True)
        shown = {parse_qs(asked.body.decode())["client_assertion"][0] for asked in server.asked}
    assert len(shown) == 2


def test_the_sandbox_lets_the_hub_in(sandbox: SandboxHandle) -> None:
    auth = open_acm(acm_client(sandbox, "dosis", "notificaties"))
    assert auth(False)["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize("what", ["key", "scope", "client"])
def test_the_sandbox_refuses_a_wrong_key_scope_or_client(
    sandbox: SandboxHandle, tmp_path: Path, what: str
) -> None:
    certificates.prepare_acm(tmp_path)
    wrong: dict[str, Callable[[AcmClient], AcmClient]] = {
        "key": lambda one: AcmClient(
            one.client_id,
            certificates.key_file(tmp_path, certificates.ACM).read_bytes(),
            one.scopes,
            token_url=one.token_url,
        ),
        "scope": lambda one: AcmClient(
            one.client_id, one.sleutel, ("iets",), token_url=one.token_url
        ),
        "client": lambda one: AcmClient("ander", one.sleutel, one.scopes, token_url=one.token_url),
    }
    auth = open_acm(wrong[what](acm_client(sandbox, "dosis")))
    with pytest.raises(AuthenticationError):
        auth(False)
