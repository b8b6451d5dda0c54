"""The messages of a storm, in the order in which they are written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from cli.storm.plan import Plan

# What the hub sends for a dossier, and how long after the resident moved in: a second status comes
# when the first has had time to leave.
KINDS: tuple[tuple[str, str, float, bool], ...] = (
    ("crm", "voorinvulling", 0.0, False),
    ("dosis", "gestart", 0.0, False),
    ("dialoog", "aanmelding", 0.0, True),
    ("crm", "aanmelding_status", 4.0, False),
    ("dosis", "aangemeld", 4.0, False),
)


@dataclass(frozen=True, slots=True)
class PeerBericht:
    """A message; `volgorde` is its place among all."""

    volgorde: int
    bestemming: str
    soort: str
    dossier: int
    met_toestemming: bool

    @property
    def sleutel(self) -> str:
        """The idempotency key."""
        return f"{self.soort}:{self.dossier}"

    def line(self) -> dict[str, Any]:
        """Return it as a line of the outbox."""
        return asdict(self) | {"sleutel": self.sleutel}


def draw_berichten(plan: Plan) -> list[tuple[float, PeerBericht]]:
    """Return every message of the plan's residents with its moment, in seconds from the start."""
    drawn = sorted(_draw(plan), key=lambda one: one[:3])
    return [
        (at, PeerBericht(volgorde, *KINDS[kind][:2], dossier, KINDS[kind][3]))
        for volgorde, (at, dossier, kind) in enumerate(drawn, start=1)
    ]


def _draw(plan: Plan) -> Iterator[tuple[float, int, int]]:
    arrived = 0
    for wave in plan.waves:
        for dossier in range(arrived, wave.residents):
            for kind, (_, _, later, _) in enumerate(KINDS):
                yield wave.at + later, dossier, kind
        arrived = wave.residents
