"""A WSDL with its schemas, read offline and once per process: builds and reads envelopes.

Incoming XML is parsed without DTDs and entities, stripped of what the contract does not
name, validated, and only then given to zeep, so that zeep never meets a surprise.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlparse

import zeep
import zeep.exceptions
from lxml import etree
from zeep.xsd import ComplexType
from zeep.xsd import Element as XsdElement

SOAP_NS = "http://schemas.xmlsoap.org/soap/envelope/"
WSDL_NS = "http://schemas.xmlsoap.org/wsdl/"
XSD_NS = "http://www.w3.org/2001/XMLSchema"

# zeep writes envelopes at DEBUG, and values it cannot translate at ERROR.
logging.getLogger("zeep").setLevel(logging.WARNING)
logging.getLogger("zeep.xsd.types.simple").setLevel(logging.CRITICAL)

_ENCODING = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")

# What zeep may raise on a message: its own errors and those of its value parsers.
_ZEEP_ERRORS = (zeep.exceptions.Error, ValueError, TypeError, ArithmeticError, LookupError)


class ContractViolationError(Exception):
    """A message breaks the contract; the text names elements, never values."""


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP 1.1 Fault. The text may quote the message: it stays out of errors and logs."""

    code: str
    text: str


class OfflineTransport:
    """What zeep loads documents through: files only, nothing from the network."""

    def load(self, url: str) -> bytes:
        """Read a local file.

        Raises:
            ContractViolationError: the document lies elsewhere.
        """
        return _local(url).read_bytes()


