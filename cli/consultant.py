"""The demonstration's consultant: chooses the dwelling that nobody could tell, types what happens.

Steps and applications are drawn from the seed: some begin while their dossiers travel, and all go
on when the partners have done their work. A second demonstration finds them typed.
"""

from __future__ import annotations

from itertools import islice

from cli import outside
from cli.aanvragen import Aanvragen, draw_aanvraag
from cli.errors import CliError
from cli.stappen import GEDAAN, ONBEKEND, Stappen, draw_way
from cli.state import State

# Of every sandbox city, the resident of an apartment who wrote no bus number.
_NUMBER = 13
# One dossier in so many gets steps, and no more than so many dossiers.
_ONE_IN, _MOST = 3, 100
# One in so many residents applies for a premie or a loan.
_APPLIES = 10
# A row that is wrong stays where it was found: nobody works on it.
_WRONG = "crm_fout_"


class Consultant:
    """Waits for the task that asks for the dwelling, fills in the choice once, and types steps."""

    def __init__(self, state: State, *, residents: int, seed: int) -> None:
        self._state = state
        self._dossier = f"RD-{seed:04d}-{_NUMBER:06d}"
        self._waits = residents >= _NUMBER
        self._stappen = Stappen(state)
        ways = (
            (f"RD-{seed:04d}-{bewoner + 1:06d}", way)
            for bewoner in range(residents)
            if (way := draw_way(seed, bewoner, _ONE_IN))
        )
        self._ways = dict(islice(ways, _MOST))
        self._aanvragen = Aanvragen(state)
        applied = (
            (f"RD-{seed:04d}-{bewoner + 1:06d}", drawn)
            for bewoner in range(residents)
            if (drawn := draw_aanvraag(seed, bewoner, _APPLIES)) is not None
        )
        self._applied = dict(islice(applied, _MOST))
        self._begun = False

    def act(self) -> bool:
        """Choose when the task is there, type the first steps; tell whether any was done now."""
        begun = self._begin()
        return self._choose() or begun

    def finish(self) -> bool:
        """Type the steps that are left, and how applications went on; tell whether there were any.

        Raises:
            CliError: the sandbox does not answer.
        """
        typed = [
            self._stappen.type(number, soort, daad)
            for number, way in self._ways.items()
            for soort, daad in way[1:]
        ]
        typed += [
            self._aanvragen.go_on(number, standen[-1])
            for number, (_, _, standen) in self._applied.items()
        ]
        return any(typed)

    def _begin(self) -> bool:
        if self._begun:
            return False
        self._begun = True
        self._stappen.look()
        self._ways = {number: way for number, way in self._ways.items() if self._is_right(number)}
        if self._ways:
            number = min(self._ways)
            self._ways[number] = (*self._ways[number], (ONBEKEND, GEDAAN))
        typed = [self._stappen.type(number, *way[0]) for number, way in self._ways.items()]
        self._aanvragen.look()
        self._applied = {n: drawn for n, drawn in self._applied.items() if self._is_right(n)}
        typed += [
            self._aanvragen.begin(number, soort, regeling, standen[0])
            for number, (soort, regeling, standen) in self._applied.items()
        ]
        return any(typed)

    def _is_right(self, number: str) -> bool:
        known = outside.control(self._state, "GET", f"stad/{number}")
        return not known["geval"].startswith(_WRONG)

    def _choose(self) -> bool:
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
