"""Ready clients of those who get messages and tell what became of them, by connection id.

Nothing is read at import.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub_access import (
    acm_sign_on,
    get_connection,
    hub_engine,
    magda_afzender,
    magda_handtekening,
    magda_tls,
    need,
    need_extra,
    read_path,
)

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from sqlalchemy import Engine

    from connectors.aanmelding.client import AanmeldingClient
    from connectors.aanmelding.sftp_client import BestandenClient
    from connectors.crm.client import CrmClient
    from connectors.mijnburgerprofiel.dosis import DossierstatusDienst
    from connectors.mijnburgerprofiel.dosis.client import DosisClient
    from connectors.mijnburgerprofiel.notificaties.client import NotificatiesClient
    from connectors.transport.certificaten import Verval
    from connectors.viruskeuring.keuring import Keuring
    from hub.channels.bestanden import BestandenKanaal
    from hub.channels.dosis import DosisKanaal
    from hub.ledger.channel import Kanaal
    from hub.ledger.receipts import ReceiptSource
    from hub.partners import Partner


MAGDA_CONNECTIONS = ("MAGDA_EPC", "MAGDA_DOSIS")


def crm_client(conn_id: str = "CRM") -> CrmClient:
    """Return a client of the city CRM."""
    from connectors.crm.client import open_client

    connection = get_connection(conn_id)
    base = need(connection, "host")
    return open_client(
        base_url=base,
        client_id=need(connection, "login"),
        client_secret=need(connection, "password"),
        scope=connection.extra_dejson.get("scope") or f"{base.rstrip('/')}/.default",
        token_url=connection.extra_dejson.get("token_url") or None,
    )


def crm_page_size(conn_id: str = "CRM") -> int:
    """Return how many rows of the CRM are asked for at a time."""
    from hub.landing import PAGE_SIZE

    return int(get_connection(conn_id).extra_dejson.get("bladzijde") or PAGE_SIZE)


def dosis_dienst(engine: Engine, conn_id: str = "MAGDA_DOSIS") -> DossierstatusDienst:
    """Return DOSIS by the road of the connection's type; over REST `engine` keeps its token."""
    connection = get_connection(conn_id)
    if connection.conn_type != "dosis_rest":
        return dosis_client(conn_id)
    from connectors.mijnburgerprofiel.dosis.rest import open_dosis_rest_client

    return open_dosis_rest_client(need(connection, "host"), acm_sign_on(connection, engine))


def dosis_lezer(conn_id: str = "MAGDA_DOSIS") -> DosisClient | None:
    """Return the road on which DOSIS tells what residents see and which codes it knows: MAGDA.

    None over REST, unless that connection names a MAGDA connection to read by.
    """
    connection = get_connection(conn_id)
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

    connection = get_connection(conn_id)
    return open_dosis_client(
        need(connection, "host"),
        magda_afzender(connection),
        handtekening=magda_handtekening(connection, "dosis"),
        tls=magda_tls(connection),
    )


def dosis_bron(conn_id: str = "MAGDA_DOSIS") -> str:
    """Return the source URI under which DOSIS knows the city's dossiers."""
    return need_extra(get_connection(conn_id), "bron")


def notificaties_client(engine: Engine, conn_id: str = "NOTIFICATIES") -> NotificatiesClient:
    """Return a client of Notificaties; its token is shared through the database."""
    from connectors.mijnburgerprofiel.notificaties import open_notificaties_client

    connection = get_connection(conn_id)
    return open_notificaties_client(
        need(connection, "host"),
        auth=acm_sign_on(connection, engine),
        leesadres=connection.extra_dejson.get("leesadres") or None,
    )


def partner_client(partner: Partner) -> AanmeldingClient:
    """Return a client of the aanmelding contract at this partner, over REST."""
    from connectors.aanmelding.client import open_client

    connection = _partner_connection(partner)
    return open_client(
        system=partner.code,
        base_url=need(connection, "host"),
        token=need(connection, "password"),
    )


def bestanden_client(partner: Partner) -> BestandenClient:
    """Return a client of the aanmelding contract at this partner, as files over SFTP."""
    from connectors.aanmelding.sftp_client import open_sftp_client
    from connectors.transport.sftp import SftpAdres

    connection = _partner_connection(partner)
    keyfile = connection.extra_dejson.get("sleutelbestand")
    adres = SftpAdres(
        host=need(connection, "host"),
        port=connection.port or 22,
        login=need(connection, "login"),
        hostsleutel=need_extra(connection, "hostsleutel"),
        wachtwoord=connection.password or None,
        sleutel=Path(keyfile).read_text(encoding="utf-8") if keyfile else None,
    )
    return open_sftp_client(system=partner.code, adres=adres)


def partner_source(partner: Partner) -> AanmeldingClient | BestandenClient:
    """Return where this partner shows what it holds and did, and hands out its documents."""
    return bestanden_client(partner) if partner.kanaal == "sftp" else partner_client(partner)


def keuring(conn_id: str = "VIRUSKEURING") -> Keuring | None:
    """Return the scanner of documents; None when there is no such connection: nothing is scanned.

    `grootste` in its extra field is the scanner's own limit in bytes (clamd's StreamMaxLength).
    """
    from airflow.sdk.exceptions import AirflowNotFoundException

    from connectors.viruskeuring.client import LARGEST, PORT, open_client

    try:
        connection = get_connection(conn_id)
    except AirflowNotFoundException:
        return None
    return open_client(
        host=need(connection, "host"),
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
    named = [read_path(get_connection(one), field) for one in conn_ids for field in fields]
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


def _partner_connection(partner: Partner) -> Connection:
    assert partner.verbinding is not None, "the table of partners was checked"
    return get_connection(partner.verbinding)
