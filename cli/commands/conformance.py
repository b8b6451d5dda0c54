"""Prove that a partner's service keeps to the aanmelding contract, rule by rule.

Give the base address of a test environment and its token; only test aanmeldingen are made (dossier
numbers that begin with `proef-`), and withdrawn at the end. The report is Dutch: what passed, what
failed, what was seen, and by which line of connectors/aanmelding/contract/aanmelding.openapi.yaml.
Exit 0 only when every check passes.
"""

from __future__ import annotations

import argparse

HELP = "prove a partner's implementation of the aanmelding contract"
SOORTEN = ("duurzaam_bouwadvies", "renovatiebegeleiding", "energielening")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `conformance` understands."""
    parser.add_argument("url", metavar="URL", help="the base address, to which /aanmeldingen adds")
    parser.add_argument(
        "--token",
        metavar="T",
        help="the bearer token of the test environment; with =, as it may begin with a hyphen",
    )
    parser.add_argument(
        "--soort", choices=SOORTEN, default=SOORTEN[0],
        help="a kind that the partner offers (default %(default)s)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Run the kit; 0 when every check passes."""
    from urllib.parse import urlsplit

    from cli import output
    from cli.conformance.caller import FailedError
    from cli.conformance.report import describe_end, describe_outcome, write_json
    from cli.conformance.run import PASSED, Outcome, run_checks
    from cli.errors import CliError

    parts = urlsplit(arguments.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise CliError("geef het basisadres van de partner, zoals https://partner.example/v1.")

    def tell(outcome: Outcome) -> None:
        (output.say if arguments.json else print)(describe_outcome(outcome))

    try:
        verdict = run_checks(arguments.url, arguments.token, arguments.soort, tell)
    except FailedError as problem:
        raise CliError(f"de partner is niet bereikbaar: {problem}; kijk het adres na.") from None
    tell_end = output.say if arguments.json else print
    tell_end(describe_end(verdict))
    if arguments.json:
        output.emit(write_json(verdict))
    wrong = len(verdict.outcomes) - verdict.count(PASSED)
    if wrong:
        raise CliError(
            f"{wrong} van de {len(verdict.outcomes)} controles slaagden niet; verbeter wat gefaald "
            "is, volgens de regel van het contract die erbij staat, en draai opnieuw."
        )
    return 0
