"""Choose the dwelling among what the register offers: exact or not at all, never a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.woningpas.basisregisters.models import AdresMatch
from hub.woning.adres import GezochtAdres

_MAX_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Keuze:
    """What was chosen and along which path; the candidates when a person must choose.

    ``uitkomst`` is gevonden, onbekend, dubbelzinnig or verwijderd. A candidate is an address or
    a unit by its number in the register, with the text a person recognises.
    """

    uitkomst: str
    pad: str = ""
    score: Decimal | None = None
    adres_id: str | None = None
    gebouweenheid_id: str | None = None
    kandidaten: tuple[dict[str, str], ...] = ()


def choose_adres(gezocht: GezochtAdres, matches: Sequence[AdresMatch], minimum: float) -> Keuze:
    """Choose the one address that is the one asked, by house and bus number.

    The register answers by likeness (score 0-100). A street alone, another house number, or a
    score under the minimum is no address; two that fit are for the consultant.
    """
    good = [m for m in matches if m.adres_id and m.score >= minimum and _same_house(gezocht, m)]
    exact = [m for m in good if _bus(m.busnummer) == _bus(gezocht.busnummer)]
    if len(exact) == 1:
        pad = "adresmatch exact" if exact[0].score >= 100 else "adresmatch op gelijkenis"
        return Keuze("gevonden", pad, exact[0].score, exact[0].adres_id)
    offered = exact or good
    if not offered:
        return Keuze("onbekend", "adresmatch zonder adres")
    reason = "meer dan één adres past" if exact else "busnummer ontbreekt of is onbekend"
    return Keuze(
        "dubbelzinnig",
        f"adresmatch: {reason}",
        max(match.score for match in offered),
        kandidaten=tuple(_candidate(match) for match in offered[:_MAX_CANDIDATES]),
    )


def choose_eenheid(keuze: Keuze, gebouweenheid_ids: Sequence[str]) -> Keuze:
    """Choose the unit of the address: the only one; none leaves the address as the dwelling."""
    if not gebouweenheid_ids:
        return replace(keuze, pad=f"{keuze.pad}, geen gebouweenheid")
    if len(gebouweenheid_ids) == 1:
        return replace(
            keuze, pad=f"{keuze.pad}, één gebouweenheid", gebouweenheid_id=gebouweenheid_ids[0]
        )
    candidates = tuple({"gebouweenheid_id": unit} for unit in gebouweenheid_ids[:_MAX_CANDIDATES])
    return replace(
        keuze,
        uitkomst="dubbelzinnig",
        pad=f"{keuze.pad}, {len(gebouweenheid_ids)} gebouweenheden",
        kandidaten=candidates,
    )


def _same_house(gezocht: GezochtAdres, match: AdresMatch) -> bool:
    return (match.huisnummer or "").strip().upper() == gezocht.huisnummer


def _bus(value: str | None) -> str:
    # Registers pad bus numbers with zeros, people do not.
    return (value or "").strip().upper().lstrip("0")


def _candidate(match: AdresMatch) -> dict[str, str]:
    bus = f" bus {match.busnummer}" if match.busnummer else ""
    place = " ".join(part for part in (match.postcode, match.gemeente) if part)
    return {
        "adres_id": match.adres_id or "",
        "adres": f"{match.straatnaam} {match.huisnummer}{bus}, {place}",
    }
