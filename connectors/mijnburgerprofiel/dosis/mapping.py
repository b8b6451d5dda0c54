"""From a dossier to what DOSIS takes, and from its answers to ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.mijnburgerprofiel.dosis.models import (
    Code,
    DosisDossier,
    DosisStatus,
    DossierHistoriek,
    DossierLijst,
    DossierMutatie,
    MislukteRegistratie,
    OntbrekendeBron,
    Resultaat,
)
from connectors.transport.magda import GEEN_GEGEVENS, MagdaAntwoord, read_moment

# The only kind of dossier, the role of a reader and the kind of key of a person.
TYPE_DOSSIER = "DossierStatus"
ROL_LEZER = "Raadpleger"
TYPE_PERSOON = "PERS"

# Under this name an exception tells which source it is about.
ANNOTATIE_BRON = "Bron"

_BRUSSELS = ZoneInfo("Europe/Brussels")
_VLAG = {True: "1", False: "0"}


def write_dossier(dossier: DosisDossier) -> Mapping[str, Any]:
    """Return the content of a registration: moments in Belgian time, whole seconds, with offset.

    The owner's samples hold no fraction; one that DOSIS cuts off or rounds could not be recognised
    in the dossier's history.

    Raises:
        ValueError: `datum_modificatie` has no offset.
    """
    if dossier.datum_modificatie.tzinfo is None:
        raise ValueError("datum_modificatie needs an offset")
    moment = dossier.datum_modificatie.astimezone(_BRUSSELS).replace(microsecond=0)
    content: dict[str, Any] = {
        "Identificatie": write_identificatie(dossier.bron, dossier.dossiernummer),
        "Naam": dossier.naam,
        "DatumModificatie": moment,
        "Status": _write_status(dossier.status, moment),
        "Type": TYPE_DOSSIER,
        "Producten": {"Product": [dossier.product]},
        "Subjecten": {
            "Subject": [{"Rol": ROL_LEZER, "Type": TYPE_PERSOON, "Sleutel": dossier.insz}]
        },
    }
    if dossier.beheerder_dienst is not None:
        content["Beheerder"] = {"Contact": {"Dienst": {"Omschrijving": dossier.beheerder_dienst}}}
    if dossier.doorverwijzing is not None:
        content["Doorverwijzing"] = dossier.doorverwijzing
    return {"Dossier": content}


def write_identificatie(bron: str, dossiernummer: str) -> Mapping[str, Any]:
    """Return the key of a dossier at DOSIS."""
    return {"Bron": bron, "Dossiernummer": dossiernummer}


def _write_status(status: DosisStatus, moment: datetime) -> Mapping[str, Any]:
    content: dict[str, Any] = {
        "Code": status.code,
        "Fase": status.fase,
        "DatumModificatie": moment,
    }
    if status.detail is not None:
        content["Details"] = {"Detail": [status.detail]}
    if status.actie_nodig is not None:
        content["Actie"] = {"ActieNodig": _VLAG[status.actie_nodig]}
        if status.actie is not None:
            content["Actie"]["Omschrijving"] = status.actie
    return content


def is_accepted(inhoud: Any) -> bool:
    """Tell whether a registration or a removal was taken in; processing comes later."""
    resultaat = inhoud.Resultaat
    return resultaat is not None and resultaat._value_1 == "1"


def read_resultaat(inhoud: Any) -> Resultaat:
    """Return the receipt."""
    receipt = inhoud.ResultaatRegistratie
    return Resultaat(
        verwerkt=True,
        gelukt=receipt.Resultaat._value_1 == "1",
        tijdstip=_moment(receipt.TijdstipVerwerking),
        fouten=_read_fouten(receipt),
    )


def read_uitzonderingen(inhoud: Any) -> tuple[MislukteRegistratie, ...]:
    """Return the uploads of a source that failed."""
    return tuple(
        MislukteRegistratie(
            dossiernummer=one.Identificatie.Dossiernummer if one.Identificatie else None,
            tijdstip=_moment(one.TijdstipVerwerking),
            fouten=_read_fouten(one),
        )
        for one in inhoud.UitzonderingenRegistraties.UitzonderingenRegistratie
        if one.Resultaat._value_1 != "1"
    )


def read_codelijst(inhoud: Any) -> tuple[Code, ...]:
    """Return the codes of a list, in its order."""
    return tuple(Code(one.Code, one.Omschrijving) for one in inhoud.CodeLijst.CodeType)


def _read_fouten(receipt: Any) -> tuple[str, ...]:
    fouten = receipt.Fouten.Fout if receipt.Fouten is not None else ()
    return tuple(fout.Omschrijving or "" for fout in fouten)


def is_upload(mutatie: DossierMutatie, dossier: DosisDossier) -> bool:
    """Tell whether a line of a history is this upload.

    Equal are phase, code, detail, and the status's moment as a Belgian clock shows it: DOSIS gives
    moments without offset. Two uploads that agree in all of these read the same to the resident.
    The source is not compared: DOSIS may name it otherwise than the registration did.
    """
    moment, status = mutatie.status_gewijzigd_op, dossier.status
    return (
        moment is not None
        and (mutatie.fase, mutatie.code) == (status.fase, status.code)
        and mutatie.details == ((status.detail,) if status.detail else ())
        and _clock(moment) == _clock(dossier.datum_modificatie)
    )


def _clock(moment: datetime) -> datetime:
    return moment.astimezone(_BRUSSELS).replace(tzinfo=None, microsecond=0)


def write_criteria(insz: str, bronnen: Sequence[str]) -> Mapping[str, Any]:
    """Return the content of a look at a resident's dossiers; no sources means all of them."""
    criteria: dict[str, Any] = {"INSZ": insz}
    if bronnen:
        criteria["Bronnen"] = {"Bron": list(bronnen)}
    return {"Criteria": criteria}


