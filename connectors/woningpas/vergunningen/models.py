"""Environmental permits as the map tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Vergunning:
    """What was asked for in one project, of one kind; the map does not tell what was decided.

    `projectnummer` with `soort` identifies it; `object_id` is the subject it was last about.
    """

    projectnummer: str
    soort: str
    datum_indiening: date | None
    datum_huidige_toestand: date | None
    object_id: str
