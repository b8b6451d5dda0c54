"""One atomic OData changeset as multipart text: built for sending, read from the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Final
from uuid import uuid4

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
_SAFE_HEADER: Final = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Operation:
    """One PATCH of a changeset."""

    target: str
    headers: Mapping[str, str]
    body: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation, or of the whole changeset when it failed."""

    status: int
    content_id: str | None
    retry_after: str | None
    code: str | None


def build(operations: Sequence[Operation]) -> tuple[str, bytes]:
    """Return the Content-Type and the body of a batch with one changeset.

    Raises: ValueError when a header cannot be sent safely.
    """
    batch, changeset = f"batch_{uuid4().hex}", f"changeset_{uuid4().hex}"
    lines = [f"--{batch}", f"Content-Type: multipart/mixed; boundary={changeset}", ""]
    for number, operation in enumerate(operations, start=1):
        lines += [
            f"--{changeset}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            f"Content-ID: {number}",
            "",
            f"PATCH {operation.target} HTTP/1.1",
            "Content-Type: application/json; charset=utf-8",
        ]
        for name, value in operation.headers.items():
            if not _SAFE_HEADER.fullmatch(value):
                raise ValueError(f"header {name} cannot be sent")
            lines.append(f"{name}: {value}")
        lines += ["", json.dumps(operation.body, ensure_ascii=False, allow_nan=False)]
    lines += [f"--{changeset}--", f"--{batch}--", ""]
    return f"multipart/mixed; boundary={batch}", "\r\n".join(lines).encode()


def read(content_type: str, content: bytes) -> list[Outcome]:
    """Read the outcomes from an answer, in order.

    Raises: ValueError when the answer is not a batch response.
    """
    if not content_type.lower().startswith("multipart/mixed") or not _SAFE_HEADER.fullmatch(
        content_type
    ):
        raise ValueError("the answer is not multipart")
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message: Message = BytesParser(policy=policy.compat32).parsebytes(head + content)
    if not message.is_multipart() or not _closed(message, content):
        raise ValueError("the answer is cut off")
    outcomes = [_outcome(part) for part in message.walk() if not part.is_multipart()]
    if not outcomes:
        raise ValueError("the answer holds no outcome")
    return outcomes


def _closed(message: Message, content: bytes) -> bool:
    boundary = message.get_boundary()
    return boundary is not None and f"--{boundary}--".encode() in content


def _outcome(part: Message) -> Outcome:
    payload = part.get_payload(decode=True)
    if part.get_content_type() != "application/http" or not isinstance(payload, bytes):
        raise ValueError("a part is not an HTTP answer")
    payload = payload.lstrip(b"\r\n")
    line = _STATUS_LINE.match(payload)
    if line is None:
        raise ValueError("a part has no status line")
    answer: Message = BytesParser(policy=policy.compat32).parsebytes(payload[line.end() :])
    body = answer.get_payload()
    return Outcome(
        int(line[1]),
        part.get("Content-ID") or answer.get("Content-ID"),
        answer.get("Retry-After"),
        _code(body) if isinstance(body, str) else None,
    )


def _code(body: str) -> str | None:
    """Take the error code, never its message."""
    found = re.search(r'"code"\s*:\s*"(0x[0-9A-Fa-f]{1,16}|[A-Za-z_]{1,60})"', body[:4096])
    return found[1] if found else None
