"""MAGDA GeefEpc 02.01: the energy performance certificates of a dwelling."""

from connectors.woningpas.epc.client import EpcClient, EpcReply, open_epc_client
from connectors.woningpas.epc.models import (
    AdresCriteria,
    Attestnummer,
    Criteria,
    Documenten,
    Epc,
    EpcAnswer,
    GebouweenheidId,
    GebouwId,
    Score,
)

__all__ = [
    "AdresCriteria",
    "Attestnummer",
    "Criteria",
    "Documenten",
    "Epc",
    "EpcAnswer",
    "EpcClient",
    "EpcReply",
    "GebouwId",
    "GebouweenheidId",
    "Score",
    "open_epc_client",
]
