"""The messages of the push benchmark: the same ones for ours, the floor and the peer."""

from __future__ import annotations

from collections import Counter
from random import Random
from uuid import UUID

from hub.ledger.bericht import Bericht, NieuwBericht, Toestemming

DESTINATION = "bench"
_SEED = 7


def make_messages(count: int, dossiers: int) -> list[NieuwBericht]:
    """Make messages over dossiers in a mixed order; every other dossier's need a consent.

    A key is ``<dossier>.<number within the dossier>``, numbered in the order of writing down.
    """
    random = Random(_SEED)
    places = [place % dossiers for place in range(count)]
    random.shuffle(places)
    seen: Counter[int] = Counter()
    made = []
    for place in places:
        seen[place] += 1
        made.append(
            NieuwBericht(
                bestemming=DESTINATION,
                sleutel=f"{place}.{seen[place]}",
                soort="aanmelding",
                dossier_id=UUID(int=place + 1),
                inhoud=_content(place, seen[place]),
                toestemming=Toestemming(UUID(int=place + 1), "bench") if place % 2 else None,
            )
        )
    return made


def open_messages(messages: list[NieuwBericht]) -> list[Bericht]:
    """Return the messages as a channel gets them, without a ledger."""
    return [
        Bericht(UUID(int=number), m.bestemming, m.sleutel, m.soort, False, True, m.inhoud)
        for number, m in enumerate(messages, start=1)
    ]


def _content(place: int, number: int) -> dict[str, object]:
    """Return a body of the size of an aanmelding, of a resident who does not exist."""
    return {
        "referentie": f"{place}.{number}",
        "dossiernummer": f"BENCH-{place:06}",
        "gemaaktOp": "2026-11-23T09:00:00Z",
        "bewoner": {
            "voornaam": "TST",
            "achternaam": f"Bewoner {place}",
            "email": f"tst.{place}@example.test",
            "telefoon": "+32 16 00 00 00",
            "taal": "nl",
        },
        "woning": {
            "straat": "Naamsestraat",
            "huisnummer": str(place % 300 + 1),
            "postcode": "3000",
            "gemeente": "Leuven",
            "adresId": f"https://data.vlaanderen.be/id/adres/{place}",
            "gebouweenheidId": f"https://data.vlaanderen.be/id/gebouweenheid/{place}",
            "bouwjaar": 1900 + place % 120,
            "epcLabel": "ABCDEF"[place % 6],
        },
        "vraag": "Dak isoleren en ramen vervangen; graag een eerste gesprek over de volgorde.",
    }
