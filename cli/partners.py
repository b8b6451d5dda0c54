"""The demonstration's partners: they do the work that residents were signed up for."""

from __future__ import annotations

from cli import outside
from cli.state import State
from cli.voortgang import PARTNERS

# No life of the sandbox is longer; more than this would mean that it never ends.
LONGEST = 50


class Partners:
    """Work on whatever was signed up, each aanmelding the life that the seed gives it."""

    def __init__(self, state: State, seed: int) -> None:
        self._state = state
        self._seed = seed

    def work(self, stap: int) -> tuple[int, int]:
        """Take every aanmelding to this step; return how much was recorded, and how many go on.

        Raises:
            CliError: the sandbox does not answer.
        """
        body = {"seed": self._seed, "stap": stap}
        answers = [
            outside.control(self._state, "POST", f"{naam}/werk", json=body) for naam in PARTNERS
        ]
        return sum(a["vastgelegd"] for a in answers), sum(a["te_gaan"] for a in answers)

    def finish(self) -> int:
        """Work to the end, a step at a time as it would go; return how much was recorded.

        Raises:
            CliError: the sandbox does not answer.
        """
        total = 0
        for stap in range(1, LONGEST + 1):
            recorded, going_on = self.work(stap)
            total += recorded
            if not going_on:
                break
        return total
