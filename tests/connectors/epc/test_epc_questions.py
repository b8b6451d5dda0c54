"""Our GeefEpc questions, as they leave, against the owner's schema."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from connectors.transport.errors import ContractError
from connectors.woningpas.epc import (
    AdresCriteria,
    Attestnummer,
    Criteria,
    Documenten,
    GebouweenheidId,
    GebouwId,
)
from tests.connectors.magda_proef import (
    EPC_VRAAG,
    epc_server,
    message_of,
    owner_schema,
    raadpleging,
    repliek,
    uitzonderingen,
)

NOTHING = repliek("GeefEpc", antwoord=uitzonderingen("30001"))
KINDS: list[Criteria] = [
    GebouwId("6746154"),
    GebouweenheidId("6356866"),
    AdresCriteria("Bondgenotenlaan", "12A", "Leuven", "0301", "3000"),
    AdresCriteria("Ruelensvest", "7", "Leuven"),
    Attestnummer("20170401-0001948124-1"),
]


@pytest.mark.parametrize("criteria", KINDS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(
    "documenten",
    [None, Documenten(attesten=True), Documenten(geanonimiseerd=True, foto=True)],
    ids=str,
)
def test_every_kind_of_criteria_validates_against_the_owners_schema(
    voorbeelden: Path, criteria: Criteria, documenten: Documenten | None
) -> None:
    with epc_server(NOTHING) as (server, client):
        client.get_epcs(criteria=criteria, raadpleging=raadpleging(), documenten=documenten)
    assert owner_schema(voorbeelden, EPC_VRAAG)(message_of(server.asked[0].body)) is None


def test_a_question_says_who_asks_and_carries_the_logged_reference() -> None:
    referte = UUID("833dd928-ffc2-42fe-83d7-12e71d191f8d")
    with epc_server(NOTHING) as (server, client):
        client.get_epcs(criteria=GebouweenheidId("6356866"), raadpleging=raadpleging(referte))
    asked = server.asked[0]
    verzoek = message_of(asked.body).find("Verzoek")
    assert verzoek is not None
    assert verzoek.findtext("Context/Naam") == "GeefEpc"
    assert verzoek.findtext("Context/Versie") == "02.01.0000"
    afzender = "Context/Bericht/Afzender"
    assert verzoek.findtext(f"{afzender}/Identificatie") == "leuven.be/renovatiehub"
    assert verzoek.findtext(f"{afzender}/Hoedanigheid") == "1300"
    assert verzoek.findtext(f"{afzender}/Referte") == str(referte)
    assert verzoek.findtext("Vragen/Vraag/Referte") == str(referte)
    assert verzoek.findtext("Vragen/Vraag/Inhoud/Criteria/GebouweenheidId") == "6356866"
    assert verzoek.find(f"{afzender}/Gebruiker") is None


def test_the_transport_is_what_the_owner_expects() -> None:
    with epc_server(NOTHING) as (server, client):
        client.get_epcs(criteria=GebouweenheidId("1"), raadpleging=raadpleging())
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/magda/epc")
    assert asked.headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert asked.headers["SOAPAction"] == '""'
    assert asked.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")


@pytest.mark.parametrize(
    "criteria",
    [
        GebouweenheidId("geen-getal"),
        AdresCriteria("", "12", "Leuven"),
        AdresCriteria("Naamsestraat", "123456789", "Leuven"),
        Attestnummer("1" * 257),
    ],
)
def test_a_question_that_breaks_the_contract_never_leaves(criteria: Criteria) -> None:
    with epc_server(NOTHING) as (server, client):
        with pytest.raises(ContractError) as caught:
            client.get_epcs(criteria=criteria, raadpleging=raadpleging())
    assert server.asked == []
    assert "It was not sent" in str(caught.value)
    assert "123456789" not in str(caught.value)


@pytest.mark.parametrize(
    ("documenten", "asked"),
    [
        (None, {"Attesten": "false"}),
        (Documenten(attesten=True, foto=True), {"Attesten": "true", "Foto": "true"}),
        (
            Documenten(geanonimiseerd=True),
            {"Attesten": "false", "AttestenGeanonimiseerd": "true"},
        ),
    ],
    ids=str,
)
def test_files_come_only_when_they_are_asked(
    documenten: Documenten | None, asked: dict[str, str]
) -> None:
    with epc_server(NOTHING) as (server, client):
        client.get_epcs(criteria=GebouwId("1"), raadpleging=raadpleging(), documenten=documenten)
    criteria = message_of(server.asked[0].body).find("Verzoek/Vragen/Vraag/Inhoud/Criteria")
    assert criteria is not None
    assert {str(one.tag): one.text for one in criteria[1:]} == asked
