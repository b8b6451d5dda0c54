"""WS-Security: sign the SOAP body with an X.509 key, the certificate carried along.

One BinarySecurityToken (X509v3 or the whole chain as PKIPath), a direct reference to it,
exclusive canonical XML and only the body signed: what MAGDA's owner describes for its clients.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import uuid4

import xmlsec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from connectors.transport.certificaten import check_pair, refuse, write_pkipath
from connectors.transport.soap_contract import SOAP_NS

DS_NS = "http://www.w3.org/2000/09/xmldsig#"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE_NS = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU_NS = f"{_WSS}wssecurity-utility-1.0.xsd"
X509V3 = f"{_WSS}x509-token-profile-1.0#X509v3"
PKIPATH = f"{_WSS}x509-token-profile-1.0#X509PKIPathv1"
BASE64 = f"{_WSS}soap-message-security-1.0#Base64Binary"

_METHODS = {
    "rsa-sha256": (xmlsec.constants.TransformRsaSha256, xmlsec.constants.TransformSha256),
    # The owner's own client still signs with SHA-1 (seen 2026-11-23).
    "rsa-sha1": (xmlsec.constants.TransformRsaSha1, xmlsec.constants.TransformSha1),
}


Methode = Literal["rsa-sha256", "rsa-sha1"]
Token = Literal["x509v3", "pkipath"]
METHODEN: tuple[Methode, ...] = get_args(Methode)
TOKENS: tuple[Token, ...] = get_args(Token)


@dataclass(frozen=True, slots=True)
class Handtekening:
    """The key and the certificate with its chain (PEM) that sign, and how.

    `token` is what is carried along: the certificate alone, or the chain. The owner's own client
    sends the chain and signs with SHA-1; the service takes both tokens.
    """

    sleutel: bytes = field(repr=False)
    certificaat: bytes = field(repr=False)
    methode: Methode = "rsa-sha256"
    token: Token = "x509v3"  # noqa: S105 - the kind of token, no secret


class BodySigner:
    """Sign envelopes with one key. Safe to share between threads."""

    def __init__(self, system: str, handtekening: Handtekening) -> None:
        """Load key and certificate.

        Raises:
            AuthenticationError: they cannot be used now.
        """
        what = "signing certificate"
        chain = check_pair(system, handtekening.sleutel, handtekening.certificaat, what=what)
        if not isinstance(chain[0].public_key(), rsa.RSAPublicKey):
            raise refuse(
                system, what, "the key is not an RSA key", "Ask for a certificate on an RSA key"
            )
        self._key = xmlsec.Key.from_memory(handtekening.sleutel, xmlsec.constants.KeyDataFormatPem)
        if handtekening.token == "pkipath":  # noqa: S105 - the kind of token, no secret
            self._token_type, token = PKIPATH, write_pkipath(chain)
        else:
            self._token_type, token = X509V3, chain[0].public_bytes(Encoding.DER)
        self._token = base64.b64encode(token).decode("ascii")
        self._signature_method, self._digest_method = _METHODS[handtekening.methode]

    def sign(self, envelope: etree._Element) -> None:
        """Add a wsse:Security header that signs the body, in place."""
        body = envelope.find(f"{{{SOAP_NS}}}Body")
        if body is None:
            raise ValueError("an envelope without a body cannot be signed")
        body_id, token_id = f"body-{uuid4()}", f"token-{uuid4()}"
        body.set(f"{{{WSU_NS}}}Id", body_id)
        security = _security_header(envelope)
        token = etree.SubElement(
            security,
            f"{{{WSSE_NS}}}BinarySecurityToken",
            {f"{{{WSU_NS}}}Id": token_id, "ValueType": self._token_type, "EncodingType": BASE64},
        )
        token.text = self._token
        signature = xmlsec.template.create(
            envelope, xmlsec.constants.TransformExclC14N, self._signature_method, ns="ds"
        )
        security.append(signature)
        reference = xmlsec.template.add_reference(signature, self._digest_method, uri=f"#{body_id}")
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        context = xmlsec.SignatureContext()
        context.key = self._key
        context.register_id(body, "Id", WSU_NS)
        context.sign(signature)
        # The key info is not part of what is signed, and xmlsec does not know wsse.
        key_info = etree.SubElement(signature, f"{{{DS_NS}}}KeyInfo")
        token_reference = etree.SubElement(key_info, f"{{{WSSE_NS}}}SecurityTokenReference")
        etree.SubElement(
            token_reference,
            f"{{{WSSE_NS}}}Reference",
            {"URI": f"#{token_id}", "ValueType": self._token_type},
        )


def _security_header(envelope: etree._Element) -> etree._Element:
    header = envelope.find(f"{{{SOAP_NS}}}Header")
    if header is None:
        header = etree.Element(f"{{{SOAP_NS}}}Header")
        envelope.insert(0, header)
    security = etree.SubElement(
        header, f"{{{WSSE_NS}}}Security", nsmap={"wsse": WSSE_NS, "wsu": WSU_NS}
    )
    security.set(f"{{{SOAP_NS}}}mustUnderstand", "1")
    return security
