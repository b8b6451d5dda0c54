"""A signed body is accepted by an independent verifier, and any change to it is not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from connectors.transport.ws_security import Handtekening
from connectors.woningpas.epc import AdresCriteria
from sandbox.magda.handtekening import verify_body
from sandbox.magda.xml import RefusalError
from tests.connectors.magda_proef import XML, open_epc, raadpleging, repliek, uitzonderingen
from tests.connectors.scripted_server import Answer, serve
from tests.connectors.sleutels import make_key

NOTHING = repliek("GeefEpc", antwoord=uitzonderingen("30001"))


@pytest.fixture(scope="module")
def key() -> tuple[bytes, bytes]:
    return make_key()


def sent(handtekening: Handtekening | None) -> bytes:
    with serve(lambda _asked: Answer(200, NOTHING, XML)) as server:
        client = open_epc(f"{server.url}/magda/epc", handtekening=handtekening)
        criteria = AdresCriteria("Vaartstraat", "1 – bis", "Leuven & Kessel-Lo")
        client.get_epcs(criteria=criteria, raadpleging=raadpleging())
    return server.asked[0].body


@pytest.mark.parametrize("methode", ["rsa-sha256", "rsa-sha1"])
def test_the_sandbox_verifies_what_we_sign(key: tuple[bytes, bytes], methode: str) -> None:
    body = sent(Handtekening(*key, methode))  # type: ignore[arg-type]
    shown = verify_body(etree.fromstring(body))
    assert shown.public_bytes(Encoding.PEM) == key[1]


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
    with pytest.raises(RefusalError) as caught:
        verify_body(etree.fromstring(body.replace(old, new)))
    assert "changed after signing" in caught.value.diagnose


def test_a_signature_by_another_key_is_refused(key: tuple[bytes, bytes]) -> None:
    other = make_key()
    with pytest.raises(RefusalError) as caught:
        verify_body(etree.fromstring(sent(Handtekening(key[0], other[1]))))
    assert "Signature does not match" in caught.value.diagnose


def test_a_second_body_beside_the_signed_one_is_refused(key: tuple[bytes, bytes]) -> None:
    envelope = etree.fromstring(sent(Handtekening(*key)))
    body = envelope[-1]
    envelope[0].append(body)
    envelope.append(etree.fromstring(etree.tostring(body).replace(b"Vaartstraat", b"X")))
    with pytest.raises(RefusalError):
        verify_body(envelope)


def test_an_unsigned_message_is_refused_in_the_owners_words() -> None:
    with pytest.raises(RefusalError) as caught:
        verify_body(etree.fromstring(sent(None)))
    expected = "ERR_025: Verification failure: No signature in message!"
    assert (caught.value.niveau, caught.value.diagnose) == ("fault", expected)


def test_an_expired_certificate_is_refused() -> None:
    with pytest.raises(RefusalError) as caught:
        verify_body(etree.fromstring(sent(Handtekening(*make_key(days=-1)))))
    assert "not valid now" in caught.value.diagnose


def test_a_key_that_cannot_be_read_is_told_at_once(key: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="signing key") as caught:
        open_epc("http://127.0.0.1:9/", handtekening=Handtekening(b"geen sleutel", key[1]))
    assert "geen sleutel" not in str(caught.value)


def test_a_signature_setting_keeps_its_key_to_itself(key: tuple[bytes, bytes]) -> None:
    assert repr(Handtekening(*key)) == "Handtekening(methode='rsa-sha256')"
