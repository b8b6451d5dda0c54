"""From the answers of GetFeatureInfo to a class; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from connectors.transport.fields import JsonObject
from connectors.woningpas.overstroming.models import Klasse

VELD: Final = "gridcode"
# The legend of the owner's own map server, the same for the three kinds.
_KLASSEN: Final = {"0": Klasse.A, "1": Klasse.B, "2": Klasse.C, "3": Klasse.D}


def map_klasse(gridcodes: Iterable[JsonObject]) -> Klasse:
    """Return the worst class among the areas at a point; no area at all means A.

    Each object holds the properties of one area, its names in any case.

    Raises: ContractError when an area has no gridcode or one that the legend does not know.
    """
    return max(map(_klasse, gridcodes), default=Klasse.A)


def _klasse(eigenschappen: JsonObject) -> Klasse:
    values = {naam.lower(): value for naam, value in eigenschappen.values.items()}
    if VELD not in values:
        eigenschappen.refuse(VELD, "is missing")
    klasse = _KLASSEN.get(str(values[VELD]))
    if klasse is None:
        eigenschappen.refuse(VELD, "is not in the legend")
    return klasse
