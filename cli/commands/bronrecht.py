"""Show which purpose may ask which source, and for which dossiers a source was not asked, and why.

The table is `hub/config/bronrecht.yml`. A refusal is there once per dossier, source, purpose and
reason, and goes when the source may be asked.
"""

from __future__ import annotations

import argparse

HELP = "show which purpose may ask which source, and what was refused"
RIGHTS = ("doel", "bronnen", "rechtsgrond", "hoedanigheid", "zekerheid", "bevestigt")
REFUSALS = ("dossier_id", "bron", "doel", "reden", "sinds", "laatst_gezien_op")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bronrecht` understands."""
    parser.add_argument("act", nargs="?", choices=["toon"], default="toon")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Show the table and the open refusals; always 0."""
    from cli import acting, database, output
    from cli.settings import read_settings
    from cli.state import State
    from hub.bronrecht import load_bronrechten, show_refusals

    settings = read_settings()
    with (
        database.signed_on(settings, State(settings.home), "hub_lezer") as engine,
        engine.connect() as connection,
    ):
        refused = [acting.plain(row) for row in show_refusals(connection)]
    rights = [
        {name: getattr(recht, name) for name in RIGHTS} | {"bronnen": ", ".join(recht.bronnen)}
        for recht in load_bronrechten().values()
    ]
    if arguments.json:
        output.emit({"doelen": rights, "weigeringen": refused})
        return 0
    output.show_rows(RIGHTS, rights)
    output.show_rows(REFUSALS, refused)
    output.say(f"{len(refused)} open refusals.")
    return 0
