"""A document is what its reference says, or it does not come in; the token goes nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.client import open_client
from connectors.aanmelding.documenten import LARGEST_DOCUMENT, check_document, check_href
from connectors.aanmelding.models import DocumentVerwijzing
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from tests.connectors.scripted_server import Answer, ScriptedServer, in_turn, serve

PDF = b"%PDF-1.7\nJoris Verzonnen\n%%EOF\n"
BASE = "https://partner.example:8443/aanmelden/v1"
TITEL = "Advies voor Fien"


def verwijzing(href: str, inhoud: bytes = PDF) -> DocumentVerwijzing:
    return DocumentVerwijzing(
        "77", TITEL, "application/pdf", href, len(inhoud), hashlib.sha256(inhoud).hexdigest()
    )


def told(error: ConnectorError) -> str:
    text = str(error)
    for secret in (TITEL, "Fien", "Joris", "%PDF", "geheim", "http"):
        assert secret not in text
    assert "77" in text
    return text


def get(server: ScriptedServer, **changes: object) -> bytes:
    client = open_client(
        system="dialoog", base_url=f"{server.url}/dialoog", token="geheim", timeout=server.timeout
    )
    wanted = replace(verwijzing(f"{server.url}/dialoog/documenten/77"), **changes)
    return client.get_document(verwijzing=wanted)


def pdf(body: bytes = PDF, kind: str = "application/pdf", status: int = 200) -> Answer:
    return Answer(status, body, {"Content-Type": kind})


@pytest.mark.parametrize("kind", ["application/pdf", "Application/PDF; charset=binary"])
def test_a_document_that_keeps_its_word_comes_in(kind: str) -> None:
    with serve(in_turn(pdf(kind=kind))) as server:
        assert get(server) == PDF
        assert get(server) == PDF
        asked = server.asked[0]
    assert (asked.method, asked.path) == ("GET", "/dialoog/documenten/77")
    assert asked.headers["Authorization"] == "Bearer geheim"


def test_a_partner_of_the_contract_before_gives_neither_size_nor_hash() -> None:
    with serve(in_turn(pdf())) as server:
        assert get(server, grootte=None, sha256=None) == PDF


@pytest.mark.parametrize(
    ("answer", "observed"),
    [
        (pdf(kind="text/html"), "Content-Type"),
        (Answer(200, PDF), "Content-Type"),
        (pdf(PDF + b"\n"), "bytes"),
        (pdf(b""), "0 bytes"),
        (pdf(PDF.replace(b"Joris", b"Boris")), "sha256"),
        (Answer(302, headers={"Location": "http://127.0.0.1:1/documenten/77"}), "302"),
        (pdf(b"%" * (LARGEST_DOCUMENT + 1)), f"exceeds {LARGEST_DOCUMENT}"),
    ],
    ids=["html", "no type", "longer", "empty", "other content", "redirect", "too large"],
)
def test_a_document_that_does_not_keep_its_word_stays_out(answer: Answer, observed: str) -> None:
    with serve(in_turn(answer)) as server, pytest.raises(ContractError) as caught:
        get(server)
    assert observed in told(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (pdf(b"{}", status=401), AuthenticationError),
        (pdf(b"{}", status=404), PermanentError),
        (pdf(b"{}" * 99, status=429), ThrottledError),
        (pdf(b"{}", status=503), RetryableError),
        (Answer(reset=True), RetryableError),
        (Answer(200, PDF, {"Content-Type": "application/pdf"}, drip=0.1), RetryableError),
    ],
    ids=["401", "404", "429", "503", "reset", "drip"],
)
def test_a_refusal_is_sorted_by_what_happens_next(
    answer: Answer, kind: type[ConnectorError]
) -> None:
    with serve(in_turn(answer)) as server, pytest.raises(kind) as caught:
        get(server)
    told(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"mediatype": "text/html"},
        {"grootte": 0},
        {"grootte": LARGEST_DOCUMENT + 1},
        {"sha256": "A" * 64},
        {"sha256": "kort"},
        {"href": "http://elders.example/documenten/77"},
        {"href": "documenten/77"},
    ],
    ids=str,
)
def test_what_cannot_be_a_document_is_not_asked_for(changes: dict[str, object]) -> None:
    with serve(in_turn(pdf())) as server, pytest.raises(ContractError) as caught:
        get(server, **changes)
    assert "not asked for" in told(caught.value)
    assert server.asked == []


@pytest.mark.parametrize(
    "inhoud",
    [b"MZ" + PDF, b" " + PDF, PDF[:-6], PDF + b" " * 2000, b"%PDF", b"%%EOF"],
    ids=["program", "space first", "no end", "end far away", "begin only", "end only"],
)
def test_what_is_no_pdf_stays_out_also_when_hash_and_size_are_right(inhoud: bytes) -> None:
    with pytest.raises(ContractError):
        check_document("igo", verwijzing("x", inhoud), inhoud)


@pytest.mark.parametrize(
    "href",
    [
        f"{BASE}/documenten/77",
        f"{BASE}/documenten/77?versie=2",
        f"{BASE}/a/b/c%20d.pdf",
        "HTTPS://PARTNER.example:8443/aanmelden/v1/documenten/77",
    ],
)
def test_below_the_base_address_a_document_may_lie_anywhere(href: str) -> None:
    assert check_href("igo", BASE, verwijzing(href)) == href
    assert check_href("igo", BASE + "/", verwijzing(href)) == href


@pytest.mark.parametrize(
    "href",
    [
        "http://partner.example:8443/aanmelden/v1/documenten/77",
        "https://partner.example/aanmelden/v1/documenten/77",
        "https://partner.example.:8443/aanmelden/v1/documenten/77",
        "https://elders.example:8443/aanmelden/v1/documenten/77",
        "https://partner.example:8443@elders.example/aanmelden/v1/documenten/77",
        "https://iemand@partner.example:8443/aanmelden/v1/documenten/77",
        "https://partner.example:8443/aanmelden/v10/documenten/77",
        "https://partner.example:8443/aanmelden/v1",
        f"{BASE}/",
        f"{BASE}/../v2/77",
        f"{BASE}/%2e%2E/v2/77",
        f"{BASE}/..%2fv2/77",
        f"{BASE}/..%5cv2/77",
        f"{BASE}/%252e%252e/v2/77",
        f"{BASE}\\..\\77",
        f"{BASE}/77#deel",
        f"{BASE}/77\r\nHost: elders",
        f" {BASE}/77",
        f"{BASE}/é",
        "//partner.example:8443/aanmelden/v1/77",
        "/aanmelden/v1/77",
        "documenten/77",
        "file:///etc/passwd",
        "https://partner.example:poort/aanmelden/v1/77",
        "https://[partner/aanmelden/v1/77",
        "",
    ],
)
def test_the_token_goes_nowhere_else(href: str) -> None:
    with pytest.raises(ContractError) as caught:
        check_href("igo", BASE, verwijzing(href))
    assert "example" not in str(caught.value)


@given(st.text(max_size=60), st.sampled_from(["", BASE, f"{BASE}/", "https://partner.example"]))
def test_whatever_href_holds_it_is_refused_or_below_the_base(tail: str, head: str) -> None:
    href = head + tail
    try:
        allowed = check_href("igo", BASE, verwijzing(href))
    except ContractError:
        return
    assert allowed == href
    assert href.lower().startswith(f"{BASE}/")


def test_a_key_outside_the_contract_is_not_repeated() -> None:
    with pytest.raises(ContractError) as caught:
        check_href("igo", BASE, replace(verwijzing("x"), document_id="Fien Voorbeeld"))
    assert "Fien" not in str(caught.value)
