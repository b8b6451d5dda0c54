"""Dossier statuses to DOSIS: handed in now, processed later, confirmed by a receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from connectors.mijnburgerprofiel.dosis.models import DosisDossier, DosisStatus, Resultaat
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt


class Dosis(Protocol):
    """The part of the DOSIS client that delivering needs."""

    def register_dossier(self, *, dossier: DosisDossier, referte: UUID) -> None: ...

    def get_resultaat(self, *, bron: str, dossiernummer: str, referte: UUID) -> Resultaat: ...


class DosisKanaal:
    """Deliver to DOSIS; ``bron`` is the city's source URI."""

    def __init__(self, dosis: Dosis, bron: str) -> None:
        self._dosis = dosis
        self._bron = bron

    def send(self, bericht: Bericht) -> Ontvangst:
        """Hand in the status; the receipt follows later."""
        content = bericht.inhoud
        dossier = DosisDossier(
            bron=self._bron,
            dossiernummer=content["dossiernummer"],
            naam=content["naam"],
            datum_modificatie=datetime.fromisoformat(content["datum_modificatie"]),
            status=DosisStatus(content["code"], content["fase"], content["detail"]),
            product=content["product"],
            insz=content["insz"],
            beheerder_dienst=content["dienst"],
        )
        self._dosis.register_dossier(dossier=dossier, referte=bericht.bericht_id)
        return Ontvangst(later=True)

    def ask(self, bericht: Bericht) -> Ontvangst | None:  # noqa: ARG002
        """DOSIS keeps no upload id to ask for: the receipt is the only answer."""
        return None

    def receipt(self, bericht: Bericht) -> Receipt | None:
        """Return the receipt of the dossier's last upload, known by its moment of processing."""
        result = self._dosis.get_resultaat(
            bron=self._bron,
            dossiernummer=bericht.inhoud["dossiernummer"],
            referte=bericht.bericht_id,
        )
        if not result.verwerkt:
            return None
        moment = result.tijdstip.isoformat() if result.tijdstip else ""
        # The owner's texts may quote the dossier: they stay out of the ledger's columns.
        fouten = (
            () if result.gelukt else (f"DOSIS weigerde de status ({len(result.fouten)} fouten)",)
        )
        return Receipt(moment, result.gelukt, fouten)
