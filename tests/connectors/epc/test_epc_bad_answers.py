"""A thousand bad answers, bent from the owner's: read as they say, or refused in plain words."""

from __future__ import annotations

import random
import re
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.transport.errors import ConnectorError, ContractError, RetryableError
from connectors.transport.http import HttpClient
from connectors.transport.magda import MagdaAfzender, MagdaClient, MagdaVraag
from connectors.transport.soap import SoapClient, SoapReply
from connectors.transport.soap_contract import load_contract
from connectors.woningpas.epc import AdresCriteria, EpcAnswer, EpcClient, EpcReply, GebouweenheidId
from connectors.woningpas.epc.client import WSDL
from tests.connectors.epc.lees_epc import lees_epc
from tests.connectors.magda_proef import (
    AFZENDER,
    DOSSIER_ID,
    EPC_ANTWOORD,
    XML,
    envelop,
    raadpleging,
)
from tests.connectors.scripted_server import Answer, serve
from tests.connectors.volgens_schema import SchemaWriter

# What stands in the owner's answer about people, and what is only its own.
NEVER_TOLD = ("FAMILIENAAM", "VOORBEELDFIRMA", "Diagnose", "<", "Envelope xmlns", "Traceback")
QUIET = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
ANYWHERE = AdresCriteria("Naamsestraat", "1", "Leuven")


def make_client(**options: int) -> EpcClient:
    http = HttpClient("epc", "http://127.0.0.1:9/epc", **options)  # type: ignore[arg-type]
    soap = SoapClient(http, "http://127.0.0.1:9/epc", load_contract(WSDL))
    return EpcClient(MagdaClient(soap, MagdaAfzender("proef")))


CLIENT = make_client()


def read(data: bytes, status: int = 200) -> EpcAnswer:
    vraag = MagdaVraag("GeefEpc", "02.01.0000", {}, DOSSIER_ID, "dossier 1, adres")
    reply = EpcReply(vraag, ANYWHERE, frozenset(), SoapReply(status, data))
    return CLIENT.read_epcs(reply)


def check_told(error: ConnectorError) -> None:
    """Three sentences that a person understands, and nothing of the answer."""
    told = str(error)
    assert re.fullmatch(r"epc GeefEpc dossier 1, adres: [^\n]+\. [A-Z][^\n]+\. [A-Z][^\n]+\.", told)
    assert len(told) < 700
    hidden = f"{told}{error!r}{error.__cause__!r}{error.__context__!r}"
    for word in NEVER_TOLD:
        assert word not in hidden.replace("<class", ""), word


def judge(data: bytes) -> str:
    """Read an answer: refused in plain words, or read as lxml reads the same bytes."""
    try:
        answer = read(data)
    except ConnectorError as error:
        check_told(error)
        return type(error).__name__
    body = etree.fromstring(data)
    assert answer.epcs == tuple(lees_epc(node) for node in body.iterfind(".//EnergieEenheid/Epc"))
    return "read"


@pytest.fixture(scope="module")
def samples(voorbeelden: Path) -> list[bytes]:
    """The owner's answers in their envelopes, and one that fills everything."""
    folder = voorbeelden / "geefepc"
    found = [
        envelop(path.read_bytes())
        for path in sorted(folder.glob("*.xml"))
        if b"GeefEpcResponse" in path.read_bytes()
    ]
    root = SchemaWriter((voorbeelden / EPC_ANTWOORD).resolve()).write("GeefEpcResponse", uses=1)
    for group in root.xpath("//Uitzonderingen"):
        group.getparent().remove(group)
    return [*found, envelop(etree.tostring(root))]


def test_the_answers_that_all_others_are_bent_from_are_what_they_are(
    samples: list[bytes],
) -> None:
    assert [judge(data) for data in samples] == ["read", "read", "RetryableError", "read"]


BYTES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"<", b">", b"&", b"]]>", b"&#0;", b"&amp", b"\xff\xfe", b"\x00", b"<!--"]),
    st.sampled_from([b"<Epc>", b"</Epc>", b"<Repliek/>", b"9" * 5000, b"-", b"INF", b"<![CDATA["]),
)


@seed(1)
@QUIET
@given(data=st.data())
def test_bent_bytes_are_read_as_they_say_or_refused(
    samples: list[bytes], data: st.DataObject
) -> None:
    answer = data.draw(st.sampled_from(samples))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(answer)))
        length = data.draw(st.integers(0, 40))
        answer = answer[:place] + data.draw(BYTES) + answer[place + length :]
    judge(answer)


@seed(2)
@QUIET
@given(data=st.data())
def test_a_cut_off_answer_is_refused(samples: list[bytes], data: st.DataObject) -> None:
    answer = data.draw(st.sampled_from(samples))
    assert judge(answer[: data.draw(st.integers(0, len(answer) - 1))]) == "ContractError"


WRONG = st.sampled_from(["", "x", "-1", "1e5", "NaN", "9" * 400, "2018-13-42", "ja", "0x1F", " "])


@seed(3)
@QUIET
@given(data=st.data())
def test_a_rearranged_answer_is_read_as_it_says_or_refused(
    samples: list[bytes], data: st.DataObject
) -> None:
    root = etree.fromstring(data.draw(st.sampled_from(samples)))
    nodes = [node for node in root.iter() if isinstance(node.tag, str)][4:]
    for _ in range(data.draw(st.integers(1, 4))):
        node = data.draw(st.sampled_from(nodes))
        parent = node.getparent()
        match data.draw(st.sampled_from(["drop", "double", "text", "swap", "attribute", "move"])):
            case "drop" if parent is not None:
                parent.remove(node)
            case "double" if parent is not None:
                parent.insert(parent.index(node), etree.fromstring(etree.tostring(node)))
            case "text" if len(node) == 0:
                node.text = data.draw(WRONG)
            case "swap" if parent is not None:
                parent.insert(0, node)
            case "attribute":
                name = data.draw(st.sampled_from(["id", "arId", "type", "meeteenheid", "anoniem"]))
                node.set(name, data.draw(WRONG))
            case "move" if node.getprevious() is not None and parent is not None:
                node.getprevious().append(node)
    judge(etree.tostring(root))


ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-32", "iso-8859-1", "cp1252", "utf-7", "cp037")


