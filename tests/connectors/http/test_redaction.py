"""Nothing personal and no secret passes the mask, and identifiers stay readable."""

from __future__ import annotations

import io
import logging
import re
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.transport.redaction import (
    MASK,
    RedactingFilter,
    protect_logging,
    redact,
)

# A fictitious person: a TST number has its month raised by 60.
INSZ = "90610112345"
SPELLINGS = [
    "90610112345",
    "90.61.01-123.45",
    "90.61.01 123.45",
    "906101-123.45",
    "906101-12345",
    "906101 123 45",
    "90 61 01 123 45",
    "90/61/01-123-45",
    "90-61-01-123-45",
    "90.61.01 - 123.45",
    "90\u00a061\u00a001\u00a0123\u00a045",
    "90.61.01\u2013123.45",
]
PHONES = [
    "0470 12 34 56",
    "0470/12.34.56",
    "0470123456",
    "0470-12-34-56",
    "+32470123456",
    "+32 470 12 34 56",
    "+32 (0)470 12 34 56",
    "0032 470 12 34 56",
    "016 12 34 56",
    "016/12.34.56",
    "(016) 12 34 56",
    "02 123 45 67",
    "+31 20 123 4567",
]
KEPT = [
    "RD-0001-000017",
    "dossier RD-0042-123456 is klaar",
    "adres 2550151 staat op 105600.61 192113.19",
    "6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10",
    "12345678-1234-1234-1234-123456789012",
    "2026-11-23T18:45:52.123456+00:00",
    "2026-11-23 18:45:52,123 INFO klaar in 0.123 s",
    "20231101-0001234567-RES-1",
    "postcode 3000, NIS 24062, busnummer 0301",
    "crm write dossier 7: answered 412 (0x80060882)",
    "http://127.0.0.1:40123/api/data/v9.2/rh_dossiers",
    'W/"1234567"',
    "",
]
separators = st.sampled_from(["", " ", ".", "-", "/", " - "])
around = st.text(alphabet=st.characters(exclude_categories=["Nd", "No", "Nl"]), max_size=12)


@pytest.mark.parametrize("text", SPELLINGS)
def test_an_insz_is_masked_in_every_usual_spelling(text: str) -> None:
    assert redact(text) == MASK
    assert redact(f"INSZ={text}, dossier 7") == f"INSZ={MASK}, dossier 7"
    assert redact(f"insz{text}x") == f"insz{MASK}x"


@given(st.integers(0, 10**11 - 1), separators, separators, separators, separators, around, around)
def test_no_insz_shaped_number_passes(
    number: int, a: str, b: str, c: str, d: str, before: str, after: str
) -> None:
    digits = f"{number:011d}"
    spelled = digits[:2] + a + digits[2:4] + b + digits[4:6] + c + digits[6:9] + d + digits[9:]
    masked = redact(f"{before} {spelled} {after}")
    assert spelled not in masked
    assert digits not in re.sub(r"\D", "", masked)


@pytest.mark.parametrize("text", PHONES)
def test_a_phone_number_is_masked(text: str) -> None:
    assert redact(f"bel {text}.") == f"bel {MASK}."


@given(st.emails(), around)
@example("o'brien@example.org", "")
@example("'@a.be", "=")
def test_no_email_address_passes(email: str, before: str) -> None:
    assert email not in redact(f"{before} {email} is onbekend")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def-ghi_j", "Authorization: Bearer ***"),
        ("authorization: basic aHViOmdlaGVpbQ==", "authorization: basic ***"),
        ("x-api-key: 3f2a", "x-api-key: ***"),
        ("?apikey=3f2a&limit=5", "?apikey=***&limit=5"),
        ('{"access_token": "eyJ.a.b", "x": 1}', '{"access_token": ***", "x": 1}'),
        ("client_secret=s3cr3t&scope=x", "client_secret=***&scope=x"),
        ("password = hunter2;", "password = ***;"),
        ("naar fien@example.org, jan@x.be", "naar ***, ***"),
        ("/p?insz=90610112345&email=jan@x.be", "***"),
    ],
)
def test_a_secret_or_address_is_masked_in_its_place(text: str, masked: str) -> None:
    assert redact(text) == masked


@given(st.text(alphabet="abcXYZ0189._~+/=-", min_size=8, max_size=80))
def test_no_bearer_token_passes(token: str) -> None:
    assert redact(f"Bearer {token} einde") == "Bearer *** einde"


@pytest.mark.parametrize("text", KEPT)
def test_an_identifier_stays_readable(text: str) -> None:
    assert redact(text) == text


@given(st.uuids())
def test_a_uuid_stays_readable(identifier: UUID) -> None:
    assert redact(f"bericht {identifier}: klaar") == f"bericht {identifier}: klaar"


@given(st.text() | st.text(alphabet="0@a.:='/ "))
@example("0@0@0")
@example("0@=@0")
def test_masking_twice_is_masking_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def logged(*arguments: object, exc: bool = False, stack: bool = False) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    logger = logging.Logger("proef")
    logger.addHandler(handler)
    protect_logging(handler)
    protect_logging(handler)
    assert len(handler.filters) == 1
    if exc:
        try:
            raise ValueError(f"kapot voor {INSZ}")
        except ValueError:
            logger.error(*arguments, exc_info=True, stack_info=stack)  # type: ignore[arg-type]
    else:
        logger.error(*arguments)  # type: ignore[arg-type]
    return out.getvalue()


def test_a_standard_log_record_is_masked_with_its_arguments_and_traceback() -> None:
    text = logged("%s voor %s", "fout", INSZ, exc=True, stack=True)
    assert INSZ not in text
    assert text.startswith("fout voor ***")
    assert "ValueError: kapot voor ***" in text


def test_a_record_that_cannot_be_formatted_does_not_stop_the_work() -> None:
    assert logged("%d dingen", "geen getal").startswith(MASK)


def test_a_filter_keeps_every_record() -> None:
    record = logging.LogRecord("n", logging.INFO, "f", 1, "tekst", (), None)
    assert RedactingFilter().filter(record) is True


def test_libraries_that_print_urls_and_envelopes_are_silenced() -> None:
    loggers = [logging.getLogger(name) for name in ("urllib3", "zeep")]
    before = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        protect_logging(logging.NullHandler())
        assert all(logger.level == logging.WARNING for logger in loggers)
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
