"""How a source answered about the dwelling, in words; who says a value, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub.config import load_config
from hub.woning.beeld import Bronstand, Waarde, Woningbeeld
from hub.woningfiche.model import Bronregel, Herkomst, Regel
from hub.woningfiche.tekst import clean_text, lower_first, show_date

# The source answered: that it holds nothing on this dwelling is an answer too.
_ANSWERED = ("gevonden", "geen")


def settings() -> dict[str, Any]:
    """Return the settings of the woningfiche."""
    return load_config("woningfiche")


def origin(waarde: Waarde) -> Herkomst:
    """Return where a value comes from, for the reader."""
    return Herkomst(short_name(waarde.bron), show_date(waarde.opgehaald_op), waarde.afgeleid)


def shared_origin(regels: Sequence[Regel]) -> Herkomst | None:
    """Return the source and day that all lines have in common, None when they differ."""
    found = {(r.herkomst.bron, r.herkomst.datum) if r.herkomst else None for r in regels}
    only = found.pop() if len(found) == 1 else None
    return Herkomst(*only) if only else None


def short_name(bron: str) -> str:
    """Return the name of a source beside a figure; an unknown one keeps its own."""
    known: dict[str, str] = settings()["bronnen"].get(bron, {})
    return known.get("kort", clean_text(bron))


def nothing_found(beeld: Woningbeeld, bron: str) -> tuple[str, Herkomst] | None:
    """Return what it means that a source answered and holds nothing, and when it answered.

    None when it gave no answer: then nothing is known, and nothing may be concluded.
    """
    stand = beeld.bronnen.get(bron)
    if stand is None or stand.uitkomst not in _ANSWERED or stand.gevraagd_op is None:
        return None
    geen: str = settings()["bronnen"][bron]["geen"]
    return geen, Herkomst(short_name(bron), show_date(stand.gevraagd_op))


def why_missing(beeld: Woningbeeld, bron: str) -> str:
    """Return in plain Dutch why nothing of this source can be shown."""
    return _reason(beeld.bronnen.get(bron))


def list_sources(beeld: Woningbeeld) -> tuple[Bronregel, ...]:
    """Return every source the page should have, in order, with how it last answered."""
    return tuple(
        _bronregel(beeld.bronnen.get(bron), known)
        for bron, known in settings()["bronnen"].items()
        if bron != "hub"
    )


def _bronregel(stand: Bronstand | None, known: dict[str, str]) -> Bronregel:
    asked: datetime | None = stand.gevraagd_op if stand else None
    answered = stand is not None and stand.uitkomst in _ANSWERED
    outcome = known["geen"] if stand and stand.uitkomst == "geen" else _reason(stand)
    return Bronregel(
        naam=known["naam"],
        kort=known["kort"],
        wat=known["wat"],
        uitkomst=outcome,
        ontbreekt=not answered,
        datum=show_date(asked) if asked else None,
    )


def _reason(stand: Bronstand | None) -> str:
    outcomes: dict[str, str] = settings()["uitkomsten"]
    if stand is None:
        return outcomes["niet_gevraagd"]
    if stand.reden and stand.uitkomst not in _ANSWERED:
        # It goes on after a colon.
        return lower_first(clean_text(stand.reden).rstrip("."))
    return outcomes.get(stand.uitkomst, clean_text(stand.uitkomst))
