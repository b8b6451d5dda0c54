"""What the outcome of an attempt means, and what a person does about it, in plain Dutch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.config import load_config

# A fault of the hub itself: its kind is the name of a Python exception.
_OUR_FAULT = (
    "De hub zelf liep vast op dit bericht.",
    "Bezorg het nummer van het bericht aan de beheerder, en stuur het opnieuw wanneer dit "
    "verholpen is.",
)


@dataclass(frozen=True, slots=True)
class Uitleg:
    """What an outcome means, and what to do."""

    betekent: str
    doe: str


def explain(stand: str, pogingen: Sequence[Mapping[str, Any]]) -> Uitleg | None:
    """Explain a message that waits for a person by its last attempt; None for another."""
    if stand not in ("opgegeven", "in_twijfel"):
        return None
    outcomes = [str(poging["uitkomst"]) for poging in pogingen if poging["uitkomst"]]
    told = load_config("uitleg").get(outcomes[-1]) if outcomes else None
    return Uitleg(told["betekent"], told["doe"]) if told else Uitleg(*_OUR_FAULT)
