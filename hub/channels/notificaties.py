"""Messages to residents through Notificaties."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

from connectors.mijnburgerprofiel.notificaties import NotificatieBundel
from hub.ledger.bericht import Bericht, Ontvangst

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "https://renovatiehub/notificaties")


class Notificaties(Protocol):
    """The part of the Notificaties client that delivering needs."""

    def post_bundel(
        self, *, bundel: NotificatieBundel, correlation_id: UUID | None = None
    ) -> None: ...


class NotificatiesKanaal:
    """Deliver to Notificaties; the Id of a message follows from the change it tells of."""

    def __init__(self, notificaties: Notificaties) -> None:
        self._notificaties = notificaties

    def send(self, bericht: Bericht) -> Ontvangst:
        """Hand the message in; its Id is the receipt."""
        content = bericht.inhoud
        bundel = NotificatieBundel(
            bundel_id=bundel_id(bericht.sleutel),
            aanbieder_uri=content["aanbieder_uri"],
            bestemmelingen=(content["insz"],),
            categorie=content["categorie"],
            datum=datetime.fromisoformat(content["datum"]),
            kanalen=tuple(content["kanalen"]),
            product_id=content["product"],
            merk_code=content["merk_code"],
            waarden=content["waarden"],
            transactie_id=content["transactie_id"],
            vervaldatum=date.fromisoformat(content["vervaldatum"]),
        )
        self._notificaties.post_bundel(bundel=bundel, correlation_id=bericht.bericht_id)
        return Ontvangst(str(bundel.bundel_id))

    def ask(self, _bericht: Bericht) -> Ontvangst | None:
        """Return None: nothing is known of a way to ask for one message."""
        return None


def bundel_id(sleutel: str) -> UUID:
    """Return the Id under which a message of the ledger is known at Notificaties."""
    return uuid5(_NAMESPACE, sleutel)
