"""DOSIS, over MAGDA or REST: the status of a dossier, as the resident's portal shows it."""

from connectors.mijnburgerprofiel.dosis.client import (
    FOUT_VAN_BRON,
    GEEN_TOEGANG_TOT_BRON,
    DosisClient,
    open_dosis_client,
)
from connectors.mijnburgerprofiel.dosis.dienst import (
    CodelijstBron,
    DossierLezer,
    DossierstatusDienst,
)
from connectors.mijnburgerprofiel.dosis.models import (
    Code,
    DosisDossier,
    DosisStatus,
    DossierHistoriek,
    DossierLijst,
    DossierMutatie,
    MislukteRegistratie,
    OntbrekendeBron,
    Resultaat,
)
from connectors.mijnburgerprofiel.dosis.rest import DosisRestClient, open_dosis_rest_client

__all__ = [
    "FOUT_VAN_BRON",
    "GEEN_TOEGANG_TOT_BRON",
    "Code",
    "CodelijstBron",
    "DosisClient",
    "DosisDossier",
    "DosisRestClient",
    "DosisStatus",
    "DossierHistoriek",
    "DossierLezer",
    "DossierLijst",
    "DossierMutatie",
    "DossierstatusDienst",
    "MislukteRegistratie",
    "OntbrekendeBron",
    "Resultaat",
    "open_dosis_client",
    "open_dosis_rest_client",
]
