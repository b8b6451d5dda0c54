"""What a destination can do, and whether its channel is open (``hub.kanaal``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine

from hub.database import execute, fetch_one
from hub.incident import report
from hub.ledger.bericht import Bericht, Ontvangst
from hub.partners import Partner

# Per channel of a partner: confirms later, how many at once, and after how many seconds without a
# receipt it is asked. A file carries many messages: as many wait for it together.
_DECLARED = {"rest": (False, 8, 900), "sftp": (True, 40, 300)}


class Kanaal(Protocol):
    """How messages reach one destination."""

    def send(self, bericht: Bericht) -> Ontvangst:
        """Send a message; raises the connector's error family."""
        ...

    def ask(self, bericht: Bericht, /) -> Ontvangst | None:
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


def declare_partners(connection: Connection, partners: Iterable[Partner]) -> None:
    """Give every partner outside its destination, as its channel can do; safe to repeat.

    What an operator set stays, unless the partner moved to another channel.
    """
    for partner in partners:
        if partner.is_outside:
            later, places, seconds = _DECLARED[partner.kanaal]
            execute(
                connection,
                "ops/kanaal",
                "declare",
                bestemming=partner.code,
                bevestigt_later=later,
                max_gelijktijdig=places,
                verwerking_seconden=seconds,
            )


def declare_notificaties(connection: Connection, *, ontdubbelt: bool) -> None:
    """Say of Notificaties whether it recognises an Id that comes twice; safe to repeat."""
    execute(connection, "ops/kanaal", "declare_notificaties", ontdubbelt=ontdubbelt)


def stop_channel(connection: Connection, bestemming: str, reason: str) -> None:
    """Stop a destination's channel and tell the operator; nothing is claimed until it is opened."""
    execute(connection, "ops/settle", "stop_channel", bestemming=bestemming, reden=reason)
    report(connection, "kanaal_gestopt", bestemming, reason)
