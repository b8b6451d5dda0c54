"""One HTTP client for every REST system: sorts each failure by what the caller does next.

No text of a body, no query and no header ever reaches an exception or a log line.
"""

from __future__ import annotations

import json as jsonlib
import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import SplitResult, urlsplit
from uuid import UUID, uuid4

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from connectors.transport.admission import passage
from connectors.transport.deadline import may_begin, seconds_left
from connectors.transport.errors import (
    AuthenticationError,
    ConflictError,
    ConnectorError,
    ContractError,
    NotBegunError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from connectors.transport.handshake import explain_handshake
from connectors.transport.wire import Wire, make_response

LONGEST_RETRY_AFTER: Final = 24 * 3600.0
LARGEST_ANSWER: Final = 64 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_LEAST_TIME: Final = 0.1

# What a refusal means, whatever the method. A caller may refine it per operation.
REFUSALS: Final[Mapping[int, type[ConnectorError]]] = {
    401: AuthenticationError,
    403: AuthenticationError,
    408: RetryableError,
    409: ConflictError,
    412: ConflictError,
    425: RetryableError,
    429: ThrottledError,
    503: RetryableError,
}

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNSENDABLE: Final = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    LocationValueError,
    UnicodeError,
)
# Problem types and codes are identifiers; anything that looks like prose is left out.
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.:/#-]{0,119}|0x[0-9A-Fa-f]{1,16}")
_LONG_NUMBER = re.compile(r"\d{9,}")

