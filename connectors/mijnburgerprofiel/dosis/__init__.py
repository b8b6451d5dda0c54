"""DOSIS 02.00 over MAGDA: the status of a dossier, as the resident's portal shows it."""

from connectors.mijnburgerprofiel.dosis.client import (
    FOUT_VAN_BRON,
    GEEN_TOEGANG_TOT_BRON,
    DosisClient,
    open_dosis_client,
)
from connectors.mijnburgerprofiel.dosis.models import (
    DosisDossier,
    DosisStatus,
    DossierHistoriek,
    DossierLijst,
    DossierMutatie,
    OntbrekendeBron,
    Resultaat,
)

__all__ = [
    "FOUT_VAN_BRON",
    "GEEN_TOEGANG_TOT_BRON",
    "DosisClient",
    "DosisDossier",
    "DosisStatus",
    "DossierHistoriek",
    "DossierLijst",
    "DossierMutatie",
    "OntbrekendeBron",
    "Resultaat",
    "open_dosis_client",
]
