"""One SOAP 1.1 service: build, send and read are separate steps.

Whoever limits the number of open calls holds a slot around `send` only: it ends at the last
byte, and the costly reading happens afterwards. No envelope ever reaches a log line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from lxml import etree

from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.transport.http import HttpClient
from connectors.transport.soap_contract import ContractViolationError, SoapContract, SoapFault
from connectors.transport.ws_security import BodySigner

# Connect 15 s, read 30 s: what the owner's own MAGDA client uses.
MAGDA_TIMEOUT: Final = (15.0, 30.0)

# SOAP 1.1 sends a Fault with 500; some gateways with 400.
_MAY_CARRY_FAULT: Final = frozenset({200, 400, 500})
_HEADERS: Final = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""'}


@dataclass(frozen=True, slots=True)
class SoapReply:
    """The bytes of an answer, not yet read."""

    status: int
    data: bytes = field(repr=False)


class SoapClient:
    """Talk to one SOAP service. Safe to share between threads.

    `http` carries base URL, session (client certificate), timeouts and the largest answer;
    `url` is the full address of the service, on the same host.
    """

    def __init__(
        self,
        http: HttpClient,
        url: str,
        contract: SoapContract,
        *,
        signer: BodySigner | None = None,
    ) -> None:
        self.system = http.system
        self._http = http
        self._url = url
        self._contract = contract
        self._signer = signer

    def build(self, operation: str, message: Mapping[str, Any], *, key: str) -> bytes:
        """Write, validate and (when so configured) sign the envelope of a question.

        Raises:
            ContractError: the message does not fit the contract; nothing was sent.
        """
        try:
            envelope = self._contract.build(operation, message)
        except ContractViolationError as violation:
            observed = str(violation)
        else:
            if self._signer is not None:
                self._signer.sign(envelope)
            return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        raise ContractError(self.system, operation, key, observed, done="It was not sent")

    def send(
        self, operation: str, envelope: bytes, *, key: str, changes: bool, correlation_id: UUID
    ) -> SoapReply:
        """Post an envelope and return the answer's bytes; the connection is free again.

        `changes` says that the message may change the receiver: then a lost answer is an
        unknown outcome.

        Raises: the error family of `connectors.transport.errors`.
        """
        response = self._http.request(
            "POST",
            self._url,
            operation=operation,
            key=key,
            expected=_MAY_CARRY_FAULT,
            changes=changes,
            data=envelope,
            headers=_HEADERS,
            correlation_id=correlation_id,
        )
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if response.status_code != 200 and not media_type.endswith("xml"):
            raise self._http.refusal(response, operation=operation, key=key, changes=changes)
        return SoapReply(response.status_code, response.content)

    def parse(
        self, operation: str, reply: SoapReply, *, key: str, changes: bool
    ) -> Any | SoapFault:
        """Read an answer: the zeep value of the output element, or a Fault.

        Raises:
            ContractError: the answer is not what the contract promises.
            UnknownOutcomeError: the same, for a message that may have changed the receiver.
            RetryableError: an error status without a Fault.
        """
        try:
            answer = self._contract.read(operation, reply.data)
        except ContractViolationError as violation:
            observed = str(violation)
        else:
            if reply.status == 200 or isinstance(answer, SoapFault):
                return answer
            observed = "no Fault in the answer"
        kind: type[ConnectorError] = UnknownOutcomeError if changes else ContractError
        if reply.status != 200:
            observed = f"answered {reply.status}: {observed}"
            kind = kind if changes else RetryableError
        raise kind(self.system, operation, key, observed)
