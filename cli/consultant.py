"""The demonstration's consultant: chooses the one dwelling that the registers could not tell."""

from __future__ import annotations

from cli import outside
from cli.errors import CliError
from cli.state import State

# Of every sandbox city, the resident of an apartment who wrote no bus number.
_NUMBER = 13


class Consultant:
    """Waits for the task that asks for the dwelling, and fills in the choice once."""

    def __init__(self, state: State, *, residents: int, seed: int) -> None:
        self._state = state
        self._dossier = f"RD-{seed:04d}-{_NUMBER:06d}"
        self._waits = residents >= _NUMBER

    def act(self) -> bool:
        """Choose when the task is there; tell whether that was done now."""
        if not self._waits:
            return False
        try:
            known = outside.control(self._state, "GET", f"stad/{self._dossier}")
            chosen = {
                "dossiernummer": self._dossier,
                "keuze": f"adres {known['adres']['adres_id']}",
            }
            outside.control(self._state, "POST", "crm/keuze", json=chosen)
        except CliError:
            return False
        self._waits = False
        return True
