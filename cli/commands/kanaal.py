"""Show, open or stop the channel of a destination, or try now what waits for it.

`toon` shows every channel, or one. A channel stops by itself when the receiver refuses the sign-on;
`stop` does it by hand. Nothing is lost: messages wait until `open`, and leave within a minute. `nu`
is for when an outage is over: what waits for a later attempt leaves within a minute.
Each act is written down with its reason and who did it.
"""

from __future__ import annotations

import argparse

HELP = "show, open or stop the channel of a destination, or try now what waits"
SHOWN = ("bestemming", "gestopt_op", "klaar", "opgegeven", "in_twijfel", "stopreden")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `kanaal` understands."""
    from cli.acting import add_words

    parser.add_argument("act", nargs="?", choices=["toon", "open", "stop", "nu"], default="toon")
    parser.add_argument("bestemming", nargs="?", metavar="BESTEMMING", help="crm, dialoog, dosis")
    add_words(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show or act; 0 when what was asked is so."""
    from cli import acting
    from cli.errors import CliError
    from hub.ledger.acts import open_channel, stop_by_hand, try_now

    if arguments.act == "toon":
        return _show(arguments.bestemming, as_json=arguments.json)
    if not arguments.bestemming:
        raise CliError(f"'kanaal {arguments.act}' needs a destination; see 'kanaal toon'.")
    words = acting.words(arguments)
    act = {"open": open_channel, "stop": stop_by_hand, "nu": try_now}[arguments.act]
    with acting.ledger() as connection:
        gedaan = act(connection, arguments.bestemming, **words)
    return acting.answer(gedaan, as_json=arguments.json)


def _show(bestemming: str | None, *, as_json: bool) -> int:
    from cli import acting, output
    from cli.errors import CliError
    from hub.ledger.view import show_channels

    with acting.ledger() as connection:
        rows = [acting.plain(row) for row in show_channels(connection, bestemming)]
    if not rows:
        raise CliError(f"There is no destination {bestemming}; see 'kanaal toon'.")
    if as_json:
        output.emit({"kanalen": rows})
    else:
        output.show_rows(SHOWN, rows)
    return 0
