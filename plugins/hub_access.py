"""What a connection says: where a system is, who we are there, and with which keys.

Nothing is read at import.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from sqlalchemy import Engine

    from connectors.transport.acm import AcmSignOn
    from connectors.transport.magda import MagdaAfzender
    from connectors.transport.tls import TweezijdigTls
    from connectors.transport.ws_security import Handtekening


def hub_engine(conn_id: str) -> Engine:
    """Return an engine on the hub's database under the role of this connection."""
    from sqlalchemy import URL

    from hub.database import make_engine

    connection = get_connection(conn_id)
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


def get_connection(conn_id: str) -> Connection:
    return BaseHook.get_connection(conn_id)


def need(connection: Connection, field: str) -> str:
    value = getattr(connection, field)
    if not value:
        raise ValueError(f"Connection {connection.conn_id} has no {field}. Fill it in.")
    return str(value)


def need_extra(connection: Connection, field: str) -> str:
    value = connection.extra_dejson.get(field)
    if not value:
        raise ValueError(f"Connection {connection.conn_id} has no field {field!r}. Fill it in.")
    return str(value)


def read_path(connection: Connection, field: str) -> Path | None:
    value = connection.extra_dejson.get(field)
    return Path(value) if value else None


def read_choice(connection: Connection, field: str, known: tuple[str, ...]) -> str:
    """Return one of the known values, the first when the field is empty."""
    value = connection.extra_dejson.get(field) or known[0]
    if value not in known:
        raise ValueError(
            f"Connection {connection.conn_id} has {value!r} in field {field!r}. "
            f"Give one of {', '.join(known)}."
        )
    return str(value)


def magda_afzender(connection: Connection) -> MagdaAfzender:
    from connectors.transport.magda import MagdaAfzender

    return MagdaAfzender(
        identificatie=need_extra(connection, "afzender"),
        naam=connection.extra_dejson.get("naam") or None,
        hoedanigheid=connection.extra_dejson.get("hoedanigheid") or None,
    )


def magda_handtekening(connection: Connection, system: str) -> Handtekening | None:
    """Read the signing key and certificate that the connection names; None when it names none."""
    from connectors.transport.certificaten import read_certificate_file, read_key_file
    from connectors.transport.ws_security import METHODEN, TOKENS, Handtekening

    sleutel = read_path(connection, "sleutelbestand")
    if sleutel is None:
        return None
    what = "signing certificate"
    certificaat = Path(need_extra(connection, "certificaatbestand"))
    return Handtekening(
        sleutel=read_key_file(system, sleutel, what=what),
        certificaat=read_certificate_file(system, certificaat, what=what),
        methode=read_choice(connection, "handtekening", METHODEN),  # type: ignore[arg-type]
        token=read_choice(connection, "certificaatvorm", TOKENS),  # type: ignore[arg-type]
    )


def magda_tls(connection: Connection) -> TweezijdigTls | None:
    """Return who we are for the connection and whom it trusts; None when it names no file."""
    from connectors.transport.tls import TweezijdigTls

    tls = TweezijdigTls(
        sleutelbestand=read_path(connection, "tls_sleutelbestand"),
        certificaatbestand=read_path(connection, "tls_certificaatbestand"),
        cabestand=read_path(connection, "tls_cabestand"),
    )
    return tls if tls != TweezijdigTls() else None


def acm_sign_on(connection: Connection, engine: Engine) -> AcmSignOn:
    """Return the sign-on at ACM of a connection; all workers on this database share its token."""
    from connectors.transport.acm import AUDIENCE, TOKEN_URL, AcmClient, open_acm
    from connectors.transport.certificaten import read_key_file
    from hub.keys import load_keyring
    from hub.tokens import PostgresTokenStore

    told = connection.extra_dejson
    sleutel = Path(need_extra(connection, "sleutelbestand"))
    client = AcmClient(
        client_id=need(connection, "login"),
        sleutel=read_key_file("acm", sleutel, what="client key"),
        scopes=tuple(need_extra(connection, "scopes").split()),
        sleutel_id=told.get("sleutel_id") or None,
        token_url=told.get("token_url") or TOKEN_URL,
        audience=told.get("audience") or AUDIENCE,
    )
    return open_acm(client, PostgresTokenStore(engine, load_keyring()))
