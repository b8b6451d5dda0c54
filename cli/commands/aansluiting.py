"""Show the differences that the nightly comparison found, and accept one.

`toon` shows every open difference with its proposed repair. `aanvaard` states that one is as it
should be (a task deleted on purpose): its incident closes, and it comes back only when what is seen
changes. It takes a list, changes all of it or nothing, and is written down.
"""

from __future__ import annotations

import argparse

HELP = "show what the ledger and the receivers differ in, and accept it"
SHOWN = ("incident_id", "soort", "onderwerp", "sinds", "tekst", "voorstel")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `aansluiting` understands."""
    from cli.acting import add_words

    parser.add_argument("act", nargs="?", choices=["toon", "aanvaard"], default="toon")
    parser.add_argument("ids", nargs="*", metavar="ID", help="incident_id of each difference")
    add_words(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show or accept; 0 when what was asked is so."""
    from cli import acting
    from cli.errors import CliError
    from hub.aansluiting.aanvaarding import accept

    if arguments.act == "toon":
        return _show(as_json=arguments.json)
    if not arguments.ids:
        raise CliError("'aansluiting aanvaard' needs an ID; see 'aansluiting toon'.")
    ids = [acting.identifier(text, "incident_id", "aansluiting toon") for text in arguments.ids]
    words = acting.words(arguments)
    with acting.ledger() as connection:
        gedaan = accept(connection, ids, **words)
    return acting.answer(gedaan, as_json=arguments.json)


def _show(*, as_json: bool) -> int:
    from cli import acting, output
    from hub.aansluiting.aanvaarding import show_differences

    with acting.ledger() as connection:
        rows = [acting.plain(row) for row in show_differences(connection)]
    if as_json:
        output.emit({"verschillen": rows})
        return 0
    output.show_rows(SHOWN, rows)
    if not rows:
        output.say("No difference is open.")
    return 0
