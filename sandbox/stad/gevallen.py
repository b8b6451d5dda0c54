"""The hard cases: the first residents cover each of them, then a mix follows.

A case of the dwelling follows from i alone, a case of the resident from (seed, i); see the
package's own text for why.
"""

from __future__ import annotations

from sandbox.stad.worp import draw

VAST = (
    "normal", "geen_start", "geen_toestemming", "toestemming_verlopen", "geen_insz", "geen_epc",
    "meerdere_epcs", "epc_verlopen", "epc_zonder_label", "adres_dubbelzinnig", "adres_onbekend",
    "appartement", "appartement_zonder_bus", "adres_verwijderd", "diakrieten", "huisnummer_bus",
    "epc_ander_adres", "typed_value", "leeggemaakt", "crm_fout_postcode", "crm_fout_insz",
    "crm_fout_huisnummer", "crm_fout_gemeente", "crm_fout_profiel", "normal",
)  # fmt: skip
"""Case of resident 0, 1, 2 … for every seed."""

CRM_FOUTEN = tuple(naam for naam in VAST if naam.startswith("crm_fout_"))
ALLE = tuple(dict.fromkeys(VAST))

# Out of every 100 dwellings; the rest has nothing special.
_WONINGEN = (
    ("geen_epc", 4), ("meerdere_epcs", 2), ("epc_verlopen", 3), ("epc_zonder_label", 1),
    ("adres_dubbelzinnig", 1), ("adres_onbekend", 1), ("appartement", 3),
    ("appartement_zonder_bus", 1), ("adres_verwijderd", 1), ("diakrieten", 2),
    ("huisnummer_bus", 2), ("epc_ander_adres", 1),
)  # fmt: skip
# Out of every 1,000 residents of a dwelling without a case of its own.
_BEWONERS = (
    ("geen_start", 55), ("geen_toestemming", 45), ("toestemming_verlopen", 15), ("geen_insz", 45),
    ("typed_value", 25), ("leeggemaakt", 10), ("crm_fout", 15),
)  # fmt: skip

_PER_REST: tuple[str, ...] = tuple(naam for naam, aantal in _WONINGEN for _ in range(aantal))
_WONING_VAST = {naam for naam, _ in _WONINGEN}


def get_woning_geval(i: int) -> str:
    """Return the case of dwelling i, ``normal`` when it has none."""
    if i < len(VAST):
        return VAST[i] if VAST[i] in _WONING_VAST else "normal"
    rest = (i * 61 + 17) % 100
    return _PER_REST[rest] if rest < len(_PER_REST) else "normal"


def get_geval(seed: int, i: int) -> str:
    """Return the case of resident i of a seed."""
    if i < len(VAST):
        return VAST[i]
    woning = get_woning_geval(i)
    if woning != "normal":
        return woning
    worp = draw("geval", seed, i) % 1000
    for naam, aantal in _BEWONERS:
        if worp < aantal:
            if naam == "crm_fout":
                return CRM_FOUTEN[draw("crm_fout", seed, i) % len(CRM_FOUTEN)]
            return naam
        worp -= aantal
    return "normal"
