"""No request goes on after the moment by which its caller must be done."""

from __future__ import annotations

import time

import pytest

from connectors.transport.deadline import begin_by, deadline, seconds_left
from connectors.transport.errors import NotBegunError, RetryableError, UnknownOutcomeError
from connectors.transport.http import HttpClient
from tests.connectors.scripted_server import Answer, ScriptedServer, serve


def _put(server: ScriptedServer) -> None:
    http = HttpClient("stad", server.url, timeout=(5.0, 30.0))
    http.request("PUT", "x", operation="put", key="1", expected={200}, changes=True, json={})


def test_an_answer_that_would_come_too_late_is_not_waited_for() -> None:
    with serve(lambda _: Answer(delay=3.0)) as server:
        begun = time.monotonic()
        with deadline(begun + 0.5), pytest.raises(UnknownOutcomeError):
            _put(server)
        assert time.monotonic() - begun < 1.5
        assert len(server.asked) == 1


def test_an_answer_that_drips_in_too_slowly_is_not_waited_for() -> None:
    with serve(lambda _: Answer(body=b"{}" * 50, drip=0.1)) as server:
        begun = time.monotonic()
        with deadline(begun + 0.5), pytest.raises(UnknownOutcomeError):
            _put(server)
        assert time.monotonic() - begun < 2.0


def test_what_has_no_time_left_is_not_sent() -> None:
    with serve(lambda _: Answer()) as server:
        with deadline(time.monotonic()), pytest.raises(RetryableError, match="It was not sent"):
            _put(server)
        assert server.asked == []


def test_what_comes_too_late_to_begin_is_not_sent() -> None:
    with serve(lambda _: Answer()) as server:
        with begin_by(time.monotonic() - 0.01), pytest.raises(NotBegunError, match="not sent"):
            _put(server)
        assert server.asked == []


def test_what_began_in_time_may_go_on() -> None:
    with serve(lambda _: Answer(delay=0.2)) as server:
        with begin_by(time.monotonic() + 0.1):
            _put(server)
            _put(server)
        assert len(server.asked) == 2


def test_outside_the_block_there_is_no_deadline() -> None:
    with deadline(time.monotonic() + 5.0):
        assert 4.0 < (seconds_left() or 0.0) <= 5.0
    assert seconds_left() is None
