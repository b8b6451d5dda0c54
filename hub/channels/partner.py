"""Aanmeldingen to a partner that offers the published contract over REST."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from connectors.aanmelding.models import Aanmelding, AanmeldingStand, Intrekking
from connectors.aanmelding.models import Ontvangst as PartnerOntvangst
from hub.channels.aanmelding import open_aanmelding
from hub.ledger.bericht import Bericht, Ontvangst
from hub.partners import Partner


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


class PartnerKanaal:
    """Deliver to a partner; the reference is ours, so that a repeat has one effect."""

    def __init__(self, partner: Partner, client: AanmeldingPartner) -> None:
        self._partner = partner
        self._client = client

    def send(self, bericht: Bericht) -> Ontvangst:
        """Put the aanmelding, or withdraw it; a withdrawal's receipt tells what became of it."""
        if bericht.soort == "intrekking":
            return self._withdraw(bericht)
        receipt = self._client.put_aanmelding(
            aanmelding=open_aanmelding(self._partner, bericht),
            idempotency_key=bericht.sleutel,
            correlation_id=bericht.bericht_id,
        )
        return Ontvangst(receipt.ontvangst_nummer or str(receipt.referentie))

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Return a receipt when the partner holds this very request; withdrawing is repeated."""
        if bericht.soort == "intrekking":
            return None
        held = self._client.get_aanmelding(
            referentie=UUID(bericht.inhoud["aanmelding_id"]), correlation_id=bericht.bericht_id
        )
        if held is None or held.idempotency_key != bericht.sleutel:
            return None
        return Ontvangst(held.ontvangst_nummer or str(held.referentie))

    def _withdraw(self, bericht: Bericht) -> Ontvangst:
        answer = self._client.delete_aanmelding(
            referentie=UUID(bericht.inhoud["aanmelding_id"]), correlation_id=bericht.bericht_id
        )
        duty = answer.bewaarplicht
        return Ontvangst(f"{answer.uitkomst}: {duty.rechtsgrond}" if duty else answer.uitkomst)
