"""A second, independent reader of a certificate: lxml and XPath alone, no zeep."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lxml import etree

from connectors.woningpas.epc import models as m
from connectors.woningpas.epc import models_gebouw as g

Node = etree._Element


def text(node: Node, path: str) -> str | None:
    """The text at a path; None when it is absent or empty."""
    return node.findtext(path) or None


def number(node: Node, path: str) -> Decimal | None:
    """The decimal at a path."""
    found = text(node, path)
    return Decimal(found) if found is not None else None


def whole(node: Node, path: str) -> int | None:
    """The integer at a path."""
    found = text(node, path)
    return int(found) if found is not None else None


def flag(node: Node, path: str) -> bool | None:
    """The boolean at a path."""
    found = text(node, path)
    return None if found is None else found.strip() in ("true", "1")


def figure(node: Node, path: str) -> g.Grootheid | None:
    """The figure with its unit at a path."""
    found = node.find(path)
    if found is None:
        return None
    return g.Grootheid(Decimal(found.text or ""), found.get("meeteenheid"))


def day(node: Node, path: str) -> date | None:
    """The date at a path, None when no calendar knows it."""
    found = text(node, path)
    try:
        return date.fromisoformat(found) if found is not None else None
    except ValueError:
        return None


def number_of(node: Node, name: str) -> str | None:
    """The object id in an attribute, as a number writes itself."""
    found = node.get(name)
    return str(int(found)) if found is not None else None


def moment(text_: str) -> datetime:
    """An xs:dateTime; the hour 24 ends the day, without offset it is Belgian wall clock."""
    text_ = text_.strip()
    later = timedelta(days=1) if "T24:" in text_ else timedelta(0)
    found = datetime.fromisoformat(text_.replace("T24:", "T00:")) + later
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo("Europe/Brussels"))
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return found.replace(tzinfo=UTC)


def _score(node: Node) -> m.Score:
    waarde = node.find("Waarde")
    return m.Score(
        type=node.get("type") or "",
        waarde=number(node, "Waarde"),
        meeteenheid=waarde.get("meeteenheid") if waarde is not None else None,
        label=text(node, "Label"),
        kleurcode=text(node, "Kleurcode"),
        tekst_waarde=text(node, "TekstWaarde"),
        voldaan=flag(node, "Voldaan"),
        volgorde=whole(node, "Volgorde"),
        eis=number(node, "Eis"),
        streefdoel=number(node, "Streefdoel"),
        energiescore_na_aanbevelingen=number(node, "EnergiescoreNaAanbevelingen"),
        label_na_aanbevelingen=text(node, "LabelNaAanbevelingen"),
        gemiddelde_waarde_gemeente=number(node, "GemiddeldeWaardeGemeente"),
        gemiddelde_waarde_provincie=number(node, "GemiddeldeWaardeProvincie"),
        gemiddelde_waarde_vlaanderen=number(node, "GemiddeldeWaardeVlaanderen"),
    )


def _deel(node: Node) -> g.Constructiedeel:
    return g.Constructiedeel(
        categorie=text(node, "Categorie"),
        soort=text(node, "Soort"),
        naam=text(node, "Naam"),
        netto_oppervlakte=figure(node, "NettoOppervlakte"),
        begrenzing=text(node, "Begrenzing"),
        isolatielagen=tuple(
            g.Isolatielaag(
                type_isolatie_materiaal=text(one, "TypeIsolatieMateriaal"),
                naam_materiaal=text(one, "NaamMateriaal"),
                dikte=figure(one, "DikteIsolatieMateriaal"),
                lambda_waarde=figure(one, "LambdaWaardeIsolatieMateriaal"),
                plaats_isolatie=text(one, "PlaatsIsolatie"),
                r_waarde=figure(one, "RWaarde"),
            )
            for one in node.findall("Isolatielagen/Isolatielaag")
        ),
        profiel_type=text(node, "Profiel/Type"),
        profiel_u_waarde=figure(node, "Profiel/UWaarde"),
        beglazing_type=text(node, "Beglazing/Type"),
        beglazing_u_waarde=figure(node, "Beglazing/UWaardeGlas"),
        u_waarde=figure(node, "UWaarde"),
        u_max_waarde=figure(node, "UMaxWaarde"),
        r_waarde=figure(node, "RWaarde"),
        r_min_waarde=figure(node, "RMinWaarde"),
        voldaan=flag(node, "ConstructiedeelVoldaan"),
        bestaande_constructie=flag(node, "BestaandeConstructie"),
        na_geisoleerde_constructie=flag(node, "NaGeisoleerdeConstructie"),
    )


def _toestellen(node: Node) -> tuple[g.Opwekkingstoestel, ...]:
    return tuple(
        g.Opwekkingstoestel(
            soort_opwekkingstoestel=text(one, "SoortOpwekkingstoestel"),
            type_opwekkingstoestel=text(one, "TypeOpwekkingstoestel"),
            naam_toestel=text(one, "NaamToestel"),
            toestel_binnen_het_beschermd_volume=flag(one, "ToestelBinnenHetBeschermdVolume"),
            preferentie=text(one, "Preferentie"),
            label_toestel=text(one, "LabelToestel"),
            fabricagejaar_ketel=text(one, "FabricagejaarKetel"),
            energiedrager=text(one, "Energiedrager"),
            opwekkingsrendement_rv=number(one, "OpwekkingsrendementRV"),
            opwekkingsrendement_sww=number(one, "OpwekkingsrendementSWW"),
            vermogen=figure(one, "Vermogen"),
            naam_warmtepomp=text(one, "NaamWarmtepomp"),
            spf_warmtepomp=number(one, "SpfWarmtepomp"),
            type_warmtepomp=text(one, "TypeWarmtepomp"),
            technologie_wkk=text(one, "TechnologieWKK"),
            elektrisch_vermogen_wkk=text(one, "ElektrischVermogenWKK"),
            elektrisch_vermogen_wkk_getal=figure(one, "ElektrischVermogenWKKGetal"),
        )
        for one in node.findall("Opwekkingstoestellen/Opwekkingstoestel")
    )


def _installaties(node: Node) -> g.Installaties:
    warm_water = "InstallatiesVoorSanitairWarmWater/InstallatieVoorSanitairWarmWater"
    volume = "VolumesOpslagvat/VolumeOpslagvat/Volume"
    return g.Installaties(
        ruimteverwarming=tuple(
            g.InstallatieVoorRuimteverwarming(
                opwekkingstoestellen=_toestellen(one),
                type_verwarming=text(one, "TypeVerwarming"),
                afgiftesystemen=tuple(
                    soort.text
                    for soort in one.findall("Afgiftesystemen/SoortAfgifteSysteem")
                    if soort.text
                ),
                buffervat_aanwezig=flag(one, "BuffervatAanwezig"),
                aandeel=figure(one, "Aandeel"),
            )
            for one in node.findall(
                "InstallatiesVoorRuimteverwarming/InstallatieVoorRuimteVerwarming"
            )
        ),
        sanitair_warm_water=tuple(
            g.InstallatieVoorSanitairWarmWater(
                opwekkingstoestellen=_toestellen(one),
                type_warmwaterproductie=text(one, "TypeWarmwaterproductie"),
                opwekkingsrendement=number(one, "OpwekkingsrendementSanitairWarmWater"),
                opslagvat_aanwezig=flag(one, "OpslagvatAanwezig"),
                volumes_opslagvat=tuple(
                    g.Grootheid(Decimal(vat.text or ""), vat.get("meeteenheid"))
                    for vat in one.findall(volume)
                ),
                isolatie_opslagvat=flag(one, "IsolatieOpslagvat"),
            )
            for one in node.findall(warm_water)
        ),
        bevochtigingsinstallaties=tuple(
            g.Bevochtigingsinstallatie(_toestellen(one))
            for one in node.findall("Bevochtigingsinstallaties/Bevochtigingsinstallatie")
        ),
        koelingen=tuple(
            g.Koeling(_toestellen(one), flag(one, "ActieveKoeling"))
            for one in node.findall("Koelingen/Koeling")
        ),
        fotovoltaische_panelen=tuple(
            g.FotovoltaischPaneel(
                naam=text(one, "Naam"),
                type_zonnepanelen=text(one, "TypeZonnepanelen"),
                hellingsgraad=figure(one, "Hellingsgraad"),
                oppervlakte=figure(one, "Oppervlakte"),
                orientatie=figure(one, "Orientatie"),
                elektriciteitsopwekking=figure(one, "Elektriciteitsopwekking"),
            )
            for one in node.findall("FotovoltaischePanelen/FotovoltaischePaneel")
        ),
        zonne_thermische_installaties=tuple(
            g.ZonneThermischeInstallatie(
                naam_collectoren=text(one, "NaamCollectoren"),
                oppervlakte=figure(one, "Oppervlakte"),
                hellingsgraad=figure(one, "Hellingsgraad"),
            )
            for one in node.findall("ZonneThermischeInstallaties/ZonneThermischeInstallatie")
        ),
        ventilatie_systemen=tuple(
            g.VentilatieSysteem(
                naam_ventilatiesysteem=text(one, "NaamVentilatiesysteem"),
                type_ventilatiesysteem=text(one, "TypeVentilatiesysteem"),
                aanwezigheid_bypass=flag(one, "AanwezigheidBypass"),
                rendement_wtw=whole(one, "RendementWtw"),
            )
            for one in node.findall("VentilatieSystemen/VentilatieSysteem")
        ),
    )


def _documenten(node: Node) -> tuple[m.Document, ...]:
    found = [("attest", one) for one in node.findall("Documenten/Attesten/Attest")]
    found += [("foto", one) for one in node.findall("Documenten/Foto")]
    return tuple(
        m.Document(
            soort=soort,
            type=one.get("type"),
            anoniem=(one.get("anoniem") or "").strip() in ("true", "1")
            if one.get("anoniem") is not None
            else None,
            extensie=text(one, "Extensie") or "",
            inhoud=base64.b64decode(one.findtext("Inhoud") or ""),
        )
        for soort, one in found
    )


def _nieuw(node: Node) -> m.NieuweAanbeveling:
    prioriteit = node.find("Prioriteit")
    assert prioriteit is not None
    return m.NieuweAanbeveling(
        categorie=text(node, "Categorie") or "",
        type=text(node, "Type") or "",
        subtype=text(node, "Subtype"),
        huidige_situatie=text(node, "HuidigeSituatie"),
        uitvoeringsmethodes=tuple(
            m.Uitvoeringsmethode(
                omschrijving=text(one, "Omschrijving") or "",
                volgorde=int(one.findtext("Volgorde") or ""),
                prijs_een=whole(one, "PrijsEen"),
                prijs_twee=whole(one, "PrijsTwee"),
            )
            for one in node.findall("Uitvoeringsmethodes/Uitvoeringsmethode")
        ),
        opmerking=text(node, "Opmerking"),
        prioriteit=int(prioriteit.text or ""),
        prioriteit_kleur=prioriteit.get("kleur"),
        volgorde_energieschaal=whole(node, "VolgordeEnergieschaal"),
        energiescore=number(node, "Energiescore"),
    )


def _epb(node: Node | None) -> g.EpbEenheid | None:
    if node is None:
        return None
    return g.EpbEenheid(
        type=text(node, "EpbEenheidType") or "",
        nieuwbouw_na_sloop=flag(node, "NieuwbouwNaSloop"),
        sociale_huisvesting=flag(node, "SocialeHuisvesting"),
        publieke_organisatie=flag(node, "PubliekeOrganisatie"),
    )


def lees_epc(node: Node) -> m.Epc:
    """Read one `Epc` element."""
    bouwjaar = text(node, "BouwjaarVolgensEPC") or ""
    details = node.find("Details")
    if details is None:
        details = etree.Element("Details")
    installaties = details.find("Installaties")
    adres = node.find("Ligging/Adres")
    assert adres is not None
    gebouwen = [number_of(one, "id") or "" for one in adres.findall(".//Gebouw")]
    return m.Epc(
        epc_id=number_of(node, "id") or "",
        attestnummer=text(node, "Identificatie/Attestnummer") or "",
        bouwjaar=int(bouwjaar) if bouwjaar in {str(year) for year in range(1000, 3000)} else None,
        bouwjaar_gekend=flag(node, "BouwjaarGekend"),
        datum_modificatie=moment(node.findtext("DatumModificatie") or ""),
        actief=bool(flag(node, "Actief")),
        status=text(node, "Status") or "",
        datum_ingediend=day(node, "DatumIngediend"),
        datum_geldigheid=day(node, "DatumGeldigheid"),
        type_aangifte=text(node, "TypeAangifte"),
        eenheid_type=text(node, "EpcEenheidType") or "",
        alle_scores=tuple(_score(one) for one in node.findall("Scores/Score")),
        kleurcode=text(node, "Scores/ScoreKleur/Code"),
        adres=m.EpcAdres(
            adres_id=number_of(adres, "arId"),
            straat=text(adres, "Straat/Naam"),
            huisnummer=text(adres, "HuisNummer"),
            busnummer=text(adres, "BusNummer"),
            postcode=text(adres, "Gemeente/PostCode"),
            gemeente=text(adres, "Gemeente/Naam"),
        ),
        gebouweenheid_ids=tuple(
            number_of(one, "id") or "" for one in adres.findall(".//Gebouweenheid")
        ),
        gebouw_ids=tuple(dict.fromkeys(gebouwen)),
        aard_van_de_werken=text(details, "AardVanDeWerken"),
        omschrijving=text(details, "Omschrijving"),
        bestemming=text(details, "Bestemming"),
        bouwvorm=text(details, "Bouwvorm"),
        gebouwtypes=tuple(one.text for one in details.findall("GebouwType") if one.text),
        beschermd_volume=number(details, "BeschermdVolume"),
        bruto_vloeroppervlakte=number(details, "BrutoVloerOppervlakte"),
        luchtdichtheid=number(details, "Luchtdichtheid"),
        verlies_oppervlakte=number(details, "VerliesOppervlakteEnergieEenheid"),
        schildelen=tuple(
            g.Schildeel(
                naam=text(one, "Naam"),
                type=text(one, "Type"),
                constructiedelen=tuple(
                    _deel(deel) for deel in one.findall("Constructiedelen/Constructiedeel")
                ),
                oppervlakte=figure(one, "Oppervlakte"),
            )
            for one in details.findall("Schildelen/Schildeel")
        ),
        installaties=_installaties(installaties) if installaties is not None else g.Installaties(),
        aanbevelingen=tuple(
            m.Aanbeveling(
                categorie=text(one, "Categorie") or "",
                type=text(one, "Type") or "",
                subtype=text(one, "Subtype") or "",
                voorwerp=text(one, "Voorwerp"),
                omschrijving=text(one, "Omschrijving"),
            )
            for one in node.findall("Aanbevelingen/Aanbeveling")
        ),
        nieuwe_aanbevelingen=tuple(
            _nieuw(one) for one in node.findall("NieuweAanbevelingen/Aanbeveling")
        ),
        documenten=_documenten(node),
        verduidelijking_aard_van_de_werken=text(details, "VerduidelijkingAardVanDeWerken"),
        epb_eenheid=_epb(details.find("EpbEenheid")),
        ruimtes=tuple(
            g.Ruimte(
                naam=text(one, "Naam") or "",
                soort=text(one, "Soort"),
                gebruiksoppervlakte=figure(one, "Gebruiksoppervlakte"),
                type_ruimte=text(one, "TypeRuimte"),
            )
            for one in details.findall("Ruimtes/Ruimte")
        ),
        hernieuwbare_energie_systemen=tuple(
            g.HernieuwbareEnergieSysteem(
                naam=text(one, "Naam") or "",
                kwaliteitseisen_voldaan=flag(one, "KwaliteitseisenVoldaan"),
                kwantiteitseisen_voldaan=flag(one, "KwantiteitseisenVoldaan"),
            )
            for one in details.findall("HESystemen/Systeem")
        ),
        oververhittingsindicatoren=tuple(
            g.Oververhittingsindicator(
                energie_sector=text(one, "EnergieSector"),
                epw_volume=text(one, "EPWVolume"),
                indicator=figure(one, "Indicator"),  # type: ignore[arg-type]
                max_indicator=figure(one, "MaxIndicator"),  # type: ignore[arg-type]
                voldaan=bool(flag(one, "Voldaan")),
            )
            for one in details.findall(
                "EPvolume/Oververhittingsindicatoren/Oververhittingsindicator"
            )
        ),
    )