def read_dossiers(antwoord: MagdaAntwoord) -> DossierLijst:
    """Return the dossiers with their history, and which sources are missing."""
    per_dossier: dict[tuple[str, str], list[DossierMutatie]] = {}
    for dossier in antwoord.inhoud.Dossiers.Dossier if antwoord.inhoud is not None else ():
        for mutatie in dossier.DossierMutaties.DossierMutatie:
            key = (mutatie.Identificatie.Bron, mutatie.Identificatie.Dossiernummer)
            per_dossier.setdefault(key, []).append(_read_mutatie(mutatie))
    return DossierLijst(
        dossiers=tuple(
            DossierHistoriek(bron, dossiernummer, tuple(mutaties))
            for (bron, dossiernummer), mutaties in per_dossier.items()
        ),
        ontbrekend=tuple(
            OntbrekendeBron(one.annotaties.get(ANNOTATIE_BRON) or None, one.identificatie)
            for one in antwoord.uitzonderingen
            if one.type == "FOUT" and one.identificatie != GEEN_GEGEVENS
        ),
    )


def _read_mutatie(mutatie: Any) -> DossierMutatie:
    status = mutatie.Status
    details = status.Details.Detail if status is not None and status.Details is not None else ()
    actie = status.Actie if status is not None else None
    producten = mutatie.Producten.Product if mutatie.Producten is not None else ()
    return DossierMutatie(
        type=mutatie.Type,
        fase=status.Fase if status is not None else None,
        code=status.Code if status is not None else None,
        details=tuple(details),
        actie=actie.Omschrijving if actie and actie.ActieNodig == _VLAG[True] else None,
        status_gewijzigd_op=_moment(status.DatumModificatie) if status is not None else None,
        dossier_gewijzigd_op=_moment(mutatie.DatumModificatie),
        producten=tuple(producten),
    )


def _moment(moment: datetime | None) -> datetime | None:
    return read_moment(moment) if moment is not None else None
