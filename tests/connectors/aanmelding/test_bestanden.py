"""The contract as files: lines out, answers back, and a bad line stops no good one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.bestanden import (
    Regel,
    name_batch,
    read_keys,
    read_receipt,
    write_batch,
    write_checksum,
)
from connectors.aanmelding.mapping import aanmelding_to_json, find_faults
from connectors.aanmelding.models import Aanmelding, Aanvrager, Gebouw, Soort, Uitkomst
from connectors.transport.errors import ContractError

REFERENTIE = UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10")
AANMELDING = Aanmelding(
    REFERENTIE,
    Soort.ENERGIELENING,
    "RD-0001-000017",
    datetime(2026, 11, 10, 9, 15, tzinfo=UTC),
    Aanvrager("Fien", "Voorbeeld"),
    Gebouw("Naamsestraat", "12", "Leuven"),
)
REGEL = Regel(f"aanmelding:{REFERENTIE}", REFERENTIE, uuid4(), AANMELDING)
ONTVANGST = {"referentie": str(REFERENTIE), "ontvangenOp": "2026-11-10T09:15:02Z"}


def answer(**fields: Any) -> dict[str, Any]:
    return {"idempotencyKey": "k1", "uitkomst": "aanvaard", "ontvangst": ONTVANGST} | fields


def receipt(*lines: object) -> bytes:
    return b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )


def test_a_line_carries_the_body_of_the_contract() -> None:
    (line,) = [json.loads(text) for text in write_batch("igo", [REGEL]).splitlines()]
    assert line["aanmelding"] == aanmelding_to_json(AANMELDING)
    assert find_faults(line["aanmelding"]) == []
    assert (line["regel"], line["bewerking"]) == (1, "aanmelden")


def test_a_withdrawal_carries_nothing_of_the_resident() -> None:
    regel = Regel(f"intrekking:{REFERENTIE}", REFERENTIE, None)
    (line,) = [json.loads(text) for text in write_batch("igo", [regel]).splitlines()]
    assert line == {
        "regel": 1,
        "bewerking": "intrekken",
        "idempotencyKey": f"intrekking:{REFERENTIE}",
        "referentie": str(REFERENTIE),
    }


@given(st.lists(st.uuids(), unique=True, max_size=20), st.text(min_size=1, max_size=40))
def test_every_key_of_a_batch_is_read_back_whatever_is_in_it(keys: list[UUID], text: str) -> None:
    vraag = text.strip() or None
    regels = [
        replace(REGEL, idempotency_key=str(key), aanmelding=replace(AANMELDING, vraag=vraag))
        for key in keys
    ]
    assert read_keys(write_batch("igo", regels)) == {str(key) for key in keys}


def test_a_body_that_breaks_the_contract_is_not_written_and_not_told() -> None:
    bad = replace(AANMELDING, aanvrager=Aanvrager("Fien", "x" * 5000))
    with pytest.raises(ContractError) as caught:
        write_batch("igo", [REGEL, replace(REGEL, aanmelding=bad)])
    assert "/aanvrager/naam" in str(caught.value)
    assert "xxx" not in str(caught.value)


def test_the_checksum_is_that_of_sha256sum() -> None:
    digest = hashlib.sha256(b"abc").hexdigest()
    assert write_checksum("a.jsonl", b"abc") == f"{digest}  a.jsonl\n".encode()


def test_the_name_of_a_batch_tells_its_moment() -> None:
    moment = datetime(2026, 11, 24, 22, 15, 0, 123456, tzinfo=UTC)
    assert name_batch(moment, "0a1b2c3d") == "aanmeldingen-20261124T221500123456Z-0a1b2c3d.jsonl"


def test_a_receipt_tells_what_became_of_each_line() -> None:
    removed = {
        "referentie": str(REFERENTIE), "uitkomst": "verwijderd",
        "ingetrokkenOp": "2026-11-15T10:00:00Z",
    }  # fmt: skip
    refused = {"type": "urn:x", "fouten": [{"veld": "/gebouw/postcode", "code": "buiten"}]}
    answers, faults = read_receipt(
        "igo",
        "r.jsonl",
        receipt(
            answer(),
            {"idempotencyKey": "k2", "uitkomst": "aanvaard", "intrekking": removed},
            {"idempotencyKey": "k3", "uitkomst": "geweigerd", "probleem": refused},
        ),
    )
    assert faults == []
    assert [one.is_accepted for one in answers] == [True, True, False]
    assert answers[1].intrekking is not None
    assert answers[1].intrekking.uitkomst is Uitkomst.VERWIJDERD
    assert answers[2].fouten == ("/gebouw/postcode buiten",)


def test_what_a_partner_writes_beside_a_code_is_not_repeated() -> None:
    refused = {"type": "urn:x", "fouten": [{"veld": "/aanvrager/naam", "code": "Fien is weg"}]}
    line = {"idempotencyKey": "k3", "uitkomst": "geweigerd", "probleem": refused}
    (told,), _ = read_receipt("igo", "r.jsonl", receipt(line))
    assert told.fouten == ("/aanvrager/naam (geen code)",)


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        {},
        {"idempotencyKey": "k9"},
        answer(uitkomst="misschien"),
        answer(ontvangst=None),
        answer(ontvangst={"referentie": "geen", "ontvangenOp": "2026-11-10T09:15:02Z"}),
        {"idempotencyKey": "k9", "uitkomst": "geweigerd"},
    ],
    ids=str,
)
def test_a_line_that_cannot_be_read_is_told_and_stops_no_other(bad: object) -> None:
    answers, faults = read_receipt("igo", "r.jsonl", receipt(bad, answer()))
    assert [one.idempotency_key for one in answers] == ["k1"]
    assert len(faults) == 1
    assert faults[0].startswith("line 1: ")


@given(st.binary(max_size=200))
def test_a_receipt_of_anything_never_breaks_the_reading(content: bytes) -> None:
    answers, faults = read_receipt("igo", "r.jsonl", content)
    assert len(answers) + len(faults) <= content.count(b"\n") + content.count(b"\r") + 1
