"""Applications for a premie or a loan that cannot be shown become an incident, which closes."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.database import execute
from hub.dossierstatus import list_aanvraag_parameters
from hub.incident import create_differences, settle_differences

SOORT = "aanvraag_onbekend"


def report_onbekende_aanvragen(engine: Engine) -> dict[str, int]:
    """Report applications whose kind, status, scheme or number the hub cannot use, per reason.

    Nothing of these is sent. An incident closes once no application has its reason any more.
    Returns how many reasons there are and how many incidents closed.
    """
    parameters = list_aanvraag_parameters()
    del parameters["namen"]
    with engine.begin() as connection:
        create_differences(connection)
        unknown = execute(connection, "intermediate/decide_aanvragen", "compare", **parameters)
        closed = settle_differences(connection, [SOORT], ["crm"])
    return {"onbekend": unknown, "gesloten": closed}
