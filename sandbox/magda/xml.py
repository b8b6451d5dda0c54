"""SOAP 1.1 around MAGDA's envelope: reading requests and writing answers, with lxml alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from lxml import etree

Element = etree._Element
Niveau = Literal["fault", "repliek", "antwoord"]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CONNECTORS = Path(__file__).resolve().parents[2] / "connectors"
BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Dienst:
    """One MAGDA service: its names and the schema of its question and answer."""

    systeem: str
    naam: str
    versie: str
    namespace: str
    vraag: str
    schema: etree.XMLSchema

    @property
    def antwoord(self) -> str:
        """The root element of an answer."""
        return f"{self.naam}Response"


def read_dienst(
    systeem: str, naam: str, versie: str, domein: str, vraag: str, schema: str
) -> Dienst:
    """Read the contract of a service."""
    return Dienst(
        systeem,
        naam,
        versie,
        f"http://webservice.{naam.lower()}dienst-{versie[:5].replace('.', '_')}.{domein}",
        vraag,
        etree.XMLSchema(etree.parse(str(CONNECTORS / schema))),
    )


class RefusalError(Exception):
    """The question is not answered but refused, at one of the three levels."""

    def __init__(self, niveau: Niveau, code: str, diagnose: str) -> None:
        super().__init__(code)
        self.niveau = niveau
        self.code = code
        self.diagnose = diagnose


@dataclass(frozen=True, slots=True)
class Vraag:
    """What was understood of a request; ``referte`` is there even when nothing else is."""

    referte: str
    afzender: str
    hoedanigheid: str | None
    inhoud: Element


def need(parent: Element, path: str) -> Element:
    """Return the element that the schema promised."""
    found = parent.find(path)
    if found is None:
        raise LookupError(f"the schema promises {path}")
    return found


def parse_envelope(data: bytes) -> Element:
    """Parse a SOAP 1.1 envelope with one message in its body.

    Raises:
        RefusalError: a Fault.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        envelope = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusalError("fault", "Client", "ERR_001: XML not well-formed") from None
    docinfo: Any = envelope.getroottree().docinfo
    if docinfo.doctype:
        raise RefusalError("fault", "Client", "ERR_002: DTD not allowed")
    body = envelope.find(f"{{{SOAP}}}Body")
    if envelope.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
        raise RefusalError("fault", "Client", "ERR_003: not one message in a SOAP 1.1 envelope")
    return envelope


def read_vraag(dienst: Dienst, envelope: Element) -> Vraag:
    """Check a question against its schema and MAGDA's own rules.

    Raises:
        RefusalError: a Fault for another service; level 2 for a broken context or structure.
    """
    root = need(envelope, f"{{{SOAP}}}Body")[0]
    if root.tag != f"{{{dienst.namespace}}}{dienst.vraag}":
        raise RefusalError("fault", "Client", "ERR_004: this service does not know the message")
    if not dienst.schema.validate(root):
        raise RefusalError("repliek", "20002", "De structuur van het verzoek is ongeldig")
    context = need(root, "Verzoek/Context")
    vraag = need(root, "Verzoek/Vragen/Vraag")
    known = (context.findtext("Naam"), context.findtext("Versie"), context.findtext("Bericht/Type"))
    if known != (dienst.naam, dienst.versie, "VRAAG"):
        raise RefusalError("repliek", "20002", "De context noemt een andere dienst of versie")
    afzender = need(context, "Bericht/Afzender")
    referte = str(afzender.findtext("Referte"))
    if vraag.findtext("Referte") != referte:
        raise RefusalError(
            "repliek", "20002", "De referte van de vraag is niet die van de afzender"
        )
    hoedanigheid = afzender.findtext("Hoedanigheid")
    if not hoedanigheid:
        raise RefusalError("repliek", "40006", "De afzender heeft geen hoedanigheid")
    return Vraag(
        referte, str(afzender.findtext("Identificatie")), hoedanigheid, need(vraag, "Inhoud")
    )


def find_referte(envelope: Element) -> str | None:
    """Return the sender's reference of a message, whatever else is wrong with it."""
    text = envelope.findtext(".//Bericht/Afzender/Referte")
    return text[:36] if text else None


def make(
    name: str, text: object = None, *children: Element | None, **attributes: object
) -> Element:
    """Build an element without namespace; None children and attributes are left out."""
    element = etree.Element(name)
    for key, value in attributes.items():
        if value is not None:
            element.set(key, str(value))
    if text is not None:
        element.text = str(text)
    element.extend([child for child in children if child is not None])
    return element


def wrap(naam: str, children: Iterable[Element | None]) -> Element | None:
    """Build a group element, or None when it would be empty."""
    present = [child for child in children if child is not None]
    return make(naam, None, *present) if present else None


def write_repliek(
    dienst: Dienst, vraag: Vraag | None, referte: str | None, *content: Element | None
) -> bytes:
    """Write an answer: the context, then answers or exceptions."""
    now = datetime.now(BRUSSELS)
    ontvanger = None
    if vraag is not None:
        ontvanger = make(
            "Ontvanger",
            None,
            make("Identificatie", vraag.afzender),
            make("Referte", referte),
            make("Hoedanigheid", vraag.hoedanigheid),
        )
    context = make(
        "Context",
        None,
        make("Naam", dienst.naam),
        make("Versie", dienst.versie),
        make(
            "Bericht",
            None,
            make("Type", "ANTWOORD"),
            make("Tijdstip", None, *_moment(now)),
            make(
                "Afzender",
                None,
                make("Identificatie", "vip.vlaanderen.be"),
                make("Naam", "MagdaGateway"),
                make("Referte", uuid4()),
            ),
            ontvanger,
        ),
    )
    root = etree.Element(
        f"{{{dienst.namespace}}}{dienst.antwoord}", nsmap={"web": dienst.namespace}
    )
    root.append(make("Repliek", None, context, *content))
    return _envelop(root)


def write_antwoord(referte: str, *content: Element | None) -> Element:
    """Write the group with the one answer."""
    return make("Antwoorden", None, make("Antwoord", None, make("Referte", referte), *content))


def write_uitzonderingen(code: str, diagnose: str, *, bron: str | None = None) -> Element:
    """Write one exception of type FOUT, as a group; ``bron`` names the source it is about."""
    about = None
    if bron is not None:
        annotatie = make("Annotatie", None, make("Naam", "Bron"), make("Waarde", bron))
        about = make("Annotaties", None, annotatie)
    return make(
        "Uitzonderingen",
        None,
        make(
            "Uitzondering",
            None,
            make("Identificatie", code),
            make("Oorsprong", "MAGDA"),
            make("Type", "FOUT"),
            make("Tijdstip", None, *_moment(datetime.now(BRUSSELS))),
            make("Diagnose", diagnose),
            about,
        ),
    )


def write_fault(code: str, text: str) -> bytes:
    """Write a SOAP Fault (level 1)."""
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    fault.append(make("faultcode", f"soap:{code}"))
    fault.append(make("faultstring", text))
    return _envelop(fault)


def write_moment(moment: datetime) -> str:
    """Write an xs:dateTime with its offset, in Belgian time."""
    return moment.astimezone(BRUSSELS).isoformat(timespec="seconds")


def _moment(moment: datetime) -> tuple[Element, Element]:
    tijd = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return make("Datum", f"{moment:%Y-%m-%d}"), make("Tijd", tijd)


def _envelop(message: Element) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(message)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
