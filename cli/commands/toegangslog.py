"""Check the access log: every row carries the hash of the row before it.

A changed, removed or inserted row breaks the chain. Exit 0 if it holds.
"""

from __future__ import annotations

import argparse

HELP = "check the access log's chain"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `toegangslog` understands."""
    parser.add_argument("act", choices=["verify"], help="recompute the whole chain")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Verify the chain; 0 when no row is out of it."""
    from cli import database, output
    from cli.settings import read_settings
    from cli.state import State
    from hub.toegangslog import verify_chain

    settings = read_settings()
    with database.signed_on(settings, State(settings.home), "hub_lezer") as engine:
        verdict = verify_chain(engine)
    output.say(f"The access log holds {verdict.entries} rows; {verdict.broken} do not fit.")
    if verdict.broken:
        output.say(
            f"renovatiehub: the chain breaks at row {verdict.first}; keep the database as it is "
            "and tell the functionaris gegevensbescherming."
        )
    if arguments.json:
        output.emit({"entries": verdict.entries, "broken": verdict.broken})
    return 1 if verdict.broken else 0
