"""What a consultant types of a dossier's way: its steps, and what is applied for."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sandbox.crm.handelingen import ActError, check_typed, find_consultant, find_dossier
from sandbox.crm.schema import PER_NAAM

if TYPE_CHECKING:
    from sandbox.world import World


def put_row(
    world: World,
    tabel_naam: str,
    dossiernummer: str,
    velden: dict[str, Any],
    row_id: str | None = None,
) -> str:
    """Type a row of a dossier, or change the one with this id; return its id.

    ``velden``: columns of the table without their prefix (``soort``, ``status``, ``vervaldatum``);
    what is not named stays. The service numbers an application of which no ``nummer`` is typed.

    Raises:
        ActError: the dossier, the row or a column is unknown, a value does not fit, or its number
            belongs to another row.
    """
    tabel = PER_NAAM[tabel_naam]
    dossier = find_dossier(world, dossiernummer)
    held = world.rijen.find(tabel, row_id) if row_id else None
    if row_id is not None and held is None:
        raise ActError(f"no {tabel_naam} {row_id}")
    typed: dict[str, Any] = {"_rh_dossier_value": dossier.id} if held is None else held.velden
    for naam, value in velden.items():
        kolom = tabel.kolommen.get(f"rh_{naam}")
        if kolom is None or kolom.soort in ("key", "system", "lookup"):
            raise ActError(f"{tabel_naam} has no column {naam!r} to type in")
        typed = typed | {kolom.naam: check_typed(kolom, value)}
    made = row_id or str(uuid4())
    with world.rijen.write():
        if tabel_naam == "aanvraag" and "rh_nummer" not in typed:
            typed = typed | {"rh_nummer": _number_aanvraag(world, dossiernummer)}
        try:
            world.rijen.save(tabel, made, typed, find_consultant(dossier))
        except sqlite3.IntegrityError as error:
            raise ActError(f"the key of this {tabel_naam} belongs to another row") from error
    return made


def _number_aanvraag(world: World, dossiernummer: str) -> str:
    """Return the next number: RA, the town of the dossier, and a sequence that never goes back."""
    found = world.rijen.state.first("SELECT count(*) FROM crm_rij WHERE tabel = 'aanvraag'")
    town = dossiernummer.split("-")[1]
    return f"RA-{town}-{(found[0] if found else 0) + 1:06d}"
