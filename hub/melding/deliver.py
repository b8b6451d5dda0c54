"""Deliver messages to residents, outside of the still hours."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from hub.keys import Keyring
from hub.ledger.channel import Kanaal
from hub.ledger.deliver import deliver
from hub.melding.compose import compose_meldingen
from hub.melding.decide import BESTEMMING
from hub.melding.regels import Regels, load_regels


def deliver_meldingen(
    engine: Engine,
    kanaal: Kanaal,
    keyring: Keyring,
    *,
    regels: Regels | None = None,
    nu: datetime | None = None,
) -> dict[str, int]:
    """Deliver what waits; return the number per state, nothing in the still hours.

    A message keeps itself back until its moment. What is tried again, sent again by a person or
    waited behind a stopped channel has had that moment: this keeps it from leaving at night.
    """
    regels = load_regels() if regels is None else regels
    if regels.is_still(datetime.now(UTC) if nu is None else nu):
        return {}
    return deliver(engine, kanaal, keyring, bestemming=BESTEMMING, compose=compose_meldingen)
