"""Load the reporting warehouse: set-based, without identity, only what changed."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.database import execute


def load_fct_dossier(engine: Engine) -> dict[str, int]:
    """Bring ``rapportage.fct_dossier`` up to date; loading twice writes nothing the second time."""
    path = "marts/fct_dossier"
    with engine.begin() as connection:
        changed = execute(connection, path, "merge")
        removed = execute(connection, path, "remove")
        execute(connection, path, "note", nieuw_of_gewijzigd=changed, verwijderd=removed)
    return {"nieuw_of_gewijzigd": changed, "verwijderd": removed}
