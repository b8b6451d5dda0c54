"""Calls a partner and remembers every answer; waits where the partner asks to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import requests

TIMEOUT = 20.0
# How often, and how long at most (seconds), a busy partner is asked again.
PATIENCE, LONGEST_PAUSE = 5, 60.0


class FailedError(Exception):
    """A rule of the contract that the partner does not keep; the text says what was seen."""


def read_pause(answer: requests.Response) -> float | None:
    """Return the seconds that Retry-After asks for, or None when it says nothing readable."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


class Caller:
    """Sends requests to one partner; safe to share between threads."""

    def __init__(self, base_url: str, token: str | None) -> None:
        self.base_url = base_url.rstrip("/")
        self.answers: list[requests.Response] = []
        self._token = token
        self._local = threading.local()

    def send(
        self, method: str, path: str, *, headers: dict[str, str] | None = None,
        signed: bool = True, patient: bool = True, timeout: float = TIMEOUT, **options: Any,
    ) -> requests.Response:  # fmt: skip
        """Send one request below the base address; `path` may also be a whole address below it.

        Raises:
            FailedError: no answer came.
        """
        url = path if path.startswith(self.base_url) else f"{self.base_url}/{path}"
        for _ in range(PATIENCE):
            try:
                answer: requests.Response = self._session().request(
                    method, url, headers=self.sign() | (headers or {}) if signed else headers,
                    timeout=timeout, allow_redirects=False, **options,
                )  # fmt: skip
            except requests.RequestException as error:
                raise FailedError(f"{method} gaf geen antwoord ({type(error).__name__})") from None
            self.answers.append(answer)
            if answer.status_code != 429 or not patient:
                return answer
            pause = read_pause(answer)
            time.sleep(min(LONGEST_PAUSE, 1.0 if pause is None else pause))
        raise FailedError(f"{method} gaf {PATIENCE} keer na elkaar 429, ook na Retry-After")

    def sign(self) -> dict[str, str]:
        """Return the header with the token."""
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}

    @contextmanager
    def half_sent(self, path: str, body: bytes, headers: dict[str, str]) -> Iterator[HalfSent]:
        """Open a connection of its own and send a PUT up to the middle of its body."""
        parts = urlsplit(f"{self.base_url}/{path}")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=TIMEOUT)
        try:
            connection.putrequest("PUT", parts.path)
            all_headers = self.sign() | {"Content-Type": "application/json"} | headers
            for name, value in all_headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            half = len(body) // 2
            connection.send(body[:half])
            yield HalfSent(connection, body[half:])
        except OSError as error:
            raise FailedError(f"PUT werd afgebroken ({type(error).__name__})") from None
        finally:
            connection.close()

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session


class HalfSent:
    """A request of which the rest is still to be sent."""

    def __init__(self, connection: HTTPConnection, rest: bytes) -> None:
        self._connection = connection
        self._rest = rest

    def send_rest(self) -> None:
        """Send the rest; whoever leaves now never sees the answer."""
        self._connection.send(self._rest)

    def read_status(self) -> int:
        """Wait for the answer and return its status."""
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def read_json(answer: requests.Response) -> dict[str, Any]:
    """Return an answer's JSON object.

    Raises:
        FailedError: it is not one.
    """
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise FailedError(f"het antwoord is {kind or 'zonder mediatype'}, geen application/json")
    try:
        body = json.loads(answer.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise FailedError("het antwoord is geen JSON-object")
    return body
