"""The GeefEpc simulator tells the city's facts, as strictly as the owner's schema."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from lxml import etree
from pypdf import PdfReader

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.magda import MagdaAfzender
from connectors.transport.ws_security import Handtekening
from connectors.woningpas.epc import (
    AdresCriteria,
    Attestnummer,
    Criteria,
    Documenten,
    EpcAnswer,
    EpcClient,
    GebouweenheidId,
    GebouwId,
    open_epc_client,
)
from tests.connectors.magda_proef import (
    AFZENDER,
    EPC_ANTWOORD,
    EPC_VRAAG,
    message_of,
    owner_schema,
    raadpleging,
)
from tests.connectors.sleutels import make_key
from tests.sandbox_process import SandboxHandle

RESIDENTS = 30


def open_client(sandbox: SandboxHandle, **options: Any) -> EpcClient:
    return open_epc_client(f"{sandbox.base_url}/magda/epc", AFZENDER, **options)


def ask(sandbox: SandboxHandle, criteria: Criteria, **options: Any) -> EpcAnswer:
    return open_client(sandbox).get_epcs(criteria=criteria, raadpleging=raadpleging(), **options)


@pytest.fixture
def city(sandbox: SandboxHandle, seed: int) -> list[dict[str, Any]]:
    sandbox.grow(RESIDENTS, seed)
    return [sandbox.resident(i, seed) for i in range(RESIDENTS)]


def test_every_dwelling_answers_what_the_city_knows(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    seen: set[str] = set()
    for resident in city:
        unit = resident["gebouweenheid_id"]
        if unit is None:
            continue
        adres_ids = {resident["adres"]["adres_id"]}
        if resident["geval"] == "epc_ander_adres":
            with pytest.raises(ContractError, match="another"):
                ask(sandbox, GebouweenheidId(unit), adres_ids=adres_ids)
            continue
        epcs = ask(sandbox, GebouweenheidId(unit), adres_ids=adres_ids).epcs
        told = [
            {
                "attestnummer": epc.attestnummer,
                "kengetal": epc.kengetal,
                "label": epc.label,
                "bouwjaar": epc.bouwjaar,
                "status": epc.status,
                "datum_ingediend": str(epc.datum_ingediend),
                "datum_geldigheid": str(epc.datum_geldigheid),
                "adres_id": epc.adres_id,
                "gebouweenheid_ids": list(epc.gebouweenheid_ids),
                "gebouwtype": epc.gebouwtype,
                "bouwvorm": epc.bouwvorm,
                "bestemming": epc.bestemming,
                "beschermd_volume": epc.beschermd_volume,
                "bruto_vloeroppervlakte": epc.bruto_vloeroppervlakte,
            }
            for epc in epcs
        ]
        figures = ("kengetal", "beschermd_volume", "bruto_vloeroppervlakte")
        known = [one | {name: Decimal(one[name]) for name in figures} for one in resident["epcs"]]
        assert told == known, resident["geval"]
        seen.add(f"{resident['geval']}:{len(epcs)}")
    assert {"geen_epc:0", "meerdere_epcs:3", "epc_verlopen:1", "normal:1"} <= seen


def test_all_four_criteria_find_the_same_certificate(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    resident = city[0]
    adres, attest = resident["adres"], resident["epcs"][0]["attestnummer"]
    by_address = AdresCriteria(
        adres["straat"], adres["huisnummer"], "Leuven", adres["busnummer"], adres["postcode"]
    )
    for criteria in (
        GebouwId(resident["gebouw_id"]),
        GebouweenheidId(resident["gebouweenheid_id"]),
        by_address,
        Attestnummer(attest),
    ):
        epcs = ask(sandbox, criteria, adres_ids={adres["adres_id"]}).epcs
        assert [epc.attestnummer for epc in epcs] == [attest], criteria


def test_a_certificate_is_told_in_detail(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    (epc,) = ask(sandbox, GebouweenheidId(city[0]["gebouweenheid_id"])).epcs
    parts = [part for side in epc.schildelen for part in side.constructiedelen]
    assert {part.categorie for part in parts} == {"Muur", "Venster", "Dak", "Vloer"}
    assert all(part.u_waarde and Decimal("0.05") < part.u_waarde.waarde < 10 for part in parts)
    assert epc.installaties.ruimteverwarming[0].opwekkingstoestellen[0].energiedrager == "Gas"
    assert epc.aanbevelingen or epc.nieuwe_aanbevelingen
    assert "ENERGIEDESKUNDIGE" not in repr(epc)


def test_newer_certificates_carry_recommendations_with_prices(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    seen: set[bool] = set()
    for resident in city:
        if resident["gebouweenheid_id"] is None or resident["geval"] == "epc_ander_adres":
            continue
        for epc in ask(sandbox, GebouweenheidId(resident["gebouweenheid_id"])).epcs:
            assert epc.datum_ingediend is not None
            newer = epc.datum_ingediend.year >= 2019
            seen.add(newer)
            assert bool(epc.nieuwe_aanbevelingen) is newer
            for one in epc.nieuwe_aanbevelingen:
                first = one.uitvoeringsmethodes[0]
                assert first.prijs_een is not None
                assert first.prijs_twee is not None
                assert 0 < first.prijs_een < first.prijs_twee
                assert one.energiescore is not None
                assert epc.kengetal is not None
                assert one.energiescore < epc.kengetal
    assert seen == {True, False}


def test_files_come_when_they_are_asked_and_only_then(
    voorbeelden: Path, sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    criteria = GebouweenheidId(city[0]["gebouweenheid_id"])
    assert ask(sandbox, criteria).epcs[0].documenten == ()
    asked = Documenten(attesten=True, geanonimiseerd=True, foto=True)
    (epc,) = ask(sandbox, criteria, documenten=asked).epcs
    told = [(one.soort, one.anoniem, one.extensie) for one in epc.documenten]
    assert told == [("attest", False, "pdf"), ("attest", True, "pdf"), ("foto", None, "png")]
    page = PdfReader(BytesIO(epc.documenten[0].inhoud)).pages[0]
    assert epc.attestnummer in page.extract_text()
    assert epc.documenten[2].inhoud.startswith(b"\x89PNG")
    client = open_client(sandbox)
    reply = client.fetch_epcs(criteria=criteria, raadpleging=raadpleging(), documenten=asked)
    assert owner_schema(voorbeelden, EPC_ANTWOORD)(message_of(reply.reply.data)) is None


def test_questions_and_answers_validate_against_the_owners_schemas(
    voorbeelden: Path, sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    question = owner_schema(voorbeelden, EPC_VRAAG)
    answer = owner_schema(voorbeelden, EPC_ANTWOORD)
    for resident in city:
        if resident["gebouweenheid_id"] is not None:
            client = open_client(sandbox)
            reply = client.fetch_epcs(
                criteria=GebouweenheidId(resident["gebouweenheid_id"]), raadpleging=raadpleging()
            )
            assert answer(message_of(reply.reply.data)) is None
    lines = [line for line in sandbox.journal("epc") if line["status"] == 200 and line["sleutel"]]
    assert len(lines) >= RESIDENTS // 2
    for line in lines:
        assert question(message_of(line["inhoud"].encode())) is None


def test_the_journal_keeps_the_raw_question_under_its_logged_reference(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    referte = uuid4()
    unit = city[0]["gebouweenheid_id"]
    open_client(sandbox).get_epcs(criteria=GebouweenheidId(unit), raadpleging=raadpleging(referte))
    (line,) = [one for one in sandbox.journal("epc") if one["correlatie_id"] == str(referte)]
    assert (line["operatie"], line["status"], line["effect"]) == ("GeefEpc", 200, False)
    assert line["sleutel"] == f"GebouweenheidId {unit}"
    assert f"<GebouweenheidId>{unit}</GebouweenheidId>" in line["inhoud"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("60009", RetryableError),
        ("99996", ThrottledError),
        ("40006", AuthenticationError),
        ("12345", PermanentError),
    ],
)
@pytest.mark.parametrize("niveau", ["fault", "repliek", "antwoord"])
def test_an_ordered_exception_comes_at_its_level(
    sandbox: SandboxHandle,
    city: list[dict[str, Any]],
    niveau: str,
    code: str,
    kind: type[ConnectorError],
) -> None:
    sandbox.order_fault("epc", "uitzondering", uitzondering={"code": code, "niveau": niveau})
    criteria = GebouweenheidId(city[0]["gebouweenheid_id"])
    with pytest.raises(ConnectorError) as caught:
        ask(sandbox, criteria)
    expected = RetryableError if (niveau, code) == ("fault", "12345") else kind
    assert type(caught.value) is expected
    assert len(ask(sandbox, criteria).epcs) == 1


def test_more_questions_at_once_than_allowed_are_throttled(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    sandbox.change_settings("epc", max_gelijktijdig=3, antwoordtijd=0.3)
    client = open_client(sandbox)
    criteria = GebouweenheidId(city[0]["gebouweenheid_id"])

    def work(_number: int) -> str:
        try:
            client.get_epcs(criteria=criteria, raadpleging=raadpleging())
        except ThrottledError:
            return "throttled"
        return "answered"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(work, range(8)))
    assert outcomes.count("answered") == 3
    assert outcomes.count("throttled") == 5
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(work, range(9))) == {"answered"}


def test_unsigned_questions_are_refused_when_signatures_are_asked(
    sandbox: SandboxHandle, city: list[dict[str, Any]]
) -> None:
    sandbox.change_settings("magda", handtekening=True)
    criteria = GebouweenheidId(city[0]["gebouweenheid_id"])
    with pytest.raises(AuthenticationError, match="ERR_025"):
        ask(sandbox, criteria)
    client = open_client(sandbox, handtekening=Handtekening(*make_key()))
    assert len(client.get_epcs(criteria=criteria, raadpleging=raadpleging()).epcs) == 1


def test_a_sender_without_capacity_is_not_authorised(sandbox: SandboxHandle) -> None:
    client = open_epc_client(f"{sandbox.base_url}/magda/epc", MagdaAfzender("leuven.be/hub"))
    with pytest.raises(AuthenticationError, match="40006"):
        client.get_epcs(criteria=GebouwId("1"), raadpleging=raadpleging())


def raw(sandbox: SandboxHandle, body: bytes, **headers: str) -> requests.Response:
    usual = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""'}
    return sandbox.session.post(
        f"{sandbox.base_url}/magda/epc", data=body, headers=usual | headers, timeout=10
    )


def good_question(sandbox: SandboxHandle) -> bytes:
    referte = uuid4()
    open_client(sandbox).get_epcs(criteria=GebouwId("1"), raadpleging=raadpleging(referte))
    lines = sandbox.journal("epc")
    return next(line["inhoud"] for line in lines if line["correlatie_id"] == str(referte)).encode()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<Attesten>false</Attesten>", b"<Zin>1</Zin>", "20002"),
        (b"</Vraag></Vragen>", b"</Vraag><Vraag/></Vragen>", "20002"),
        (b"<Naam>GeefEpc</Naam>", b"<Naam>GeefIets</Naam>", "20002"),
        (b"<Type>VRAAG</Type>", b"<Type>ANTWOORD</Type>", "20002"),
        (b"<Vraag><Referte>", b"<Vraag><Referte>x", "20002"),
        (b"<Hoedanigheid>1300</Hoedanigheid>", b"", "40006"),
    ],
)
def test_a_question_that_breaks_the_rules_is_refused_beside_the_answers(
    sandbox: SandboxHandle, old: bytes, new: bytes, code: str
) -> None:
    question = good_question(sandbox)
    assert old in question
    answer = raw(sandbox, question.replace(old, new))
    assert answer.status_code == 200
    repliek = message_of(answer.content)
    assert repliek.findtext("Repliek/Uitzonderingen/Uitzondering/Identificatie") == code
    assert repliek.find("Repliek/Antwoorden") is None


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"geen xml", {}),
        (b"<a/>", {}),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", {}),
        (None, {"Content-Type": "application/json"}),
        (None, {"SOAPAction": "GeefEpc"}),
    ],
)
def test_what_is_no_soap_gets_a_fault(
    sandbox: SandboxHandle, body: bytes | None, headers: dict[str, str]
) -> None:
    question = good_question(sandbox) if body is None else body
    answer = raw(sandbox, question, **headers)
    assert answer.status_code == 500
    fault = etree.fromstring(answer.content)[0][0]
    assert fault.findtext("faultcode") == "soap:Client"
