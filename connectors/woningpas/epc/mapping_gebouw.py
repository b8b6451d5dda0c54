"""From the zeep values of a certificate's building to our records. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from connectors.woningpas.epc.models_gebouw import (
    Bevochtigingsinstallatie,
    Constructiedeel,
    EpbEenheid,
    FotovoltaischPaneel,
    Grootheid,
    HernieuwbareEnergieSysteem,
    Installaties,
    InstallatieVoorRuimteverwarming,
    InstallatieVoorSanitairWarmWater,
    Isolatielaag,
    Koeling,
    Opwekkingstoestel,
    Oververhittingsindicator,
    Ruimte,
    Schildeel,
    VentilatieSysteem,
    ZonneThermischeInstallatie,
)


class _Empty:
    """An element without content, which zeep tells as None: it is there and says nothing."""

    def __getattr__(self, name: str) -> None:
        return None


_EMPTY = _Empty()


def read_group(group: Any, name: str) -> Sequence[Any]:
    """Return the members of a group element, none when the group is absent or empty."""
    if group is None:
        return ()
    return [one if one is not None else _EMPTY for one in getattr(group, name) or ()]


def read_texts(group: Any, name: str) -> tuple[str, ...]:
    """Return the texts of a repeated element, without the empty ones."""
    return tuple(text for text in getattr(group, name) if text) if group is not None else ()


def read_grootheid(value: Any) -> Grootheid | None:
    """Return figure and unit of an element with a `meeteenheid`."""
    if value is None or value._value_1 is None:
        return None
    return Grootheid(Decimal(value._value_1), value.meeteenheid)


def read_waarde(value: Any) -> Decimal | None:
    """Return the figure alone of an element with a `meeteenheid`."""
    return value._value_1 if value is not None else None


def read_schildelen(details: Any) -> tuple[Schildeel, ...]:
    """Return the sides of the envelope with their parts."""
    return tuple(
        Schildeel(
            naam=one.Naam,
            type=one.Type,
            constructiedelen=tuple(
                _read_constructiedeel(part)
                for part in read_group(one.Constructiedelen, "Constructiedeel")
            ),
            oppervlakte=read_grootheid(one.Oppervlakte),
        )
        for one in read_group(details.Schildelen, "Schildeel")
    )


def _read_constructiedeel(part: Any) -> Constructiedeel:
    profiel, beglazing = part.Profiel, part.Beglazing
    return Constructiedeel(
        categorie=part.Categorie,
        soort=part.Soort,
        naam=part.Naam,
        netto_oppervlakte=read_grootheid(part.NettoOppervlakte),
        begrenzing=part.Begrenzing,
        isolatielagen=tuple(
            Isolatielaag(
                type_isolatie_materiaal=layer.TypeIsolatieMateriaal,
                naam_materiaal=layer.NaamMateriaal,
                dikte=read_grootheid(layer.DikteIsolatieMateriaal),
                lambda_waarde=read_grootheid(layer.LambdaWaardeIsolatieMateriaal),
                plaats_isolatie=layer.PlaatsIsolatie,
                r_waarde=read_grootheid(layer.RWaarde),
            )
            for layer in read_group(part.Isolatielagen, "Isolatielaag")
        ),
        profiel_type=profiel.Type if profiel is not None else None,
        profiel_u_waarde=read_grootheid(profiel.UWaarde) if profiel is not None else None,
        beglazing_type=beglazing.Type if beglazing is not None else None,
        beglazing_u_waarde=(
            read_grootheid(beglazing.UWaardeGlas) if beglazing is not None else None
        ),
        u_waarde=read_grootheid(part.UWaarde),
        u_max_waarde=read_grootheid(part.UMaxWaarde),
        r_waarde=read_grootheid(part.RWaarde),
        r_min_waarde=read_grootheid(part.RMinWaarde),
        voldaan=part.ConstructiedeelVoldaan,
        bestaande_constructie=part.BestaandeConstructie,
        na_geisoleerde_constructie=part.NaGeisoleerdeConstructie,
    )


def _read_toestellen(installation: Any) -> tuple[Opwekkingstoestel, ...]:
    return tuple(
        Opwekkingstoestel(
            soort_opwekkingstoestel=one.SoortOpwekkingstoestel,
            type_opwekkingstoestel=one.TypeOpwekkingstoestel,
            naam_toestel=one.NaamToestel,
            toestel_binnen_het_beschermd_volume=one.ToestelBinnenHetBeschermdVolume,
            preferentie=one.Preferentie,
            label_toestel=one.LabelToestel,
            fabricagejaar_ketel=one.FabricagejaarKetel,
            energiedrager=one.Energiedrager,
            opwekkingsrendement_rv=one.OpwekkingsrendementRV,
            opwekkingsrendement_sww=one.OpwekkingsrendementSWW,
            vermogen=read_grootheid(one.Vermogen),
            naam_warmtepomp=one.NaamWarmtepomp,
            spf_warmtepomp=one.SpfWarmtepomp,
            type_warmtepomp=one.TypeWarmtepomp,
            technologie_wkk=one.TechnologieWKK,
            elektrisch_vermogen_wkk=one.ElektrischVermogenWKK,
            elektrisch_vermogen_wkk_getal=read_grootheid(one.ElektrischVermogenWKKGetal),
        )
        for one in read_group(installation.Opwekkingstoestellen, "Opwekkingstoestel")
    )


def read_installaties(details: Any) -> Installaties:
    """Return the installations; empty when the certificate has none."""
    group = details.Installaties
    if group is None:
        return Installaties()
    return Installaties(
        ruimteverwarming=tuple(
            InstallatieVoorRuimteverwarming(
                opwekkingstoestellen=_read_toestellen(one),
                type_verwarming=one.TypeVerwarming,
                afgiftesystemen=read_texts(one.Afgiftesystemen, "SoortAfgifteSysteem"),
                buffervat_aanwezig=one.BuffervatAanwezig,
                aandeel=read_grootheid(one.Aandeel),
            )
            for one in read_group(
                group.InstallatiesVoorRuimteverwarming, "InstallatieVoorRuimteVerwarming"
            )
        ),
        sanitair_warm_water=tuple(
            InstallatieVoorSanitairWarmWater(
                opwekkingstoestellen=_read_toestellen(one),
                type_warmwaterproductie=one.TypeWarmwaterproductie,
                opwekkingsrendement=one.OpwekkingsrendementSanitairWarmWater,
                opslagvat_aanwezig=one.OpslagvatAanwezig,
                volumes_opslagvat=tuple(
                    volume
                    for vessel in read_group(one.VolumesOpslagvat, "VolumeOpslagvat")
                    if (volume := read_grootheid(vessel.Volume)) is not None
                ),
                isolatie_opslagvat=one.IsolatieOpslagvat,
            )
            for one in read_group(
                group.InstallatiesVoorSanitairWarmWater, "InstallatieVoorSanitairWarmWater"
            )
        ),
        bevochtigingsinstallaties=tuple(
            Bevochtigingsinstallatie(_read_toestellen(one))
            for one in read_group(group.Bevochtigingsinstallaties, "Bevochtigingsinstallatie")
        ),
        koelingen=tuple(
            Koeling(opwekkingstoestellen=_read_toestellen(one), actieve_koeling=one.ActieveKoeling)
            for one in read_group(group.Koelingen, "Koeling")
        ),
        fotovoltaische_panelen=tuple(
            FotovoltaischPaneel(
                naam=one.Naam,
                type_zonnepanelen=one.TypeZonnepanelen,
                hellingsgraad=read_grootheid(one.Hellingsgraad),
                oppervlakte=read_grootheid(one.Oppervlakte),
                orientatie=read_grootheid(one.Orientatie),
                elektriciteitsopwekking=read_grootheid(one.Elektriciteitsopwekking),
            )
            for one in read_group(group.FotovoltaischePanelen, "FotovoltaischePaneel")
        ),
        zonne_thermische_installaties=tuple(
            ZonneThermischeInstallatie(
                naam_collectoren=one.NaamCollectoren,
                oppervlakte=read_grootheid(one.Oppervlakte),
                hellingsgraad=read_grootheid(one.Hellingsgraad),
            )
            for one in read_group(group.ZonneThermischeInstallaties, "ZonneThermischeInstallatie")
        ),
        ventilatie_systemen=tuple(
            VentilatieSysteem(
                naam_ventilatiesysteem=one.NaamVentilatiesysteem,
                type_ventilatiesysteem=one.TypeVentilatiesysteem,
                aanwezigheid_bypass=one.AanwezigheidBypass,
                rendement_wtw=one.RendementWtw,
            )
            for one in read_group(group.VentilatieSystemen, "VentilatieSysteem")
        ),
    )


def read_epb_eenheid(details: Any) -> EpbEenheid | None:
    """Return the kind of unit under the energy rules, when the certificate has it."""
    eenheid = details.EpbEenheid
    if eenheid is None:
        return None
    return EpbEenheid(
        type=eenheid.EpbEenheidType or "",
        nieuwbouw_na_sloop=eenheid.NieuwbouwNaSloop,
        sociale_huisvesting=eenheid.SocialeHuisvesting,
        publieke_organisatie=eenheid.PubliekeOrganisatie,
    )


def read_ruimtes(details: Any) -> tuple[Ruimte, ...]:
    """Return the rooms."""
    return tuple(
        Ruimte(
            naam=one.Naam or "",
            soort=one.Soort,
            gebruiksoppervlakte=read_grootheid(one.Gebruiksoppervlakte),
            type_ruimte=one.TypeRuimte,
        )
        for one in read_group(details.Ruimtes, "Ruimte")
    )


def read_systemen(details: Any) -> tuple[HernieuwbareEnergieSysteem, ...]:
    """Return the systems that use renewable energy."""
    return tuple(
        HernieuwbareEnergieSysteem(
            naam=one.Naam or "",
            kwaliteitseisen_voldaan=one.KwaliteitseisenVoldaan,
            kwantiteitseisen_voldaan=one.KwantiteitseisenVoldaan,
        )
        for one in read_group(details.HESystemen, "Systeem")
    )


def read_oververhittingsindicatoren(details: Any) -> tuple[Oververhittingsindicator, ...]:
    """Return how hot the parts of the unit get."""
    volume = details.EPvolume
    if volume is None:
        return ()
    return tuple(
        Oververhittingsindicator(
            energie_sector=one.EnergieSector,
            epw_volume=one.EPWVolume,
            indicator=Grootheid(Decimal(one.Indicator._value_1), one.Indicator.meeteenheid),
            max_indicator=Grootheid(
                Decimal(one.MaxIndicator._value_1), one.MaxIndicator.meeteenheid
            ),
            voldaan=one.Voldaan,
        )
        for one in read_group(volume.Oververhittingsindicatoren, "Oververhittingsindicator")
    )
