"""Hand messages to Notificaties, and read back what it holds where an address for that is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from connectors.mijnburgerprofiel.notificaties.mapping import (
    bundel_to_json,
    find_faults,
    map_ontvangen,
)
from connectors.mijnburgerprofiel.notificaties.models import NotificatieBundel, OntvangenBladzijde
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from connectors.transport.fields import read_object
from connectors.transport.http import HttpClient

SYSTEM: Final = "notificaties"
# What each refusal means for us. Success is any of the three that say so: which one, is not told.
STATUS: Final[Mapping[int, type[ConnectorError]]] = {
    400: ContractError,
    401: AuthenticationError,
    403: AuthenticationError,
    404: PermanentError,
    405: ContractError,
    # Nobody told whether this says that the Id was there before: a person looks.
    409: PermanentError,
    413: ContractError,
    415: ContractError,
    422: PermanentError,
    429: ThrottledError,
    503: RetryableError,
}
_ACCEPTED: Final = {200, 201, 202}


def open_notificaties_client(
    base_url: str,
    *,
    auth: Callable[[bool], Mapping[str, str]],
    leesadres: str | None = None,
    timeout: tuple[float, float] = (5.0, 30.0),
    pool_size: int = 8,
) -> NotificatiesClient:
    """Make a client; nothing is sent yet.

    ``auth`` gives the sign-on headers, renewed when it is called with True (`HttpClient`).
    ``leesadres`` is where the receiver tells what it holds; None: it cannot be asked.
    """
    headers = {"Accept": "application/json"}

    def open_http(url: str) -> HttpClient:
        return HttpClient(
            SYSTEM, url, headers=headers, auth=auth, timeout=timeout, pool_size=pool_size
        )

    return NotificatiesClient(open_http(base_url), open_http(leesadres) if leesadres else None)


class NotificatiesClient:
    """The operations of Notificaties; safe to share between threads."""

    def __init__(self, http: HttpClient, lezen: HttpClient | None = None) -> None:
        self._http = http
        self._lezen = lezen

    @property
    def can_be_asked(self) -> bool:
        """Whether there is an address where the receiver tells what it holds."""
        return self._lezen is not None

    def post_bundel(self, *, bundel: NotificatieBundel, correlation_id: UUID | None = None) -> None:
        """Hand in a message for the residents it names.

        Raises: ContractError before sending when the bundle breaks what is known of the contract,
        UnknownOutcomeError when it may have arrived: the same Id may only be sent again where the
        receiver recognises it.
        """
        operation, key = "post_bundel", str(bundel.bundel_id)
        body = bundel_to_json(bundel)
        faults = find_faults(bundel, body)
        if faults:
            raise ContractError(
                self._http.system,
                operation,
                key,
                f"our bundle breaks the contract at {', '.join(faults[:5])}",
                done="It was not sent",
            )
        response = self._http.request(
            "POST",
            "api/v2/notificaties",
            operation=operation,
            key=key,
            expected=_ACCEPTED,
            json=body,
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=True,
        )
        if response.content and not _is_json(response.content):
            raise UnknownOutcomeError(
                self._http.system, operation, key, "the answer of a success cannot be read"
            )

    def list_ontvangen(self, *, pagina: str | None = None) -> OntvangenBladzijde:
        """Return a page of the bundles that the receiver holds of us.

        Raises: PermanentError when no address is known where it can be asked.
        """
        operation, key = "list_ontvangen", pagina or "first"
        if self._lezen is None:
            raise PermanentError(
                self._http.system, operation, key, "no address is known where it can be asked",
                done="Nothing was compared", advice="Ask the owner; until then this is skipped",
            )  # fmt: skip
        response = self._lezen.request(
            "GET",
            "",
            operation=operation,
            key=key,
            expected={200},
            params={} if pagina is None else {"na": pagina},
            refusals=STATUS,
            changes=False,
        )
        return map_ontvangen(read_object(response, self._http.system, operation, key))


def _is_json(content: bytes) -> bool:
    # What a success holds is not told; but a page of a proxy is none.
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
