"""Make the woningfiche of one dossier, as it would be made today; nothing is sent.

The ending of the file says which form: `.pdf` (PDF/UA-1) or `.html`. Made from what the hub holds:
no source is asked.
"""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "make the one-page woningfiche of a dossier"
FORMS = {".pdf": "application/pdf", ".html": "text/html"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `woningfiche` understands."""
    parser.add_argument("--dossier", metavar="NUMBER", required=True, help="dossier number")
    parser.add_argument(
        "--uit", metavar="FILE", required=True, type=Path, help="where to: FILE.pdf or FILE.html"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Write the page to the file; 0 when it is there."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cli import database, output
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.state import State
    from hub.woningfiche.lookup import find_fiche
    from hub.woningfiche.maken import make_document
    from hub.woningfiche.pdf import WeergaveError

    target: Path = arguments.uit
    if target.suffix.lower() not in FORMS:
        raise CliError(f"{target.name} is no .pdf or .html; name the file so.")
    settings = read_settings()
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    with database.signed_on(settings, State(settings.home), "hub_lezer") as engine:
        try:
            with engine.begin() as connection:
                plain = find_fiche(connection, arguments.dossier, vandaag=today)
            document = make_document(plain, FORMS[target.suffix.lower()])
            target.write_bytes(document)
        except (LookupError, WeergaveError) as error:
            raise CliError(str(error)) from None
        except OSError as error:
            raise CliError(f"{target} cannot be written ({error.strerror}).") from None
    output.say(f"The woningfiche of {arguments.dossier} is in {target} ({len(document)} bytes).")
    if arguments.json:
        output.emit({"dossier": arguments.dossier, "uit": str(target), "bytes": len(document)})
    return 0
