"""Streets of Leuven by postcode, and where each part of the city lies (Lambert 72)."""

from __future__ import annotations

from dataclasses import dataclass

NIS_CODE = "24062"
GEMEENTE = "Leuven"
DEELGEMEENTEN = {
    "3000": "Leuven",
    "3001": "Heverlee",
    "3010": "Kessel-Lo",
    "3012": "Wilsele",
    "3018": "Wijgmaal",
}
CENTRES = {
    "3000": (173300.0, 174200.0),
    "3001": (172700.0, 172300.0),
    "3010": (175400.0, 174700.0),
    "3012": (173900.0, 176500.0),
    "3018": (174300.0, 178900.0),
}
_NAMES = {
    "3000": (
        "Naamsestraat", "Tiensestraat", "Diestsestraat", "Bondgenotenlaan", "Brusselsestraat",
        "Mechelsestraat", "Bogaardenstraat", "Vaartstraat", "Parijsstraat", "Ridderstraat",
        "Kapucijnenvoer", "Tervuursestraat", "Tiensevest", "Redingenstraat", "Schapenstraat",
        "Justus Lipsiusstraat", "Minderbroedersstraat", "Blijde-Inkomststraat", "Ravenstraat",
        "Windmolenveldstraat", "Constantin Meunierstraat", "Frederik Lintsstraat",
        "Vlamingenstraat", "Parkstraat", "Edward van Evenstraat", "Maria Theresiastraat",
        "Charles Deberiotstraat", "Jan Stasstraat", "Vital Decosterstraat", "Sluisstraat",
        "Burchtstraat", "Brouwersstraat", "Zwartzustersstraat", "Amerikalaan",
    ),
    "3001": (
        "Naamsesteenweg", "Waversebaan", "Celestijnenlaan", "Kardinaal Mercierlaan",
        "Hertogstraat", "Tervuursesteenweg", "Egenhovenweg", "Leeuwerikenstraat", "Pakenstraat",
        "Geldenaaksebaan", "Milseweg", "Sint-Jansbergsesteenweg", "Korbeek-Losestraat",
        "Groeneweg", "Jules Vandenbemptlaan", "Beukenlaan", "Dennenlaan", "Zavelstraat",
    ),
    "3010": (
        "Diestsesteenweg", "Tiensesteenweg", "Martelarenlaan", "Jozef Pierrestraat",
        "Platte-Lostraat", "Koetsweg", "Eenmeilaan", "Holsbeeksesteenweg", "Gemeentestraat",
        "Werkhuizenstraat", "Heidebergstraat", "Koning Albertlaan", "Lolanden", "Ortolanenstraat",
        "Rerum Novarumlaan", "Domeinstraat", "Spaanse Kroonlaan",
    ),
    "3012": (
        "Aarschotsesteenweg", "Weggevoerdenstraat", "Albert Woutersstraat", "Roeselbergdreef",
        "Bosstraat", "Wilselsesteenweg", "Ganzendries",
    ),
    "3018": ("Ymeriastraat", "Hambosstraat", "Wijgmaalsesteenweg", "Vuurkruisenlaan"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Straat:
    """One street name of the register. ``straatnaam_id`` is its objectId."""

    straatnaam_id: int
    naam: str
    postcode: str

    @property
    def deelgemeente(self) -> str:
        """The name a resident uses for the part of the city."""
        return DEELGEMEENTEN[self.postcode]


def _number_streets() -> tuple[Straat, ...]:
    pairs = [(postcode, naam) for postcode, namen in _NAMES.items() for naam in namen]
    return tuple(Straat(24000 + k, naam, postcode) for k, (postcode, naam) in enumerate(pairs))


STRATEN = _number_streets()
# Used by one hard case each, so that their house numbers meet no other resident's.
DIAKRIETEN = Straat(24900, "De Bériotstraat", "3000")
DUBBEL = (Straat(24901, "Kerkstraat", "3001"), Straat(24902, "Kerkstraat", "3012"))
ALLE_STRATEN = (*STRATEN, DIAKRIETEN, *DUBBEL)
ONBEKENDE_STRAAT = "Zilverreigerpad"
