"""Steps that a consultant types in the sandbox's CRM: by seed, the same each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from cli import outside
from cli.state import State

# A kind of step that no list of the hub knows: it must be reported, and told to nobody.
ONBEKEND = "kijkdag"
# What can be done with a step: plan it for a day, plan it a week later, do it (now, or done before
# and only now written down), remove it.
OPEN, LATER, GEDAAN, EERDER, WEG = "open", "later", "gedaan", "eerder", "weg"

# The ways that dossiers go; the consultant types each step of one in its turn.
WEGEN: tuple[tuple[tuple[str, str], ...], ...] = (
    (("huisbezoek", OPEN), ("huisbezoek", GEDAAN)),
    (("afsprakennota", OPEN), ("afsprakennota", GEDAAN)),
    (("offertes", OPEN), ("offertes", GEDAAN), ("dossier_afgerond", GEDAAN)),
    (("renovatieplan_opgemaakt", EERDER), ("huisbezoek", OPEN)),
    (("dubo_advies_aangevraagd", GEDAAN), ("advies_offertes", GEDAAN)),
    (("afsprakennota", OPEN), (ONBEKEND, GEDAAN)),
    (("renovatieplan_besproken", OPEN), ("uitvoering", EERDER)),
)
_WEEK = timedelta(days=7)
_BEFORE = timedelta(hours=1)


@dataclass(slots=True)
class _Held:
    row_id: str
    status: str | None
    vervaldatum: date | None


class Stappen:
    """Types steps, and knows those that are there so that nothing is typed twice."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: dict[tuple[str, str], _Held] = {}

    def look(self) -> None:
        """Learn which steps the CRM holds.

        Raises:
            CliError: the sandbox does not answer.
        """
        for row in outside.control(self._state, "GET", "crm/stand")["stap"]:
            planned = row["vervaldatum"]
            self._held[row["dossiernummer"], row["soort"]] = _Held(
                row["id"], row["status"], None if planned is None else date.fromisoformat(planned)
            )

    def type(self, dossiernummer: str, soort: str, daad: str) -> bool:
        """Do this with the dossier's step of this kind; tell whether there was anything to do.

        Raises:
            CliError: the sandbox does not answer.
        """
        held = self._held.get((dossiernummer, soort))
        if daad == WEG:
            return self._remove(dossiernummer, soort)
        if daad == LATER:
            if held is None or held.status != OPEN or held.vervaldatum is None:
                return False
            self._put(dossiernummer, soort, OPEN, held.vervaldatum + _WEEK)
            return True
        if held is not None and (daad == OPEN or held.status == GEDAAN):
            return False
        if daad == OPEN:
            self._put(dossiernummer, soort, OPEN, datetime.now(UTC).date() + _WEEK)
        else:
            before = datetime.now(UTC) - _BEFORE if daad == EERDER else None
            self._put(dossiernummer, soort, GEDAAN, held and held.vervaldatum, before)
        return True

    def _put(
        self,
        dossiernummer: str,
        soort: str,
        status: str,
        planned: date | None,
        happened: datetime | None = None,
    ) -> None:
        held = self._held.get((dossiernummer, soort))
        velden: dict[str, Any] = {"soort": soort, "status": status}
        if planned is not None:
            velden["vervaldatum"] = planned.isoformat()
        if happened is not None:
            velden["gebeurdop"] = happened.strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"dossiernummer": dossiernummer, "velden": velden, "id": held and held.row_id}
        made = outside.control(self._state, "POST", "crm/stap", json=body)
        self._held[dossiernummer, soort] = _Held(made["id"], status, planned)

    def _remove(self, dossiernummer: str, soort: str) -> bool:
        held = self._held.pop((dossiernummer, soort), None)
        if held is not None:
            body = {"tabel": "stap", "id": held.row_id}
            outside.control(self._state, "POST", "crm/verwijder", json=body)
        return held is not None


def draw_way(seed: int, bewoner: int, one_in: int) -> tuple[tuple[str, str], ...]:
    """Return what a consultant types for a resident: for one in so many, a way; else nothing."""
    random = Random(f"consultant {seed} {bewoner}")
    return random.choice(WEGEN) if random.randrange(one_in) == 0 else ()
