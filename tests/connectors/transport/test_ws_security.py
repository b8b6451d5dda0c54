"""A signed body is accepted by an independent library, and any change to it is not."""

from __future__ import annotations

import base64
import copy
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from cli import certificates
from connectors.transport.certificaten import order_chain, write_pkipath
from connectors.transport.errors import AuthenticationError
from connectors.transport.ws_security import (
    DS_NS,
    METHODEN,
    PKIPATH,
    TOKENS,
    WSSE_NS,
    WSU_NS,
    X509V3,
    Handtekening,
)
from connectors.woningpas.epc import AdresCriteria
from sandbox.magda.handtekening import read_pkipath, verify_body
from sandbox.magda.xml import SOAP, RefusalError
from tests.connectors.magda_proef import XML, open_epc, raadpleging, repliek, uitzonderingen
from tests.connectors.scripted_server import Answer, serve
from tests.connectors.sleutels import make_key

NOTHING = repliek("GeefEpc", antwoord=uitzonderingen("30001"))
TOKEN = f".//{{{WSSE_NS}}}BinarySecurityToken"


@pytest.fixture(scope="module")
def key() -> tuple[bytes, bytes]:
    return make_key()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    certificates.prepare(made)
    return made


def own(folder: Path, **options: Any) -> Handtekening:
    return Handtekening(
        certificates.key_file(folder, certificates.CLIENT).read_bytes(),
        certificates.certificate_file(folder, certificates.CLIENT).read_bytes(),
        **options,
    )


def load(folder: Path, name: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(certificates.certificate_file(folder, name).read_bytes())


def sent(handtekening: Handtekening | None) -> bytes:
    with serve(lambda _asked: Answer(200, NOTHING, XML)) as server:
        client = open_epc(f"{server.url}/magda/epc", handtekening=handtekening)
        criteria = AdresCriteria("Vaartstraat", "1 – bis", "Leuven & Kessel-Lo")
        client.get_epcs(criteria=criteria, raadpleging=raadpleging())
    return server.asked[0].body


def refused(envelope: etree._Element, *authorities: x509.Certificate) -> str:
    with pytest.raises(RefusalError) as caught:
        verify_body(envelope, authorities)
    assert caught.value.niveau == "fault"
    assert caught.value.diagnose.startswith("ERR_025: Verification failure: ")
    return caught.value.diagnose


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("methode", METHODEN)
def test_the_sandbox_verifies_what_we_sign_and_trusts_its_own_authority(
    folder: Path, methode: Any, token: Any
) -> None:
    envelope = etree.fromstring(sent(own(folder, methode=methode, token=token)))
    client, ca = load(folder, certificates.CLIENT)
    assert verify_body(envelope, [ca]) == client
    used = {node.get("Algorithm") for node in envelope.iter(f"{{{DS_NS}}}SignatureMethod")}
    assert {str(one).rpartition("#")[2] for one in used} == {methode}


@pytest.mark.parametrize("methode", METHODEN)
def test_without_an_authority_any_certificate_will_do(
    key: tuple[bytes, bytes], methode: Any
) -> None:
    shown = verify_body(etree.fromstring(sent(Handtekening(*key, methode))))
    assert shown.public_bytes(Encoding.PEM) == key[1]


def test_a_pkipath_goes_from_the_authority_down_to_the_signer(folder: Path) -> None:
    envelope = etree.fromstring(sent(own(folder, token="pkipath")))
    token = envelope.find(TOKEN)
    assert token is not None
    assert token.get("ValueType") == PKIPATH
    client, ca = load(folder, certificates.CLIENT)
    assert read_pkipath(base64.b64decode(token.text or "")) == [ca, client]
    reference = envelope.find(f".//{{{WSSE_NS}}}Reference")
    assert reference is not None
    assert reference.get("ValueType") == PKIPATH
    assert reference.get("URI") == f"#{token.get(f'{{{WSU_NS}}}Id')}"


def test_a_pkipath_follows_the_chain_however_the_file_orders_it(folder: Path) -> None:
    client, ca = load(folder, certificates.CLIENT)
    stranger = load(folder, certificates.SERVER)[0]
    assert order_chain([client, stranger, ca]) == (client, ca)
    assert order_chain([ca]) == (ca,)


@pytest.mark.parametrize("count", [1, 2, 8, 80])
def test_a_pkipath_of_any_length_is_read_back(folder: Path, count: int) -> None:
    ca = load(folder, certificates.CA)[0]
    assert read_pkipath(write_pkipath([ca] * count)) == [ca] * count


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Vaartstraat", b"Naamsestraat"),
        (b"1300", b"1301"),
        (b"<Attesten>false", b"<Attesten>true"),
        (b"<Verzoek>", b"<Verzoek> "),
    ],
)
def test_a_body_changed_after_signing_is_refused(
    key: tuple[bytes, bytes], old: bytes, new: bytes
) -> None:
    body = sent(Handtekening(*key))
    assert old in body
    assert "changed after signing" in refused(etree.fromstring(body.replace(old, new)))


def test_a_signature_by_another_key_is_refused(key: tuple[bytes, bytes]) -> None:
    envelope = etree.fromstring(sent(Handtekening(*key)))
    put_token(envelope, x509.load_pem_x509_certificate(make_key()[1]))
    assert "Signature does not match" in refused(envelope)


