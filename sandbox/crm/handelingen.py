"""What others than the hub do in the CRM: consultants edit, residents give or withdraw consent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.crm.schema import (
    PER_NAAM,
    PER_SET,
    ColumnError,
    Kolom,
    check_value,
    format_moment,
)

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
    rij = find_dossier(world, dossiernummer)
    changed = dict(rij.velden)
    for naam, value in velden.items():
        kolom = _DOSSIER.kolommen.get(naam)
        kolom = kolom or _DOSSIER.kolommen.get(f"rh_{naam.replace('_', '')}")
        if kolom is None or kolom.soort in ("key", "system", "lookup"):
            raise ActError(f"dossier has no column {naam!r} to edit")
        changed[kolom.naam] = check_typed(kolom, value)
    by = consulent or find_consultant(rij)
    with world.rijen.write():
        world.rijen.save(_DOSSIER, rij.id, changed, by)


# What the city's residents are most often signed up for.
ADVIES = ("duurzaam_bouwadvies", "dialoog")


def set_consent(
    world: World, dossiernummer: str, tot: str | None, doel: tuple[str, str] = ADVIES
) -> None:
    """End the consent for a (purpose, receiver) at ``tot``, or give it anew when that is None.

    Raises:
        ActError: the dossier is unknown or has no profiel, or ``tot`` is no moment.
    """
    tabel = PER_NAAM["toestemming"]
    profiel, by = _find_profile(world, dossiernummer)
    until = check_typed(tabel.kolommen["rh_tot"], tot)
    consents = [
        row
        for row in world.rijen.list_of("toestemming", "profiel", profiel)
        if (row["rh_doel"], row["rh_ontvanger"]) == doel
    ]
    with world.rijen.write():
        if consents and until is not None:
            row = consents[-1]
            world.rijen.save(tabel, row[tabel.key], row | {"rh_tot": until}, by)
        else:
            now = format_moment(datetime.now(UTC))
            fresh = {
                "_rh_profiel_value": profiel,
                "rh_doel": doel[0],
                "rh_ontvanger": doel[1],
                "rh_van": now,
                "rh_tot": until,
            }
            number = len(world.rijen.list_of("toestemming", "profiel", profiel)) + 1
            row_id = str(uuid5(NAMESPACE_URL, f"{profiel}/toestemming/{number}"))
            world.rijen.save(tabel, row_id, fresh, by)


def add_aanmelding(
    world: World, dossiernummer: str, doel: tuple[str, str] = ADVIES
) -> dict[str, Any]:
    """Ask a partner (kind, partner) for something; return the aanmelding's id and sequence.

    Raises:
        ActError: the dossier is unknown.
    """
    tabel = PER_NAAM["aanmelding"]
    dossier = find_dossier(world, dossiernummer)
    number = 1 + max(
        (r["rh_volgnummer"] for r in world.rijen.list_of("aanmelding", "dossier", dossier.id)),
        default=0,
    )
    row_id = str(uuid5(NAMESPACE_URL, f"{dossier.id}/aanmelding/{number}"))
    fresh = {
        "_rh_dossier_value": dossier.id,
        "rh_soort": doel[0],
        "rh_partner": doel[1],
        "rh_volgnummer": number,
        "rh_status": "aangevraagd",
    }
    with world.rijen.write():
        world.rijen.save(tabel, row_id, fresh, find_consultant(dossier))
    return {"aanmelding_id": row_id, "volgnummer": number}


def choose_dwelling(world: World, dossiernummer: str, keuze: str | None) -> dict[str, Any]:
    """Fill in which dwelling it is, on the newest task that asks for it; return that task's key.

    Raises:
        ActError: the dossier is unknown, or no task asks for a dwelling.
    """
    tabel = PER_NAAM["stap"]
    dossier = find_dossier(world, dossiernummer)
    asking = [
        row
        for row in world.rijen.list_of("stap", "dossier", dossier.id)
        if row["rh_soort"] == "woning_kiezen"
    ]
    if not asking:
        raise ActError(f"no task of dossier {dossiernummer} asks for a dwelling")
    row = max(asking, key=lambda row: (row["rh_status"] != "gedaan", row["createdon"]))
    chosen = row | {"rh_keuze": check_typed(tabel.kolommen["rh_keuze"], keuze)}
    with world.rijen.write():
        world.rijen.save(tabel, row[tabel.key], chosen, find_consultant(dossier))
    return {"sleutel": row["rh_sleutel"]}


def decide_suggestion(world: World, dossiernummer: str, veld: str, beslissing: str | None) -> None:
    """Accept or refuse the value that a source suggests for a field, or take the decision back.

    Raises:
        ActError: the dossier is unknown, nothing is suggested for the field, or it is no decision.
    """
    tabel = PER_NAAM["gegeven"]
    dossier = find_dossier(world, dossiernummer)
    rows = world.rijen.list_of("gegeven", "dossier", dossier.id)
    row = next((row for row in rows if row["rh_veld"] == veld and row["rh_suggestie"]), None)
    if row is None:
        raise ActError(f"nothing is suggested for {veld!r} of dossier {dossiernummer}")
    decided = row | {"rh_beslissing": check_typed(tabel.kolommen["rh_beslissing"], beslissing)}
    with world.rijen.write():
        world.rijen.save(tabel, row[tabel.key], decided, find_consultant(dossier))


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


def find_dossier(world: World, dossiernummer: str) -> Rij:
    """Return a dossier by its number.

    Raises:
        ActError: there is none.
    """
    rij = world.rijen.find_by_key(_DOSSIER, dossiernummer)
    if rij is None:
        raise ActError(f"no dossier {dossiernummer}")
    return rij


def _find_profile(world: World, dossiernummer: str) -> tuple[str, str]:
    dossier = find_dossier(world, dossiernummer)
    profiel = dossier.velden["_rh_profiel_value"]
    if profiel is None:
        raise ActError(f"dossier {dossiernummer} has no profiel")
    return profiel, find_consultant(dossier)


def find_consultant(dossier: Rij) -> str:
    """Return who works on a dossier."""
    return dossier.velden["rh_consulent"] or "consulent-01"


def check_typed(kolom: Kolom, value: Any) -> Any:
    """Return a typed value as its column keeps it.

    Raises:
        ActError: it does not fit.
    """
    try:
        return check_value(kolom, value)
    except ColumnError as error:
        raise ActError(str(error)) from error
