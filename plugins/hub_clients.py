"""Ready clients: a task asks here for what a use case needs, by connection id.

Nothing is read at import.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from sqlalchemy import Engine

    from connectors.aanmelding.client import AanmeldingClient
    from connectors.aanmelding.sftp_client import BestandenClient
    from connectors.crm.client import CrmClient
    from connectors.mijnburgerprofiel.dosis import DossierstatusDienst
    from connectors.mijnburgerprofiel.dosis.client import DosisClient
    from connectors.mijnburgerprofiel.notificaties.client import NotificatiesClient
    from connectors.transport.acm import AcmSignOn
    from connectors.transport.certificaten import Verval
    from connectors.transport.magda import MagdaAfzender
    from connectors.transport.tls import TweezijdigTls
    from connectors.transport.ws_security import Handtekening
    from connectors.viruskeuring.keuring import Keuring
    from connectors.woningpas.basisregisters.client import BasisregistersClient
    from connectors.woningpas.basisregisters.grb import GrbClient
    from connectors.woningpas.basisregisters.wijzigingen import WijzigingenClient
    from connectors.woningpas.bodem.client import BodemClient
    from connectors.woningpas.epc.client import EpcClient
    from connectors.woningpas.erfgoed.client import ErfgoedClient
    from connectors.woningpas.overstroming.client import OverstromingClient
    from connectors.woningpas.vergunningen.client import VergunningenClient
    from hub.aansluiting.partner import PartnerSource
    from hub.channels.bestanden import BestandenKanaal
    from hub.channels.dosis import DosisKanaal
    from hub.ledger.channel import Kanaal
    from hub.ledger.receipts import ReceiptSource
    from hub.partners import Partner
    from hub.voortgang.documenten import DocumentSource
    from hub.voortgang.pull import VoortgangSource


MAGDA_CONNECTIONS = ("MAGDA_EPC", "MAGDA_DOSIS")


def hub_engine(conn_id: str) -> Engine:
    """Return an engine on the hub's database under the role of this connection."""
    from sqlalchemy import URL

    from hub.database import make_engine

    connection = _connection(conn_id)
    return make_engine(
        URL.create(
            "postgresql+psycopg",
            username=connection.login,
            password=connection.password,
            host=connection.host,
            port=connection.port,
            database=connection.schema,
        )
    )


def crm_client(conn_id: str = "CRM") -> CrmClient:
    """Return a client of the city CRM."""
    from connectors.crm.client import open_client

    connection = _connection(conn_id)
    base = _need(connection, "host")
    return open_client(
        base_url=base,
        client_id=_need(connection, "login"),
        client_secret=_need(connection, "password"),
        scope=connection.extra_dejson.get("scope") or f"{base.rstrip('/')}/.default",
        token_url=connection.extra_dejson.get("token_url") or None,
    )


def crm_page_size(conn_id: str = "CRM") -> int:
    """Return how many rows of the CRM are asked for at a time."""
    from hub.landing import PAGE_SIZE

    return int(_connection(conn_id).extra_dejson.get("bladzijde") or PAGE_SIZE)


def basisregisters_client(conn_id: str = "BASISREGISTERS") -> BasisregistersClient:
    """Return a client of the address and building registers."""
    from connectors.woningpas.basisregisters.client import open_client

    connection = _connection(conn_id)
    return open_client(base_url=_need(connection, "host"), api_key=_need(connection, "password"))


def wijzigingen_client(conn_id: str = "BASISREGISTERS") -> WijzigingenClient:
    """Return a client of the registers' change feeds."""
    from connectors.woningpas.basisregisters.wijzigingen import open_wijzigingen_client

    connection = _connection(conn_id)
    return open_wijzigingen_client(
        base_url=_extra(connection, "wijzigingen_url"), api_key=_need(connection, "password")
    )


def grb_client(conn_id: str = "BASISREGISTERS") -> GrbClient:
    """Return a client of the parcels as the GRB draws them."""
    from connectors.woningpas.basisregisters.grb import open_grb_client

    return open_grb_client(base_url=_extra(_connection(conn_id), "grb_url"))


def epc_client(conn_id: str = "MAGDA_EPC") -> EpcClient:
    """Return a client of GeefEpc."""
    from connectors.woningpas.epc.client import open_epc_client

    connection = _connection(conn_id)
    return open_epc_client(
        _need(connection, "host"),
        _afzender(connection),
        wsdl=_path(connection, "wsdlbestand"),
        handtekening=_handtekening(connection, "epc"),
        tls=_tls(connection),
    )


