"""What the CRM can answer that no other system does, and what its error codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.transport.errors import (
    AuthenticationError,
    ConflictError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)

# What the status of one operation of a changeset means. The changeset is atomic: an answered
# failure means that nothing of it was applied, so that a server error may be tried again.
OPERATION_STATUS: Final[Mapping[int, type[ConnectorError]]] = {
    400: ContractError,
    401: AuthenticationError,
    403: AuthenticationError,
    404: PermanentError,
    409: ConflictError,
    412: ConflictError,
    413: ContractError,
    428: ContractError,
    429: ThrottledError,
}


def operation_error(status: int) -> type[ConnectorError]:
    """Say which error a failing operation of a changeset is."""
    return OPERATION_STATUS.get(status, RetryableError if status >= 500 else PermanentError)


class DeltaExpiredError(RetryableError):
    """The link to the changes is no longer known: start a full reload."""

    default_done = "No changes were read"
    default_advice = "Nothing to do: everything is read again; look why it was not asked in time"
