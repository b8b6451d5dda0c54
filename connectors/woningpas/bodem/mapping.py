"""From a feature to a statement; pure."""

from __future__ import annotations

from typing import Final

from connectors.transport.wfs import Feature
from connectors.woningpas.bodem.models import Uitspraak

CAPAKEY: Final = "kadaster_id"


def map_uitspraak(feature: Feature) -> Uitspraak:
    """Map one feature.

    Raises: ContractError when a field is missing.
    """
    return Uitspraak(
        uitspraak=feature.eigenschappen.text("uitspraak"),
        capakey=feature.eigenschappen.text(CAPAKEY),
        object_id=feature.feature_id,
    )
