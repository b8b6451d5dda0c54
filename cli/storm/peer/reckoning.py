"""What a peer lost, duplicated, sent out of order or without consent, by the receiver's journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cli.storm.peer.outbox import PeerBericht
from cli.storm.peer.receiver import Arrival

# What may lie between the moment consent is read and the effect: as for the hub, and a receiver
# that was ordered to be slow.
ALLOWANCE_SECONDS = 2.0


def reckon(
    berichten: Iterable[PeerBericht],
    arrivals: Sequence[Arrival],
    withdrawn: Mapping[int, float],
) -> dict[str, int]:
    """Count the offences; `withdrawn` has the moment each dossier's consent ended.

    A message that needs a consent that ended may stay away: it is not lost.
    """
    by_key = {bericht.sleutel: bericht for bericht in berichten}
    seen: set[str] = set()
    highest: dict[tuple[str, int], int] = {}
    counts = dict.fromkeys(("lost", "duplicated", "out_of_order", "without_consent"), 0)
    for arrival in arrivals:
        bericht = by_key[arrival.sleutel]
        place = (bericht.bestemming, bericht.dossier)
        counts["duplicated"] += arrival.sleutel in seen
        counts["out_of_order"] += bericht.volgorde < highest.get(place, 0)
        ended = withdrawn.get(bericht.dossier) if bericht.met_toestemming else None
        if ended is not None and arrival.moment > ended + ALLOWANCE_SECONDS:
            counts["without_consent"] += 1
        seen.add(arrival.sleutel)
        highest[place] = max(bericht.volgorde, highest.get(place, 0))
    counts["lost"] = sum(
        sleutel not in seen and not (bericht.met_toestemming and bericht.dossier in withdrawn)
        for sleutel, bericht in by_key.items()
    )
    return counts