def erfgoed_client(conn_id: str = "ERFGOED") -> ErfgoedClient:
    """Return a client of the heritage at a place and of the inventory."""
    from connectors.woningpas.erfgoed.client import INVENTARIS, ErfgoedLagen, open_client

    connection = _connection(conn_id)
    return open_client(
        wfs_url=_need(connection, "host"),
        inventaris_url=connection.extra_dejson.get("inventaris") or INVENTARIS,
        lagen=ErfgoedLagen(**_lagen(connection, "aanduidingen", "erfgoedobjecten")),
    )


def vergunningen_client(conn_id: str = "VERGUNNINGEN") -> VergunningenClient:
    """Return a client of the permits at a place."""
    from connectors.woningpas.vergunningen.client import LAGEN, open_client

    connection = _connection(conn_id)
    lagen = {**LAGEN, **_lagen(connection, *LAGEN)}
    return open_client(base_url=_need(connection, "host"), lagen=lagen)


def bodem_client(conn_id: str = "BODEM") -> BodemClient:
    """Return a client of the statements about soil."""
    from connectors.woningpas.bodem.client import open_client

    connection = _connection(conn_id)
    return open_client(base_url=_need(connection, "host"), **_lagen(connection, "laag"))


def overstroming_client(conn_id: str = "OVERSTROMING") -> OverstromingClient:
    """Return a client of the flood maps."""
    from connectors.woningpas.overstroming.client import WmsVorm, open_client

    connection = _connection(conn_id)
    told = connection.extra_dejson
    fields = {name: told[name] for name in ("versie", "antwoord", "laag", "pad") if told.get(name)}
    return open_client(base_url=_need(connection, "host"), vorm=WmsVorm(**fields))


def dosis_dienst(engine: Engine, conn_id: str = "MAGDA_DOSIS") -> DossierstatusDienst:
    """Return DOSIS by the road of the connection's type; over REST `engine` keeps its token."""
    connection = _connection(conn_id)
    if connection.conn_type != "dosis_rest":
        return dosis_client(conn_id)
    from connectors.mijnburgerprofiel.dosis.rest import open_dosis_rest_client

    return open_dosis_rest_client(_need(connection, "host"), acm_sign_on(connection, engine))


def dosis_lezer(conn_id: str = "MAGDA_DOSIS") -> DosisClient | None:
    """Return the road on which DOSIS tells what residents see and which codes it knows: MAGDA.

    None over REST, unless that connection names a MAGDA connection to read by.
    """
    connection = _connection(conn_id)
    if connection.conn_type != "dosis_rest":
        return dosis_client(conn_id)
    beside = connection.extra_dejson.get("magda_verbinding")
    return dosis_client(str(beside)) if beside else None


def dosis_kanaal() -> DosisKanaal:
    """Return how statuses reach DOSIS; what its code lists do not have is not sent."""
    from hub.channels.dosis import DosisKanaal
    from hub.codelijst import read_codes

    engine = hub_engine("HUB_PUSH")
    return DosisKanaal(dosis_dienst(engine), dosis_bron(), codes=read_codes(engine))


def dosis_client(conn_id: str = "MAGDA_DOSIS") -> DosisClient:
    """Return a client of DOSIS over MAGDA."""
    from connectors.mijnburgerprofiel.dosis.client import open_dosis_client

    connection = _connection(conn_id)
    return open_dosis_client(
        _need(connection, "host"),
        _afzender(connection),
        handtekening=_handtekening(connection, "dosis"),
        tls=_tls(connection),
    )


def dosis_bron(conn_id: str = "MAGDA_DOSIS") -> str:
    """Return the source URI under which DOSIS knows the city's dossiers."""
    return _extra(_connection(conn_id), "bron")


def notificaties_client(engine: Engine, conn_id: str = "NOTIFICATIES") -> NotificatiesClient:
    """Return a client of Notificaties; its token is shared through the database."""
    from connectors.mijnburgerprofiel.notificaties import open_notificaties_client

    connection = _connection(conn_id)
    return open_notificaties_client(
        _need(connection, "host"),
        auth=acm_sign_on(connection, engine),
        leesadres=connection.extra_dejson.get("leesadres") or None,
    )


