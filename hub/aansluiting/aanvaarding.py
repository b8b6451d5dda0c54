"""A person accepts a difference: it is no incident again while the same is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.aansluiting.berichten import SOORTEN as STANDEN
from hub.aansluiting.verschillen import NIET_TE_VERGELIJKEN
from hub.database import execute, fetch_all
from hub.ledger.acts import Gedaan, HandelingError, check_words

_PATH = "ops/aansluiting_aanvaard"


def show_differences(connection: Connection) -> list[dict[str, Any]]:
    """Return every open difference with its proposed repair, the oldest first."""
    return fetch_all(connection, _PATH, "show")


def accept(connection: Connection, incident_ids: Sequence[UUID], *, reden: str, wie: str) -> Gedaan:
    """Accept differences as they were seen, and close their incidents; all of them or none.

    What was accepted before is left as it is. The acceptance ends when the difference is gone or
    another text is seen.

    Raises:
        HandelingError: there is no such incident, it closed by itself, or it is no difference.
    """
    check_words(reden, wie)
    wanted = list(dict.fromkeys(incident_ids))
    rows = fetch_all(connection, _PATH, "lock", incident_ids=wanted)
    if missing := sorted(str(one) for one in set(wanted) - {row["incident_id"] for row in rows}):
        raise HandelingError(
            f"Er is geen incident {missing[0]}. Er is niets gewijzigd. "
            "Bekijk de verschillen met 'aansluiting toon'."
        )
    open_rows = [row for row in rows if not row["aanvaard"]]
    for row in open_rows:
        if why := _refuse(row):
            raise HandelingError(f"Incident {row['incident_id']} {why}")
    chosen = [row["incident_id"] for row in open_rows]
    execute(connection, _PATH, "accept", incident_ids=chosen)
    execute(connection, _PATH, "close", incident_ids=chosen)
    execute(connection, _PATH, "note", incident_ids=chosen, reden=reden.strip(), wie=wie.strip())
    return Gedaan(len(chosen), len(rows) - len(chosen))


def _refuse(row: Mapping[str, Any]) -> str | None:
    if row["opgelost"]:
        return (
            "is al opgelost. Er is niets gewijzigd. Bekijk wat open staat met 'aansluiting toon'."
        )
    if not row["is_verschil"] or row["soort"] in (*STANDEN, NIET_TE_VERGELIJKEN):
        return (
            f"({row['soort']}) is geen verschil met een ontvanger. Er is niets gewijzigd. "
            "Herstel de oorzaak: het sluit dan vanzelf."
        )
    return None
