"""Errors of the CRM, in the form ``{"error": {"code", "message"}}``, with Dataverse's codes."""

from __future__ import annotations

import orjson
from starlette.responses import Response

NOT_FOUND = "0x80040217"
KEY_NOT_FOUND = "0x80060891"
DUPLICATE = "0x80040237"
DUPLICATE_KEY = "0x80060892"
STALE = "0x80060882"
BAD_REQUEST = "0x80060888"
BAD_PAYLOAD = "0x80048d19"
TOO_MANY_REQUESTS = "0x80072322"
TOO_MANY_AT_ONCE = "0x80072326"


class CrmError(Exception):
    """A request the service refuses."""

    def __init__(
        self, status: int, message: str, code: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self) -> bytes:
        """Return the error as JSON."""
        return orjson.dumps({"error": {"code": self.code, "message": self.message}})

    def response(self) -> Response:
        """Return the error as an answer."""
        return Response(self.body(), self.status, JSON_HEADERS | self.headers)


JSON_HEADERS = {
    "Content-Type": "application/json; odata.metadata=minimal",
    "OData-Version": "4.0",
}
