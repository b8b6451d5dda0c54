"""Applications for a premie or a loan that a consultant types: by seed, the same each time."""

from __future__ import annotations

from random import Random

from cli import outside
from cli.state import State

# What is applied for, and how it goes on.
WEGEN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("premie", "Mijn VerbouwPremie", ("aangevraagd", "beslist_goed", "betaald")),
    ("premie", "Mijn VerbouwPremie", ("aangevraagd", "beslist_geweigerd")),
    ("lening", "Mijn VerbouwLening", ("aangevraagd", "beslist_goed")),
)


class Aanvragen:
    """Types applications, one per dossier, and goes on with those that are there."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: dict[str, tuple[str, str]] = {}

    def look(self) -> None:
        """Learn which applications the CRM holds.

        Raises:
            CliError: the sandbox does not answer.
        """
        for row in outside.control(self._state, "GET", "crm/stand")["aanvraag"]:
            self._held[row["dossiernummer"]] = (row["id"], row["status"])

    def begin(self, dossiernummer: str, soort: str, regeling: str, status: str) -> bool:
        """Apply; tell whether that was still to be done.

        Raises:
            CliError: the sandbox does not answer.
        """
        if dossiernummer in self._held:
            return False
        self._put(dossiernummer, None, soort=soort, regeling=regeling, status=status)
        return True

    def go_on(self, dossiernummer: str, status: str) -> bool:
        """Write down how the application stands; tell whether that was still to be done.

        Raises:
            CliError: the sandbox does not answer.
        """
        row_id, now = self._held[dossiernummer]
        if now == status:
            return False
        self._put(dossiernummer, row_id, status=status)
        return True

    def _put(self, dossiernummer: str, row_id: str | None, **velden: str) -> None:
        body = {"dossiernummer": dossiernummer, "velden": velden, "id": row_id}
        made = outside.control(self._state, "POST", "crm/aanvraag", json=body)
        self._held[dossiernummer] = (made["id"], velden["status"])


def draw_aanvraag(seed: int, bewoner: int, one_in: int) -> tuple[str, str, tuple[str, ...]] | None:
    """Return what a resident applies for and how it goes on: one in so many does."""
    random = Random(f"aanvraag {seed} {bewoner}")
    return random.choice(WEGEN) if random.randrange(one_in) == 0 else None
