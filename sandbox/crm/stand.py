"""What the CRM says of how its dossiers and applications stand, shown to a judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.magda.dosis import is_insz

if TYPE_CHECKING:
    from sandbox.crm.rijen import Rijen

_ROWS = "SELECT inhoud FROM crm_rij WHERE tabel = ? AND gewist = 0 ORDER BY versie"


def describe(rijen: Rijen) -> dict[str, list[dict[str, Any]]]:
    """Tell dossiers, steps, applications and consents, without anything of a person.

    Of a dossier ``bereikbaar`` says whether its resident has a valid INSZ, ``voorkeur`` how the
    resident wants to hear. Moments are the CRM's: UTC, whole seconds.
    """
    profielen = {row["rh_profielid"]: row for row in _read(rijen, "profiel")}
    consents: dict[str, list[dict[str, Any]]] = {}
    for row in _read(rijen, "toestemming"):
        told = {"soort": row["rh_doel"], "partner": row["rh_ontvanger"], "tot": row["rh_tot"]}
        consents.setdefault(row["_rh_profiel_value"], []).append(told)
    return {
        "dossier": [
            _describe_dossier(row, profielen.get(row["_rh_profiel_value"], {}), consents)
            for row in _read(rijen, "dossier")
        ],
        "stap": [
            {
                "id": row["rh_stapid"],
                "dossiernummer": rijen.find_dossiernummer("stap", row),
                "soort": row["rh_soort"],
                "status": row["rh_status"],
                "vervaldatum": row["rh_vervaldatum"],
                "gebeurdop": row["rh_gebeurdop"],
                "gewijzigdop": row["modifiedon"],
            }
            for row in _read(rijen, "stap")
        ],
        "aanvraag": [
            {
                "id": row["rh_aanvraagid"],
                "dossiernummer": rijen.find_dossiernummer("aanvraag", row),
                "nummer": row["rh_nummer"],
                "soort": row["rh_soort"],
                "regeling": row["rh_regeling"],
                "status": row["rh_status"],
            }
            for row in _read(rijen, "aanvraag")
        ],
    }


def _describe_dossier(
    row: dict[str, Any], profiel: dict[str, Any], consents: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    return {
        "dossiernummer": row["rh_dossiernummer"],
        "start_akkoord": bool(row["rh_startakkoord"]),
        "start_akkoord_op": row["rh_startakkoordop"],
        "bereikbaar": is_insz(str(profiel.get("rh_insz") or "")),
        "voorkeur": profiel.get("rh_contactvoorkeur"),
        "toestemmingen": consents.get(row["_rh_profiel_value"], []),
    }


def _read(rijen: Rijen, naam: str) -> Iterator[dict[str, Any]]:
    for (inhoud,) in rijen.state.query(_ROWS, (naam,)):
        yield orjson.loads(inhoud)
