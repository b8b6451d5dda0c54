"""GeefEpc 02.01: from the city's EPC facts to the answer's content."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.magda.epc_bijlagen import has_newer_kind, write_documenten, write_nieuwe_aanbevelingen
from sandbox.magda.xml import Element, Vraag, make, need, read_dienst, wrap, write_moment
from sandbox.stad.city import City
from sandbox.stad.epcs import EpcFact, ScoreFeit

GEEF_EPC = read_dienst(
    "epc",
    "GeefEpc",
    "02.01.0000",
    "energie-02_01.epb.vea.lne.vlaanderen.be",
    "GeefEpcRequest",
    "woningpas/epc/contract/geefepc.xsd",
)


def find_epcs(city: City, vraag: Vraag) -> tuple[EpcFact, ...]:
    """Return the EPCs that the criteria of a question mean."""
    chosen = need(vraag.inhoud, "Criteria")[0]
    match chosen.tag:
        case "GebouwId":
            return city.epcs_for_gebouw(int(chosen.text or 0))
        case "GebouweenheidId":
            return city.epcs_for_gebouweenheid(int(chosen.text or 0))
        case "Attestnummer":
            return city.epcs_for_attest(chosen.text or "")
        case _:
            return city.epcs_for_adres(
                str(chosen.findtext("Straat")),
                str(chosen.findtext("Huisnummer")),
                chosen.findtext("Busnummer"),
                chosen.findtext("Postcode"),
                str(chosen.findtext("Gemeente")),
            )


def name_criteria(vraag: Vraag) -> str:
    """Name a question in the journal: ``GebouweenheidId 6356866``, or just ``Adres``."""
    chosen = need(vraag.inhoud, "Criteria")[0]
    return "Adres" if chosen.tag == "Adres" else f"{chosen.tag} {chosen.text}"


def write_inhoud(vraag: Vraag, epcs: Sequence[EpcFact]) -> Element:
    """Write the content of an answer with these EPCs, and the files that were asked."""
    criteria = need(vraag.inhoud, "Criteria")
    eenheden = [make("EnergieEenheid", None, write_epc(criteria, epc)) for epc in epcs]
    return make("Inhoud", None, make("MijnEnergieDetails", None, *eenheden))


def write_epc(criteria: Element, epc: EpcFact) -> Element:
    """Write one EPC, in the order of the schema."""
    return make(
        "Epc",
        None,
        make("Identificatie", None, make("Attestnummer", epc.attestnummer)),
        make("BouwjaarVolgensEPC", epc.bouwjaar) if epc.bouwjaar is not None else None,
        make("BouwjaarGekend", _flag(epc.bouwjaar_gekend)),
        make("DatumModificatie", write_moment(epc.datum_modificatie)),
        make("Actief", _flag(epc.actief)),
        make("Status", epc.status),
        make("DatumIngediend", epc.datum_ingediend.isoformat()),
        make("DatumGeldigheid", epc.datum_geldigheid.isoformat()),
        make("Scores", None, *(_write_score(score) for score in epc.scores)),
        _write_ligging(epc),
        write_documenten(criteria, epc),
        make("EpcEenheidType", epc.eenheid_type),
        _write_personen(),
        _write_details(epc),
        wrap(
            "Aanbevelingen",
            (
                make(
                    "Aanbeveling",
                    None,
                    make("Categorie", one.categorie),
                    make("Type", one.type),
                    make("Subtype", one.subtype),
                    make("Voorwerp", one.voorwerp) if one.voorwerp is not None else None,
                )
                for one in (() if has_newer_kind(epc) else epc.aanbevelingen)
            ),
        ),
        write_nieuwe_aanbevelingen(epc) if has_newer_kind(epc) else None,
        id=epc.epc_id,
    )


def _write_score(score: ScoreFeit) -> Element:
    unit = score.meeteenheid
    return make(
        "Score",
        None,
        make("Label", score.label) if score.label is not None else None,
        _figure("Waarde", score.waarde, unit),
        _figure("GemiddeldeWaardeGemeente", score.gemeente, unit),
        _figure("GemiddeldeWaardeProvincie", score.provincie, unit),
        _figure("GemiddeldeWaardeVlaanderen", score.vlaanderen, unit),
        type=score.type,
    )


def _write_ligging(epc: EpcFact) -> Element:
    gebouwen = make("Gebouwen", None, *(make("Gebouw", id=number) for number in epc.gebouw_ids))
    eenheden = (make("Gebouweenheid", None, gebouwen, id=n) for n in epc.gebouweenheid_ids)
    return make(
        "Ligging",
        None,
        make(
            "Adres",
            None,
            make("Straat", None, make("Naam", epc.straat)),
            make("HuisNummer", epc.huisnummer),
            make("BusNummer", epc.busnummer) if epc.busnummer is not None else None,
            make("Gemeente", None, make("PostCode", epc.postcode), make("Naam", epc.gemeente)),
            wrap("Gebouweenheden", eenheden),
            arId=epc.adres_id,
        ),
    )


def _write_personen() -> Element:
    """Write the energy expert, whom no client has a reason to keep."""
    return make(
        "Personen",
        None,
        make(
            "Persoon",
            None,
            make(
                "NatuurlijkPersoon",
                None,
                make("Voornaam", "VOORNAAM"),
                make("Naam", "ENERGIEDESKUNDIGE"),
            ),
            make(
                "Registratie",
                None,
                make("EpCode", "EP00000"),
                make("Rol", None, make("TypeRol", "Energiedeskundige")),
            ),
        ),
    )


def _write_details(epc: EpcFact) -> Element:
    return make(
        "Details",
        None,
        _figure("BeschermdVolume", epc.beschermd_volume, "m³"),
        make("Bestemming", epc.bestemming),
        make("Bouwvorm", epc.bouwvorm),
        _figure("BrutoVloerOppervlakte", epc.bruto_vloeroppervlakte, "m²"),
        make("GebouwType", epc.gebouwtype),
        _write_schildelen(epc),
        _write_installaties(epc),
    )


# Share of the floor area, U-value at 100 kWh/m2 and category of each side of the envelope.
_SCHIL = (
    ("Voorgevel", "Muur", "0.24", "0.55"),
    ("Achtergevel", "Muur", "0.24", "0.60"),
    ("Hellend dak", "Dak", "0.55", "0.30"),
    ("Vloer", "Vloer", "0.50", "0.45"),
)


def _write_schildelen(epc: EpcFact) -> Element:
    worse = max(Decimal("0.4"), epc.kengetal / 250)
    sides = []
    for number, (side, category, share, u_value) in enumerate(_SCHIL, start=1):
        area = epc.bruto_vloeroppervlakte * Decimal(share)
        u_waarde = Decimal(u_value) * worse
        parts = [_write_part(category, f"{side[:2].upper()}{number}", area, u_waarde, None)]
        if category == "Muur":
            glass = Decimal("2.860") if epc.kengetal > 250 else Decimal("1.100")
            parts.append(
                _write_part("Venster", f"{side[:2].upper()}{number}-GL1", area / 6, glass, glass)
            )
        sides.append(
            make(
                "Schildeel",
                None,
                make("Type", side),
                make("Constructiedelen", None, *parts),
                _figure("Oppervlakte", area, "m²"),
            )
        )
    return make("Schildelen", None, *sides)


def _write_part(
    category: str, name: str, area: Decimal, u_value: Decimal, glass: Decimal | None
) -> Element:
    beglazing = None
    if glass is not None:
        soort = "Hoogrendementsglas bouwjaar =>2000" if glass < 2 else "Gewone dubbele beglazing"
        beglazing = make(
            "Beglazing", None, _figure("UWaardeGlas", glass, "W/m²K", 3), make("Type", soort)
        )
    return make(
        "Constructiedeel",
        None,
        make("Categorie", category),
        make("Naam", name),
        _figure("NettoOppervlakte", area, "m²"),
        make("Begrenzing", "Grond" if category == "Vloer" else "Buiten"),
        make("Profiel", None, make("Type", "Hout")) if glass is not None else None,
        beglazing,
        _figure("UWaarde", u_value, "W/m²K", 3),
    )


def _write_installaties(epc: EpcFact) -> Element:
    modern = epc.kengetal < 200
    ketel = "Condenserend - Gasketel" if modern else "Niet condenserend - Gasketel"
    toestel = make(
        "Opwekkingstoestel",
        None,
        make("SoortOpwekkingstoestel", "Individueel"),
        make("TypeOpwekkingstoestel", ketel),
        make("FabricagejaarKetel", 2015 if modern else 1998),
        make("Energiedrager", "Gas"),
        _figure("Vermogen", Decimal("24.00"), "kW"),
    )
    verwarming = make(
        "InstallatieVoorRuimteVerwarming",
        None,
        make("Opwekkingstoestellen", None, toestel),
        make("Afgiftesystemen", None, make("SoortAfgifteSysteem", "Radiatoren/convectoren")),
        _figure("Aandeel", Decimal("100.00"), "procent"),
    )
    ventilatie = "Mechanische afvoer" if modern else "Geen mechanische af- of toevoer"
    return make(
        "Installaties",
        None,
        make("InstallatiesVoorRuimteverwarming", None, verwarming),
        make(
            "VentilatieSystemen",
            None,
            make("VentilatieSysteem", None, make("TypeVentilatiesysteem", ventilatie)),
        ),
    )


def _figure(name: str, value: Decimal | None, unit: str | None, digits: int = 2) -> Element | None:
    return make(name, f"{value:.{digits}f}", meeteenheid=unit) if value is not None else None


def _flag(value: bool) -> str:
    return "true" if value else "false"
