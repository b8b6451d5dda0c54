"""Dossier statuses to DOSIS: handed in now, processed later, confirmed by a receipt.

Also the removal of a dossier, which may be done any number of times.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from connectors.mijnburgerprofiel.dosis import DosisDossier, DosisStatus, DossierstatusDienst
from connectors.transport.errors import PermanentError
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt

VERWIJDERING: Final = "dossierverwijdering"


class Codes(Protocol):
    """The codes that the owner knows."""

    def why_unknown(self, *, fase: str, code: str) -> str | None:
        """Say which of the two the owner's list does not have; None when it has both."""
        ...


class DosisKanaal:
    """Deliver to DOSIS; ``bron`` is the city's source URI.

    Without ``codes`` (nobody gave a list yet) DOSIS itself judges them.
    """

    def __init__(
        self, dosis: DossierstatusDienst, bron: str, *, codes: Codes | None = None
    ) -> None:
        self._dosis = dosis
        self._bron = bron
        self._codes = codes

    def send(self, bericht: Bericht) -> Ontvangst:
        """Hand in the status; the receipt follows later.

        Raises:
            PermanentError: the owner's list does not have the status's code; nothing was sent.
        """
        if bericht.soort == VERWIJDERING:
            self._dosis.delete_dossier(
                bron=self._bron,
                dossiernummer=bericht.inhoud["dossiernummer"],
                referte=bericht.bericht_id,
            )
            return Ontvangst()
        dossier = self._read(bericht)
        self._check_codes(dossier)
        self._dosis.register_dossier(dossier=dossier, referte=bericht.bericht_id)
        return Ontvangst(later=True)

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Look for this very upload at DOSIS.

        Found: its receipt, so that the next status of the dossier is not confirmed by it; when the
        receipt is not there yet, or tells of a failure, it follows later. None: DOSIS did not
        process the upload, now; a removal is simply made again.

        Raises: the error family of `connectors.transport.errors`.
        """
        if bericht.soort == VERWIJDERING:
            return None
        if not self._dosis.was_received(dossier=self._read(bericht), referte=bericht.bericht_id):
            return None
        receipt = self.receipt(bericht)
        if receipt is None or not receipt.gelukt:
            return Ontvangst(later=True)
        return Ontvangst(receipt.referentie)

    def receipt(self, bericht: Bericht) -> Receipt | None:
        """Return the receipt of the upload, known by its moment of processing."""
        if bericht.soort == VERWIJDERING:
            return None
        dossier = self._read(bericht)
        result = self._dosis.get_resultaat(
            bron=self._bron,
            dossiernummer=dossier.dossiernummer,
            upload_id=dossier.upload_id,
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

    def _read(self, bericht: Bericht) -> DosisDossier:
        content = bericht.inhoud
        return DosisDossier(
            bron=self._bron,
            dossiernummer=content["dossiernummer"],
            naam=content["naam"],
            datum_modificatie=datetime.fromisoformat(content["datum_modificatie"]),
            status=_read_status(content),
            product=content["product"],
            insz=content["insz"],
            beheerder_dienst=content["dienst"],
            # What was frozen before the city had a page has none.
            doorverwijzing=content.get("doorverwijzing"),
        )

    def _check_codes(self, dossier: DosisDossier) -> None:
        if self._codes is None:
            return
        status = dossier.status
        unknown = self._codes.why_unknown(fase=status.fase, code=status.code)
        if unknown is not None:
            raise PermanentError(
                "dosis",
                "status",
                dossier.dossiernummer,
                unknown,
                done="It was not sent",
                advice="Correct the status in hub/config/dossierstatus.yml, then send it again",
            )


def _read_status(content: Mapping[str, Any]) -> DosisStatus:
    # What was written down before actions were told has none.
    actie = content.get("actie")
    nodig = None if actie is None else True
    return DosisStatus(content["code"], content["fase"], content["detail"], nodig, actie)
