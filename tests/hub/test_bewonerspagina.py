"""The address of the resident's page: one setting, checked before anything leaves with it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bewonerspagina import VARIABLE, BewonerspaginaError, make_link, read_template
from hub.melding.voorbeeld import DOSSIERNUMMER, make_voorbeeld

PAGE = "https://crm.leuven.example/mijn/{dossiernummer}"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("RENOVATIEHUB_TST", raising=False)


@pytest.mark.parametrize("value", [None, ""])
def test_a_city_without_a_page_sends_no_link(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert make_link("RD-0001-000001") is None
    waarden = make_voorbeeld("gestart", datetime.now(UTC)).inhoud
    assert waarden is not None and not {"DocumentLinkUri", "ExterneLinkNaam"} & set(
        waarden["waarden"]
    )


def test_a_message_leads_to_the_page_of_its_dossier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PAGE)
    inhoud = make_voorbeeld("gestart", datetime.now(UTC)).inhoud
    assert inhoud is not None
    link = f"https://crm.leuven.example/mijn/{DOSSIERNUMMER}"
    assert inhoud["waarden"]["DocumentLinkUri"] == link
    assert inhoud["waarden"]["ExterneLinkNaam"] == "Naar uw dossier"


@given(st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_whatever_a_number_holds_it_stays_one_step_of_the_path(number: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, PAGE)
        link = make_link(number)
    assert link is not None and link.isascii()
    parts = urlsplit(link)
    assert (parts.hostname, parts.query, parts.fragment) == ("crm.leuven.example", "", "")
    assert parts.path.count("/") == 2
    assert unquote(parts.path.removeprefix("/mijn/")) == number


@pytest.mark.parametrize(
    "good",
    [
        PAGE,
        "https://crm.example/main.aspx?etn=rh_dossier&nummer={dossiernummer}",
        "https://crm.example:8443/#/dossier/{dossiernummer}",
        "https://crm.example/een%20map/{dossiernummer}",
    ],
)
def test_an_address_may_have_the_number_in_its_path_query_or_fragment(good: str) -> None:
    assert read_template({VARIABLE: good}) == good


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("https://crm.example/dossier", "does not hold {dossiernummer} once"),
        ("https://crm.example/{dossiernummer}/{dossiernummer}", "once"),
        ("https://crm.example/{insz}/{dossiernummer}", "another name between braces"),
        ("https://crm.example/mijn dossier/{dossiernummer}", "a space"),
        ("https://crm.example/é/{dossiernummer}", "a sign that no address has"),
        ("https://crm.example/100%/{dossiernummer}", "a sign that no address has"),
        ("https://{dossiernummer}.crm.example/", "no host of its own"),
        ("/crm/{dossiernummer}", "no host of its own"),
        ("https:///{dossiernummer}", "no host of its own"),
        ("https://crm.example:poort/{dossiernummer}", "cannot be read as an address"),
        ("https://wie:geheim@crm.example/{dossiernummer}", "a name or password"),
        ("http://crm.example/{dossiernummer}", "is not https"),
        ("javascript://crm.example/{dossiernummer}", "is not https"),
    ],
)
def test_an_address_that_cannot_be_sent_is_refused_with_what_to_give(bad: str, says: str) -> None:
    with pytest.raises(BewonerspaginaError) as caught:
        read_template({VARIABLE: bad})
    text = str(caught.value)
    assert says in text and VARIABLE in text and "https://crm.example/dossier/" in text
    assert "geheim" not in text


def test_only_a_sandbox_with_fictitious_persons_does_without_https() -> None:
    page = "http://127.0.0.1:8090/crm/bewoner/{dossiernummer}"
    assert read_template({VARIABLE: page, "RENOVATIEHUB_TST": "1"}) == page
    with pytest.raises(BewonerspaginaError, match="not https"):
        read_template({VARIABLE: page, "RENOVATIEHUB_TST": "0"})
    with pytest.raises(BewonerspaginaError, match="not https"):
        read_template({VARIABLE: "ftp://crm.example/{dossiernummer}", "RENOVATIEHUB_TST": "1"})
