"""The report for the partner's developer, in Dutch, and the same as JSON."""

from __future__ import annotations

from typing import Any

from cli.conformance.contract import read_version
from cli.conformance.run import FAILED, NOT_JUDGED, PASSED, Outcome, Verdict
from connectors.aanmelding.mapping import CONTRACT_FILE

_MARKS = {PASSED: "geslaagd", FAILED: "GEFAALD", NOT_JUDGED: "niet beoordeeld"}


def describe_outcome(outcome: Outcome) -> str:
    """Write one check: a line when it passed, else also why and by which line of the contract."""
    head = f"{_MARKS[outcome.outcome]:<16}{outcome.name:<28}{outcome.title}"
    if outcome.outcome == PASSED:
        return head
    return (
        f"{head}\n{'':<16}gezien: {outcome.why}\n"
        f"{'':<16}contract, regel {outcome.line}: {outcome.rule}"
    )


def describe_end(verdict: Verdict) -> str:
    """Write the counts and what was left behind."""
    lines = [
        f"{verdict.count(PASSED)} geslaagd, {verdict.count(FAILED)} gefaald, "
        f"{verdict.count(NOT_JUDGED)} niet beoordeeld (contract {read_version()})."
    ]
    if verdict.left:
        lines.append(f"Achtergebleven proefaanmeldingen: {len(verdict.left)}.")
        lines += [f"  {referentie}: {why}" for referentie, why in verdict.left.items()]
    else:
        lines.append("Er bleef niets achter.")
    return "\n".join(lines)


def write_json(verdict: Verdict) -> dict[str, Any]:
    """Write the answer of `--json`."""
    return {
        "passed": verdict.count(PASSED),
        "failed": verdict.count(FAILED),
        "not_judged": verdict.count(NOT_JUDGED),
        "contract": {"file": CONTRACT_FILE.name, "version": read_version()},
        "checks": [
            {
                "name": outcome.name,
                "title": outcome.title,
                "outcome": outcome.outcome,
                "why": outcome.why,
                "contract_line": outcome.line,
                "rule": outcome.rule,
            }
            for outcome in verdict.outcomes
        ],
        "left": verdict.left,
    }
