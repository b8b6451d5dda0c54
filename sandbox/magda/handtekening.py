"""Verify a WS-Security signature with signxml, a library that no client of ours signs with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from sandbox.magda.xml import SOAP, Element, RefusalError

DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
X509V3 = f"{_WSS}x509-token-profile-1.0#X509v3"
PKIPATH = f"{_WSS}x509-token-profile-1.0#X509PKIPathv1"

_SECURITY = f"./{{{SOAP}}}Header/{{{WSSE}}}Security/"
_EXPECTED = SignatureConfiguration(
    location=_SECURITY,
    expect_references=1,
    # The owner's own client still signs with SHA-1, which the library refuses unless it is named.
    signature_methods=frozenset({SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256}),
)


def verify_body(
    envelope: Element, authorities: Sequence[x509.Certificate] = ()
) -> x509.Certificate:
    """Verify that the body is signed by the certificate that came along, and return that.

    With ``authorities`` its chain must lead to one of them; without, any certificate will do.

    Raises:
        RefusalError: a Fault, ERR_025, with the reason.
    """
    signature = envelope.find(f"{_SECURITY}{{{DS}}}Signature")
    if signature is None:
        raise _refuse("No signature in message!")
    chain = _find_chain(envelope, signature)
    certificate = chain[-1]
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise _refuse("Certificate is not valid now!")
    if authorities:
        _check_trust(chain, authorities)
    _check_method(signature)
    try:
        verified = XMLVerifier().verify(
            etree.tostring(envelope),
            x509_cert=certificate,
            expect_config=_EXPECTED,
            id_attribute="Id",
        )
    except InvalidDigest:
        raise _refuse("The body was changed after signing!") from None
    except InvalidCertificate:
        raise _refuse("Certificate is not valid now!") from None
    except InvalidSignature:
        raise _refuse("Signature does not match!") from None
    except (SignXMLException, etree.LxmlError, ValueError, TypeError):
        raise _refuse("The signature cannot be verified!") from None
    signed, body = verified.signed_xml, envelope.find(f"{{{SOAP}}}Body")
    # What was verified must be what is read: else a signed body may hide beside the real one.
    if signed is None or body is None or _canonical(signed) != _canonical(body):
        raise _refuse("The body is not what was signed!")
    return certificate


def _find_chain(envelope: Element, signature: Element) -> list[x509.Certificate]:
    """Return the certificates of the token that the signature refers to, the signer's last."""
    reference = signature.find(
        f"{{{DS}}}KeyInfo/{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference"
    )
    if reference is None or reference.get("ValueType") not in (X509V3, PKIPATH):
        raise _refuse("No reference to an X509v3 or X509PKIPathv1 token!")
    token = _find_by_id(envelope, str(reference.get("URI")))
    if token is None or token.tag != f"{{{WSSE}}}BinarySecurityToken":
        raise _refuse("No BinarySecurityToken!")
    kind = token.get("ValueType")
    if kind != reference.get("ValueType"):
        raise _refuse("The reference names another kind of token!")
    try:
        der = base64.b64decode("".join((token.text or "").split()), validate=True)
        return read_pkipath(der) if kind == PKIPATH else [x509.load_der_x509_certificate(der)]
    except (ValueError, IndexError, binascii.Error):
        raise _refuse("The token is no certificate!") from None


def read_pkipath(der: bytes) -> list[x509.Certificate]:
    """Read a PkiPath: a DER sequence of certificates, each the issuer of the next.

    Raises:
        ValueError, IndexError: it is none.
    """
    start, end = _read_sequence(der, 0)
    if end != len(der):
        raise ValueError("something follows the path")
    chain = []
    while start < end:
        _, following = _read_sequence(der, start)
        chain.append(x509.load_der_x509_certificate(der[start:following]))
        start = following
    if start != end or not chain:
        raise ValueError("the path is cut off or empty")
    return chain


def _read_sequence(der: bytes, start: int) -> tuple[int, int]:
    """Return where the content of a DER sequence begins and ends."""
    if der[start] != 0x30:
        raise ValueError("not a sequence")
    length, begin = der[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
    return begin, begin + length


def _check_trust(chain: list[x509.Certificate], authorities: Sequence[x509.Certificate]) -> None:
    """Check that the path leads from an authority down to the signer's certificate.

    Its order counts: cryptography alone would find a way through any.
    """
    for issuer, issued in pairwise(chain):
        if issued.issuer != issuer.subject:
            raise _refuse("The certificates of the path do not follow each other!")
    verifier = (
        PolicyBuilder()
        .store(Store(list(authorities)))
        .extension_policies(
            ee_policy=ExtensionPolicy.permit_all(), ca_policy=ExtensionPolicy.webpki_defaults_ca()
        )
        .build_client_verifier()
    )
    try:
        verifier.verify(chain[-1], chain[:-1])
    except VerificationError:
        raise _refuse("Certificate is not trusted!") from None


def _check_method(signature: Element) -> None:
    """Hold the signature to what the owner describes: one part, exclusive canonical XML."""
    used = [signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}CanonicalizationMethod")]
    used += signature.findall(
        f"{{{DS}}}SignedInfo/{{{DS}}}Reference/{{{DS}}}Transforms/{{{DS}}}Transform"
    )
    if len(used) != 2 or any(one is None or one.get("Algorithm") != EXC_C14N for one in used):
        raise _refuse("Only one signed part, in exclusive canonical XML, is accepted!")


def _canonical(node: Element) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def _find_by_id(envelope: Element, uri: str) -> Element | None:
    found = [node for node in envelope.iter(etree.Element) if f"#{node.get(f'{{{WSU}}}Id')}" == uri]
    return found[0] if len(found) == 1 else None


def _refuse(reason: str) -> RefusalError:
    return RefusalError("fault", "Client", f"ERR_025: Verification failure: {reason}")
