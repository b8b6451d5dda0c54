"""A source counts a request from its arrival until its last byte leaves, and tells what it saw."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from tests.sandbox_process import SandboxHandle


def ask(sandbox: SandboxHandle, session: requests.Session) -> int:
    return session.get(
        f"{sandbox.base_url}/basisregisters/v2/adressen",
        headers={"x-api-key": sandbox.secrets["basisregisters"]["api_key"]},
        timeout=20,
    ).status_code


def test_a_client_that_asks_again_at_the_last_byte_is_never_counted_twice(
    sandbox: SandboxHandle,
) -> None:
    sandbox.control("DELETE", "/drukte/basisregisters")

    def work(_: int) -> set[int]:
        with requests.Session() as session:
            session.trust_env = False
            return {ask(sandbox, session) for _ in range(60)}

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == [{200}] * 3
    counted = sandbox.control("GET", "/drukte/basisregisters")
    assert (counted["aantal"], counted["open"]) == (180, 0)
    assert 1 <= counted["meeste"] <= 3


def test_what_arrives_above_the_limit_is_counted_and_a_reset_forgets_it(
    sandbox: SandboxHandle,
) -> None:
    sandbox.change_settings("epc", max_gelijktijdig=0)
    url = f"{sandbox.base_url}/magda/epc"
    headers = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""'}
    sandbox.control("DELETE", "/drukte/epc")
    assert requests.post(url, data=b"<x/>", headers=headers, timeout=20).status_code == 500
    assert sandbox.control("GET", "/drukte/epc") == {
        "aantal": 1,
        "open": 0,
        "meeste": 1,
        "boven_limiet": 1,
    }
    assert not any(sandbox.control("DELETE", "/drukte/epc").values())


def test_a_request_that_is_cut_off_is_not_open_for_ever(sandbox: SandboxHandle) -> None:
    sandbox.control("DELETE", "/drukte/basisregisters")
    sandbox.order_fault("basisregisters", "reset")
    with requests.Session() as session:
        session.trust_env = False
        try:
            ask(sandbox, session)
        except requests.ConnectionError:
            pass
        else:
            raise AssertionError("the connection was not cut")
        assert ask(sandbox, session) == 200
    assert sandbox.control("GET", "/drukte/basisregisters")["open"] == 0
