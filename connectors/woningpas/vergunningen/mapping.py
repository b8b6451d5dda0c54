"""From features to permits; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connectors.transport.wfs import Feature, read_dag
from connectors.woningpas.vergunningen.models import Vergunning


def map_vergunning(feature: Feature, soort: str) -> Vergunning:
    """Map one feature of the layer that holds this kind.

    Raises: ContractError when a field is missing or a date cannot be read.
    """
    raw = feature.eigenschappen
    return Vergunning(
        projectnummer=raw.text("projectnummer"),
        soort=soort,
        datum_indiening=read_dag(raw, "datum_indiening"),
        datum_huidige_toestand=read_dag(raw, "datum_huidige_toestand"),
        object_id=raw.text("voorwerp_uuid"),
    )


def select_latest(vergunningen: Iterable[Vergunning]) -> tuple[Vergunning, ...]:
    """Keep of each project and kind the subject that changed last; newest project first."""
    latest: dict[tuple[str, str], Vergunning] = {}
    for vergunning in sorted(vergunningen, key=_stand):
        latest[vergunning.projectnummer, vergunning.soort] = vergunning
    return tuple(
        sorted(
            latest.values(),
            key=lambda v: (v.datum_indiening or date.min, v.projectnummer, v.soort),
            reverse=True,
        )
    )


def _stand(vergunning: Vergunning) -> tuple[date, str]:
    return vergunning.datum_huidige_toestand or date.min, vergunning.object_id
