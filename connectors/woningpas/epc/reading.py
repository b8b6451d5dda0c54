"""Read answers of GeefEpc anywhere, also in a process that cannot ask."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from connectors.transport.magda import MagdaAfzender
from connectors.woningpas.epc.client import WSDL, EpcClient, EpcReply, open_epc_client
from connectors.woningpas.epc.models import EpcAnswer


def read_reply(reply: EpcReply, *, wsdl: Path = WSDL) -> EpcAnswer:
    """Read a received answer as the contract says, which is loaded once per process.

    Raises: as `EpcClient.read_epcs`.
    """
    return _client(wsdl).read_epcs(reply)


@cache
def _client(wsdl: Path) -> EpcClient:
    # Reading needs the contract only: this client has nobody to ask, and never does.
    return open_epc_client("http://localhost", MagdaAfzender("lezer"), wsdl=wsdl)
