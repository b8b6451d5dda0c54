"""What others than the hub do in the CRM: consultants edit, residents give or withdraw consent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.crm.schema import PER_NAAM, PER_SET, ColumnError, check_value, format_moment

if TYPE_CHECKING:
    from sandbox.crm.rijen import Rij
    from sandbox.world import World

_DOSSIER = PER_NAAM["dossier"]


class ActError(ValueError):
    """The act is impossible: no such dossier, row, column or value."""


def edit_dossier(
    world: World, dossiernummer: str, velden: dict[str, Any], consulent: str | None = None
) -> None:
    """Change columns of a dossier as its consultant does.

    ``velden`` names columns as the CRM does (``rh_bouwjaar``) or without the prefix and with
    underscores (``epc_label``); null empties a column.

    Raises:
        ActError: the dossier or a column is unknown, or a value does not fit.
    """
    rij = _find_dossier(world, dossiernummer)
    changed = dict(rij.velden)
    for naam, value in velden.items():
        kolom = _DOSSIER.kolommen.get(naam)
        kolom = kolom or _DOSSIER.kolommen.get(f"rh_{naam.replace('_', '')}")
        if kolom is None or kolom.soort in ("key", "system", "lookup"):
            raise ActError(f"dossier has no column {naam!r} to edit")
        try:
            changed[kolom.naam] = check_value(kolom, value)
        except ColumnError as error:
            raise ActError(str(error)) from error
    by = consulent or rij.velden["rh_consulent"] or "consulent-01"
    with world.rijen.write():
        world.rijen.save(_DOSSIER, rij.id, changed, by)


def set_consent(world: World, dossiernummer: str, tot: str | None) -> None:
    """End the consent for Dialoog at ``tot``, or give it anew when ``tot`` is None.

    Raises:
        ActError: the dossier is unknown or has no profiel, or ``tot`` is no moment.
    """
    tabel = PER_NAAM["toestemming"]
    profiel, by = _find_profile(world, dossiernummer)
    try:
        until = check_value(tabel.kolommen["rh_tot"], tot)
    except ColumnError as error:
        raise ActError(str(error)) from error
    consents = [
        row
        for row in world.rijen.list_of("toestemming", "profiel", profiel)
        if (row["rh_doel"], row["rh_ontvanger"]) == ("duurzaam_bouwadvies", "dialoog")
    ]
    with world.rijen.write():
        if consents and until is not None:
            row = consents[-1]
            world.rijen.save(tabel, row[tabel.key], row | {"rh_tot": until}, by)
        else:
            now = format_moment(datetime.now(UTC))
            fresh = {
                "_rh_profiel_value": profiel,
                "rh_doel": "duurzaam_bouwadvies",
                "rh_ontvanger": "dialoog",
                "rh_van": now,
                "rh_tot": until,
            }
            row_id = str(uuid5(NAMESPACE_URL, f"{profiel}/toestemming/{len(consents) + 1}"))
            world.rijen.save(tabel, row_id, fresh, by)


def add_aanmelding(world: World, dossiernummer: str) -> dict[str, Any]:
    """Ask for Dialoog's advice again; return the new aanmelding's id and sequence.

    Raises:
        ActError: the dossier is unknown.
    """
    tabel = PER_NAAM["aanmelding"]
    dossier = _find_dossier(world, dossiernummer)
    number = 1 + max(
        (r["rh_volgnummer"] for r in world.rijen.list_of("aanmelding", "dossier", dossier.id)),
        default=0,
    )
    row_id = str(uuid5(NAMESPACE_URL, f"{dossier.id}/aanmelding/{number}"))
    fresh = {
        "_rh_dossier_value": dossier.id,
        "rh_soort": "duurzaam_bouwadvies",
        "rh_partner": "dialoog",
        "rh_volgnummer": number,
        "rh_status": "aangevraagd",
    }
    with world.rijen.write():
        world.rijen.save(tabel, row_id, fresh, dossier.velden["rh_consulent"] or "consulent-01")
    return {"aanmelding_id": row_id, "volgnummer": number}


def delete_row(world: World, tabel_naam: str, row_id: str) -> None:
    """Delete a row as a consultant does.

    Raises:
        ActError: the table or row is unknown.
    """
    tabel = PER_NAAM.get(tabel_naam) or PER_SET.get(tabel_naam)
    if tabel is None or world.rijen.find(tabel, row_id) is None:
        raise ActError("no such row")
    with world.rijen.write():
        world.rijen.delete(tabel, row_id)


def _find_dossier(world: World, dossiernummer: str) -> Rij:
    rij = world.rijen.find_by_key(_DOSSIER, dossiernummer)
    if rij is None:
        raise ActError(f"no dossier {dossiernummer}")
    return rij


def _find_profile(world: World, dossiernummer: str) -> tuple[str, str]:
    dossier = _find_dossier(world, dossiernummer)
    profiel = dossier.velden["_rh_profiel_value"]
    if profiel is None:
        raise ActError(f"dossier {dossiernummer} has no profiel")
    return profiel, dossier.velden["rh_consulent"] or "consulent-01"