_log = logging.getLogger(__name__)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header (RFC 9110, 10.2.3) as seconds from `now` (timezone-aware).

    Seconds or an HTTP date; the past and negative numbers are 0, never more than 24 hours.
    None when there is no header or nobody could tell what it means.
    """
    if value is None:
        return None
    text = value.strip()
    if re.fullmatch(r"[+-]?[0-9]{1,400}(\.[0-9]*)?", text, re.ASCII):
        return _bounded(float(text))
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return _bounded((moment - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def open_session(pool_size: int) -> requests.Session:
    """Make a session that many threads may share: no cookies, no environment, no retries."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=pool_size, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class HttpClient:
    """Send requests below one base URL; safe to share between threads.

    `auth` returns the sign-on headers; it is called with True to renew them after a 401.
    `timeout` is (connect, read) in seconds; a whole answer may take twice the read timeout. A
    `deadline` of the caller shortens both, and nothing is sent once it passed.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        *,
        session: requests.Session | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Callable[[bool], Mapping[str, str]] | None = None,
        timeout: tuple[float, float] = (5.0, 30.0),
        pool_size: int = 16,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self.system = system
        self.base_url = base_url.rstrip("/")
        self._origin = _origin(urlsplit(self.base_url))
        self._wire = Wire(session if session is not None else open_session(pool_size))
        self._headers = dict(headers or {})
        self._auth = auth
        self._timeout = timeout
        self._largest_answer = largest_answer

    def request(
        self,
        method: str,
        path_or_url: str,
        *,
        operation: str,
        key: str,
        expected: Collection[int],
        changes: bool,
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        correlation_id: UUID | None = None,
        refusals: Mapping[int, type[ConnectorError]] | None = None,
        largest_answer: int | None = None,
    ) -> requests.Response:
        """Send one request and return its answer, whole, when its status is expected.

        `changes` says that the request may change the receiver: then a failure after sending
        is an unknown outcome. `key` is a business identifier for errors, never personal.
        `refusals` refines what a status means for this operation; `largest_answer` (bytes) is
        this operation's own bound, else the client's.

        Raises: the error family of `connectors.transport.errors`.
        """
        url = self._url(path_or_url, operation, key)
        sent = dict(self._headers)
        sent["x-correlation-id"] = str(correlation_id or uuid4())
        if json is not None:
            data = self._encode(json, operation, key)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        most = self._largest_answer if largest_answer is None else largest_answer
        response = self._send(method, url, params, data, sent, operation, key, changes, False, most)
        if response.status_code == 401 and self._auth is not None and 401 not in expected:
            response = self._send(
                method, url, params, data, sent, operation, key, changes, True, most
            )
        if response.status_code not in expected:
            raise self.refusal(
                response, operation=operation, key=key, changes=changes, refusals=refusals
            )
        return response

    def refusal(
        self,
        response: requests.Response,
        *,
        operation: str,
        key: str,
        changes: bool,
        refusals: Mapping[int, type[ConnectorError]] | None = None,
    ) -> ConnectorError:
        """Turn an answer that was not hoped for into the error the caller must handle."""
        status = response.status_code
        kind = (refusals or {}).get(status) or REFUSALS.get(status) or _kind(status, changes)
        code = problem_code(response) if status >= 400 else None
        observed = f"answered {status}" + (f" ({code})" if code else "")
        if issubclass(kind, RetryableError):
            pause = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            return kind(self.system, operation, key, observed, retry_after=pause)
        return kind(self.system, operation, key, observed)

    def _encode(self, body: object, operation: str, key: str) -> bytes:
        try:
            return jsonlib.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, TypeError) as problem:
            name = type(problem).__name__
        raise self._unsendable(operation, key, name)

    def _unsendable(self, operation: str, key: str, name: str) -> ContractError:
        observed = f"the request cannot be sent ({name})"
        return ContractError(self.system, operation, key, observed, done="It was not sent")

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: bytes | None,
        headers: Mapping[str, str],
        operation: str,
        key: str,
        changes: bool,
        renew: bool,
        most: int,
    ) -> requests.Response:
        sign_on = self._auth(renew) if self._auth is not None else {}
        problem: Exception
        with passage(self.system, operation, key) as under_way:
            connect, read, whole = self._time_limits(operation, key)
            begun = time.monotonic()
            try:
                prepared = self._wire.prepare(method, url, params, data, {**headers, **sign_on})
                raw = self._wire.open(prepared, connect=connect, read=read)
                content = self._read(raw, begun + whole, most)
                response = make_response(prepared.url, raw, content)
            except (
                requests.RequestException, HTTPError, OSError, UnicodeError, _ReadError,
            ) as caught:  # fmt: skip
                problem = caught
                under_way.lost = isinstance(problem, ReadTimeoutError | _TooSlowError)
            else:
                _log.debug(
                    "%s %s %s answered %s in %.3f s",
                    self.system,
                    operation,
                    key,
                    response.status_code,
                    time.monotonic() - begun,
                )
                return response
        # Outside the handler: the text of the library's error holds the URL with its query.
        raise self._failure(problem, operation, key, changes)

    def _time_limits(self, operation: str, key: str) -> tuple[float, float, float]:
        """Return the seconds for connecting, for one read and for the whole answer."""
        if not may_begin():
            raise NotBegunError(self.system, operation, key, "its time to begin was over")
        (connect, read), left = self._timeout, seconds_left()
        if left is None:
            return connect, read, 2 * read
        if left < _LEAST_TIME:
            raise RetryableError(
                self.system, operation, key, "no time is left for it", done="It was not sent"
            )
        return min(connect, left), min(read, left), min(2 * read, left)

    def _read(self, raw: BaseHTTPResponse, deadline: float, most: int) -> bytes:
        """Read the whole answer, within its size and time."""
        parts: list[bytes] = []
        size = 0
        try:
            while part := raw.read1(_CHUNK, decode_content=True):
                parts.append(part)
                size += len(part)
                if size > most:
                    raise _TooLargeError(most)
                if time.monotonic() > deadline:
                    raise _TooSlowError
        except BaseException:
            raw.close()
            raise
        finally:
            raw.release_conn()
        return b"".join(parts)

    def _failure(
        self, problem: Exception, operation: str, key: str, changes: bool
    ) -> ConnectorError:
        name = type(problem).__name__
        if isinstance(problem, _UNSENDABLE):
            return self._unsendable(operation, key, name)
        refused = explain_handshake(problem)
        if refused is not None:
            observed, advice = refused
            # It would be so for every message: stop instead of burning the queue.
            return AuthenticationError(self.system, operation, key, observed, advice=advice)
        if _never_connected(problem):
            return RetryableError(self.system, operation, key, f"no connection ({name})")
        if changes:
            return UnknownOutcomeError(
                self.system, operation, key, f"the answer was lost after sending ({name})"
            )
        if isinstance(problem, _TooLargeError):
            return ContractError(
                self.system, operation, key, f"the answer exceeds {problem.args[0]} bytes"
            )
        return RetryableError(self.system, operation, key, f"the answer was lost ({name})")

    def _url(self, path_or_url: str, operation: str, key: str) -> str:
        if not _ABSOLUTE.match(path_or_url):
            path = path_or_url.lstrip("/")
            return f"{self.base_url}/{path}" if path else self.base_url
        try:
            parts = urlsplit(path_or_url)
            allowed = _origin(parts) == self._origin and "@" not in parts.netloc
        except ValueError:
            allowed = False
        if not allowed or "\\" in path_or_url:
            raise ContractError(
                self.system, operation, key, "a link leads to another host", done="It was not sent"
            )
        return path_or_url


class _ReadError(Exception):
    """The answer could not be read as a whole."""


class _TooLargeError(_ReadError):
    """The answer is larger than we are willing to hold."""


class _TooSlowError(_ReadError):
    """The answer keeps dripping in."""


def problem_code(response: requests.Response) -> str | None:
    """Take the machine-readable type or code of a problem answer, never its texts."""
    try:
        body = jsonlib.loads(response.content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    nested = body.get("error")
    for candidate in (
        nested.get("code") if isinstance(nested, dict) else nested,
        body.get("code"),
        body.get("type"),
    ):
        if (
            isinstance(candidate, str)
            and _IDENTIFIER.fullmatch(candidate)
            and not _LONG_NUMBER.search(candidate)
        ):
            return candidate
    return None


def _kind(status: int, changes: bool) -> type[ConnectorError]:
    if status >= 500:
        return UnknownOutcomeError if changes else RetryableError
    if status >= 400:
        return PermanentError
    # A redirect was not followed, so nothing was done; another success is not understood.
    return UnknownOutcomeError if changes and status < 300 else ContractError


def _never_connected(problem: BaseException) -> bool:
    reason: object = problem.reason if isinstance(problem, MaxRetryError) else problem
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | NameResolutionError)


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port
