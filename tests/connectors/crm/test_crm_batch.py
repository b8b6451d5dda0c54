"""A changeset is multipart text both ways; whatever comes back is read or refused."""

from __future__ import annotations

import json
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.crm.batch import Operation, Outcome, build, read
from tests.connectors.crm.odata import batch_answer, part


def parts_of(content_type: str, body: bytes) -> list[bytes]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    (changeset,) = message.get_payload()
    assert changeset.get_content_type() == "multipart/mixed"
    leaves = changeset.get_payload()
    assert all(leaf.get_content_type() == "application/http" for leaf in leaves)
    assert [leaf["Content-ID"] for leaf in leaves] == [str(n) for n in range(1, len(leaves) + 1)]
    return [leaf.get_payload(decode=True) for leaf in leaves]


@given(st.lists(st.dictionaries(st.text(), st.text() | st.none()), min_size=1, max_size=5))
def test_what_is_built_reads_back_as_the_same_operations(bodies: list[dict[str, object]]) -> None:
    operations = [
        Operation(f"/crm/api/data/v9.2/rh_x({number})", {"If-Match": 'W/"1"'}, body)
        for number, body in enumerate(bodies)
    ]
    texts = parts_of(*build(operations))
    for operation, text in zip(operations, texts, strict=True):
        head, _, body = text.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == f"PATCH {operation.target} HTTP/1.1"
        assert 'If-Match: W/"1"' in lines
        assert json.loads(body.removesuffix(b"\r\n")) == operation.body


@pytest.mark.parametrize("etag", ['W/"1"\r\nX: 1', "é", "\0"])
def test_a_header_cannot_smuggle_a_line(etag: str) -> None:
    with pytest.raises(ValueError, match="If-Match"):
        build([Operation("/x", {"If-Match": etag}, {})])


def test_an_answer_tells_each_operation() -> None:
    kind, body = batch_answer(part(204, number=1), part(204, number=2))
    assert read(kind, body) == [Outcome(204, "1", None, None), Outcome(204, "2", None, None)]


def test_a_failed_changeset_tells_one_error_with_its_code_and_pause() -> None:
    error = {"error": {"code": "0x80072322", "message": "Fien Voorbeeld"}}
    kind, body = batch_answer(
        part(429, number=3, body=error, headers={"Retry-After": "12"}), changeset=False
    )
    assert read(kind, body) == [Outcome(429, "3", "12", "0x80072322")]


@pytest.mark.parametrize("code", ["", "Fien Voorbeeld", "90610112345"])
def test_a_code_that_is_no_code_is_left_out(code: str) -> None:
    kind, body = batch_answer(part(400, body={"error": {"code": code, "message": "x"}}))
    assert read(kind, body)[0].code is None


def test_line_ends_without_carriage_return_are_read_too() -> None:
    kind, body = batch_answer(part(204, number=1))
    assert read(kind, body.replace(b"\r\n", b"\n"))[0].status == 204


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("", b""),
        ("multipart/mixed", b"--x--"),
        ("multipart/mixed; boundary=x", b""),
        ("multipart/mixed; boundary=x", b"--x--\r\n"),
        ("multipart/mixed; boundary=x\r\nA: b", b"--x--\r\n"),
        ("multipart/mixed; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\nhoi\r\n--x--"),
        (
            "multipart/mixed; boundary=x",
            b"--x\r\nContent-Type: application/http\r\n\r\nonzin\r\n--x--",
        ),
    ],
)
def test_anything_else_is_no_batch_answer(kind: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(the answer|a part)"):
        read(kind, body)


def test_an_answer_that_is_cut_off_is_refused() -> None:
    kind, body = batch_answer(part(204, number=1), part(204, number=2))
    for end in range(0, len(body) - 4, 7):
        with pytest.raises(ValueError, match=r"^(the answer|a part)"):
            read(kind, body[:end])


@given(st.binary(max_size=300))
def test_any_bytes_are_outcomes_or_a_value_error(noise: bytes) -> None:
    try:
        outcomes = read("multipart/mixed; boundary=b", b"--b\r\n" + noise + b"\r\n--b--\r\n")
    except ValueError:
        return
    assert all(100 <= outcome.status <= 599 for outcome in outcomes)
