"""Write the published marts as open data: CSV, Parquet, and a description of every column.

Reads under the role that sees published figures only. The folder is replaced whole; every file in
it is of the same publication.
"""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write the published marts as files"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `opendata` understands."""
    parser.add_argument("map", type=Path, metavar="FOLDER", help="a new or earlier exported folder")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Export; 0 when all is written."""
    from cli import database, output
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.state import State
    from hub.publicatie.opendata import OpendataError, export_marts

    settings = read_settings()
    with database.signed_on(settings, State(settings.home), "hub_dashboard") as engine:
        try:
            written = export_marts(engine, arguments.map)
        except OpendataError as error:
            raise CliError(str(error)) from None
    output.say(f"Wrote {len(written)} marts, {sum(written.values())} rows, to {arguments.map}.")
    if arguments.json:
        output.emit({"marts": written})
    return 0
