"""What a benchmark answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median


class BrokenGuaranteeError(Exception):
    """What was measured did not keep its promise: a figure without its guarantee is no figure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures of one benchmark: medians, all of one run.

    A rate (``per_second``) is better high, a time better low. ``peers`` are in the same unit,
    ``more`` holds figures of the benchmark's own.
    """

    bench: str
    ours: float
    floor: float
    unit: str
    peak_mb: float
    peers: dict[str, float] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)
    per_second: bool = False

    @property
    def ratio(self) -> float:
        """The cost against the floor: 1 is perfect, also for a rate."""
        return self.floor / self.ours if self.per_second else self.ours / self.floor

    def document(self) -> dict[str, object]:
        """Return the answer as the one JSON object of the command."""
        return {
            "bench": self.bench,
            "ours": round(self.ours, 2),
            "floor": round(self.floor, 2),
            "ratio": round(self.ratio, 2),
            "unit": self.unit,
            "peak_mb": round(self.peak_mb, 1),
            "peers": {name: round(figure, 2) for name, figure in self.peers.items()},
            **self.more,
        }


def middle(figures: list[float]) -> float:
    """Return the median of what several runs measured."""
    return float(median(figures))
