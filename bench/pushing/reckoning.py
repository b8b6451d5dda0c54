"""Whether a run kept its promises, by the receiver's journal and the ledger's own rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hub.ledger.bericht import NieuwBericht


def find_faults(
    messages: Sequence[NieuwBericht],
    journal: Mapping[str, object],
    states: Mapping[str, int] | None = None,
    *,
    ordered: bool = True,
    at_once: int | None = None,
) -> list[str]:
    """Return a sentence per broken promise.

    One request per message, all confirmed, in order, and never more than ``at_once`` at a time.
    """
    arrivals = journal["arrivals"]
    assert isinstance(arrivals, list), "the receiver answers a list"
    got = Counter(arrivals)
    wanted = {message.sleutel for message in messages}
    repeated = sum(count - 1 for count in got.values())
    faults = [
        f"{len(found)} messages {what}"
        for what, found in (
            ("never reached the receiver", wanted - got.keys()),
            ("that nobody wrote down reached the receiver", got.keys() - wanted),
        )
        if found
    ]
    if repeated:
        faults.append(f"{repeated} requests repeated a message")
    if states is not None and dict(states) != {"bevestigd": len(wanted)}:
        faults.append(f"the ledger ended as {dict(sorted(states.items()))}")
    most = journal["most_at_once"]
    assert isinstance(most, int), "the receiver counts"
    if at_once is not None and most > at_once:
        faults.append(f"{most} requests were under way at once where {at_once} are allowed")
    if ordered:
        if journal["overtaken"]:
            faults.append(f"{journal['overtaken']} messages left before the one before was settled")
        disorder = _count_disorder(arrivals)
        if disorder:
            faults.append(f"{disorder} messages arrived out of their dossier's order")
    return faults


def _count_disorder(arrivals: Sequence[str]) -> int:
    last: dict[str, int] = {}
    disorder = 0
    for key in arrivals:
        dossier, _, number = key.partition(".")
        disorder += int(number) < last.get(dossier, 0)
        last[dossier] = max(int(number), last.get(dossier, 0))
    return disorder
