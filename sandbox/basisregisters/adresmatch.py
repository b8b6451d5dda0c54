"""Adresmatch: municipality, then street name (also alike), then house and box number.

When a step finds nothing the answer falls back on the step before: a street without a number, or
the municipality alone. At most ten matches, the best score first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from sandbox.basisregisters import weergave
from sandbox.basisregisters.problemen import invalid
from sandbox.stad.city import City, fold
from sandbox.stad.straten import ALLE_STRATEN, DEELGEMEENTEN, GEMEENTE, NIS_CODE, Straat
from sandbox.stad.woning import AdresFeit

DREMPEL = 75.0
MAX_MATCHES = 10

_VELDEN = {
    "gemeentenaam": 40, "niscode": 5, "postcode": 4, "straatnaam": 80, "huisnummer": 40,
    "busnummer": 40,
}  # fmt: skip
# "12A bus 0301", "12A/0301", "12 b 3": a box number written in the house number.
_MET_BUS = re.compile(r"(\d+[A-Za-z]?)\s*(?:bus|b\.|b|/)\s*([0-9A-Za-z.]+)\Z", re.IGNORECASE)
_AFKORTINGEN = (("sint-", "st.-"), ("straat", "str."), ("steenweg", "stwg."), ("laan", "ln."))


def match_adres(city: City, root: str, params: Mapping[str, str]) -> dict[str, Any]:
    """Answer an adresmatch.

    Raises:
        ProbleemError: 400, straatnaam or every part of the municipality is missing, or a field is
            too long or not a number.
    """
    vraag = {naam: params.get(naam, "").strip() for naam in _VELDEN}
    _validate(vraag)
    warnings: list[dict[str, str]] = []
    answer: dict[str, Any] = {
        "@context": f"{weergave.CONTEXT}/adresmatch/2023-02-28/adresmatch.jsonld",
        "adresMatches": [],
        "warnings": warnings,
    }
    if not _find_gemeente(vraag, warnings):
        return answer
    straten = _find_straten(vraag["straatnaam"])
    if not straten:
        _warn(warnings, "10", "'Straatnaam' niet interpreteerbaar.")
        answer["adresMatches"] = [_show_gemeente(root, vraag)]
        return answer
    scored = [
        (_score(vraag, straat, adres), adres.adres_id, adres)
        for straat in straten
        for adres in _find_adressen(city, straat, vraag)
    ]
    if scored:
        scored.sort(key=lambda match: (-match[0], match[1]))
        answer["adresMatches"] = [
            weergave.show_match(root, adres, score) for score, _, adres in scored[:MAX_MATCHES]
        ]
    else:
        ranked = sorted(straten, key=lambda straat: -_score(vraag, straat, None))
        answer["adresMatches"] = [
            _show_straat(root, straat, vraag) for straat in ranked[:MAX_MATCHES]
        ]
    return answer


def _validate(vraag: dict[str, str]) -> None:
    fouten: dict[str, list[dict[str, str]]] = {}
    for naam, code in (("postcode", "11"), ("niscode", "12")):
        if vraag[naam] and not vraag[naam].isdigit():
            fouten[naam] = [{"code": code, "reason": f"'{naam}' hoort numeriek te zijn."}]
    if not (vraag["gemeentenaam"] or vraag["niscode"] or vraag["postcode"]):
        reason = (
            "Gelieve minstens één van de volgende velden op te geven: 'Gemeentenaam', 'Niscode', "
            "'Postcode'."
        )
        fouten[""] = [{"code": "15", "reason": reason}]
    if not vraag["straatnaam"]:
        reason = "Gelieve het veld 'Straatnaam' mee te geven."
        fouten["straatnaam"] = [{"code": "16", "reason": reason}]
    for naam, lengte in _VELDEN.items():
        if len(vraag[naam]) > lengte:
            reason = f"'{naam}' mag maximaal {lengte} karakters lang zijn."
            fouten[naam] = [{"code": "18", "reason": reason}]
    if fouten:
        raise invalid(fouten)


def _warn(warnings: list[dict[str, str]], code: str, message: str) -> None:
    warnings.append({"code": code, "message": message})


def _find_gemeente(vraag: dict[str, str], warnings: list[dict[str, str]]) -> bool:
    """Tell whether the question lies in Leuven, the only municipality this register holds."""
    naam, nis, postcode = fold(vraag["gemeentenaam"]), vraag["niscode"], vraag["postcode"]
    found = naam == fold(GEMEENTE) or nis == NIS_CODE
    if naam and naam != fold(GEMEENTE):
        _warn(warnings, "6", "Onbekende 'Gemeentenaam'.")
    if nis and nis != NIS_CODE:
        _warn(warnings, "5", "Onbekende 'Niscode'.")
    if postcode:
        if postcode not in DEELGEMEENTEN:
            _warn(warnings, "4", "Onbekende 'Postcode'.")
        else:
            found = True
    return found or naam in {fold(deel) for deel in DEELGEMEENTEN.values()}


@lru_cache(maxsize=4096)
def _find_straten(naam: str) -> tuple[Straat, ...]:
    wanted = fold(naam)
    exact = tuple(s for s in ALLE_STRATEN if fold(s.naam) == wanted)
    if exact:
        return exact
    written = {_expand(wanted)}
    full = tuple(s for s in ALLE_STRATEN if _expand(fold(s.naam)) in written)
    if full:
        return full
    alike = tuple(s for s in ALLE_STRATEN if _similar(fold(s.naam), wanted) >= DREMPEL)
    if alike or len(wanted) <= 3:
        return alike
    return tuple(s for s in ALLE_STRATEN if wanted in fold(s.naam) or fold(s.naam) in wanted)


def _expand(naam: str) -> str:
    for full, short in _AFKORTINGEN:
        naam = naam.replace(short, full)
    return re.sub(r"\bst[. ]", "sint-", naam).replace(" ", "-")


@lru_cache(maxsize=65_536)
def _similar(one: str, other: str) -> float:
    return round(100 * SequenceMatcher(None, one, other).ratio(), 2)


def _split_number(vraag: dict[str, str]) -> tuple[str, str]:
    huisnummer, busnummer = vraag["huisnummer"], vraag["busnummer"]
    inside = _MET_BUS.match(huisnummer)
    if inside and not busnummer:
        huisnummer, busnummer = inside.groups()
    return huisnummer.casefold(), busnummer.casefold()


def _find_adressen(city: City, straat: Straat, vraag: dict[str, str]) -> list[AdresFeit]:
    huisnummer, busnummer = _split_number(vraag)
    if not huisnummer:
        return []
    here = [
        adres
        for adres in city.list_adressen_in_straat(straat.straatnaam_id)
        if adres.huisnummer.casefold() == huisnummer
    ]
    if busnummer:
        return [a for a in here if (a.busnummer or "").casefold() == busnummer] or here
    return here


def _score(vraag: dict[str, str], straat: Straat, adres: AdresFeit | None) -> float:
    """Score by the parts that were asked; a part of the city counts as its name."""
    parts = [(_similar(fold(straat.naam), fold(vraag["straatnaam"])), 4)]
    huisnummer, busnummer = _split_number(vraag)
    if adres is None:
        parts += [(0.0, 2)] if huisnummer else []
    else:
        bus = (adres.busnummer or "").casefold()
        if bus or busnummer:
            parts.append((100.0 if bus == busnummer else 30.0, 1))
        parts.append((100.0, 2))
    if vraag["postcode"]:
        parts.append((100.0 if straat.postcode == vraag["postcode"] else 40.0, 2))
    if vraag["gemeentenaam"]:
        names = (fold(GEMEENTE), fold(straat.deelgemeente))
        gemeente = fold(vraag["gemeentenaam"])
        alike = 100.0 if gemeente in names else max(_similar(name, gemeente) for name in names)
        parts.append((alike, 1))
    weight = sum(part[1] for part in parts)
    return round(sum(score * part for score, part in parts) / weight, 2)


def _show_straat(root: str, straat: Straat, vraag: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "Adres",
        "gemeente": weergave.show_gemeente(root),
        "straatnaam": weergave.show_straatnaam(root, straat),
        "score": _score(vraag, straat, None),
        "links": [],
    }


def _show_gemeente(root: str, vraag: dict[str, str]) -> dict[str, Any]:
    score = round(_similar(fold(GEMEENTE), fold(vraag["gemeentenaam"] or GEMEENTE)) / 4, 2)
    return {
        "@type": "Adres",
        "gemeente": weergave.show_gemeente(root),
        "score": score,
        "links": [],
    }
