"""$batch: reads a multipart/mixed body and writes the one that answers it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.crm.odata import bad_request

MAX_OPERATIONS = 1000

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_REQUEST_LINE = re.compile(rb"(GET|POST|PATCH|PUT|DELETE) (\S+) HTTP/1\.1\Z")
CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Operatie:
    """One request inside a batch."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    content_id: str | None


@dataclass(frozen=True, slots=True)
class Onderdeel:
    """One part of a batch: a request alone, or a changeset that succeeds or fails as a whole."""

    operaties: tuple[Operatie, ...]
    changeset: bool


@dataclass(slots=True)
class Deel:
    """One part of the answer; ``nested`` holds the answers of a changeset."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_id: str | None = None
    nested: list[Deel] | None = None


def parse_batch(content_type: str, body: bytes) -> list[Onderdeel]:
    """Read a batch.

    Raises:
        CrmError: 400, it is not a well-formed batch of at most 1,000 operations.
    """
    result = []
    for headers, content in _split(content_type, body):
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/mixed"):
            operaties = tuple(_read_operation(h, c) for h, c in _split(kind, content))
            _check_changeset(operaties)
            result.append(Onderdeel(operaties, changeset=True))
        else:
            result.append(Onderdeel((_read_operation(headers, content),), changeset=False))
    if sum(len(part.operaties) for part in result) > MAX_OPERATIONS:
        raise bad_request(
            f"The number of operations in the batch exceeds the maximum of {MAX_OPERATIONS}."
        )
    return result


def _check_changeset(operaties: tuple[Operatie, ...]) -> None:
    if any(o.method == "GET" for o in operaties):
        raise bad_request("GET requests are not allowed within a change set.")
    ids = [o.content_id for o in operaties if o.content_id is not None]
    if len(ids) != len(set(ids)):
        raise bad_request("The Content-ID values of a change set must be unique.")


def _split(content_type: str, body: bytes) -> list[tuple[dict[str, str], bytes]]:
    if not content_type.lower().startswith("multipart/mixed"):
        raise bad_request("The content type of a batch must be multipart/mixed.")
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise bad_request("The content type of a batch must have a boundary.")
    mark = b"--" + (found.group(1) or found.group(2)).encode()
    pieces = (CRLF + body).split(CRLF + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise bad_request("The batch does not end with its boundary; lines must end with CRLF.")
    parts = []
    for piece in pieces[1:-1]:
        line, ended, rest = piece.partition(CRLF)
        if line.strip() or not ended:
            raise bad_request("A boundary line of the batch is malformed.")
        parts.append(_split_headers(rest))
    if not parts:
        raise bad_request("The batch holds no requests.")
    return parts


def _split_headers(text: bytes) -> tuple[dict[str, str], bytes]:
    if text.startswith(CRLF):
        return {}, text[2:]
    head, ended, content = text.partition(CRLF + CRLF)
    if not ended:
        head = head.rstrip(CRLF)
    headers = {}
    for line in head.split(CRLF):
        name, colon, value = line.partition(b":")
        if not colon or b"\n" in line:
            raise bad_request("A header line in the batch is malformed.")
        headers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
    return headers, content


def _read_operation(headers: dict[str, str], content: bytes) -> Operatie:
    if headers.get("content-type", "").partition(";")[0].strip() != "application/http":
        raise bad_request("A part of the batch must be application/http.")
    if headers.get("content-transfer-encoding", "binary") != "binary":
        raise bad_request("The Content-Transfer-Encoding of a part must be binary.")
    line, _, rest = content.partition(CRLF)
    request = _REQUEST_LINE.match(line)
    if request is None:
        raise bad_request("A part of the batch does not start with a request line.")
    inner, body = _split_headers(rest) if rest.strip() else ({}, b"")
    return Operatie(
        method=request.group(1).decode(),
        url=request.group(2).decode("latin-1"),
        headers=inner,
        body=body,
        content_id=headers.get("content-id") or inner.get("content-id"),
    )


def build_batch(parts: list[Deel], boundary: str) -> bytes:
    """Write the answer to a batch."""
    lines: list[bytes] = []
    for number, part in enumerate(parts):
        lines.append(b"--" + boundary.encode())
        if part.nested is None:
            lines += _build_part(part)
        else:
            inner = f"changesetresponse_{number}_{boundary[-12:]}"
            lines += [b"Content-Type: multipart/mixed; boundary=" + inner.encode(), b""]
            for answer in part.nested:
                lines.append(b"--" + inner.encode())
                lines += _build_part(answer)
            lines += [b"--" + inner.encode() + b"--"]
    lines += [b"--" + boundary.encode() + b"--", b""]
    return CRLF.join(lines)


def _build_part(part: Deel) -> list[bytes]:
    lines = [b"Content-Type: application/http", b"Content-Transfer-Encoding: binary"]
    if part.content_id is not None:
        lines.append(b"Content-ID: " + part.content_id.encode())
    lines += [b"", f"HTTP/1.1 {part.status} {_REASONS.get(part.status, '')}".encode().rstrip()]
    lines += [f"{name}: {value}".encode() for name, value in part.headers.items()]
    return [*lines, b"", part.body]


_REASONS = {
    200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
    404: "Not Found", 405: "Method Not Allowed", 410: "Gone", 412: "Precondition Failed",
    415: "Unsupported Media Type",
}  # fmt: skip
