"""Dossier statuses to DOSIS: handed in now, processed later, confirmed by a receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from connectors.mijnburgerprofiel.dosis.models import DosisDossier, DosisStatus, Resultaat
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt

# The clocks of DOSIS and of the hub may differ this much.
_CLOCK_SLACK = timedelta(seconds=2)


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

    def receipt(self, bericht: Bericht, sent_at: datetime) -> Receipt | None:
        """Return the receipt of the dossier's last upload, when it was processed after sending.

        One status per dossier is under way at a time, so a receipt from after ``sent_at`` (UTC) is
        the receipt of this message.
        """
        result = self._dosis.get_resultaat(
            bron=self._bron,
            dossiernummer=bericht.inhoud["dossiernummer"],
            referte=bericht.bericht_id,
        )
        earlier = result.tijdstip is not None and result.tijdstip < sent_at - _CLOCK_SLACK
        if not result.verwerkt or earlier:
            return None
        return Receipt(result.gelukt, () if result.gelukt else ("DOSIS weigerde de status",))
