"""From our question to GeefEpc's criteria, and from its zeep values to our records. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from connectors.transport.magda import read_moment
from connectors.transport.soap_contract import ContractViolationError
from connectors.woningpas.epc.mapping_gebouw import (
    read_epb_eenheid,
    read_group,
    read_installaties,
    read_oververhittingsindicatoren,
    read_ruimtes,
    read_schildelen,
    read_systemen,
    read_texts,
    read_waarde,
)
from connectors.woningpas.epc.models import (
    KENGETAL,
    Aanbeveling,
    AdresCriteria,
    Attestnummer,
    Criteria,
    Document,
    Documenten,
    Epc,
    EpcAdres,
    GebouweenheidId,
    GebouwId,
    NieuweAanbeveling,
    Score,
    Uitvoeringsmethode,
)
from connectors.woningpas.epc.models_gebouw import Installaties

_JAAR = re.compile(r"[12][0-9]{3}", re.ASCII)


def write_criteria(criteria: Criteria, *, documenten: Documenten) -> Mapping[str, Any]:
    """Return the content of a question with the files that are asked with it."""
    chosen: dict[str, Any]
    match criteria:
        case GebouwId(gebouw_id):
            chosen = {"GebouwId": gebouw_id}
        case GebouweenheidId(gebouweenheid_id):
            chosen = {"GebouweenheidId": gebouweenheid_id}
        case Attestnummer(attestnummer):
            chosen = {"Attestnummer": attestnummer}
        case AdresCriteria():
            adres = {
                "Straat": criteria.straat,
                "Huisnummer": criteria.huisnummer,
                "Busnummer": criteria.busnummer,
                "Postcode": criteria.postcode,
                "Gemeente": criteria.gemeente,
            }
            chosen = {"Adres": {name: text for name, text in adres.items() if text is not None}}
    asked: dict[str, Any] = {"Attesten": documenten.attesten}
    if documenten.geanonimiseerd:
        asked["AttestenGeanonimiseerd"] = True
    if documenten.foto:
        asked["Foto"] = True
    return {"Criteria": {**chosen, **asked}}


def name_criteria(criteria: Criteria) -> str:
    """Name a question in an error: object ids and numbers, never an address."""
    match criteria:
        case GebouwId(gebouw_id):
            return f"gebouw {gebouw_id}"
        case GebouweenheidId(gebouweenheid_id):
            return f"gebouweenheid {gebouweenheid_id}"
        case Attestnummer(attestnummer):
            return f"attest {attestnummer}"
        case AdresCriteria():
            return "adres"


def read_epcs(inhoud: Any) -> tuple[Epc, ...]:
    """Return the certificates of an answer's content, in its order.

    Raises:
        ContractViolationError: one was changed at a moment outside the years 1 to 9999.
    """
    eenheden = read_group(inhoud.MijnEnergieDetails, "EnergieEenheid")
    return tuple(_read_epc(eenheid.Epc) for eenheid in eenheden)


def find_contradiction(epc: Epc, criteria: Criteria, adres_ids: Collection[str]) -> str | None:
    """Say how a certificate contradicts the question or itself; None when it does not.

    Only what the certificate names is compared: ids that are absent prove nothing.
    """
    begin, end = epc.datum_ingediend, epc.datum_geldigheid
    if begin is not None and end is not None and end < begin:
        return "ends before it begins"
    figures = {score.waarde for score in epc.alle_scores if score.type == KENGETAL}
    if len(figures) > 1:
        return "names two key figures"
    if adres_ids and epc.adres_id is not None and epc.adres_id not in adres_ids:
        return "belongs to another address"
    match criteria:
        case GebouweenheidId(gebouweenheid_id):
            if epc.gebouweenheid_ids and gebouweenheid_id not in epc.gebouweenheid_ids:
                return "belongs to another building unit"
        case GebouwId(gebouw_id):
            if epc.gebouw_ids and gebouw_id not in epc.gebouw_ids:
                return "belongs to another building"
        case Attestnummer(attestnummer):
            if epc.attestnummer and epc.attestnummer != attestnummer:
                return "is another certificate"
        case AdresCriteria():
            pass
    return None


def find_double(epcs: Sequence[Epc]) -> str | None:
    """Return the id of a certificate that the answer gives twice and differently; else None."""
    known: dict[str, Epc] = {}
    for epc in epcs:
        if known.setdefault(epc.epc_id, epc) != epc:
            return epc.epc_id
    return None


def _read_epc(epc: Any) -> Epc:
    details = epc.Details
    eenheden = (
        read_group(epc.Ligging.Adres.Gebouweenheden, "Gebouweenheid")
        if (epc.Ligging.Adres is not None)
        else ()
    )
    return Epc(
        epc_id=str(epc.id),
        attestnummer=epc.Identificatie.Attestnummer or "",
        bouwjaar=_read_jaar(epc.BouwjaarVolgensEPC),
        bouwjaar_gekend=epc.BouwjaarGekend,
        datum_modificatie=_read_datum_tijd(epc.DatumModificatie),
        actief=epc.Actief,
        status=epc.Status or "",
        datum_ingediend=_read_datum(epc.DatumIngediend),
        datum_geldigheid=_read_datum(epc.DatumGeldigheid),
        type_aangifte=epc.TypeAangifte,
        eenheid_type=epc.EpcEenheidType or "",
        alle_scores=tuple(_read_score(one) for one in read_group(epc.Scores, "Score")),
        kleurcode=(
            epc.Scores.ScoreKleur.Code
            if epc.Scores is not None and epc.Scores.ScoreKleur is not None
            else None
        ),
        adres=_read_adres(epc.Ligging.Adres),
        gebouweenheid_ids=tuple(str(one.id) for one in eenheden),
        gebouw_ids=tuple(
            dict.fromkeys(
                str(gebouw.id) for one in eenheden for gebouw in read_group(one.Gebouwen, "Gebouw")
            )
        ),
        aard_van_de_werken=details.AardVanDeWerken if details is not None else None,
        omschrijving=details.Omschrijving if details is not None else None,
        bestemming=details.Bestemming if details is not None else None,
        bouwvorm=details.Bouwvorm if details is not None else None,
        gebouwtypes=read_texts(details, "GebouwType"),
        beschermd_volume=read_waarde(details.BeschermdVolume) if details is not None else None,
        bruto_vloeroppervlakte=(
            read_waarde(details.BrutoVloerOppervlakte) if details is not None else None
        ),
        luchtdichtheid=read_waarde(details.Luchtdichtheid) if details is not None else None,
        verlies_oppervlakte=(
            read_waarde(details.VerliesOppervlakteEnergieEenheid) if details is not None else None
        ),
        schildelen=read_schildelen(details) if details is not None else (),
        installaties=read_installaties(details) if details is not None else Installaties(),
        aanbevelingen=tuple(
            Aanbeveling(
                categorie=one.Categorie or "",
                type=one.Type or "",
                subtype=one.Subtype or "",
                voorwerp=one.Voorwerp,
                omschrijving=one.Omschrijving,
            )
            for one in read_group(epc.Aanbevelingen, "Aanbeveling")
        ),
        nieuwe_aanbevelingen=tuple(
            _read_nieuwe_aanbeveling(one)
            for one in read_group(epc.NieuweAanbevelingen, "Aanbeveling")
        ),
        documenten=_read_documenten(epc.Documenten),
        verduidelijking_aard_van_de_werken=(
            details.VerduidelijkingAardVanDeWerken if details is not None else None
        ),
        epb_eenheid=read_epb_eenheid(details) if details is not None else None,
        ruimtes=read_ruimtes(details) if details is not None else (),
        hernieuwbare_energie_systemen=read_systemen(details) if details is not None else (),
        oververhittingsindicatoren=(
            read_oververhittingsindicatoren(details) if details is not None else ()
        ),
    )


def _read_score(score: Any) -> Score:
    waarde = score.Waarde
    return Score(
        type=score.type,
        waarde=read_waarde(waarde),
        meeteenheid=waarde.meeteenheid if waarde is not None else None,
        label=score.Label,
        kleurcode=score.Kleurcode,
        tekst_waarde=score.TekstWaarde,
        voldaan=score.Voldaan,
        volgorde=score.Volgorde,
        eis=read_waarde(score.Eis),
        streefdoel=read_waarde(score.Streefdoel),
        energiescore_na_aanbevelingen=read_waarde(score.EnergiescoreNaAanbevelingen),
        label_na_aanbevelingen=score.LabelNaAanbevelingen,
        gemiddelde_waarde_gemeente=read_waarde(score.GemiddeldeWaardeGemeente),
        gemiddelde_waarde_provincie=read_waarde(score.GemiddeldeWaardeProvincie),
        gemiddelde_waarde_vlaanderen=read_waarde(score.GemiddeldeWaardeVlaanderen),
    )


def _read_adres(adres: Any) -> EpcAdres:
    if adres is None:
        return EpcAdres(None, None, None, None, None, None)
    return EpcAdres(
        adres_id=str(adres.arId) if adres.arId is not None else None,
        straat=adres.Straat.Naam if adres.Straat is not None else None,
        huisnummer=adres.HuisNummer,
        busnummer=adres.BusNummer,
        postcode=adres.Gemeente.PostCode if adres.Gemeente is not None else None,
        gemeente=adres.Gemeente.Naam if adres.Gemeente is not None else None,
    )


def _read_nieuwe_aanbeveling(one: Any) -> NieuweAanbeveling:
    return NieuweAanbeveling(
        categorie=one.Categorie or "",
        type=one.Type or "",
        subtype=one.Subtype,
        huidige_situatie=one.HuidigeSituatie,
        uitvoeringsmethodes=tuple(
            Uitvoeringsmethode(
                omschrijving=method.Omschrijving or "",
                volgorde=method.Volgorde,
                prijs_een=method.PrijsEen,
                prijs_twee=method.PrijsTwee,
            )
            for method in read_group(one.Uitvoeringsmethodes, "Uitvoeringsmethode")
        ),
        opmerking=one.Opmerking,
        prioriteit=one.Prioriteit._value_1,
        prioriteit_kleur=one.Prioriteit.kleur,
        volgorde_energieschaal=one.VolgordeEnergieschaal,
        energiescore=read_waarde(one.Energiescore),
    )


def _read_documenten(group: Any) -> tuple[Document, ...]:
    if group is None:
        return ()
    files = [("attest", one) for one in read_group(group.Attesten, "Attest")]
    if group.Foto is not None:
        files.append(("foto", group.Foto))
    return tuple(
        Document(
            soort=soort,
            type=one.type,
            anoniem=one.anoniem,
            extensie=one.Extensie or "",
            inhoud=one.Inhoud or b"",
        )
        for soort, one in files
    )


def _read_datum_tijd(text: str) -> datetime:
    """Read an xs:dateTime, in which a day may end at 24:00."""
    text = text.strip()
    days = timedelta(0)
    if "T24:00:00" in text:
        text, days = text.replace("T24:", "T00:"), timedelta(days=1)
    try:
        return read_moment(datetime.fromisoformat(text) + days)
    except (ValueError, OverflowError):
        raise ContractViolationError(
            "an EPC was changed at a moment that no calendar holds"
        ) from None


def _read_jaar(text: str | None) -> int | None:
    return int(text) if text is not None and _JAAR.fullmatch(text) else None


def _read_datum(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