def put_token(envelope: etree._Element, *chain: x509.Certificate) -> None:
    token, reference = envelope.find(TOKEN), envelope.find(f".//{{{WSSE_NS}}}Reference")
    assert token is not None
    assert reference is not None
    kind, der = X509V3, chain[0].public_bytes(Encoding.DER)
    if len(chain) > 1:
        kind, der = PKIPATH, write_pkipath(chain)
    for node in (token, reference):
        node.set("ValueType", kind)
    token.text = base64.b64encode(der).decode()


def test_an_expired_certificate_is_refused(key: tuple[bytes, bytes], folder: Path) -> None:
    envelope = etree.fromstring(sent(Handtekening(*key)))
    put_token(envelope, load(folder, certificates.EXPIRED)[0])
    assert "not valid now" in refused(envelope)


@pytest.mark.parametrize("token", TOKENS)
def test_a_certificate_of_another_authority_is_not_trusted(
    folder: Path, tmp_path: Path, token: Any
) -> None:
    certificates.prepare(tmp_path)
    envelope = etree.fromstring(sent(own(tmp_path, token=token)))
    assert "not trusted" in refused(envelope, *load(folder, certificates.CA))


def test_a_certificate_that_signed_itself_is_not_trusted(
    key: tuple[bytes, bytes], folder: Path
) -> None:
    envelope = etree.fromstring(sent(Handtekening(*key)))
    assert "not trusted" in refused(envelope, *load(folder, certificates.CA))


def test_a_path_that_does_not_follow_itself_is_refused(folder: Path) -> None:
    envelope = etree.fromstring(sent(own(folder, token="pkipath")))
    client, ca = load(folder, certificates.CLIENT)
    put_token(envelope, client, load(folder, certificates.SERVER)[0])
    assert "do not follow each other" in refused(envelope, ca)


@pytest.mark.parametrize("cut", [0, 1, 5, 400, -1])
def test_a_cut_off_path_is_refused(folder: Path, cut: int) -> None:
    envelope = etree.fromstring(sent(own(folder, token="pkipath")))
    token = envelope.find(TOKEN)
    assert token is not None
    token.text = base64.b64encode(base64.b64decode(token.text or "")[:cut]).decode()
    assert "no certificate" in refused(envelope)


def split(envelope: etree._Element) -> tuple[etree._Element, etree._Element, etree._Element]:
    header, body = envelope.find(f"{{{SOAP}}}Header"), envelope.find(f"{{{SOAP}}}Body")
    assert header is not None
    assert body is not None
    return envelope, header, body


def forge(body: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(body).replace(b"Vaartstraat", b"Naamsestraat"))


@pytest.mark.parametrize("keep_id", [True, False])
@pytest.mark.parametrize("place", ["header", "wrapper", "after", "inside"])
def test_a_signed_body_hidden_beside_the_one_that_is_read_is_refused(
    key: tuple[bytes, bytes], place: str, keep_id: bool
) -> None:
    envelope, header, body = split(etree.fromstring(sent(Handtekening(*key))))
    false = forge(body)
    if not keep_id:
        del false.attrib[f"{{{WSU_NS}}}Id"]
    envelope.replace(body, false)
    match place:
        case "header":
            header.append(body)
        case "wrapper":
            etree.SubElement(header, "Wrapper").append(body)
        case "after":
            envelope.append(body)
        case _:
            false.append(body)
    assert refused(envelope)


def test_a_second_signature_over_another_part_does_not_stand_for_the_body(
    key: tuple[bytes, bytes],
) -> None:
    envelope, header, body = split(etree.fromstring(sent(Handtekening(*key))))
    security = copy.deepcopy(header[0])
    envelope.replace(body, forge(body))
    header.insert(0, security)
    assert refused(envelope)


def test_an_unsigned_message_is_refused_in_the_owners_words() -> None:
    expected = "ERR_025: Verification failure: No signature in message!"
    assert refused(etree.fromstring(sent(None))) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"xml-exc-c14n#", b"REC-xml-c14n-20010315"),
        (b"xmlenc#sha256", b"xmldsig-more#md5"),
        (b"#rsa-sha256", b"#hmac-sha256"),
        (b"#X509v3", b"#X509PKCS7"),
        (b"<ds:KeyInfo>", b"<ds:KeyInfo><!-- -->"),
    ],
)
def test_any_other_way_to_sign_is_refused_or_changes_nothing(
    key: tuple[bytes, bytes], old: bytes, new: bytes
) -> None:
    body = sent(Handtekening(*key))
    assert old in body
    envelope = etree.fromstring(body.replace(old, new))
    if b"<!--" in new:
        verify_body(envelope)
    else:
        assert refused(envelope)


def test_a_key_that_cannot_be_used_is_told_at_once(key: tuple[bytes, bytes]) -> None:
    for handtekening, says in (
        (Handtekening(b"geen sleutel", key[1]), "the key cannot be read"),
        (Handtekening(key[0], b"geen certificaat"), "the certificate cannot be read"),
        (Handtekening(make_key()[0], key[1]), "does not belong to the certificate"),
        (Handtekening(*make_key(days=-1)), "expired on"),
        (Handtekening(*make_key(curve=True)), "not an RSA key"),
    ):
        with pytest.raises(AuthenticationError, match=says) as caught:
            open_epc("http://127.0.0.1:9/", handtekening=handtekening)
        told = f"{caught.value}{caught.value.__cause__!r}"
        assert "epc sign_on signing certificate" in told
        assert "Nothing was sent" in told
        assert "geen" not in told


def test_a_signature_setting_keeps_its_key_to_itself(key: tuple[bytes, bytes]) -> None:
    assert repr(Handtekening(*key)) == "Handtekening(methode='rsa-sha256', token='x509v3')"
