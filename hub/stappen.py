"""Steps of the CRM that no table knows become an incident, which closes by itself."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.database import execute
from hub.dossierstatus import list_known_soorten
from hub.incident import create_differences, settle_differences

SOORT = "stap_onbekend"


def report_onbekende_stappen(engine: Engine) -> dict[str, int]:
    """Report each kind of step that ``hub/config/dossierstatus.yml`` does not know.

    Nothing of these steps is sent. An incident closes once the kind is known, or no step has it any
    more. Returns how many kinds are unknown and how many incidents closed.
    """
    with engine.begin() as connection:
        create_differences(connection)
        unknown = execute(
            connection, "intermediate/decide_stappen", "compare", soorten=list_known_soorten()
        )
        closed = settle_differences(connection, [SOORT], ["crm"])
    return {"onbekend": unknown, "gesloten": closed}
