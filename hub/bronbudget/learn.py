"""What a source takes, learned: how places are shared, when one more is tried, when it is less.

Pure rules; the numbers are the hub's own. A limit that is not known is found from below: a single
request at a time goes above it, so that each lesson costs the source one refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.bronbudget.gate import Report, reduce_places
from hub.bronbudget.grens import Grens

# So many answers lie between two refused tries at least: they stay well under one in a hundred.
ANSWERS_BETWEEN_TRIES = 300
SHORTEST_TRY_PAUSE = 10.0
# Where nobody knows the limit: few enough for any source, enough for a handful of dossiers.
FIRST_PLACES = 4
LONGEST_TRY_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Host:
    """What all workers together know of a host. Times are seconds from now, or since."""

    grens: int
    hoogstens: int
    bekend: bool
    gelukt: int = 0
    proef_pauze: float = 0.0
    tot_proef: float = 0.0
    proef_van: str | None = None
    pauze: float = 0.0
    sinds_verlaging: float | None = None


def start(grens: Grens) -> Host:
    """Return what is known of a host that was never asked."""
    known = grens.gelijktijdig is not None
    first = grens.ceiling if known else min(FIRST_PLACES, grens.ceiling)
    return Host(first, grens.ceiling, known)


def reconcile(host: Host, grens: Grens) -> Host:
    """Follow the configuration: a limit that became known, or another one, counts at once."""
    fresh = start(grens)
    if (host.hoogstens, host.bekend) == (fresh.hoogstens, fresh.bekend):
        return host
    if fresh.bekend:
        return replace(fresh, pauze=host.pauze)
    return replace(
        host, grens=min(host.grens, fresh.hoogstens), hoogstens=fresh.hoogstens, bekend=False
    )


def learn(host: Host, report: Report, houder: str) -> Host:
    """Take in what one worker saw."""
    host = replace(host, gelukt=host.gelukt + report.answered, pauze=max(host.pauze, report.pause))
    if report.held:
        host = replace(host, grens=min(host.grens + 1, host.hoogstens))
    too_many = report.too_many is not None and (
        # Requests that were under way at the last step down say nothing about the new limit.
        host.sinds_verlaging is None or host.sinds_verlaging > report.too_many
    )
    if too_many:
        host = replace(host, grens=reduce_places(host.grens), sinds_verlaging=0.0)
    if too_many or report.refused:
        pause = min(max(2 * host.proef_pauze, SHORTEST_TRY_PAUSE), LONGEST_TRY_PAUSE)
        host = replace(host, gelukt=0, proef_pauze=pause, tot_proef=pause)
    if host.proef_van == houder:
        host = replace(host, proef_van=None)
    return host


def is_ripe(host: Host) -> bool:
    """Tell whether one request more than the limit may be tried."""
    return (
        host.grens < host.hoogstens
        and host.proef_van is None
        and host.tot_proef <= 0
        and host.pauze <= 0
        and (host.proef_pauze == 0 or host.gelukt >= ANSWERS_BETWEEN_TRIES)
    )


def share_places(limit: int, wanted: int, others: Sequence[tuple[int, int]]) -> int:
    """Return how many places one worker may use; ``others`` hold (places, wanted).

    Evenly while somebody is short; what the others do not need is free to take.
    """
    free = max(limit - sum(places for places, _ in others), 0)
    asking = 1 + sum(1 for _, needs in others if needs)
    even = -(-limit // asking)
    short = any(places < min(needs, even) for places, needs in others)
    return min(wanted, free, even if short else limit)
