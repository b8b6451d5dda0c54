"""What stands on a woningfiche: a plain structure of texts, ready to be drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# When something was asked or the page was made: it may change without anything being new.
_MOMENTS = frozenset({"datum", "gemaakt_op"})


@dataclass(frozen=True, slots=True)
class Herkomst:
    """Where a figure comes from; ``datum`` is the day it was fetched, dd/mm/jjjj."""

    bron: str
    datum: str
    afgeleid: bool = False


@dataclass(frozen=True, slots=True)
class Regel:
    """One line: what it is, what it says, where that comes from."""

    naam: str
    waarde: str
    herkomst: Herkomst | None
    toelichting: str | None = None


@dataclass(frozen=True, slots=True)
class Rubriek:
    """Lines under one heading, and what must be said when some are missing.

    ``herkomst`` stands once under the lines when all of them come from there.
    """

    titel: str
    regels: tuple[Regel, ...]
    meldingen: tuple[str, ...]
    herkomst: Herkomst | None


@dataclass(frozen=True, slots=True)
class Tekening:
    """A drawing (SVG) and the same in words, for who does not see it."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Werk:
    """One recommendation: its indicative cost, and the key figure and label it brings.

    ``waar`` is left out when it is the same for all.
    """

    nummer: int
    waar: str | None
    wat: str
    omschrijving: str
    prijs: str | None
    daarna: str | None


@dataclass(frozen=True, slots=True)
class Energie:
    """The energy certificate: the label with its drawing, what comes next, what is advised."""

    label: str | None
    kengetal: str | None
    tekening: Tekening | None
    regels: tuple[Regel, ...]
    herkomst: Herkomst | None
    hierna: tuple[str, ...]
    werken: tuple[Werk, ...]
    werken_samen: str | None
    werken_herkomst: Herkomst | None
    meldingen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kaart:
    """Where the dwelling lies; without a drawing ``melding`` says why."""

    tekening: Tekening | None
    onderschrift: str | None
    herkomst: Herkomst | None
    melding: str | None


@dataclass(frozen=True, slots=True)
class Bronregel:
    """A source: what it is asked for, how it last answered, and on which day (dd/mm/jjjj)."""

    naam: str
    kort: str
    wat: str
    uitkomst: str
    ontbreekt: bool
    datum: str | None


@dataclass(frozen=True, slots=True)
class Woningfiche:
    """One page on one dwelling; ``gemaakt_op`` is dd/mm/jjjj."""

    adres: str
    dossiernummer: str
    dienst: str
    gemaakt_op: str
    energie: Energie
    kaart: Kaart
    woning: Rubriek
    omgeving: Rubriek
    plicht: Regel | None
    bronnen: tuple[Bronregel, ...]


def to_plain(fiche: Woningfiche) -> dict[str, Any]:
    """Return the page as JSON-able data, as it is kept in its message and given to a template."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(fiche)))
    return plain


def fingerprint(plain: Mapping[str, Any]) -> bytes:
    """Return what makes two pages say the same: all but the days of asking and making."""
    return json.dumps(_timeless(plain), sort_keys=True, ensure_ascii=False).encode()


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _timeless(item) for name, item in value.items() if name not in _MOMENTS}
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    return value
