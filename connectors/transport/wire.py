"""One request over a kept connection, as a session of requests is set up, without its machinery.

Of a session counts: its headers, trust, client certificate, proxies and the pools of its adapters.
Cookies, sign-on, hooks and the environment are none of them: they cost half of a call.
"""

from __future__ import annotations

from collections.abc import Mapping

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout


class Wire:
    """The connections to one origin; safe to share between threads."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session
        self._pool: HTTPConnectionPool | None = None

    def prepare(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: bytes | None,
        headers: Mapping[str, str],
    ) -> requests.PreparedRequest:
        """Make the request ready; the checks of URL and headers are those of requests.

        Raises: what requests raises for a URL or a header that cannot be sent.
        """
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_url(url, params)
        merged: CaseInsensitiveDict[str | bytes] = CaseInsensitiveDict()
        merged.update(self._session.headers)
        merged.update(headers)
        prepared.prepare_headers(merged)
        prepared.body = data or None
        prepared.prepare_content_length(prepared.body)
        return prepared

    def open(
        self, prepared: requests.PreparedRequest, *, connect: float, read: float
    ) -> BaseHTTPResponse:
        """Send a request and return its answer, the body still unread. Follows no redirect.

        `connect` and `read` are the longest waits, in seconds.

        Raises: the errors of urllib3; a connection that could not be made is a MaxRetryError.
        """
        url, method = prepared.url, prepared.method
        assert url is not None and method is not None, "it was prepared"
        adapter = self._session.get_adapter(url)
        assert isinstance(adapter, HTTPAdapter), "only adapters of requests hold connections"
        pool = self._pool or self._connect(adapter, prepared)
        if self._session.proxies:
            target = adapter.request_url(prepared, self._session.proxies)
        else:
            target = "/" + prepared.path_url.lstrip("/")
        return pool.urlopen(
            method,
            target,
            body=prepared.body,
            headers=dict(prepared.headers.items()),
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            retries=adapter.max_retries,
            timeout=Timeout(connect=connect, read=read),
        )

    def _connect(
        self, adapter: HTTPAdapter, prepared: requests.PreparedRequest
    ) -> HTTPConnectionPool:
        """Look the pool up, once: every request of a client goes to one origin."""
        trust = True if self._session.verify is None else self._session.verify
        pool = adapter.get_connection_with_tls_context(
            prepared, trust, proxies=self._session.proxies, cert=self._session.cert
        )
        assert isinstance(pool, HTTPConnectionPool), "it speaks HTTP"
        adapter.cert_verify(pool, prepared.url, trust, self._session.cert)  # type: ignore[no-untyped-call]
        self._pool = pool
        return pool


def make_response(url: str | None, raw: BaseHTTPResponse, content: bytes) -> requests.Response:
    """Return an answer that was read whole, in the shape of requests."""
    response = requests.Response()
    response.status_code = raw.status
    response.headers = CaseInsensitiveDict(raw.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.reason = raw.reason or ""
    response.url = url or ""
    response.raw = raw
    response._content = content
    response._content_consumed = True  # type: ignore[attr-defined]
    return response
