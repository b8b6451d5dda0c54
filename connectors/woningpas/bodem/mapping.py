"""From features to statements; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from connectors.transport.wfs import Feature
from connectors.woningpas.bodem.models import Uitspraak

CAPAKEY: Final = "kadaster_id"


def map_uitspraken(features: Iterable[Feature]) -> tuple[Uitspraak, ...]:
    """Map the features, by parcel and text: the source tells no order of its own.

    Raises: ContractError when a field is missing.
    """
    found = [
        Uitspraak(
            uitspraak=feature.eigenschappen.text("uitspraak"),
            capakey=feature.eigenschappen.text(CAPAKEY),
            object_id=feature.feature_id,
        )
        for feature in features
    ]
    return tuple(sorted(found, key=lambda one: (one.capakey, one.uitspraak, one.object_id)))
