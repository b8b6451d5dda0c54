"""Ready clients of the authentic sources, by connection id.

Nothing is read at import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub_access import (
    get_connection,
    magda_afzender,
    magda_handtekening,
    magda_tls,
    need,
    need_extra,
    read_path,
)

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from connectors.woningpas.basisregisters.client import BasisregistersClient
    from connectors.woningpas.basisregisters.grb import GrbClient
    from connectors.woningpas.basisregisters.wijzigingen import WijzigingenClient
    from connectors.woningpas.bodem.client import BodemClient
    from connectors.woningpas.epc.client import EpcClient
    from connectors.woningpas.erfgoed.client import ErfgoedClient
    from connectors.woningpas.overstroming.client import OverstromingClient
    from connectors.woningpas.vergunningen.client import VergunningenClient


def basisregisters_client(conn_id: str = "BASISREGISTERS") -> BasisregistersClient:
    """Return a client of the address and building registers."""
    from connectors.woningpas.basisregisters.client import open_client

    connection = get_connection(conn_id)
    return open_client(base_url=need(connection, "host"), api_key=need(connection, "password"))


def wijzigingen_client(conn_id: str = "BASISREGISTERS") -> WijzigingenClient:
    """Return a client of the registers' change feeds."""
    from connectors.woningpas.basisregisters.wijzigingen import open_wijzigingen_client

    connection = get_connection(conn_id)
    return open_wijzigingen_client(
        base_url=need_extra(connection, "wijzigingen_url"), api_key=need(connection, "password")
    )


def grb_client(conn_id: str = "BASISREGISTERS") -> GrbClient:
    """Return a client of the parcels as the GRB draws them."""
    from connectors.woningpas.basisregisters.grb import open_grb_client

    return open_grb_client(base_url=need_extra(get_connection(conn_id), "grb_url"))


def epc_client(conn_id: str = "MAGDA_EPC") -> EpcClient:
    """Return a client of GeefEpc."""
    from connectors.woningpas.epc.client import open_epc_client

    connection = get_connection(conn_id)
    return open_epc_client(
        need(connection, "host"),
        magda_afzender(connection),
        wsdl=read_path(connection, "wsdlbestand"),
        handtekening=magda_handtekening(connection, "epc"),
        tls=magda_tls(connection),
    )


def erfgoed_client(conn_id: str = "ERFGOED") -> ErfgoedClient:
    """Return a client of the heritage at a place and of the inventory."""
    from connectors.woningpas.erfgoed.client import INVENTARIS, ErfgoedLagen, open_client

    connection = get_connection(conn_id)
    return open_client(
        wfs_url=need(connection, "host"),
        inventaris_url=connection.extra_dejson.get("inventaris") or INVENTARIS,
        lagen=ErfgoedLagen(**_lagen(connection, "aanduidingen", "erfgoedobjecten")),
    )


def vergunningen_client(conn_id: str = "VERGUNNINGEN") -> VergunningenClient:
    """Return a client of the permits at a place."""
    from connectors.woningpas.vergunningen.client import LAGEN, open_client

    connection = get_connection(conn_id)
    lagen = {**LAGEN, **_lagen(connection, *LAGEN)}
    return open_client(base_url=need(connection, "host"), lagen=lagen)


def bodem_client(conn_id: str = "BODEM") -> BodemClient:
    """Return a client of the statements about soil."""
    from connectors.woningpas.bodem.client import open_client

    connection = get_connection(conn_id)
    return open_client(base_url=need(connection, "host"), **_lagen(connection, "laag"))


def overstroming_client(conn_id: str = "OVERSTROMING") -> OverstromingClient:
    """Return a client of the flood maps."""
    from connectors.woningpas.overstroming.client import WmsVorm, open_client

    connection = get_connection(conn_id)
    told = connection.extra_dejson
    fields = {name: told[name] for name in ("versie", "antwoord", "laag", "pad") if told.get(name)}
    return open_client(base_url=need(connection, "host"), vorm=WmsVorm(**fields))


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
