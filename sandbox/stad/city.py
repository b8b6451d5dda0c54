"""The city as the simulators ask it: addresses, units and EPCs of the dwellings that exist.

A dwelling exists once ``grow`` has been told that at least i + 1 residents live here.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict

from sandbox.stad.epcs import EpcFact, build_epcs
from sandbox.stad.straten import DEELGEMEENTEN, GEMEENTE
from sandbox.stad.woning import (
    ADRES_BASIS,
    EENHEID_BASIS,
    GEBOUW_BASIS,
    PER_WONING,
    AdresFeit,
    EenheidFeit,
    Woning,
    find_place,
    get_woning,
)


def fold(text: str) -> str:
    """Lower a text and drop its diacritics, for comparing names."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold().strip()


class City:
    """All dwellings 0 … size - 1."""

    def __init__(self) -> None:
        self.size = 0
        self._per_straat: dict[int, list[AdresFeit]] = defaultdict(list)
        self._per_nummer: dict[tuple[str, str], list[AdresFeit]] = defaultdict(list)

    def grow(self, residents: int) -> None:
        """Let dwellings exist for this many residents; never shrinks."""
        for i in range(self.size, residents):
            for adres in get_woning(i).adressen:
                self._per_straat[adres.straat.straatnaam_id].append(adres)
                nummer = (fold(adres.straat.naam), adres.huisnummer.casefold())
                self._per_nummer[nummer].append(adres)
        self.size = max(self.size, residents)

    # Registers

    def get_adres(self, adres_id: int) -> AdresFeit | None:
        """Return an address by objectId, removed ones included, or None."""
        woning = self._find(adres_id, ADRES_BASIS)
        if woning is None:
            return None
        return next((a for a in woning.adressen if a.adres_id == adres_id), None)

    def get_gebouweenheid(self, gebouweenheid_id: int) -> EenheidFeit | None:
        """Return a gebouweenheid by objectId, or None."""
        woning = self._find(gebouweenheid_id, EENHEID_BASIS)
        if woning is None:
            return None
        return next((e for e in woning.eenheden if e.gebouweenheid_id == gebouweenheid_id), None)

    def list_gebouweenheden_for_adres(self, adres_id: int) -> tuple[EenheidFeit, ...]:
        """Return the units at an address."""
        woning = self._find(adres_id, ADRES_BASIS)
        if woning is None:
            return ()
        return tuple(e for e in woning.eenheden if adres_id in e.adres_ids)

    def list_gebouweenheden_for_gebouw(self, gebouw_id: int) -> tuple[EenheidFeit, ...]:
        """Return the units of a building."""
        i = (gebouw_id - GEBOUW_BASIS) // 2
        if not 0 <= i < self.size:
            return ()
        return tuple(e for e in get_woning(i).eenheden if e.gebouw_id == gebouw_id)

    def find_woning(self, adres_id: int) -> int:
        """Return the number of the dwelling of an address that exists."""
        return (adres_id - ADRES_BASIS) // PER_WONING

    def list_adressen_in_straat(self, straatnaam_id: int) -> list[AdresFeit]:
        """Return the addresses of one street, removed ones included."""
        return self._per_straat.get(straatnaam_id, [])

    def list_woningen(self) -> range:
        """Return the numbers of the dwellings that exist."""
        return range(self.size)

    # EPCs, for MAGDA GeefEpc

    def epcs_for_gebouweenheid(self, gebouweenheid_id: int) -> tuple[EpcFact, ...]:
        """Return the EPCs of one unit, oldest first.

        Empty for an unknown unit and for one without EPC (MAGDA says 30001). In the case
        ``epc_ander_adres`` the answer names another address and unit than the one asked.
        """
        woning = self._find(gebouweenheid_id, EENHEID_BASIS)
        eenheid = self.get_gebouweenheid(gebouweenheid_id)
        if woning is None or eenheid is None:
            return ()
        return build_epcs(woning, eenheid)

    def epcs_for_gebouw(self, gebouw_id: int) -> tuple[EpcFact, ...]:
        """Return the EPCs of all units of one building."""
        return tuple(
            epc
            for eenheid in self.list_gebouweenheden_for_gebouw(gebouw_id)
            for epc in self.epcs_for_gebouweenheid(eenheid.gebouweenheid_id)
        )

    def epcs_for_adres(
        self,
        straat: str,
        huisnummer: str,
        busnummer: str | None,
        postcode: str | None,
        gemeente: str,
    ) -> tuple[EpcFact, ...]:
        """Return the EPCs at an address written out, as GeefEpc's criterion ``Adres`` asks it.

        Names match without case and diacritics; gemeente is Leuven or the deelgemeente. Without
        busnummer the EPCs of every unit at the house number are returned.
        """
        found: list[EpcFact] = []
        for adres in self._per_nummer.get((fold(straat), huisnummer.casefold().strip()), []):
            if busnummer and adres.busnummer != busnummer:
                continue
            if postcode and adres.postcode != postcode:
                continue
            if fold(gemeente) not in (fold(GEMEENTE), fold(DEELGEMEENTEN[adres.postcode])):
                continue
            for eenheid in self.list_gebouweenheden_for_adres(adres.adres_id):
                found.extend(self.epcs_for_gebouweenheid(eenheid.gebouweenheid_id))
        return tuple(found)

    def epcs_for_attest(self, attestnummer: str) -> tuple[EpcFact, ...]:
        """Return the one EPC with this attestnummer (``20210401-0001948124-1``), or none."""
        parts = attestnummer.split("-")
        if len(parts) != 3 or not parts[1].isdigit():
            return ()
        number = (int(parts[1]) - 1_000_000) // 4
        i, place = divmod(number, PER_WONING)
        if not 0 <= i < self.size:
            return ()
        epcs = self.epcs_for_gebouweenheid(EENHEID_BASIS + i * PER_WONING + place)
        return tuple(epc for epc in epcs if epc.attestnummer == attestnummer)

    def _find(self, object_id: int, basis: int) -> Woning | None:
        place = find_place(object_id, basis)
        if place is None or place[0] >= self.size:
            return None
        return get_woning(place[0])
