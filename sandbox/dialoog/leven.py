"""What becomes of an aanmelding at a partner that works: fixed by a seed and its reference.

A life is a row of steps, in the order in which the partner records them. Most follow the road to
its end; some end in a refusal, stay silent for ever, are recorded later than what came after, or
are recorded twice because the first moment was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sandbox.stad.worp import draw, pick

# Days of the partner pass quickly: only what is planned lies in the future when it is recorded.
DAG = timedelta(microseconds=100)
ADVIESSOORTEN = ("dubo", "dubo", "dubo", "erfgoed", "ruimtelijke_ordening", "architect_nodig")
ADVISEURS = ("Ada Adviseur", "Bram Begeleider", "Zoë D'Hondt", "Jan-Baptist van den Eynde")
_TITELS = {"duurzaam_bouwadvies": "Duurzaam bouwadvies", "energielening": "Besluit over de lening"}


@dataclass(frozen=True, slots=True)
class Gebeurtenis:
    """One thing that the partner records.

    ``dag`` is when it happened, in its days after the reception; None: when it is recorded.
    """

    status: str
    dag: int | None
    advies_soort: str | None = None
    adviseur: str | None = None
    titel: str | None = None


def build_leven(seed: int, referentie: str, soort: str) -> tuple[Gebeurtenis, ...]:
    """Return the life of one aanmelding; empty when the partner never says more than received."""
    adviseur = pick(ADVISEURS, "adviseur", seed, referentie)
    ingepland = Gebeurtenis("ingepland", 2, adviseur=adviseur)
    # The contract dates an appointment by the visit itself: both happen at the same moment.
    bezoek = Gebeurtenis("plaatsbezoek", 2, adviseur=adviseur)
    advies = Gebeurtenis(
        "advies_opgemaakt",
        4,
        advies_soort=pick(ADVIESSOORTEN, "advies", seed, referentie),
        adviseur=adviseur,
        titel=_TITELS.get(soort, "Verslag van de begeleiding"),
    )
    afgerond = Gebeurtenis("afgerond", 5)
    match draw("leven", seed, referentie) % 20:
        case 0 | 1:
            return ()
        case 2:
            return (Gebeurtenis("geweigerd", 1),)
        case 3:
            # Refused while the visit still lies in the future.
            planned = Gebeurtenis("ingepland", timedelta(days=30) // DAG, adviseur=adviseur)
            return planned, Gebeurtenis("geweigerd", None)
        case 4 | 5:
            return bezoek, ingepland, afgerond, advies
        case 6:
            # The visit was put off, and the advice was written anew: a document of its own.
            later = Gebeurtenis("ingepland", 3, adviseur=adviseur)
            visited = Gebeurtenis("plaatsbezoek", 3, adviseur=adviseur)
            anew = Gebeurtenis(
                "advies_opgemaakt", 4, "architect_nodig", adviseur, f"{advies.titel} verbeterd"
            )
            return ingepland, later, visited, advies, anew, afgerond
        case 7:
            # Closed too early by mistake: the last happening decides, not the last record.
            return ingepland, bezoek, Gebeurtenis("afgerond", 3), advies
        case _:
            return ingepland, bezoek, advies, afgerond
