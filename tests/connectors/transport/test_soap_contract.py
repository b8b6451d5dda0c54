"""A contract is read offline, and no answer, however bad, gets past it as anything but ours."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.transport.errors import ConnectorError, ContractError
from connectors.transport.http import HttpClient
from connectors.transport.magda import MagdaAfzender, MagdaClient, MagdaVraag
from connectors.transport.soap import SoapClient, SoapReply
from connectors.transport.soap_contract import (
    ContractViolationError,
    SoapContract,
    load_contract,
    parse_xml,
)
from connectors.woningpas.epc.client import WSDL, EpcClient, EpcReply
from connectors.woningpas.epc.models import AdresCriteria
from tests.connectors.magda_proef import DOSSIER_ID, INSZ, envelop, repliek, uitzonderingen

SECRET = "Fien Voorbeeld"
CERTIFICATE = f"""<Inhoud><MijnEnergieDetails><EnergieEenheid><Epc id="1100387">
<Identificatie><Attestnummer>20170401-0001948124-1</Attestnummer></Identificatie>
<BouwjaarVolgensEPC>1966</BouwjaarVolgensEPC>
<DatumModificatie>2018-09-12T10:01:52+02:00</DatumModificatie><Actief>true</Actief>
<Status>Geldig</Status><DatumGeldigheid>2027-04-01</DatumGeldigheid>
<Scores><Score type="primaireEnergieVerbruikPerVierkanteMeter">
<Waarde meeteenheid="kWh/m²">309.00</Waarde></Score></Scores>
<Ligging><Adres arId="1567828"><Straat><Naam>{SECRET}</Naam></Straat></Adres></Ligging>
<EpcEenheidType>EPC bestaand</EpcEenheidType><Personen><Persoon>{INSZ}</Persoon></Personen>
</Epc></EnergieEenheid></MijnEnergieDetails></Inhoud>"""
GOOD = repliek("GeefEpc", antwoord=CERTIFICATE)


def epc_client() -> EpcClient:
    http = HttpClient("epc", "http://127.0.0.1:9/epc")
    soap = SoapClient(http, "http://127.0.0.1:9/epc", load_contract(WSDL))
    return EpcClient(MagdaClient(soap, MagdaAfzender("proef")))


CLIENT = epc_client()


def read(data: bytes) -> Any:
    vraag = MagdaVraag("GeefEpc", "02.01.0000", {}, DOSSIER_ID, "dossier 1")
    criteria = AdresCriteria("Naamsestraat", "1", "Leuven")
    return CLIENT.read_epcs(EpcReply(vraag, criteria, frozenset(), SoapReply(200, data)))


def read_or_fail(data: bytes) -> ConnectorError | None:
    """Read an answer; any error must be of the family and keep the answer to itself."""
    try:
        read(data)
    except ConnectorError as error:
        told = f"{error}{error!r}{error.__cause__!r}{error.__context__!r}"
        assert SECRET not in told
        assert INSZ not in told
        assert "Diagnose" not in told
        return error
    return None


def test_the_answer_that_all_others_are_bent_from_is_good() -> None:
    assert read(GOOD).epcs[0].attestnummer == "20170401-0001948124-1"


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
BAD: dict[str, bytes] = {
    "empty": b"",
    "no XML": b"<html><body>Onderhoud</body></html>",
    "garbage": bytes(range(256)),
    "cut off": GOOD[: len(GOOD) // 2],
    "entity bomb": BOMB + GOOD.replace(SECRET.encode(), b"&c;"),
    "file entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    + GOOD.replace(SECRET.encode(), b"&f;"),
    "remote DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + GOOD,
    "DTD in UTF-16": ("﻿<!DOCTYPE x [<!ENTITY a 'b'>]>" + GOOD.decode()).encode("utf-16-le"),
    "Latin-1 told as UTF-8": GOOD.decode().encode("latin-1"),
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?>' + GOOD,
    "nothing in the body": GOOD[: GOOD.index(b"<web:")] + b"</soap:Body></soap:Envelope>",
    "two messages": GOOD.replace(b"</soap:Body>", b"<a/></soap:Body>"),
    "two bodies": GOOD.replace(b"</soap:Body>", b"</soap:Body><soap:Body><a/></soap:Body>"),
    "SOAP 1.2": GOOD.replace(
        b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
    ),
    "another service": GOOD.replace(b"GeefEpcResponse", b"GeefIetsResponse"),
    "another namespace": GOOD.replace(b"energie-02_01.epb", b"energie-09_99.epb"),
    "namespace on a child": GOOD.replace(b"<Repliek>", b'<Repliek xmlns="urn:x">'),
    "a figure in words": GOOD.replace(b"309.00", b"driehonderd negen"),
    "an infinite figure": GOOD.replace(b"309.00", b"INF"),
    "a date in words": GOOD.replace(b"2027-04-01", b"nooit meer"),
    "a moment in words": GOOD.replace(b"2018-09-12T10:01:52+02:00", b"gisteren"),
    "an impossible moment": GOOD.replace(b"2018-09-12T10:01:52", b"2018-13-42T10:01:52"),
    "a moment beyond the calendar": GOOD.replace(b"2018-09-12T", b"-2018-09-12T"),
    "a flag in words": GOOD.replace(b"<Actief>true", b"<Actief>misschien"),
    "an id in words": GOOD.replace(b'id="1100387"', b'id="elf"'),
    "no id": GOOD.replace(b' id="1100387"', b""),
    "no status": GOOD.replace(b"<Status>Geldig</Status>", b""),
    "no location": GOOD.replace(b"<Ligging>", b"<Waar>").replace(b"</Ligging>", b"</Waar>"),
    "two statuses": GOOD.replace(b"<Status>", b"<Status>Geldig</Status><Status>"),
    "wrong order": GOOD.replace(b"<Actief>true</Actief>", b"").replace(
        b"<Scores>", b"<Actief>true</Actief><Scores>"
    ),
    "an empty figure": GOOD.replace(b"309.00", b""),
    "nil": GOOD.replace(
        b'<Waarde meeteenheid="kWh/m\xc2\xb2">309.00',
        b'<Waarde xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true">',
    ),
    "too deep": GOOD.replace(b"<Ligging>", b"<a>" * 400 + b"<Ligging>", 1),
    "text between elements": GOOD.replace(b"<Repliek>", b"<Repliek>tekst"),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_bad_answer_is_a_contract_error_that_tells_nothing_of_it(data: bytes) -> None:
    assert isinstance(read_or_fail(data), ContractError)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(GOOD) - 1),
            st.integers(0, 60),
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"<", b">", b"&", b"]]>", b"&#0;", b"&x;", b"<!--", b"\xff"]),
                st.sampled_from([b"<Epc>", b"</Epc>", b"<Repliek/>", b"-", b"9" * 5000]),
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_bent_answer_crashes_or_leaks(edits: list[tuple[int, int, bytes]]) -> None:
    data = GOOD
    for place, length, replacement in edits:
        data = data[:place] + replacement + data[place + length :]
    read_or_fail(data)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_shuffled_answer_crashes_or_leaks(data: st.DataObject) -> None:
    root = etree.fromstring(GOOD)
    nodes = [node for node in root.iter() if isinstance(node.tag, str)][3:]
    for _ in range(data.draw(st.integers(1, 5))):
        node = data.draw(st.sampled_from(nodes))
        match data.draw(st.sampled_from(["drop", "double", "text", "rename", "attribute"])):
            case "drop" if node.getparent() is not None:
                node.getparent().remove(node)
            case "double" if node.getparent() is not None:
                node.getparent().append(etree.fromstring(etree.tostring(node)))
            case "text":
                letters = st.characters(codec="utf-8", categories=["L", "N", "P"])
                node.text = data.draw(st.text(letters, max_size=20))
            case "rename":
                node.tag = data.draw(st.sampled_from(["Epc", "Score", "Inhoud", "Iets"]))
            case "attribute":
                node.set("id", data.draw(st.sampled_from(["", "x", "9" * 30, "-1"])))
    read_or_fail(etree.tostring(root))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_a_truncated_answer_is_a_contract_error(length: int) -> None:
    assert isinstance(read_or_fail(GOOD[:length]), ContractError)


def test_comments_and_instructions_change_nothing() -> None:
    noisy = GOOD.replace(b"309.00", b"309<!-- punt -->.00").replace(
        b"<Repliek>", b"<?instructie x?><Repliek><!-- begin -->"
    )
    assert read(noisy).epcs == read(GOOD).epcs


def test_a_type_named_in_the_answer_is_not_followed() -> None:
    typed = GOOD.replace(
        b"<Waarde ",
        b'<Waarde xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="x:Kwaad" ',
    )
    assert read(typed).epcs == read(GOOD).epcs


def test_exceptions_without_a_context_are_a_contract_error() -> None:
    broken = repliek("GeefEpc", uitzonderingen=uitzonderingen("60009"))
    start, end = broken.index(b"<Context>"), broken.index(b"</Context>") + len(b"</Context>")
    assert isinstance(read_or_fail(broken[:start] + broken[end:]), ContractError)


def test_a_contract_is_read_once_per_process() -> None:
    found: list[SoapContract] = []
    threads = [threading.Thread(target=lambda: found.append(load_contract(WSDL))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1


def test_many_threads_read_one_contract_without_mixing() -> None:
    answers = [GOOD.replace(b"309.00", f"{300 + n}.00".encode()) for n in range(8)]
    wrong: list[object] = []

    def work(number: int) -> None:
        for _ in range(20):
            figure = read(answers[number]).epcs[0].kengetal
            if figure != 300 + number:
                wrong.append(figure)
            if not isinstance(read_or_fail(BAD["a figure in words"]), ContractError):
                wrong.append("no error")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def owners_wsdl(folder: Path) -> Path:
    """Copy our contract as another's: the service schema stands inside the WSDL."""
    source = WSDL.parents[3]
    shutil.copytree(source / "transport/contract", folder / "transport/contract")
    shutil.copytree(source / "woningpas/epc/contract", folder / "woningpas/epc/contract")
    path = folder / "woningpas/epc/contract/geefepc.wsdl"
    schema = (path.parent / "geefepc.xsd").read_text(encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    start, end = text.index("<xsd:schema>"), text.index("</xsd:schema>") + len("</xsd:schema>")
    schema = schema[schema.index("<xsd:schema") :]
    path.write_text(text[:start] + schema + text[end:], encoding="utf-8")
    (path.parent / "geefepc.xsd").unlink()
    return path


def test_another_wsdl_by_path_takes_the_place_of_ours(tmp_path: Path) -> None:
    contract = load_contract(owners_wsdl(tmp_path))
    answer = contract.read("GeefEpc", GOOD)
    assert answer.Repliek.Antwoorden.Antwoord.Referte == "x"
    with pytest.raises(ContractViolationError, match="breaks the schema"):
        contract.read("GeefEpc", BAD["no status"])


def test_a_contract_that_points_to_the_network_is_refused(tmp_path: Path) -> None:
    path = owners_wsdl(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("energie.xsd", "http://127.0.0.1:9/energie.xsd"), encoding="utf-8")
    with pytest.raises(Exception, match=r"(?i)external|remote"):
        load_contract(path)


def test_an_absent_contract_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_contract(tmp_path / "weg.wsdl")


def test_an_oversized_text_is_refused() -> None:
    huge = b"<a>" + b"x" * (11 * 1024 * 1024) + b"</a>"
    with pytest.raises(ContractViolationError, match="well-formed"):
        parse_xml(envelop(huge))
