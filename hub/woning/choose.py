"""Choose the dwelling among what the register offers: exact or not at all, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.woningpas.basisregisters.models import Adres, AdresMatch, Gebouweenheid
from hub.woning.adres import GezochtAdres, bus_key, fold, house_key

_MAX_CANDIDATES = 50
ENDED_ADRES = frozenset({"gehistoreerd", "afgekeurd"})
GEMEENSCHAPPELIJK = "gemeenschappelijkDeel"


@dataclass(frozen=True, slots=True)
class Keuze:
    """What was chosen and along which path; the candidates when a person must choose.

    ``uitkomst`` is gevonden, onbekend, dubbelzinnig, verwijderd, geweigerd or onmogelijk (what the
    consultant chose cannot be). A candidate is an address or a unit by its number in the register,
    with the text and the status that a person recognises.
    """

    uitkomst: str
    pad: str = ""
    score: Decimal | None = None
    adres_id: str | None = None
    gebouweenheid_id: str | None = None
    kandidaten: tuple[dict[str, str], ...] = ()


def choose_adres(gezocht: GezochtAdres, matches: Sequence[AdresMatch], minimum: float) -> Keuze:
    """Choose the one address that is the one asked, by house number, bus number and postcode.

    The register answers by likeness (score 0-100). A street alone, another house number, or a
    score under the minimum is no address; an address that is no longer in use is none either. Of
    several that fit, the one whose street or bus number is spelled as asked, or that is in use,
    goes before the others; two that fit as well are for the consultant.
    """
    first: dict[str, AdresMatch] = {}
    for match in matches:
        if match.adres_id and match.score >= minimum:
            first.setdefault(match.adres_id, match)
    known = list(first.values())
    living = [match for match in known if match.status not in ENDED_ADRES]
    exact = [m for m in living if _is_exact(gezocht, m)]
    for is_better in (
        lambda m: fold(m.straatnaam or "") == fold(gezocht.straat),
        lambda m: house_key(m.busnummer) == (gezocht.busnummer or ""),
        lambda m: m.status in (None, "inGebruik"),
    ):
        exact = _narrow(exact, is_better)
    if len(exact) == 1:
        pad = "adresmatch exact" if exact[0].score >= 100 else "adresmatch op gelijkenis"
        return Keuze("gevonden", pad, exact[0].score, exact[0].adres_id)
    offered, reason = (exact, "meer dan één adres past") if exact else _near(gezocht, living)
    if offered:
        return Keuze(
            "dubbelzinnig",
            f"adresmatch: {reason}",
            max(match.score for match in offered),
            kandidaten=tuple(_candidate(match) for match in offered[:_MAX_CANDIDATES]),
        )
    if any(_is_exact(gezocht, m) for m in known):
        return Keuze("verwijderd", "adresmatch: het adres is niet meer in gebruik")
    return Keuze("onbekend", "adresmatch zonder adres")


def choose_eenheid(
    keuze: Keuze, eenheden: Sequence[Gebouweenheid], adres: Adres | None = None
) -> Keuze:
    """Choose the unit of the address: the only one; none leaves the address as the dwelling.

    A common part is no dwelling, and neither is a unit that is gone or was never built; one that
    is planned counts only where nothing was built yet.
    """
    dwellings = [unit for unit in eenheden if unit.functie != GEMEENSCHAPPELIJK]
    usable = [unit for unit in dwellings if unit.status == "gerealiseerd"] or [
        unit for unit in dwellings if unit.status == "gepland"
    ]
    if len(usable) == 1:
        unit = usable[0]
        return replace(
            keuze,
            pad=f"{keuze.pad}, één gebouweenheid",
            gebouweenheid_id=unit.gebouweenheid_id,
        )
    if not usable:
        why = "geen bruikbare gebouweenheid" if eenheden else "geen gebouweenheid"
        return replace(keuze, pad=f"{keuze.pad}, {why}")
    text = write_adres(adres) if adres else ""
    return replace(
        keuze,
        uitkomst="dubbelzinnig",
        pad=f"{keuze.pad}, {len(usable)} gebouweenheden",
        kandidaten=tuple(
            {
                "gebouweenheid_id": unit.gebouweenheid_id,
                "adres_id": keuze.adres_id or "",
                "adres": text,
                "status": unit.status,
            }
            for unit in usable[:_MAX_CANDIDATES]
        ),
    )


def write_adres(adres: Adres | AdresMatch) -> str:
    """Write an address on one line."""
    bus = f" bus {adres.busnummer}" if adres.busnummer else ""
    place = " ".join(part for part in (adres.postcode, adres.gemeente) if part)
    return f"{adres.straatnaam} {adres.huisnummer}{bus}, {place}"


def _is_exact(gezocht: GezochtAdres, match: AdresMatch) -> bool:
    return _same_number(gezocht, match) and _same_place(gezocht, match)


def _same_number(gezocht: GezochtAdres, match: AdresMatch) -> bool:
    house, bus = house_key(match.huisnummer), bus_key(match.busnummer)
    return (house, bus) == (house_key(gezocht.huisnummer), bus_key(gezocht.busnummer))


def _same_place(gezocht: GezochtAdres, match: AdresMatch) -> bool:
    possible = gezocht.postcodes
    return not possible or match.postcode is None or match.postcode in possible


def _narrow(matches: list[AdresMatch], is_better: Callable[[AdresMatch], bool]) -> list[AdresMatch]:
    return [match for match in matches if is_better(match)] or matches


def _near(gezocht: GezochtAdres, living: list[AdresMatch]) -> tuple[list[AdresMatch], str]:
    """Return the addresses a person may have meant, and why none was taken."""
    elsewhere = [match for match in living if _same_number(gezocht, match)]
    if elsewhere:
        return elsewhere, "de postcode is een andere"
    if gezocht.reeks:
        within = [match for match in living if _is_within(gezocht.reeks, match)]
        return _narrow(within, lambda m: _same_place(gezocht, m)), "het huisnummer is een reeks"
    house, joined = house_key(gezocht.huisnummer), _joined(gezocht.huisnummer, gezocht.busnummer)
    near = [
        match
        for match in living
        if house_key(match.huisnummer) == house
        or _joined(match.huisnummer, match.busnummer) == joined
    ]
    near = _narrow(near, lambda m: _same_place(gezocht, m))
    return near, "busnummer ontbreekt of is onbekend"


def _joined(huisnummer: str | None, busnummer: str | None) -> str:
    # House number 12A and 12 bus A are two addresses that people mix up.
    return house_key(huisnummer) + bus_key(busnummer)


def _is_within(reeks: tuple[int, int], match: AdresMatch) -> bool:
    number = match.huisnummer or ""
    return number.isdigit() and reeks[0] <= int(number) <= reeks[1]


def _candidate(match: AdresMatch) -> dict[str, str]:
    return {
        "adres_id": match.adres_id or "",
        "adres": write_adres(match),
        "status": match.status or "",
    }
