"""The certificates that the hub signs and signs on with: told before they end."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from connectors.transport.certificaten import Verval
from hub.aansluiting.verschillen import Aansluiting, begin, conclude
from hub.database import copy_rows

SOORT = "certificaat_verloopt"
_BRUSSELS = ZoneInfo("Europe/Brussels")


def report_certificaten(engine: Engine, expiring: Sequence[Verval]) -> Aansluiting:
    """Report the certificates that end soon or have ended; one that was renewed closes by itself.

    The subject is the file's name: the whole path is a matter of the connection.
    """
    rows = {
        (SOORT, f"certificaat {one.bestand.name}"): (
            f"Het certificaat in {one.bestand.name} vervalt op "
            f"{one.vervalt_op.astimezone(_BRUSSELS):%d/%m/%Y}. Daarna laat de bron de hub niet "
            "meer toe.",
            "Vraag een nieuw certificaat aan en zet het in het bestand dat de verbinding noemt; "
            "het telt vanaf de volgende run.",
        )
        for one in reversed(expiring)
    }
    with engine.begin() as connection:
        begin(connection)
        told = [(*key, *texts) for key, texts in rows.items()]
        copy_rows(connection, "ops/incident", told, "copy_differences")
        return conclude(
            connection, "certificaten", (SOORT,), vergeleken=len(rows), over=("certificaat",)
        )
