"""DOSIS 02.00 over MAGDA: the status of a dossier, as the resident's portal shows it."""

from connectors.mijnburgerprofiel.dosis.client import DosisClient, open_dosis_client
from connectors.mijnburgerprofiel.dosis.models import DosisDossier, DosisStatus, Resultaat

__all__ = ["DosisClient", "DosisDossier", "DosisStatus", "Resultaat", "open_dosis_client"]
