"""What a destination can do, and whether its channel is open (``hub.kanaal``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine

from hub.database import execute, fetch_one
from hub.incident import report
from hub.ledger.bericht import Bericht, Ontvangst


class Kanaal(Protocol):
    """How messages reach one destination."""

    def send(self, bericht: Bericht) -> Ontvangst:
        """Send a message; raises the connector's error family."""
        ...

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Ask the receiver whether it holds the message; None when it does not."""
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a destination declares about itself; times in seconds."""

    kan_ontdubbelen: bool
    kan_bevraagd_worden: bool
    bevestigt_later: bool
    max_gelijktijdig: int
    lease_seconden: int
    verwerking_seconden: int
    gestopt: bool

    @property
    def doubt_can_be_cleared(self) -> bool:
        """Whether sending after an unknown outcome can be made safe."""
        return self.kan_ontdubbelen or self.kan_bevraagd_worden


def read_channel(engine: Engine, bestemming: str) -> Capabilities:
    """Return what a destination declares.

    Raises:
        LookupError: there is no such destination.
    """
    with engine.begin() as connection:
        row = fetch_one(connection, "ops/claim", "channel", bestemming=bestemming)
    if row is None:
        raise LookupError(f"There is no destination {bestemming!r}. Add it to hub.kanaal.")
    return Capabilities(**row)


def stop_channel(connection: Connection, bestemming: str, reason: str) -> None:
    """Stop a destination's channel and tell the operator; nothing is claimed until it is opened."""
    execute(connection, "ops/settle", "stop_channel", bestemming=bestemming, reden=reason)
    report(connection, "kanaal_gestopt", bestemming, reason)
