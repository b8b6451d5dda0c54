"""Verify a WS-Security signature with cryptography and lxml, apart from any client's library."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from sandbox.magda.xml import SOAP, Element, RefusalError

DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
X509V3 = f"{_WSS}x509-token-profile-1.0#X509v3"

_SIGNATURES: dict[str, hashes.HashAlgorithm] = {
    f"{DS}rsa-sha1": hashes.SHA1(),  # noqa: S303
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
}
_DIGESTS = {f"{DS}sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256"}


def verify_body(envelope: Element) -> x509.Certificate:
    """Verify that the body is signed by the certificate that came along, and return that.

    Raises:
        RefusalError: a Fault, ERR_025, with the reason.
    """
    signature = envelope.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature")
    if signature is None:
        raise _refuse("No signature in message!")
    info = signature.find(f"{{{DS}}}SignedInfo")
    if info is None:
        raise _refuse("No SignedInfo!")
    certificate = _find_certificate(envelope, signature)
    _check_body_digest(envelope, info)
    method = _attribute(info, "SignatureMethod", "Algorithm")
    canonical = info.find(f"{{{DS}}}CanonicalizationMethod")
    algorithm, key = _SIGNATURES.get(method), certificate.public_key()
    if algorithm is None or not isinstance(key, rsa.RSAPublicKey):
        raise _refuse("Unknown signature method!")
    try:
        value = base64.b64decode(
            signature.findtext(f"{{{DS}}}SignatureValue") or "", validate=False
        )
        key.verify(value, _canonicalise(info, canonical), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error):
        raise _refuse("Signature does not match!") from None
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise _refuse("Certificate is not valid now!")
    return certificate


def _find_certificate(envelope: Element, signature: Element) -> x509.Certificate:
    reference = signature.find(
        f"{{{DS}}}KeyInfo/{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference"
    )
    if reference is None or reference.get("ValueType") != X509V3:
        raise _refuse("No reference to an X509v3 token!")
    token = _find_by_id(envelope, str(reference.get("URI")))
    if token is None or token.tag != f"{{{WSSE}}}BinarySecurityToken":
        raise _refuse("No BinarySecurityToken!")
    try:
        return x509.load_der_x509_certificate(base64.b64decode(token.text or ""))
    except (ValueError, binascii.Error):
        raise _refuse("The token is no certificate!") from None


def _check_body_digest(envelope: Element, info: Element) -> None:
    references = info.findall(f"{{{DS}}}Reference")
    if len(references) != 1:
        raise _refuse("Not exactly one signed part!")
    reference = references[0]
    signed = _find_by_id(envelope, str(reference.get("URI")))
    if signed is None or signed is not envelope.find(f"{{{SOAP}}}Body"):
        raise _refuse("The body is not what was signed!")
    transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    if len(transforms) != 1:
        raise _refuse("Not exactly one transform!")
    algorithm = _DIGESTS.get(_attribute(reference, "DigestMethod", "Algorithm"))
    if algorithm is None:
        raise _refuse("Unknown digest method!")
    digest = hashlib.new(algorithm, _canonicalise(signed, transforms[0])).digest()
    if (
        base64.b64encode(digest).decode()
        != (reference.findtext(f"{{{DS}}}DigestValue") or "").strip()
    ):
        raise _refuse("The body was changed after signing!")


def _canonicalise(node: Element, method: Element | None) -> bytes:
    if method is None or method.get("Algorithm") != EXC_C14N:
        raise _refuse("Only exclusive canonical XML is accepted!")
    inclusive = method.find(f"{{{EXC_C14N}}}InclusiveNamespaces")
    prefixes = (inclusive.get("PrefixList") or "").split() if inclusive is not None else None
    return etree.tostring(
        node, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes
    )


def _find_by_id(envelope: Element, uri: str) -> Element | None:
    found = [node for node in envelope.iter(etree.Element) if f"#{node.get(f'{{{WSU}}}Id')}" == uri]
    return found[0] if len(found) == 1 else None


def _attribute(parent: Element, child: str, name: str) -> str:
    node = parent.find(f"{{{DS}}}{child}")
    return str(node.get(name)) if node is not None else ""


def _refuse(reason: str) -> RefusalError:
    return RefusalError("fault", "Client", f"ERR_025: Verification failure: {reason}")