def acm_sign_on(connection: Connection, engine: Engine) -> AcmSignOn:
    """Return the sign-on at ACM of a connection; all workers on this database share its token."""
    from connectors.transport.acm import AUDIENCE, TOKEN_URL, AcmClient, open_acm
    from connectors.transport.certificaten import read_key_file
    from hub.keys import load_keyring
    from hub.tokens import PostgresTokenStore

    told = connection.extra_dejson
    sleutel = Path(_extra(connection, "sleutelbestand"))
    client = AcmClient(
        client_id=_need(connection, "login"),
        sleutel=read_key_file("acm", sleutel, what="client key"),
        scopes=tuple(_extra(connection, "scopes").split()),
        sleutel_id=told.get("sleutel_id") or None,
        token_url=told.get("token_url") or TOKEN_URL,
        audience=told.get("audience") or AUDIENCE,
    )
    return open_acm(client, PostgresTokenStore(engine, load_keyring()))


def partner_client(partner: Partner) -> AanmeldingClient:
    """Return a client of the aanmelding contract at this partner, over REST."""
    from connectors.aanmelding.client import open_client

    connection = _partner_connection(partner)
    return open_client(
        system=partner.code,
        base_url=_need(connection, "host"),
        token=_need(connection, "password"),
    )


def bestanden_client(partner: Partner) -> BestandenClient:
    """Return a client of the aanmelding contract at this partner, as files over SFTP."""
    from connectors.aanmelding.sftp_client import open_sftp_client
    from connectors.transport.sftp import SftpAdres

    connection = _partner_connection(partner)
    keyfile = connection.extra_dejson.get("sleutelbestand")
    adres = SftpAdres(
        host=_need(connection, "host"),
        port=connection.port or 22,
        login=_need(connection, "login"),
        hostsleutel=_extra(connection, "hostsleutel"),
        wachtwoord=connection.password or None,
        sleutel=Path(keyfile).read_text(encoding="utf-8") if keyfile else None,
    )
    return open_sftp_client(system=partner.code, adres=adres)


def standen_source(partner: Partner) -> PartnerSource:
    """Return where it shows what this partner holds."""
    return bestanden_client(partner) if partner.kanaal == "sftp" else partner_client(partner)


def voortgang_source(partner: Partner) -> VoortgangSource:
    """Return where this partner tells its progress."""
    return bestanden_client(partner) if partner.kanaal == "sftp" else partner_client(partner)


def document_source(partner: Partner) -> DocumentSource:
    """Return where this partner hands out its documents."""
    return bestanden_client(partner) if partner.kanaal == "sftp" else partner_client(partner)


def keuring(conn_id: str = "VIRUSKEURING") -> Keuring | None:
    """Return the scanner of documents; None when there is no such connection: nothing is scanned.

    `grootste` in its extra field is the scanner's own limit in bytes (clamd's StreamMaxLength).
    """
    from airflow.sdk.exceptions import AirflowNotFoundException

    from connectors.viruskeuring.client import LARGEST, PORT, open_client

    try:
        connection = _connection(conn_id)
    except AirflowNotFoundException:
        return None
    return open_client(
        host=_need(connection, "host"),
        port=connection.port or PORT,
        grootste=int(connection.extra_dejson.get("grootste") or LARGEST),
    )


def bestanden_kanaal(bestemming: str) -> BestandenKanaal:
    """Return how messages reach a partner that takes files, and how its receipts come back."""
    from hub.channels.bestanden import BestandenKanaal
    from hub.partners import get_partner

    partner = get_partner(bestemming)
    return BestandenKanaal(partner, bestanden_client(partner))


def expiring_certificates(conn_ids: Sequence[str] = MAGDA_CONNECTIONS) -> list[Verval]:
    """Return the certificates of these connections that end within 30 days, or have ended.

    Raises:
        AuthenticationError: a file that a connection names cannot be read.
    """
    from connectors.transport.certificaten import find_expiring

    fields = ("certificaatbestand", "tls_certificaatbestand", "tls_cabestand")
    named = [_path(_connection(one), field) for one in conn_ids for field in fields]
    return find_expiring("magda", [path for path in named if path is not None])


