"""Decide, field by field, what the hub may write in a dossier. Pure rules, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Soort = Literal["geschreven", "gelijk", "suggestie", "verworpen", "vervallen"]


@dataclass(frozen=True, slots=True)
class Gegeven:
    """A current value of the dwelling with its origin, canonical text, times ISO 8601."""

    veld: str
    waarde: str
    bron: str
    bron_object: str
    bron_versie: str | None
    opgehaald_op: str
    geldig_tot: str | None
    afgeleid: bool

    @property
    def herkomst(self) -> tuple[str, ...]:
        """What makes this the same statement of the same source, whenever and in what version."""
        return (
            self.waarde,
            self.bron,
            self.bron_object,
            self.geldig_tot or "",
            str(self.afgeleid),
        )


@dataclass(frozen=True, slots=True)
class Eerder:
    """What the hub decided before about a field, and the value it last wrote there itself.

    ``waarde`` is the value that decision was about.
    """

    soort: Soort
    herkomst_hash: bytes
    zelf_geschreven: str | None
    waarde: str | None = None


@dataclass(frozen=True, slots=True)
class Beslissing:
    """What a person decided about the values that were suggested for one field.

    ``aanvaard`` is the value whose acceptance stands in the CRM and waits to be carried out;
    ``verworpen`` are all values that were ever refused.
    """

    aanvaard: str | None = None
    verworpen: frozenset[str] = frozenset()


UNDECIDED = Beslissing()


@dataclass(frozen=True, slots=True)
class VeldBesluit:
    """What to do with one field.

    ``geschreven``: the field holds (or now gets) the hub's value. ``gelijk``: a person typed the
    same. ``suggestie``: a person's value, or a person's emptiness, stays; the authentic value is
    shown beside it. ``verworpen``: as a suggestion, but a person refused this very value, so that
    it is not shown again. ``vervallen``: no source vouches any more for what the hub wrote, so the
    field becomes empty, as if it was never filled. ``schrijf`` tells whether the field itself must
    be written.
    """

    gegeven: Gegeven
    soort: Soort
    schrijf: bool


def decide_field(
    gegeven: Gegeven,
    in_crm: str | None,
    zelf_geschreven: str | None,
    beslissing: Beslissing = UNDECIDED,
) -> VeldBesluit:
    """Decide one field from the authentic value, what the CRM holds and what the hub wrote last.

    A field is written only when it is empty and the hub never filled it, when it still holds what
    the hub wrote, or when a person accepted this very value. A field that a person emptied after
    the hub filled it counts as typed. From an accepted value on, the field follows the source.
    """
    if in_crm is None and zelf_geschreven is None:
        return VeldBesluit(gegeven, "geschreven", schrijf=True)
    if in_crm is not None and in_crm == zelf_geschreven:
        return VeldBesluit(gegeven, "geschreven", schrijf=gegeven.waarde != in_crm)
    if in_crm == gegeven.waarde:
        return VeldBesluit(gegeven, "gelijk", schrijf=False)
    if gegeven.waarde == beslissing.aanvaard:
        return VeldBesluit(gegeven, "geschreven", schrijf=True)
    if gegeven.waarde in beslissing.verworpen:
        return VeldBesluit(gegeven, "verworpen", schrijf=False)
    return VeldBesluit(gegeven, "suggestie", schrijf=False)


def lapsed_fields(
    gegevens: Sequence[Gegeven], in_crm: Mapping[str, str], eerder: Mapping[str, Eerder]
) -> list[str]:
    """Return the fields that still hold what the hub wrote while no source says it any more."""
    given = {gegeven.veld for gegeven in gegevens}
    return [
        veld
        for veld, known in eerder.items()
        if veld not in given
        and known.soort == "geschreven"
        and known.zelf_geschreven is not None
        and in_crm.get(veld) == known.zelf_geschreven
    ]


def decide_fields(
    gegevens: Sequence[Gegeven],
    in_crm: Mapping[str, str],
    eerder: Mapping[str, Eerder],
    hash_of: Mapping[str, bytes],
    beslissingen: Mapping[str, Beslissing] | None = None,
) -> list[VeldBesluit]:
    """Return the decisions that say something new; what was decided before is left out.

    A refused value says nothing, unless the CRM still shows another one that no longer holds.
    """
    decided = beslissingen or {}
    decisions = []
    for gegeven in gegevens:
        known = eerder.get(gegeven.veld)
        decision = decide_field(
            gegeven,
            in_crm.get(gegeven.veld),
            known.zelf_geschreven if known else None,
            decided.get(gegeven.veld, UNDECIDED),
        )
        if decision.soort == "verworpen" and not _shows_another(known, gegeven.waarde):
            continue
        same = (
            known is not None
            and known.soort == decision.soort
            and known.herkomst_hash == hash_of[gegeven.veld]
        )
        if decision.schrijf or not same:
            decisions.append(decision)
    return decisions


def _shows_another(known: Eerder | None, waarde: str) -> bool:
    return known is not None and known.soort == "suggestie" and known.waarde != waarde
