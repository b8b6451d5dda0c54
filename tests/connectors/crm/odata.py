"""Answers as an OData CRM gives them, for the tests of its client."""

from __future__ import annotations

import json
from collections.abc import Mapping


def part(
    status: int,
    *,
    number: int | None = None,
    body: object | None = None,
    headers: Mapping[str, str] | None = None,
) -> str:
    """Write one part of a batch answer."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if number is not None:
        lines.append(f"Content-ID: {number}")
    lines += ["", f"HTTP/1.1 {status} Zo", "OData-Version: 4.0"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines.append("Content-Type: application/json")
    return "\r\n".join([*lines, "", "" if body is None else json.dumps(body)])


def batch_answer(*parts: str, changeset: bool = True) -> tuple[str, bytes]:
    """Write a whole batch answer; a failed changeset answers without a changeset boundary."""
    if changeset:
        inner = "".join(f"--wijzigingen\r\n{text}\r\n" for text in parts) + "--wijzigingen--\r\n"
        text = f"--antwoord\r\nContent-Type: multipart/mixed; boundary=wijzigingen\r\n\r\n{inner}"
    else:
        text = "".join(f"--antwoord\r\n{text}\r\n" for text in parts)
    return "multipart/mixed; boundary=antwoord", f"{text}--antwoord--\r\n".encode()