class SoapContract:
    """One document/literal WSDL. Safe to share between threads."""

    def __init__(self, wsdl: Path) -> None:
        settings = zeep.Settings(
            strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
        self._client = zeep.Client(str(wsdl), transport=OfflineTransport(), settings=settings)
        self._binding: Any = self._client.service._binding
        self._schema = _compile_schema(wsdl)
        self._lock = Lock()
        self._names: dict[int, tuple[Mapping[str, Any], frozenset[str]]] = {}

    def build(self, operation: str, message: Mapping[str, Any]) -> etree._Element:
        """Build the envelope of a question and validate it.

        Raises:
            ContractViolationError: the message does not fit the contract.
        """
        try:
            envelope: etree._Element = self._client.create_message(
                self._client.service, operation, **message
            )
        except _ZEEP_ERRORS as error:
            raise ContractViolationError(
                f"the request cannot be written ({type(error).__name__})"
            ) from None
        self._validate(_body_child(envelope), "the request")
        return envelope

    def read(self, operation: str, data: bytes) -> Any | SoapFault:
        """Read an answer: the zeep value of the output element, or the Fault in its place.

        Raises:
            ContractViolationError: not XML, not SOAP, or not what the contract promises.
        """
        body = _body_child(parse_xml(data))
        if body.tag == f"{{{SOAP_NS}}}Fault":
            return _read_fault(body)
        output: XsdElement = self._binding.get(operation).output.body
        if body.tag != str(output.qname.text):
            raise ContractViolationError("the answer is of another service")
        self._strip(body, output.type)
        self._validate(body, "the answer")
        try:
            return output.parse(body, self._client.wsdl.types)
        except _ZEEP_ERRORS as error:
            raise ContractViolationError(
                f"the answer cannot be read ({type(error).__name__})"
            ) from None

    def _strip(self, node: etree._Element, xsd_type: Any) -> None:
        """Remove the elements and attributes that the contract does not name."""
        if not isinstance(xsd_type, ComplexType):
            node.attrib.clear()
            return
        elements, attributes = self._known(xsd_type)
        for name in list(node.attrib):
            if name not in attributes:
                del node.attrib[name]
        for child in list(node):
            known = elements.get(str(child.tag))
            if known is None:
                node.remove(child)
            else:
                self._strip(child, known)

    def _known(self, xsd_type: Any) -> tuple[Mapping[str, Any], frozenset[str]]:
        known = self._names.get(id(xsd_type))
        if known is None:
            elements = {
                str(element.qname.text): element.type
                for _, element in xsd_type.elements
                if isinstance(element, XsdElement)
            }
            attributes = frozenset(
                str(attribute.qname.text)
                for _, attribute in xsd_type.attributes
                if getattr(attribute, "qname", None) is not None
            )
            known = self._names[id(xsd_type)] = (elements, attributes)
        return known

    def _validate(self, node: etree._Element, what: str) -> None:
        # A compiled schema keeps its error log on itself: one thread at a time.
        with self._lock:
            if self._schema.validate(node):
                return
            log: Any = self._schema.error_log
            path, reason = log[0].path or "", log[0].type_name
        raise ContractViolationError(f"{what} breaks the schema at {path[-200:]} ({reason})")


@cache
def _load(wsdl: Path) -> SoapContract:
    return SoapContract(wsdl)


_load_lock = Lock()


def load_contract(wsdl: Path | str) -> SoapContract:
    """Read a WSDL from disk, once per process and path.

    Raises:
        ContractViolationError: it refers to a remote document.
        FileNotFoundError: there is no such file.
    """
    with _load_lock:
        return _load(Path(wsdl).resolve(strict=True))


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML from outside: no DTD, no entities, no network, no recovery.

    Raises:
        ContractViolationError: not well-formed, in another encoding than it declares, or with a
            DTD.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ContractViolationError("the answer carries a DTD or an entity")
    if _declares_wrongly(data):
        raise ContractViolationError("the answer is in another encoding than it declares")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise ContractViolationError("the answer is not well-formed XML") from None
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise ContractViolationError("the answer carries a DTD or an entity")
    return root


def _declares_wrongly(data: bytes) -> bool:
    """Tell whether UTF-8 is passed off as an encoding of one byte per letter.

    A parser would believe it, and turn `m²` into `mÂ²`.
    """
    declared = _ENCODING.match(data[:200])
    if declared is None or declared[1].lower() in (b"utf-8", b"utf8") or data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _body_child(envelope: etree._Element) -> etree._Element:
    if envelope.tag != f"{{{SOAP_NS}}}Envelope":
        raise ContractViolationError("not a SOAP 1.1 envelope")
    bodies = envelope.findall(f"{{{SOAP_NS}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise ContractViolationError("not exactly one message in the SOAP body")
    return bodies[0][0]


def _read_fault(fault: etree._Element) -> SoapFault:
    code = (fault.findtext("faultcode") or "").strip()
    return SoapFault(code.rpartition(":")[2][:64], (fault.findtext("faultstring") or "").strip())


def _local(url: str) -> Path:
    parts = urlparse(str(url))
    if parts.scheme not in ("", "file") or parts.netloc:
        raise ContractViolationError("the contract refers to a remote document")
    return Path(unquote(parts.path))


class _Inline(etree.Resolver):
    """Serve the schemas that stand inside a WSDL, and files; refuse the network."""

    def __init__(self, documents: Mapping[str, tuple[bytes, str]]) -> None:
        super().__init__()
        self._documents = documents

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002
        resolver: Any = self
        if system_url in self._documents:
            text, base = self._documents[system_url]
            return resolver.resolve_string(text, context, base_url=base)
        return resolver.resolve_filename(str(_local(system_url)), context)


def _compile_schema(wsdl: Path) -> etree.XMLSchema:
    """Compile all schemas of a WSDL, inline or imported, into one validator."""
    root = etree.parse(str(wsdl), etree.XMLParser(resolve_entities=False)).getroot()
    wrapper = etree.Element(f"{{{XSD_NS}}}schema", nsmap={"xsd": XSD_NS})
    documents: dict[str, tuple[bytes, str]] = {}
    imports: dict[str, str] = {}
    for number, schema in enumerate(root.iterfind(f"{{{WSDL_NS}}}types/{{{XSD_NS}}}schema")):
        namespace = schema.get("targetNamespace")
        if namespace is not None:
            documents[f"inline:{number}"] = (etree.tostring(schema), str(wsdl))
            imports[namespace] = f"inline:{number}"
            continue
        for node in schema.iterfind(f"{{{XSD_NS}}}import"):
            path = wsdl.parent / _local(str(node.get("schemaLocation")))
            imports[str(node.get("namespace"))] = str(path)
    for namespace, location in imports.items():
        etree.SubElement(
            wrapper, f"{{{XSD_NS}}}import", namespace=namespace, schemaLocation=location
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    parser.resolvers.add(_Inline(documents))
    return etree.XMLSchema(etree.fromstring(etree.tostring(wrapper), parser))
