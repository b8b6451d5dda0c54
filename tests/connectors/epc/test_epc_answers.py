"""What GeefEpc answers comes out as the bytes say, element by element."""

from __future__ import annotations

import random
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import etree

from connectors.transport.errors import ContractError, RetryableError
from connectors.woningpas.epc import (
    AdresCriteria,
    Attestnummer,
    Criteria,
    EpcAnswer,
    GebouweenheidId,
    GebouwId,
)
from tests.connectors.epc.lees_epc import lees_epc
from tests.connectors.magda_proef import (
    EPC_ANTWOORD,
    envelop,
    epc_server,
    owner_schema,
    raadpleging,
    repliek,
    uitzonderingen,
)
from tests.connectors.volgens_schema import SchemaWriter

ANYWHERE = AdresCriteria("Naamsestraat", "1", "Leuven")


def ask(body: bytes, criteria: Criteria = ANYWHERE, **options: object) -> EpcAnswer:
    with epc_server(body) as (_, client):
        return client.get_epcs(criteria=criteria, raadpleging=raadpleging(), **options)  # type: ignore[arg-type]


def expected(message: bytes) -> tuple[object, ...]:
    return tuple(lees_epc(node) for node in etree.fromstring(message).iterfind(".//Epc"))


def owner_answers(voorbeelden: Path) -> list[Path]:
    return [
        path
        for path in sorted((voorbeelden / "geefepc").rglob("*.xml"))
        if etree.parse(str(path)).getroot().tag.endswith("}GeefEpcResponse")
    ]


def test_every_answer_of_the_owner_equals_what_lxml_reads(voorbeelden: Path) -> None:
    read = 0
    for path in owner_answers(voorbeelden):
        message = path.read_bytes()
        if b"<EnergieEenheid>" in message:
            assert ask(envelop(message)).epcs == expected(message), path.name
            read += 1
    assert read >= 1


