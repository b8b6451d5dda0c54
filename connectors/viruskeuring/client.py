"""Ask clamd about a document: INSTREAM over TCP, one connection per document.

The bytes go to the scanner as they are; no error and no log line holds any of them.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from contextlib import suppress
from typing import Final

from connectors.transport.deadline import seconds_left
from connectors.transport.errors import ContractError, PermanentError, RetryableError

SYSTEM: Final = "viruskeuring"
OPERATION: Final = "keur"
PORT: Final = 3310
# The largest document of a partner, in bytes.
LARGEST: Final = 26_214_400
_CHUNK: Final = 128 * 1024
_LONGEST_ANSWER: Final = 4096
_FOUND: Final = re.compile(r"stream: (?P<naam>.+) FOUND")
# The name of a signature: letters, digits and signs, no prose.
_NAME: Final = re.compile(r"[!-~]{1,200}")
_TOO_LARGE: Final = "INSTREAM size limit exceeded"
# What clamd "finds" when a limit of its own kept it from looking at everything.
_NOT_ALL_SEEN: Final = "Heuristics.Limits.Exceeded"


def open_client(
    *,
    host: str,
    port: int = PORT,
    grootste: int = LARGEST,
    timeout: tuple[float, float] = (5.0, 60.0),
) -> ClamdClient:
    """Make a client of one clamd; nothing is sent yet.

    `grootste` is its StreamMaxLength in bytes; `timeout` is (connect, whole look) in seconds.
    """
    return ClamdClient(host, port, grootste=grootste, timeout=timeout)


class ClamdClient:
    """A `Keuring` by clamd; safe to share between threads."""

    def __init__(
        self, host: str, port: int, *, grootste: int, timeout: tuple[float, float]
    ) -> None:
        self._address = (host, port)
        self._largest = grootste
        self._timeout = timeout

    def keur(self, inhoud: bytes) -> str | None:
        """Return None when clamd finds nothing, else the name of what it finds.

        Raises:
            RetryableError: it could not be reached, hung up, was too slow, or is in trouble.
            PermanentError: the document is larger than clamd takes, or it could not see all of it.
            ContractError: its answer is not one of clamd's.
        """
        if len(inhoud) > self._largest:
            raise self._too_large(len(inhoud), done="It was not sent")
        answer = self._ask(inhoud)
        if answer == "stream: OK":
            return None
        if found := _FOUND.fullmatch(answer):
            return self._name(found["naam"])
        if answer.startswith(_TOO_LARGE):
            raise self._too_large(len(inhoud))
        if answer.endswith("ERROR"):
            # Its text may name a path of the scanner, and says nothing that a person can use here.
            raise self._trouble("the scanner answered that it failed", "Look at the log of clamd")
        raise ContractError(
            SYSTEM,
            OPERATION,
            "document",
            "the answer is not one of clamd's",
            done="The document was not let through",
            advice="Look whether clamd listens at this address, and not something else",
        )

    def _ask(self, inhoud: bytes) -> str:
        connect, whole = self._timeout
        left = seconds_left()
        if left is not None:
            connect, whole = min(connect, left), min(whole, left)
        if whole <= 0:
            raise self._trouble("no time was left to begin")
        end = time.monotonic() + whole
        try:
            with socket.create_connection(self._address, timeout=connect) as line:
                # A scanner that has seen enough answers and hangs up while we still send.
                with suppress(BrokenPipeError, ConnectionResetError):
                    _send(line, inhoud, end)
                answer = _receive(line, end)
        except TimeoutError:
            observed = f"no answer within {whole:.0f} s"
        except OSError as error:
            observed = f"the line broke ({type(error).__name__})"
        else:
            if answer is not None:
                return answer
            observed = "it hung up without an answer"
        raise self._trouble(observed)

    def _name(self, naam: str) -> str:
        if naam.startswith(_NOT_ALL_SEEN):
            raise PermanentError(
                SYSTEM,
                OPERATION,
                "document",
                "a limit of the scanner kept it from looking at the whole document",
                done="The document was not let through",
                advice="Raise MaxFileSize and MaxScanSize of clamd, then send it again",
            )
        return naam if _NAME.fullmatch(naam) else "(naam onleesbaar)"

    def _too_large(self, size: int, *, done: str | None = None) -> PermanentError:
        return PermanentError(
            SYSTEM,
            OPERATION,
            "document",
            f"a document of {size} bytes is larger than the scanner takes",
            done=done or "The document was not let through",
            advice="Raise StreamMaxLength of clamd (and of the connection), then send it again",
        )

    def _trouble(self, observed: str, advice: str | None = None) -> RetryableError:
        return RetryableError(SYSTEM, OPERATION, "document", observed, advice=advice)


def _send(line: socket.socket, inhoud: bytes, end: float) -> None:
    """Send the command and the document: each chunk behind its length, an empty one at the end."""
    _wait_until(line, end)
    line.sendall(b"zINSTREAM\0")
    view = memoryview(inhoud)
    for start in range(0, len(inhoud), _CHUNK):
        chunk = view[start : start + _CHUNK]
        _wait_until(line, end)
        line.sendall(struct.pack("!I", len(chunk)))
        line.sendall(chunk)
    line.sendall(struct.pack("!I", 0))


def _receive(line: socket.socket, end: float) -> str | None:
    """Return the answer before its null byte; None when the line ends without one."""
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        _wait_until(line, end)
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            return None
        answer += part
    return answer.partition(b"\0")[0].decode("ascii", "replace").strip()


def _wait_until(line: socket.socket, end: float) -> None:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)
