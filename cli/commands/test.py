"""Run every check and all tests; with arguments only pytest, with these arguments."""

from __future__ import annotations

import argparse

HELP = "run the tests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `test` understands."""
    parser.add_argument("pytest", nargs="*", metavar="ARGUMENT", help="handed to pytest as it is")


def run(arguments: argparse.Namespace) -> int:
    """Run the checks in order and pytest last; 0 when all hold."""
    from cli import checks

    return checks.run(arguments.pytest)
