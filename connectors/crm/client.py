"""Read changes and rows from the CRM and write to it, several rows in one atomic changeset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import requests

from connectors.crm import batch
from connectors.crm.errors import DeltaExpiredError, operation_error
from connectors.crm.mapping import CrmMapping, MappingError
from connectors.crm.models import ChangePage, CrmChange, CrmDeleted, CrmRecord, CrmRejected
from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.http import HttpClient, parse_retry_after
from connectors.transport.oauth import ClientCredentials

SYSTEM: Final = "crm"
LARGEST_BATCH: Final = 1000
_HEADERS: Final = {
    "Accept": "application/json",
    "OData-Version": "4.0",
    "OData-MaxVersion": "4.0",
}
# A batch may answer a failure of its changeset with that status and still tell it in parts.
_BATCH_STATUS: Final = frozenset({200, 202, 400, 404, 409, 412, 413, 428})


def open_client(
    *,
    base_url: str,
    client_id: str,
    client_secret: str,
    scope: str,
    token_url: str | None = None,
    mapping: CrmMapping | None = None,
    timeout: tuple[float, float] = (5.0, 30.0),
    pool_size: int = 16,
) -> CrmClient:
    """Make a client that signs on with client credentials; nothing is sent yet.

    `base_url` is the CRM's own address, without the path of its API.
    """
    base = base_url.rstrip("/")
    token_http = HttpClient(SYSTEM, token_url or f"{base}/oauth2/v2.0/token", timeout=timeout)
    auth = ClientCredentials(
        token_http, client_id=client_id, client_secret=client_secret, scope=scope
    )
    http = HttpClient(
        SYSTEM,
        f"{base}/api/data/v9.2",
        headers=_HEADERS,
        auth=auth,
        timeout=timeout,
        pool_size=pool_size,
    )
    return CrmClient(http, mapping if mapping is not None else CrmMapping.load())


class CrmClient:
    """The operations of the CRM; safe to share between threads."""

    def __init__(self, http: HttpClient, mapping: CrmMapping) -> None:
        self._http = http
        self._mapping = mapping
        self._path = urlsplit(http.base_url).path

    def get_changes(
        self,
        *,
        tabel: str,
        link: str | None,
        page_size: int,
        correlation_id: UUID | None = None,
    ) -> ChangePage:
        """Return one page of what changed since the link; without a link, of everything.

        A row that does not fit the mapping stands apart, with the reason.

        Raises: DeltaExpiredError when the link is no longer known: ask again without it.
        """
        operation = "get_changes"
        table = self._mapping.table(tabel)
        expected = {200} if link is None else {200, 400, 410}
        response = self._http.request(
            "GET",
            link or table.set,
            operation=operation,
            key=tabel,
            expected=expected,
            params=None if link else {"$select": self._mapping.columns(tabel)},
            headers={"Prefer": f"odata.track-changes,odata.maxpagesize={page_size}"},
            correlation_id=correlation_id,
            changes=False,
        )
        if response.status_code != 200:
            # The CRM made this link itself; if it refuses it, only a full reload helps.
            raise DeltaExpiredError(
                SYSTEM, operation, tabel, f"answered {response.status_code} to its own link"
            )
        return self._page(tabel, read_object(response, SYSTEM, operation, tabel))

    def get(
        self,
        *,
        tabel: str,
        object_id: UUID | None = None,
        sleutel: str | None = None,
        velden: Sequence[str] | None = None,
        correlation_id: UUID | None = None,
    ) -> CrmRecord | None:
        """Return one row by its id or alternate key, or None when it does not exist.

        With ``velden`` only those fields are read: of a document not its content.
        """
        operation = "get"
        key = f"{tabel} {object_id or sleutel}"
        response = self._http.request(
            "GET",
            self._mapping.address(tabel, object_id, sleutel),
            operation=operation,
            key=key,
            expected={200, 404},
            params={"$select": self._mapping.columns(tabel, velden)},
            correlation_id=correlation_id,
            changes=False,
        )
        if response.status_code == 404:
            return None
        return self._record(tabel, read_object(response, SYSTEM, operation, key), velden)

    def write(
        self,
        *,
        changes: Sequence[CrmChange],
        key: str,
        correlation_id: UUID | None = None,
    ) -> None:
        """Apply all changes or none, in one request.

        Raises: ConflictError when a row is not as expected (nothing was applied),
        UnknownOutcomeError when the answer was lost or cannot be understood.
        """
        if not changes:
            return
        content_type, body = self._batch(changes, key)
        response = self._http.request(
            "POST",
            "$batch",
            operation="write",
            key=key,
            expected=_BATCH_STATUS,
            data=body,
            headers={"Content-Type": content_type, "Accept": "multipart/mixed"},
            correlation_id=correlation_id,
            changes=True,
        )
        error = self._judge(response, changes, key)
        if error is not None:
            raise error

    def _batch(self, changes: Sequence[CrmChange], key: str) -> tuple[str, bytes]:
        if len(changes) > LARGEST_BATCH:
            raise ContractError(
                SYSTEM,
                "write",
                key,
                f"{len(changes)} changes exceed the {LARGEST_BATCH} of one batch",
                done="It was not sent",
            )
        observed = ""
        try:
            return batch.build([self._operation(change) for change in changes])
        except MappingError as problem:
            observed = str(problem)
        except ValueError:
            observed = "a value cannot be sent"
        raise ContractError(SYSTEM, "write", key, observed, done="It was not sent")

    def _operation(self, change: CrmChange) -> batch.Operation:
        address = self._mapping.address(change.tabel, change.object_id, change.sleutel)
        headers: dict[str, str] = {}
        if change.create_only:
            headers["If-None-Match"] = "*"
        elif change.if_match is not None:
            headers["If-Match"] = change.if_match
        elif change.object_id is not None:
            # Without it a PATCH would bring back a row that was deleted meanwhile.
            headers["If-Match"] = "*"
        return batch.Operation(f"{self._path}/{address}", headers, self._mapping.body(change))

    def _judge(
        self, response: requests.Response, changes: Sequence[CrmChange], key: str
    ) -> ConnectorError | None:
        outcomes: list[batch.Outcome] = []
        try:
            outcomes = batch.read(response.headers.get("Content-Type", ""), response.content)
        except ValueError:
            if response.status_code >= 400:
                return self._http.refusal(response, operation="write", key=key, changes=True)
        failed = next((o for o in outcomes if o.status >= 300), None)
        if failed is not None:
            return _failure(failed, changes, key)
        if response.status_code >= 300 or len(outcomes) != len(changes):
            told = f"the answer tells of {len(outcomes)} of {len(changes)} changes"
            return UnknownOutcomeError(SYSTEM, "write", key, told)
        return None

    def _page(self, tabel: str, answer: JsonObject) -> ChangePage:
        records: list[CrmRecord] = []
        deleted: list[CrmDeleted] = []
        rejected: list[CrmRejected] = []
        for row in answer.children("value"):
            if "@odata.context" in row.values and "reason" in row.values:
                deleted.append(CrmDeleted(tabel, _deleted_id(row)))
                continue
            try:
                records.append(self._mapping.record(tabel, row.values))
            except MappingError as problem:
                key = row.values.get(self._mapping.table(tabel).key)
                rejected.append(
                    CrmRejected(tabel, _readable_key(key, row.values), str(problem), row.values)
                )
        next_link = answer.optional_text("@odata.nextLink")
        delta_link = answer.optional_text("@odata.deltaLink")
        if (next_link is None) == (delta_link is None):
            answer.refuse("@odata.deltaLink", "or a next link must be there, not both")
        return ChangePage(
            tabel, tuple(records), tuple(deleted), next_link, delta_link, tuple(rejected)
        )

    def _record(
        self, tabel: str, row: JsonObject, velden: Sequence[str] | None = None
    ) -> CrmRecord:
        try:
            return self._mapping.record(tabel, row.values, velden)
        except MappingError as problem:
            observed = str(problem)
        raise ContractError(row.system, row.operation, row.key, observed)


def _readable_key(value: object, row: Mapping[str, object]) -> str:
    """Return a key that is one; anything else could hold data, and gets one of the whole row."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        told = json.dumps(dict(row), sort_keys=True, default=str).encode()
        return f"unknown {hashlib.sha256(told).hexdigest()[:16]}"


def _deleted_id(row: JsonObject) -> UUID:
    """Read the id, which is a guid or the address of the row."""
    guid = row.text("id").rstrip(")")[-36:]
    return JsonObject(row.system, row.operation, row.key, {"id": guid}, row.path).uuid("id")


def _failure(failed: batch.Outcome, changes: Sequence[CrmChange], key: str) -> ConnectorError:
    kind = operation_error(failed.status)
    number = failed.content_id or ""
    which = "the changeset"
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(changes):
        which = f"change {number} ({changes[int(number) - 1].tabel})"
    observed = f"{which} answered {failed.status}" + (f" ({failed.code})" if failed.code else "")
    if issubclass(kind, RetryableError):
        pause = parse_retry_after(failed.retry_after, datetime.now(UTC))
        return kind(SYSTEM, "write", key, observed, retry_after=pause)
    return kind(SYSTEM, "write", key, observed)
