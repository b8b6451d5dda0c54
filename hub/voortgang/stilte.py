"""Aanmeldingen of which nothing is heard become an incident, which closes by itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from hub.database import execute
from hub.incident import create_differences, settle_differences
from hub.partners import load_partners
from hub.voortgang.config import read_stil_na_dagen

SOORT = "aanmelding_stil"


def report_stilte(engine: Engine, *, partners: Sequence[str] | None = None) -> dict[str, int]:
    """Report the aanmeldingen that are silent for longer than ``hub/config/voortgang.yml`` allows.

    ``partners``: only these, by default all of the table that get messages. An incident closes at
    the first sign of life, and when the aanmelding is withdrawn. Returns how many are silent and
    how many incidents closed.
    """
    table = load_partners()
    chosen = [
        p for p in table.values() if p.is_outside and (partners is None or p.code in partners)
    ]
    terms = [
        (partner.code, soort, partner.naam, read_stil_na_dagen(partner.code, soort))
        for partner in chosen
        for soort in partner.soorten
    ]
    with engine.begin() as connection:
        create_differences(connection)
        silent = execute(
            connection,
            "intermediate/decide_stilte",
            "compare",
            partners=[code for code, _, _, _ in terms],
            soorten=[soort for _, soort, _, _ in terms],
            namen=[naam for _, _, naam, _ in terms],
            dagen=[dagen for _, _, _, dagen in terms],
        )
        closed = settle_differences(connection, [SOORT], [partner.code for partner in chosen])
    return {"stil": silent, "gesloten": closed}