def kanaal(bestemming: str) -> Kanaal:
    """Return how messages of the ledger reach a destination: crm, dosis, notificaties, a partner.

    Raises:
        PartnersError: no such destination.
    """
    if bestemming == "crm":
        from hub.channels.crm import CrmKanaal

        return CrmKanaal(crm_client())
    if bestemming == "dosis":
        return dosis_kanaal()
    if bestemming == "notificaties":
        from hub.channels.notificaties import NotificatiesKanaal

        return NotificatiesKanaal(notificaties_client(hub_engine("HUB_PUSH")))
    from hub.channels.partner import PartnerKanaal
    from hub.partners import get_partner

    partner = get_partner(bestemming)
    if partner.kanaal == "sftp":
        return bestanden_kanaal(bestemming)
    return PartnerKanaal(partner, partner_client(partner))


def ontvangsten(bestemming: str) -> ReceiptSource:
    """Return how the receipts come back of a destination that confirms later."""
    if bestemming == "dosis":
        return dosis_kanaal()
    return bestanden_kanaal(bestemming)


def _connection(conn_id: str) -> Connection:
    return BaseHook.get_connection(conn_id)


def _partner_connection(partner: Partner) -> Connection:
    assert partner.verbinding is not None, "the table of partners was checked"
    return _connection(partner.verbinding)


def _need(connection: Connection, field: str) -> str:
    value = getattr(connection, field)
    if not value:
        raise ValueError(f"Connection {connection.conn_id} has no {field}. Fill it in.")
    return str(value)


def _extra(connection: Connection, field: str) -> str:
    value = connection.extra_dejson.get(field)
    if not value:
        raise ValueError(f"Connection {connection.conn_id} has no field {field!r}. Fill it in.")
    return str(value)


def _lagen(connection: Connection, *names: str) -> dict[str, str]:
    """Return the layers that the connection names; those it leaves out keep their default.

    Raises:
        ValueError: it names a layer that this source does not have.
    """
    told = connection.extra_dejson.get("lagen") or {}
    if not isinstance(told, dict) or not told.keys() <= set(names):
        raise ValueError(
            f"Connection {connection.conn_id}: lagen may name {', '.join(names)}. Correct it."
        )
    return {str(name): str(laag) for name, laag in told.items()}


def _afzender(connection: Connection) -> MagdaAfzender:
    from connectors.transport.magda import MagdaAfzender

    return MagdaAfzender(
        identificatie=_extra(connection, "afzender"),
        naam=connection.extra_dejson.get("naam") or None,
        hoedanigheid=connection.extra_dejson.get("hoedanigheid") or None,
    )


def _path(connection: Connection, field: str) -> Path | None:
    value = connection.extra_dejson.get(field)
    return Path(value) if value else None


def _choice(connection: Connection, field: str, known: tuple[str, ...]) -> str:
    """Return one of the known values, the first when the field is empty."""
    value = connection.extra_dejson.get(field) or known[0]
    if value not in known:
        raise ValueError(
            f"Connection {connection.conn_id} has {value!r} in field {field!r}. "
            f"Give one of {', '.join(known)}."
        )
    return str(value)


def _handtekening(connection: Connection, system: str) -> Handtekening | None:
    """Read the signing key and certificate that the connection names; None when it names none."""
    from connectors.transport.certificaten import read_certificate_file, read_key_file
    from connectors.transport.ws_security import METHODEN, TOKENS, Handtekening

    sleutel = _path(connection, "sleutelbestand")
    if sleutel is None:
        return None
    what = "signing certificate"
    certificaat = Path(_extra(connection, "certificaatbestand"))
    return Handtekening(
        sleutel=read_key_file(system, sleutel, what=what),
        certificaat=read_certificate_file(system, certificaat, what=what),
        methode=_choice(connection, "handtekening", METHODEN),  # type: ignore[arg-type]
        token=_choice(connection, "certificaatvorm", TOKENS),  # type: ignore[arg-type]
    )


def _tls(connection: Connection) -> TweezijdigTls | None:
    """Return who we are for the connection and whom it trusts; None when it names no file."""
    from connectors.transport.tls import TweezijdigTls

    tls = TweezijdigTls(
        sleutelbestand=_path(connection, "tls_sleutelbestand"),
        certificaatbestand=_path(connection, "tls_certificaatbestand"),
        cabestand=_path(connection, "tls_cabestand"),
    )
    return tls if tls != TweezijdigTls() else None
