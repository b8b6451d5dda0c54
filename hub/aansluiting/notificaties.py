"""The ledger beside the messages that Notificaties holds of us, where it can be asked.

Whether the real service can be asked is not known. Without an address for it nothing is compared,
and the account says how many messages that leaves unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from connectors.mijnburgerprofiel.notificaties import Ontvangen, OntvangenBladzijde
from hub.aansluiting.verschillen import Aansluiting, begin, conclude
from hub.channels.notificaties import bundel_id
from hub.database import copy_rows, fetch_all

ONTVANGER = "notificaties"
SOORTEN = (
    "notificatie_ontbreekt",
    "notificatie_dubbel",
    "notificatie_toch_aangekomen",
    "notificatie_onbekend",
)
_PATH = "ops/aansluiting_notificaties"
_logger = logging.getLogger("hub.aansluiting")
Verschil = tuple[str, str, str, str]


class NotificatiesSource(Protocol):
    """The part of the Notificaties client that comparing needs."""

    @property
    def can_be_asked(self) -> bool: ...

    def list_ontvangen(self, *, pagina: str | None = None) -> OntvangenBladzijde: ...


def compare_notificaties(engine: Engine, source: NotificatiesSource) -> Aansluiting:
    """Compare every message that left, or may have, with what the receiver holds.

    A difference is an incident. What is under way while the list is read is left out.

    Raises: the error family of `connectors.transport.errors`: then nothing was reported.
    """
    with engine.begin() as connection:
        begin(connection)
        ours = {bundel_id(row["sleutel"]): row for row in _messages(connection)}
        if not source.can_be_asked:
            left = sum(1 for row in ours.values() if row["stand"] == "bevestigd")
            _logger.info(
                "notificaties: the receiver cannot be asked: %d messages are not compared", left
            )
            return Aansluiting(ONTVANGER, 0, left, {}, 0)
        held = {one.bundel_id: one for one in _held(source)}
        # Read again: what left, or was written down, while the list was read is no difference.
        now = {bundel_id(row["sleutel"]): row for row in _messages(connection)}
        told = [
            *(found for one, row in ours.items() if (found := _judge(one, row, held.get(one)))),
            *(_stranger(one) for one in held if one not in now),
        ]
        busy = {_subject(one) for one, row in now.items() if row["stand"] in ("klaar", "onderweg")}
        copy_rows(
            connection,
            "ops/incident",
            (row for row in told if row[1] not in busy),
            "copy_differences",
        )
        return conclude(connection, ONTVANGER, SOORTEN, vergeleken=len(held))


def _messages(connection: Connection) -> list[dict[str, Any]]:
    return fetch_all(connection, _PATH, "messages")


def _held(source: NotificatiesSource) -> Iterator[Ontvangen]:
    pagina: str | None = None
    while True:
        page = source.list_ontvangen(pagina=pagina)
        yield from page.items
        if page.volgende is None:
            return
        pagina = page.volgende


def _judge(one: UUID, row: dict[str, Any], held: Ontvangen | None) -> Verschil | None:
    """Return the difference of one message of ours, or None."""
    about = f"Bericht {row['bericht_id']} ({row['kenmerk']})"
    if row["stand"] == "bevestigd" and held is None:
        return (
            "notificatie_ontbreekt",
            _subject(one),
            f"{about} is bevestigd, en Notificaties heeft het niet.",
            "Vraag de beheerder van Notificaties wat ermee gebeurde. De hub stuurt het niet "
            "opnieuw: de bewoner kan het gelezen hebben.",
        )
    if held is None:
        return None
    if held.aantal > 1:
        return (
            "notificatie_dubbel",
            _subject(one),
            f"{about} staat {held.aantal} keer bij Notificaties.",
            "De bewoner kreeg het meer dan eens. Kijk in de pogingen waarom het opnieuw vertrok, "
            "en laat ontdubbelt_op_id in hub/config/melding.yml op false.",
        )
    if row["stand"] in ("in_twijfel", "opgegeven", "overgeslagen"):
        return (
            "notificatie_toch_aangekomen",
            _subject(one),
            f"{about} staat op {row['stand']}, en Notificaties heeft het.",
            "Staat het op in_twijfel, bevestig het met 'bericht bevestig'. Anders: doe niets, de "
            "bewoner kreeg het.",
        )
    return None


def _stranger(one: UUID) -> Verschil:
    return (
        "notificatie_onbekend",
        _subject(one),
        "Notificaties heeft een bericht van ons dat het grootboek niet kent.",
        "Zoek op welke andere toepassing onder onze naam berichten stuurt, of welke databank van "
        "de hub eerder in gebruik was.",
    )


def _subject(one: UUID) -> str:
    return f"{ONTVANGER} {one}"
