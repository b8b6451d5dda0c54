"""A document is looked at by a scanner; one that does not answer clears nothing."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.transport.deadline import deadline
from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
)
from connectors.viruskeuring.client import ClamdClient, open_client
from connectors.viruskeuring.keuring import Keuring
from tests.sandbox_process import SandboxHandle, running_sandbox

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLEAN = b"%PDF-1.7\n" + b"Joris Verzonnen" * 40_000 + b"\n%%EOF\n"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("keuring")) as handle:
        yield handle


@pytest.fixture
def keuring(sandbox: SandboxHandle) -> Iterator[Keuring]:
    yield open_client(host="127.0.0.1", port=sandbox.keuring_port, timeout=(1.0, 3.0))
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def impatient(port: int, grootste: int = 26_214_400) -> ClamdClient:
    return open_client(host="127.0.0.1", port=port, grootste=grootste, timeout=(0.5, 0.5))


@contextmanager
def answering(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Answer one visitor as the function does; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def run() -> None:
            line, _ = door.accept()
            with line:
                serve(line)

        thread = threading.Thread(target=run)
        thread.start()
        yield door.getsockname()[1]
        thread.join()


def say(answer: bytes) -> Callable[[socket.socket], None]:
    """Read the stream to its end, then answer."""

    def serve(line: socket.socket) -> None:
        read = b""
        while not read.endswith(b"\0\0\0\0"):
            read += line.recv(65536)
        line.sendall(answer)

    return serve


def test_a_clean_document_is_let_through_and_a_bad_one_is_named(
    keuring: Keuring, sandbox: SandboxHandle
) -> None:
    assert keuring.keur(CLEAN) is None
    assert keuring.keur(b"") is None
    for where in (EICAR, CLEAN[:300_000] + EICAR + CLEAN):
        assert keuring.keur(where) == "Eicar-Test-Signature"
        assert keuring.keur(where) == "Eicar-Test-Signature"
    assert [line["inhoud"] for line in sandbox.journal("viruskeuring")][:2] == ["stream: OK"] * 2


@given(st.binary(max_size=300_000))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_bytes_they_arrive_as_they_are(
    keuring: Keuring, sandbox: SandboxHandle, inhoud: bytes
) -> None:
    assert keuring.keur(inhoud) is None
    assert sandbox.journal("viruskeuring")[-1]["sleutel"] == hashlib.sha256(inhoud).hexdigest()


@pytest.mark.parametrize(
    ("soort", "kind"),
    [("reset", RetryableError), ("5xx", RetryableError), ("onzin", ContractError)],
)
def test_a_scanner_in_trouble_clears_nothing(
    keuring: Keuring, sandbox: SandboxHandle, soort: str, kind: type[ConnectorError]
) -> None:
    sandbox.order_fault("viruskeuring", soort, operatie="instream")
    with pytest.raises(kind) as caught:
        keuring.keur(CLEAN)
    assert "Joris" not in str(caught.value)
    assert keuring.keur(CLEAN) is None


def test_a_slow_scanner_is_not_waited_for_beyond_its_time(sandbox: SandboxHandle) -> None:
    sandbox.order_fault("viruskeuring", "vertraging", seconden=2.0)
    begun = time.monotonic()
    with pytest.raises(RetryableError, match=r"no answer within"):
        impatient(sandbox.keuring_port).keur(CLEAN)
    assert time.monotonic() - begun < 1.5


def test_the_time_of_the_caller_counts(keuring: Keuring, sandbox: SandboxHandle) -> None:
    sandbox.order_fault("viruskeuring", "vertraging", seconden=2.0)
    with deadline(time.monotonic() + 0.3), pytest.raises(RetryableError):
        keuring.keur(CLEAN)
    with deadline(time.monotonic() - 1), pytest.raises(RetryableError, match="no time was left"):
        keuring.keur(CLEAN)


def test_a_scanner_that_takes_less_than_a_document_says_so(
    keuring: Keuring, sandbox: SandboxHandle
) -> None:
    sandbox.change_settings("viruskeuring", stroomgrens=1000)
    with pytest.raises(PermanentError, match="StreamMaxLength") as caught:
        keuring.keur(CLEAN)
    assert not isinstance(caught.value, ContractError)
    seen = len(sandbox.journal("viruskeuring"))
    with pytest.raises(PermanentError, match="was not sent"):
        impatient(sandbox.keuring_port, grootste=1000).keur(CLEAN)
    assert len(sandbox.journal("viruskeuring")) == seen


def test_a_scanner_that_is_not_there_is_asked_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(RetryableError):
        impatient(port).keur(CLEAN)
    with pytest.raises(RetryableError):
        open_client(host="scanner.invalid", timeout=(1.0, 2.0)).keur(CLEAN)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", RetryableError),
        (b"stream: OK", RetryableError),  # cut off before its end
        (b"stream: Joris ERROR\0", RetryableError),
        (b"x" * 5000, ContractError),
        (b"\xff\xfe\0", ContractError),
        (b"\0", ContractError),
        (b"stream: OK FOUND nothing\0", ContractError),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", PermanentError),
    ],
    ids=str,
)
def test_only_a_whole_answer_that_says_so_clears_a_document(
    answer: bytes, kind: type[ConnectorError]
) -> None:
    with answering(say(answer)) as port, pytest.raises(kind) as caught:
        impatient(port).keur(CLEAN)
    assert "Joris" not in str(caught.value)


def test_a_name_that_is_none_is_not_repeated_and_still_counts_as_found() -> None:
    with answering(say(b"stream: Fien Voorbeeld FOUND\0")) as port:
        assert impatient(port).keur(CLEAN) == "(naam onleesbaar)"


def test_an_answer_that_drips_ends_in_time() -> None:
    def drip(line: socket.socket) -> None:
        for _ in range(30):
            try:
                line.sendall(b"s")
            except OSError:
                return
            time.sleep(0.05)

    begun = time.monotonic()
    with answering(drip) as port, pytest.raises(RetryableError):
        impatient(port).keur(b"x")
    assert time.monotonic() - begun < 2.5