@seed(4)
@QUIET
@given(data=st.data())
def test_an_answer_in_another_encoding_is_read_right_or_refused(
    samples: list[bytes], data: st.DataObject
) -> None:
    message = data.draw(st.sampled_from(samples[:1] + samples[3:]))
    real = data.draw(st.sampled_from(ENCODINGS))
    declared = data.draw(st.sampled_from([*ENCODINGS, "klingon", ""]))
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = head + message.decode()
    try:
        answer = read(text.encode(real, "replace"))
    except ConnectorError as error:
        check_told(error)
    else:
        # What is read must be what was meant, whatever was declared.
        meant = etree.fromstring(message)
        assert answer.epcs == tuple(
            lees_epc(node) for node in meant.iterfind(".//EnergieEenheid/Epc")
        )


BOMBS = {
    "laughs": b"<!DOCTYPE b [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(12))
    + b"]>",
    "quadratic": b"<!DOCTYPE b [<!ENTITY m '" + b"x" * 100_000 + b"'>]>",
    "file": b'<!DOCTYPE b [<!ENTITY m SYSTEM "file:///etc/passwd">]>',
    "network": b'<!DOCTYPE b SYSTEM "http://127.0.0.1:9/b.dtd">',
    "parameter": b'<!DOCTYPE b [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
    "lower case": b"<!doctype b>",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_an_answer_with_entities_is_refused_unopened(
    samples: list[bytes], bomb: bytes, coding: str
) -> None:
    answer = bomb + samples[0].replace(b"Geldig", b"&m;" * 1000)
    assert judge(answer.decode().encode(coding)) == "ContractError"


@pytest.mark.parametrize("depth", [50, 255, 300, 5000, 200_000])
def test_a_deep_answer_neither_hangs_nor_breaks_us(samples: list[bytes], depth: int) -> None:
    deep = b"<x>" * depth + b"</x>" * depth
    outcome = judge(samples[0].replace(b"<Scores>", deep + b"<Scores>", 1))
    assert outcome == ("read" if depth < 200 else "ContractError")


@pytest.mark.parametrize("count", [10, 100_000])
def test_a_broad_answer_neither_hangs_nor_breaks_us(samples: list[bytes], count: int) -> None:
    assert judge(samples[0].replace(b"<Scores>", b"<y a='1'/>" * count + b"<Scores>", 1)) == "read"


def test_an_oversized_answer_is_left_on_the_way(samples: list[bytes]) -> None:
    padding = b"<!--" + b"x" * 200_000 + b"-->"
    body = samples[0].replace(b"<Scores>", padding + b"<Scores>")
    with serve(lambda _asked: Answer(200, body, XML)) as server:
        http = HttpClient("epc", server.url, largest_answer=100_000, timeout=(1.0, 5.0))
        soap = SoapClient(http, server.url, load_contract(WSDL))
        client = EpcClient(MagdaClient(soap, AFZENDER))
        with pytest.raises(ContractError, match="exceeds 100000 bytes"):
            client.get_epcs(criteria=ANYWHERE, raadpleging=raadpleging())


@pytest.mark.parametrize("status", [400, 500])
def test_a_bad_answer_with_an_error_status_may_pass(samples: list[bytes], status: int) -> None:
    with pytest.raises(RetryableError) as caught:
        read(samples[0], status)
    check_told(caught.value)


@pytest.mark.parametrize("number", range(60))
def test_contradictions_of_every_kind_are_refused(samples: list[bytes], number: int) -> None:
    chance = random.Random(number)
    root = etree.fromstring(samples[0])
    epc = root.find(".//Epc")
    adres = root.find(".//Adres")
    unit = root.find(".//EnergieEenheid")
    assert epc is not None
    assert adres is not None
    assert unit is not None
    criteria: GebouweenheidId | AdresCriteria = ANYWHERE
    adres_ids: frozenset[str] = frozenset()
    kind = ("unit", "adres", "double", "dates", "referte", "figures")[number % 6]
    match kind:
        case "unit":
            criteria = GebouweenheidId(str(chance.randint(1, 10**7)))
        case "adres":
            adres.set("arId", str(chance.randint(1, 10**6)))
            adres_ids = frozenset({"1567828"})
        case "double":
            second = etree.fromstring(etree.tostring(unit))
            second.find("Epc/Status").text = f"Status {number}"
            unit.addnext(second)
        case "dates":
            epc.find("DatumGeldigheid").text = f"{chance.randint(1900, 2016)}-01-01"
        case "referte":
            root.find(".//Antwoord/Referte").text = str(UUID(int=chance.getrandbits(128)))
        case _:
            extra = etree.fromstring(etree.tostring(root.find(".//Score")))
            extra.find("Waarde").text = f"{chance.randint(1, 300)}.00"
            root.find(".//Score").addnext(extra)
    vraag = MagdaVraag("GeefEpc", "02.01.0000", {}, DOSSIER_ID, "dossier 1, adres")
    reply = EpcReply(vraag, criteria, adres_ids, SoapReply(200, etree.tostring(root)))
    with pytest.raises(ContractError) as caught:
        CLIENT.read_epcs(reply)
    check_told(caught.value)
