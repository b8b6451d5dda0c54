"""Whether residents see how their applications stand: the CRM against what DOSIS shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cli.voortgang import Verschil
from hub.dossierstatus import AANVRAAG, Lezing


@dataclass(frozen=True, slots=True)
class Aanvraag:
    """An application for a premie or a loan, as the CRM holds it."""

    nummer: str
    dossiernummer: str
    soort: str
    regeling: str
    status: str


def compare_aanvragen(
    aanvragen: Sequence[Aanvraag],
    reached: frozenset[str],
    shown: Mapping[str, tuple[str, str, str | None, str | None]],
    lezingen: Sequence[Lezing],
) -> Iterator[Verschil]:
    """Tell every application that DOSIS shows otherwise, not at all, or without right.

    ``reached`` are the numbers of started dossiers whose resident can be reached; ``shown`` is by
    number phase, code, text and action.
    """
    known = {(one.soort, one.stand): one for one in lezingen if one.tabel == AANVRAAG}
    for one in aanvragen:
        seen = shown.get(one.nummer)
        lezing = known.get((one.soort, one.status))
        must = None
        if lezing is not None and one.dossiernummer in reached:
            actie = None if lezing.actie is None else lezing.actie.format(regeling=one.regeling)
            must = (lezing.fase, lezing.code, lezing.detail.format(regeling=one.regeling), actie)
        if seen == must:
            continue
        telling = "unaccounted" if must is None else "lost"
        told = "nothing" if seen is None else f"another status ({seen[1]})"
        it_is = "nothing to be told" if must is None else one.status
        yield Verschil(
            telling, one.nummer, one.dossiernummer,
            f"DOSIS shows {told} of an application; it is {it_is}",
        )  # fmt: skip
