"""Sign a resident up at a partner over REST, ask what it holds, withdraw, read its lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import requests

from connectors.aanmelding.documenten import (
    LARGEST_DOCUMENT,
    OPERATION,
    check_document,
    check_href,
    check_mediatype,
    check_reference,
    name_document,
)
from connectors.aanmelding.mapping import (
    aanmelding_to_json,
    find_faults,
    map_intrekking,
    map_ontvangst,
    map_stand,
    map_standen,
)
from connectors.aanmelding.models import (
    Aanmelding,
    AanmeldingStand,
    DocumentVerwijzing,
    Intrekking,
    Ontvangst,
    StandenBladzijde,
    Uitkomst,
    VoortgangBladzijde,
)
from connectors.aanmelding.voortgang import map_voortgang
from connectors.transport.errors import (
    AuthenticationError,
    ConflictError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.http import HttpClient

# What each status of the contract means for us; 200 and 201 are both a success.
STATUS: Final[Mapping[int, type[ConnectorError]]] = {
    400: ContractError,
    401: AuthenticationError,
    403: AuthenticationError,
    404: PermanentError,
    405: ContractError,
    409: ConflictError,
    412: ConflictError,
    413: ContractError,
    415: ContractError,
    422: PermanentError,
    429: ThrottledError,
    503: RetryableError,
}
# The largest page of the contract.
_STANDEN_PAGE: Final = 500
_JSON: Final = {"Accept": "application/json, application/problem+json"}


def open_client(
    *,
    system: str,
    base_url: str,
    token: str,
    timeout: tuple[float, float] = (5.0, 30.0),
    pool_size: int = 16,
) -> AanmeldingClient:
    """Make a client for one partner; `system` is its name in errors. Nothing is sent yet."""
    return AanmeldingClient(
        HttpClient(
            system,
            base_url,
            headers={**_JSON, "Authorization": f"Bearer {token}"},
            timeout=timeout,
            pool_size=pool_size,
        )
    )


class AanmeldingClient:
    """The operations of the published contract; safe to share between threads."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def put_aanmelding(
        self,
        *,
        aanmelding: Aanmelding,
        idempotency_key: str,
        if_match: str | None = None,
        correlation_id: UUID | None = None,
    ) -> Ontvangst:
        """Create the aanmelding, or replace the version `if_match`; a repeat is a success.

        Raises: ContractError before sending when the body breaks the contract, ConflictError
        when the partner holds another body or version, UnknownOutcomeError when only asking
        can tell whether the partner has it.
        """
        operation, key = "put_aanmelding", str(aanmelding.referentie)
        body = aanmelding_to_json(aanmelding)
        faults = find_faults(body)
        if faults:
            raise ContractError(
                self._http.system,
                operation,
                key,
                f"our body breaks the contract at {', '.join(faults[:5])}",
                done="It was not sent",
            )
        headers = {"Idempotency-Key": idempotency_key}
        if if_match is not None:
            headers["If-Match"] = if_match
        response = self._http.request(
            "PUT",
            f"aanmeldingen/{aanmelding.referentie}",
            operation=operation,
            key=key,
            expected={200, 201},
            json=body,
            headers=headers,
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=True,
        )
        try:
            ontvangst = map_ontvangst(self._object(response, operation, key), _etag(response))
            if ontvangst.referentie == aanmelding.referentie:
                return ontvangst
            observed = "the receipt is for another reference"
        except ContractError as problem:
            observed = problem.observed
        raise UnknownOutcomeError(
            self._http.system, operation, key, f"the receipt cannot be read: {observed}"
        )

    def get_aanmelding(
        self, *, referentie: UUID, correlation_id: UUID | None = None
    ) -> AanmeldingStand | None:
        """Return what the partner holds under this reference, or None when it holds nothing."""
        operation, key = "get_aanmelding", str(referentie)
        response = self._http.request(
            "GET",
            f"aanmeldingen/{referentie}",
            operation=operation,
            key=key,
            expected={200, 404},
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=False,
        )
        if response.status_code == 404:
            return None
        raw = self._object(response, operation, key)
        stand = map_stand(raw, _etag(response))
        if stand.referentie != referentie:
            raw.refuse("referentie", "is another one than was asked")
        return stand

    def delete_aanmelding(
        self, *, referentie: UUID, correlation_id: UUID | None = None
    ) -> Intrekking:
        """Withdraw an aanmelding and say what the partner did; holding nothing is removed.

        Raises: UnknownOutcomeError when the answer was lost: withdrawing again is safe.
        """
        operation, key = "delete_aanmelding", str(referentie)
        response = self._http.request(
            "DELETE",
            f"aanmeldingen/{referentie}",
            operation=operation,
            key=key,
            expected={200, 404},
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=True,
        )
        if response.status_code == 404:
            return Intrekking(referentie, Uitkomst.VERWIJDERD, None)
        try:
            intrekking = map_intrekking(self._object(response, operation, key))
            if intrekking.referentie == referentie:
                return intrekking
            observed = "it is for another reference"
        except ContractError as problem:
            observed = problem.observed
        raise UnknownOutcomeError(
            self._http.system, operation, key, f"the answer cannot be read: {observed}"
        )

    def list_voortgang(
        self,
        *,
        gewijzigd_na: datetime,
        pagina: str | None = None,
        correlation_id: UUID | None = None,
    ) -> VoortgangBladzijde:
        """Return a page of what the partner recorded strictly after a moment, oldest first.

        An event that cannot be read is a `GeweigerdeVoortgang` and stops no other.

        Raises: ContractError when the answer is no page.
        """
        moment = gewijzigd_na.astimezone(UTC).isoformat().replace("+00:00", "Z")
        operation = "list_voortgang"
        params = {"gewijzigdNa": moment}
        if pagina is not None:
            params["pagina"] = pagina
        response = self._http.request(
            "GET",
            "aanmeldingen",
            operation=operation,
            key=moment,
            expected={200},
            params=params,
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=False,
        )
        return map_voortgang(self._object(response, operation, moment))

    def get_document(
        self, *, verwijzing: DocumentVerwijzing, correlation_id: UUID | None = None
    ) -> bytes:
        """Return a document's bytes, which are what its reference says.

        Raises: ContractError when `href` lies outside the partner's address (then nothing is
        sent: the token goes nowhere else), or when media type, size, sha256 or the marks of a PDF
        are not what was told; PermanentError (404) when it is not there.
        """
        system = self._http.system
        check_reference(system, verwijzing)
        href = check_href(system, self._http.base_url, verwijzing)
        response = self._http.request(
            "GET",
            href,
            operation=OPERATION,
            key=name_document(verwijzing),
            expected={200},
            headers={"Accept": f"{verwijzing.mediatype}, application/problem+json"},
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=False,
            largest_answer=LARGEST_DOCUMENT,
        )
        check_mediatype(system, verwijzing, response.headers.get("Content-Type"))
        return check_document(system, verwijzing, response.content)

    def list_standen(
        self, *, pagina: str | None = None, correlation_id: UUID | None = None
    ) -> StandenBladzijde:
        """Return a page of all that the partner holds, ordered by reference.

        Raises: PermanentError (404) when the partner does not offer it: contract 1.0.
        """
        operation, key = "list_standen", "all"
        params = {"limiet": str(_STANDEN_PAGE)}
        if pagina is not None:
            params["pagina"] = pagina
        response = self._http.request(
            "GET",
            "standen",
            operation=operation,
            key=key,
            expected={200},
            params=params,
            correlation_id=correlation_id,
            refusals=STATUS,
            changes=False,
        )
        return map_standen(self._object(response, operation, key))

    def _object(self, response: requests.Response, operation: str, key: str) -> JsonObject:
        return read_object(response, self._http.system, operation, key)


def _etag(response: requests.Response) -> str | None:
    return response.headers.get("ETag")
