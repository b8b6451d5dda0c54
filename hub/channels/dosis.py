"""Dossier statuses to DOSIS: handed in now, processed later, confirmed by a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.mijnburgerprofiel.dosis import (
    GEEN_TOEGANG_TOT_BRON,
    DosisDossier,
    DosisStatus,
    DossierLijst,
    DossierMutatie,
    Resultaat,
)
from connectors.transport.errors import AuthenticationError, RetryableError
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt

_BRUSSELS = ZoneInfo("Europe/Brussels")


class Dosis(Protocol):
    """The part of the DOSIS client that delivering needs."""

    def register_dossier(self, *, dossier: DosisDossier, referte: UUID) -> None: ...

    def get_resultaat(self, *, bron: str, dossiernummer: str, referte: UUID) -> Resultaat: ...

    def get_dossiers(self, *, insz: str, bronnen: Sequence[str], referte: UUID) -> DossierLijst: ...


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

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Look for this very upload in the dossier's history, which the resident reads.

        Found: its receipt, so that the next status of the dossier is not confirmed by it; when the
        receipt is not there yet it follows later. None: DOSIS did not process the upload, now.

        Raises:
            AuthenticationError: we have no access to our own source.
            RetryableError: our source did not answer, so that nothing follows from its silence.
        """
        content = bericht.inhoud
        answer = self._dosis.get_dossiers(
            insz=content["insz"], bronnen=[self._bron], referte=bericht.bericht_id
        )
        if any(
            is_upload(mutatie, content)
            for dossier in answer.dossiers
            if dossier.dossiernummer == content["dossiernummer"]
            for mutatie in dossier.mutaties
        ):
            receipt = self.receipt(bericht)
            return Ontvangst(later=True) if receipt is None else Ontvangst(receipt.referentie)
        for missing in answer.ontbrekend:
            kind = AuthenticationError if missing.code == GEEN_TOEGANG_TOT_BRON else RetryableError
            observed = f"exception {missing.code}: a source did not answer"
            raise kind("dosis", "GeefDossiers", content["dossiernummer"], observed)
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


def is_upload(mutatie: DossierMutatie, content: Mapping[str, Any]) -> bool:
    """Tell whether a line of a history is the upload of this message.

    Equal are phase, code, detail, and the status's moment as a Belgian clock shows it: DOSIS gives
    moments without offset. Two uploads that agree in all of these read the same to the resident.
    The source is not compared: DOSIS may name it otherwise than the registration did.
    """
    moment = mutatie.status_gewijzigd_op
    return (
        moment is not None
        and (mutatie.fase, mutatie.code) == (content["fase"], content["code"])
        and mutatie.details == ((content["detail"],) if content["detail"] else ())
        and _clock(moment) == _clock(datetime.fromisoformat(content["datum_modificatie"]))
    )


def _clock(moment: datetime) -> datetime:
    return moment.astimezone(_BRUSSELS).replace(tzinfo=None, microsecond=0)
