"""Run every check against one partner, and clean up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.conformance import basics, limits, reading, writing
from cli.conformance.caller import Caller, FailedError
from cli.conformance.contract import find_line, read_line
from cli.conformance.kit import CHECKS, Check, Kit

# A check comes after those it needs.
ALL: tuple[Check, ...] = tuple(
    found
    for module in (basics, writing, reading, limits)
    for found in CHECKS
    if found.run.__module__ == module.__name__
)
PASSED, FAILED, NOT_JUDGED = "passed", "failed", "not_judged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended; `line` (from 1) and `rule` are the contract's."""

    name: str
    title: str
    outcome: str
    why: str
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All outcomes, and the references that the partner still holds, with why."""

    outcomes: tuple[Outcome, ...]
    left: dict[str, str]

    def count(self, outcome: str) -> int:
        """Count the checks that ended so."""
        return sum(1 for found in self.outcomes if found.outcome == outcome)


def run_checks(
    base_url: str, token: str | None, soort: str, tell: Callable[[Outcome], None]
) -> Verdict:
    """Run all checks in turn; `tell` hears of each as it ends.

    Raises:
        FailedError: the partner does not answer at all.
    """
    caller = Caller(base_url, token)
    caller.send("GET", "standen", signed=False)
    kit = Kit(caller, soort)
    outcomes: dict[str, Outcome] = {}
    try:
        for check in ALL:
            outcomes[check.name] = _run(check, kit, outcomes)
            tell(outcomes[check.name])
    finally:
        left = clean_up(kit)
    return Verdict(tuple(outcomes.values()), left)


def _run(check: Check, kit: Kit, before: dict[str, Outcome]) -> Outcome:
    first = [name for name in check.needs if before[name].outcome != PASSED]
    outcome, why = PASSED, ""
    if first:
        outcome, why = NOT_JUDGED, f"eerst moet slagen: {', '.join(first)}"
    else:
        try:
            check.run(kit)
        except FailedError as problem:
            outcome, why = FAILED, str(problem)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
            # An answer so unlike the contract that the check could not read it.
            outcome, why = FAILED, f"het antwoord is onleesbaar ({type(problem).__name__})"
    line = find_line(check.where)
    return Outcome(check.name, check.title, outcome, why, line, read_line(line))


def clean_up(kit: Kit) -> dict[str, str]:
    """Withdraw all that this run made; return what the partner still holds, with why."""
    left: dict[str, str] = {}
    for referentie, state in kit.made.items():
        if state == "bewaard":
            left[referentie] = "de partner bewaart ze"
        elif not state:
            try:
                answer = kit.caller.send("DELETE", f"aanmeldingen/{referentie}")
                kept = answer.status_code == 200 and answer.json().get("uitkomst") == "bewaard"
            except (FailedError, ValueError, AttributeError):
                left[referentie] = "de intrekking kreeg geen leesbaar antwoord"
                continue
            if kept:
                left[referentie] = "de partner bewaart ze"
            elif answer.status_code not in (200, 404):
                left[referentie] = f"de intrekking gaf {answer.status_code}"
    return left
