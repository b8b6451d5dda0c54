"""The flood classes of a place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Klasse(StrEnum):
    """How likely a flood is: A none modelled, B small under climate change, C small, D middling."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Overstroming:
    """The class of a place per kind of flood; `x` and `y` (Lambert 72) say where was asked."""

    pluviaal: Klasse
    fluviaal: Klasse
    vanuit_de_zee: Klasse
    x: float
    y: float
