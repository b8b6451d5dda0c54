"""What the tests of the MAGDA services share: questions, answers and small servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from lxml import etree

from connectors.mijnburgerprofiel.dosis import DosisClient, DosisDossier, DosisStatus
from connectors.mijnburgerprofiel.dosis import open_dosis_client as open_dosis
from connectors.transport.magda import MagdaAfzender
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from connectors.woningpas.epc import EpcClient, open_epc_client
from tests.connectors.scripted_server import Answer, ScriptedServer, serve

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EPC_NS = "http://webservice.geefepcdienst-02_01.energie-02_01.epb.vea.lne.vlaanderen.be"
DOSSIER_ID = UUID("0f6b4c1e-7d4b-4c3a-9c86-5e0a6c3f1b20")
AFZENDER = MagdaAfzender(identificatie="leuven.be/renovatiehub", hoedanigheid="1300")
XML = {"Content-Type": "text/xml;charset=UTF-8"}
# Valid check digits, month + 60: nobody's number.
INSZ = "85670712378"


def raadpleging(correlatie_id: UUID | None = None) -> GelogdeRaadpleging:
    """A logged reason to look at a source."""
    reason = Raadpleging(
        correlatie_id=correlatie_id or uuid4(),
        dossier_id=DOSSIER_ID,
        bron="epc",
        operatie="GeefEpc",
        object="gebouweenheid 6356866",
        doel="prefill",
        rechtsgrond="taak van algemeen belang",
        hoedanigheid="1300",
        namens="dienst",
    )
    return GelogdeRaadpleging(reason, datetime.now(UTC))


def dossier(**changes: object) -> DosisDossier:
    """A dossier that DOSIS takes."""
    values: dict[str, object] = {
        "bron": "https://leuven.be/energieloket",
        "dossiernummer": "RD-0001-000001",
        "naam": "Renovatiebegeleiding",
        "datum_modificatie": datetime(2026, 11, 23, 13, 30, 0, 123456, tzinfo=UTC),
        "status": DosisStatus(
            code="Ingediend",
            fase="Samenstelling",
            detail="Wij hebben uw vraag ontvangen.",
            actie_nodig=True,
            actie="Bezorg ons uw plannen.",
        ),
        "product": 685,
        "insz": INSZ,
        "doorverwijzing": "https://leuven.be/dossier/RD-0001-000001?stap=1&taal=nl",
        "beheerder_dienst": "Energieloket Leuven",
    }
    return DosisDossier(**{**values, **changes})  # type: ignore[arg-type]


def envelop(message: bytes) -> bytes:
    """Put a message in a SOAP body."""
    start = message.find(b"<", message.find(b"?>") + 2 if message.startswith(b"<?xml") else 0)
    return (
        b'<soap:Envelope xmlns:soap="%s"><soap:Body>' % SOAP.encode()
        + message[start:]
        + b"</soap:Body></soap:Envelope>"
    )


def message_of(envelope: bytes) -> etree._Element:
    """Take the message out of a SOAP body."""
    body = etree.fromstring(envelope).find(f"{{{SOAP}}}Body")
    assert body is not None
    assert len(body) == 1
    return body[0]


def fault(text: str, code: str = "soap:Server") -> bytes:
    """Write a SOAP Fault."""
    return envelop(
        f'<soap:Fault xmlns:soap="{SOAP}"><faultcode>{code}</faultcode>'
        f"<faultstring>{text}</faultstring></soap:Fault>".encode()
    )


CONTEXT = """<Context><Naam>{naam}</Naam><Versie>{versie}</Versie><Bericht><Type>ANTWOORD</Type>
<Tijdstip><Datum>2026-11-23</Datum><Tijd>14:30:00.000</Tijd></Tijdstip>
<Afzender><Identificatie>vip.vlaanderen.be</Identificatie><Referte>x</Referte></Afzender>
</Bericht></Context>"""


def repliek(operatie: str, *, antwoord: str = "", uitzonderingen: str = "") -> bytes:
    """Write an answer of a service from the XML inside its Antwoord and its Uitzonderingen."""
    versie, namespace = "02.01.0000", EPC_NS
    if operatie != "GeefEpc":
        versie = "02.00.0000"
        namespace = (
            f"http://webservice.{operatie.lower()}dienst-02_00.dossier-02_00.vip.vlaanderen.be"
        )
    inner = CONTEXT.format(naam=operatie, versie=versie)
    if antwoord:
        inner += f"<Antwoorden><Antwoord><Referte>x</Referte>{antwoord}</Antwoord></Antwoorden>"
    inner += uitzonderingen
    return envelop(
        f'<web:{operatie}Response xmlns:web="{namespace}"><Repliek>{inner}</Repliek>'
        f"</web:{operatie}Response>".encode()
    )


def uitzonderingen(*codes: str, type_: str = "FOUT") -> str:
    """Write exceptions."""
    each = (
        f"<Uitzondering><Identificatie>{code}</Identificatie><Oorsprong>MAGDA</Oorsprong>"
        f"<Type>{type_}</Type><Diagnose>Diagnose met {INSZ}</Diagnose></Uitzondering>"
        for code in codes
    )
    return f"<Uitzonderingen>{''.join(each)}</Uitzonderingen>"


def open_epc(url: str, **options: object) -> EpcClient:
    """A client for GeefEpc; on a busy machine an answer takes its time."""
    return open_epc_client(url, AFZENDER, **{"timeout": (5.0, 20.0), **options})  # type: ignore[arg-type]


def open_dosis_client(url: str, **options: object) -> DosisClient:
    """A client for DOSIS; on a busy machine an answer takes its time."""
    return open_dosis(url, AFZENDER, **{"timeout": (5.0, 20.0), **options})  # type: ignore[arg-type]


@contextmanager
def epc_server(*answers: bytes, status: int = 200) -> Iterator[tuple[ScriptedServer, EpcClient]]:
    """Serve these answers one after the other to a GeefEpc client."""
    waiting = [Answer(status, body, XML) for body in answers]
    with serve(lambda _asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]) as server:
        yield server, open_epc(f"{server.url}/magda/epc")


Validator = Callable[[etree._Element], str | None]


def owner_schema(voorbeelden: Path, path: str) -> Validator:
    """A validator against one of the owner's schemas; it returns the first error or None."""
    schema = etree.XMLSchema(etree.parse(str(voorbeelden / path)))

    def validate(message: etree._Element) -> str | None:
        # A message of its own, as the owner's validator sees it.
        alone = etree.fromstring(etree.tostring(message))
        return None if schema.validate(alone) else str(schema.error_log[0])

    return validate


EPC_VRAAG = "geefepc/xsd/Energie.GeefEpcDienst-02.01/WebService/GeefEpc.xsd"
EPC_ANTWOORD = "geefepc/xsd/Energie.GeefEpcDienst-02.01/WebService/GeefEpcResponse.xsd"
DOSIS_VRAAG = "dosis/xsd/Dossier.{0}Dienst-02.00/WebService/{0}.xsd"
DOSIS_ANTWOORD = "dosis/xsd/Dossier.{0}Dienst-02.00/WebService/{0}Response.xsd"
