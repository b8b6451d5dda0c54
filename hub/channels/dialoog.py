"""Aanmeldingen to Dialoog over the published contract."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from connectors.aanmelding.models import Aanmelding, AanmeldingStand, Intrekking
from connectors.aanmelding.models import Ontvangst as PartnerOntvangst
from connectors.dialoog.mapping import (
    AanmeldingFeiten,
    BewonerFeiten,
    WoningFeiten,
    map_aanmelding,
)
from hub.ledger.bericht import Bericht, Ontvangst


class AanmeldingPartner(Protocol):
    """The part of the aanmelding client that delivering needs."""

    def put_aanmelding(
        self,
        *,
        aanmelding: Aanmelding,
        idempotency_key: str,
        correlation_id: UUID | None = None,
    ) -> PartnerOntvangst: ...

    def get_aanmelding(
        self, *, referentie: UUID, correlation_id: UUID | None = None
    ) -> AanmeldingStand | None: ...

    def delete_aanmelding(
        self, *, referentie: UUID, correlation_id: UUID | None = None
    ) -> Intrekking: ...


class DialoogKanaal:
    """Deliver to Dialoog; the reference is ours, so that a repeat has one effect."""

    def __init__(self, partner: AanmeldingPartner) -> None:
        self._partner = partner

    def send(self, bericht: Bericht) -> Ontvangst:
        """Put the aanmelding, or withdraw it; a withdrawal's receipt tells what Dialoog did."""
        if bericht.soort == "intrekking":
            return self._withdraw(bericht)
        receipt = self._partner.put_aanmelding(
            aanmelding=map_aanmelding(_feiten(bericht)),
            idempotency_key=bericht.sleutel,
            correlation_id=bericht.bericht_id,
        )
        return Ontvangst(receipt.ontvangst_nummer or str(receipt.referentie))

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Return a receipt when Dialoog holds this very request; a withdrawal can be repeated."""
        if bericht.soort == "intrekking":
            return None
        held = self._partner.get_aanmelding(
            referentie=UUID(bericht.inhoud["aanmelding_id"]), correlation_id=bericht.bericht_id
        )
        if held is None or held.idempotency_key != bericht.sleutel:
            return None
        return Ontvangst(held.ontvangst_nummer or str(held.referentie))

    def _withdraw(self, bericht: Bericht) -> Ontvangst:
        answer = self._partner.delete_aanmelding(
            referentie=UUID(bericht.inhoud["aanmelding_id"]), correlation_id=bericht.bericht_id
        )
        duty = answer.bewaarplicht
        return Ontvangst(f"{answer.uitkomst}: {duty.rechtsgrond}" if duty else answer.uitkomst)


def _feiten(bericht: Bericht) -> AanmeldingFeiten:
    content, woning = bericht.inhoud, bericht.inhoud["woning"]
    return AanmeldingFeiten(
        aanmelding_id=UUID(content["aanmelding_id"]),
        dossiernummer=content["dossiernummer"],
        gemaakt_op=datetime.fromisoformat(content["gemaakt_op"]),
        bewoner=BewonerFeiten(**content["bewoner"]),
        woning=WoningFeiten(
            straat=woning["straat"],
            huisnummer=woning["huisnummer"],
            busnummer=woning["busnummer"],
            postcode=woning["postcode"],
            gemeente=woning["gemeente"],
            adres_id=woning.get("adres_id"),
            gebouweenheid_id=woning.get("gebouweenheid_id"),
            bouwjaar=int(woning["bouwjaar"]) if "bouwjaar" in woning else None,
            epc_label=woning.get("epc_label"),
            epc_kengetal=Decimal(woning["epc_kengetal"]) if "epc_kengetal" in woning else None,
        ),
        vraag=content["vraag"],
    )