def test_the_owners_dwelling_has_its_known_figures(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    answer = ask(envelop(message), GebouweenheidId("6747170"), adres_ids={"1567828"})
    (epc,) = answer.epcs
    assert (epc.epc_id, epc.attestnummer) == ("1100387", "20170401-0001948124-1")
    assert epc.kengetal == Decimal("309.00")
    assert epc.label is None
    assert epc.scores["gemiddeldeUwaardeSchil"].gemiddelde_waarde_gemeente == Decimal("1.80")
    assert (epc.bouwjaar, epc.gebouwtype) == (1966, "ééngezinswoning")
    assert str(epc.datum_geldigheid) == "2027-04-01"
    assert epc.datum_modificatie.isoformat() == "2018-09-12T08:01:52+00:00"
    assert epc.beschermd_volume == Decimal("713.45")
    assert sum(len(side.constructiedelen) for side in epc.schildelen) > 15
    assert len(epc.aanbevelingen) == 7
    assert answer.waarschuwingen == ()


def test_no_data_is_a_normal_outcome(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "uitzondering_30001_geen_gegevens.xml").read_bytes()
    answer = ask(envelop(message))
    assert answer.epcs == ()
    assert [one.identificatie for one in answer.waarschuwingen] == ["30001"]


def test_an_internal_error_of_the_owner_may_pass(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "uitzondering_60009_interne_fout.xml").read_bytes()
    with pytest.raises(RetryableError, match="60009"):
        ask(envelop(message))


def test_an_answer_that_fills_everything_the_owners_schema_allows_is_read_whole(
    voorbeelden: Path,
) -> None:
    writer = SchemaWriter((voorbeelden / EPC_ANTWOORD).resolve())
    root = writer.write("GeefEpcResponse")
    for kind in root.xpath("/*/Repliek/Uitzonderingen/Uitzondering/Type"):
        kind.text = "INFORMATIE"
    assert owner_schema(voorbeelden, EPC_ANTWOORD)(root) is None
    message = etree.tostring(root)
    epcs = ask(envelop(message)).epcs
    assert len(epcs) == 2
    assert epcs == expected(message)
    assert_filled(epcs[0])


def assert_filled(record: object, path: str = "epc") -> None:
    """Everything the model names was in the answer: nothing may be absent, dates in part may."""
    assert is_dataclass(record)
    for field in fields(record):
        value = getattr(record, field.name)
        here = f"{path}.{field.name}"
        if field.name in ("bouwjaar", "datum_ingediend", "datum_geldigheid"):
            continue
        assert value is not None, here
        assert value != (), here
        for one in value if isinstance(value, tuple) else (value,):
            if is_dataclass(one):
                assert_filled(one, here)


@pytest.mark.parametrize("seed", range(150))
def test_any_answer_that_the_owners_schema_allows_is_read(voorbeelden: Path, seed: int) -> None:
    writer = SchemaWriter((voorbeelden / EPC_ANTWOORD).resolve(), varied=True)
    root = writer.write("GeefEpcResponse", random.Random(seed), uses=3)
    for group in root.xpath("//Uitzonderingen"):
        group.getparent().remove(group)
    for number, epc in enumerate(root.iterfind(".//EnergieEenheid/Epc")):
        epc.set("id", str(number))
        put_days_in_order(epc)
    assert owner_schema(voorbeelden, EPC_ANTWOORD)(root) is None
    message = etree.tostring(root)
    if root.find(".//EnergieEenheid") is None:
        with pytest.raises(ContractError, match="neither content nor exception"):
            ask(envelop(message))
    else:
        assert ask(envelop(message)).epcs == expected(message)


def put_days_in_order(epc: etree._Element) -> None:
    """A certificate that ends before it begins is refused, whatever the schema says."""
    begin, end = epc.find("DatumIngediend"), epc.find("DatumGeldigheid")
    if begin is not None and end is not None and str(end.text) < str(begin.text):
        begin.text, end.text = end.text, begin.text


@pytest.mark.parametrize("code", ["", "30042", "99986"])
def test_an_unknown_fault_beside_content_leaves_the_content(voorbeelden: Path, code: str) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    beside = uitzonderingen(code).encode()
    answer = ask(envelop(message.replace(b"</Antwoord>", beside + b"</Antwoord>")))
    assert len(answer.epcs) == 1
    assert [(one.identificatie, one.type) for one in answer.waarschuwingen] == [(code, "FOUT")]


def test_a_known_fault_beside_content_still_fails(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    beside = uitzonderingen("60006").encode()
    with pytest.raises(RetryableError, match="60006"):
        ask(envelop(message.replace(b"</Antwoord>", beside + b"</Antwoord>")))


def test_elements_that_the_contract_does_not_name_are_skipped(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    root = etree.fromstring(message)
    for place in ("Repliek", ".//Epc", ".//Score", ".//Adres", ".//Details", ".//Constructiedeel"):
        node = root.find(place)
        assert node is not None
        node.insert(0, etree.fromstring("<Nieuw soort='x'><Diep>1</Diep></Nieuw>"))
        node.append(etree.fromstring("<n:Score xmlns:n='urn:n'>9</n:Score>"))
        node.set("nieuw", "1")
    assert ask(envelop(etree.tostring(root))).epcs == expected(message)


def test_persons_are_never_read(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    assert b"FAMILIENAAM" in message
    told = repr(ask(envelop(message)))
    assert "FAMILIENAAM" not in told
    assert "VOORBEELDFIRMA" not in told


def test_warnings_come_along_and_do_not_fail(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    warning = uitzonderingen("30004", type_="WAARSCHUWING").encode()
    answer = ask(envelop(message.replace(b"</Antwoord>", warning + b"</Antwoord>")))
    assert len(answer.epcs) == 1
    (one,) = answer.waarschuwingen
    assert (one.identificatie, one.type, one.niveau) == ("30004", "WAARSCHUWING", "antwoord")
    assert "Diagnose" not in repr(one)


@pytest.mark.parametrize(
    ("criteria", "adres_ids", "says"),
    [
        (GebouweenheidId("6356866"), (), "another building unit"),
        (GebouwId("1"), (), "another building"),
        (Attestnummer("20170401-0001948124-2"), (), "another certificate"),
        (ANYWHERE, ("7", "8"), "another address"),
        (GebouweenheidId("6747170"), ("7",), "another address"),
    ],
)
def test_a_certificate_of_another_dwelling_is_refused(
    voorbeelden: Path, criteria: Criteria, adres_ids: tuple[str, ...], says: str
) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    with pytest.raises(ContractError, match=says):
        ask(envelop(message), criteria, adres_ids=adres_ids)


def test_a_certificate_without_ids_proves_nothing_and_is_taken(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    root = etree.fromstring(message)
    adres, eenheden = root.find(".//Adres"), root.find(".//Gebouweenheden")
    assert adres is not None
    assert eenheden is not None
    del adres.attrib["arId"]
    adres.remove(eenheden)
    answer = ask(envelop(etree.tostring(root)), GebouweenheidId("1"), adres_ids={"7"})
    assert answer.epcs[0].adres_id is None
    assert answer.epcs[0].gebouweenheid_ids == ()


def test_two_key_figures_that_differ_are_refused(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    score = b'<Score type="primaireEnergieVerbruikPerVierkanteMeter"><Waarde>12.00</Waarde></Score>'
    with pytest.raises(ContractError, match="two key figures"):
        ask(envelop(message.replace(b"<ScoreKleur>", score + b"<ScoreKleur>")))


def test_an_answer_without_content_or_exception_is_refused() -> None:
    with pytest.raises(ContractError, match="neither content nor exception"):
        ask(repliek("GeefEpc", antwoord=" "))


def test_fetching_and_reading_are_separate_steps(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    with epc_server(envelop(message)) as (server, client):
        reply = client.fetch_epcs(criteria=ANYWHERE, raadpleging=raadpleging())
    assert len(server.asked) == 1
    assert client.read_epcs(reply).epcs == expected(message)
    assert "1100387" not in repr(reply)


UUID_OF_ANOTHER = b"0d9a5f0e-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"<Referte>a</Referte>", b"<Referte>%s</Referte>" % UUID_OF_ANOTHER, "another question"),
        (
            b"<DatumGeldigheid>2027-04-01",
            b"<DatumGeldigheid>2016-04-01",
            "EPC 1100387 ends before it begins",
        ),
        (b"2018-09-12T10:01:52+02:00", b"12018-09-12T10:01:52", "no calendar holds"),
        (b"2018-09-12T10:01:52+02:00", b"-0044-03-15T12:00:00Z", "no calendar holds"),
    ],
)
def test_an_answer_that_contradicts_itself_or_the_question_is_refused(
    voorbeelden: Path, old: bytes, new: bytes, says: str
) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    assert old in message
    with pytest.raises(ContractError, match=says):
        ask(envelop(message.replace(old, new)))


def test_one_certificate_twice_is_taken_and_two_under_one_number_are_refused(
    voorbeelden: Path,
) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    start, end = message.index(b"<EnergieEenheid>"), message.index(b"</EnergieEenheid>")
    unit = message[start : end + len(b"</EnergieEenheid>")]
    twice = message.replace(unit, unit + unit)
    assert [epc.epc_id for epc in ask(envelop(twice)).epcs] == ["1100387", "1100387"]
    differing = message.replace(unit, unit + unit.replace(b"309.00", b"310.00"))
    with pytest.raises(ContractError, match="EPC 1100387 stands twice and differs"):
        ask(envelop(differing))


def test_our_own_reference_comes_back_and_is_recognised(voorbeelden: Path) -> None:
    message = (voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml").read_bytes()
    referte = uuid4()
    answer = message.replace(b"<Referte>a<", f"<Referte>{str(referte).upper()}<".encode())
    with epc_server(envelop(answer)) as (_, client):
        assert client.get_epcs(criteria=ANYWHERE, raadpleging=raadpleging(referte)).epcs
