"""Show messages of the ledger, and act on what waits for a person.

`toon` shows state, reason, attempts and acts of messages, never their content; without ID the
oldest that wait for a person. `opnieuw` lets what was given up, or is in doubt, leave again; where
the hub cannot ask the receiver, `--niet-aangekomen` states that you looked and it did not arrive.
`bevestig` states that it did arrive. `opzij` puts it aside for good. `bewaar --tot` keeps content
and row longer than the general term. Each act takes a list, changes all of it or nothing, and is
written down.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from hub.ledger.acts import Gedaan

HELP = "show messages, send again, confirm, set aside, keep"
ACTS = ("toon", "opnieuw", "bevestig", "opzij", "bewaar")
SHOWN = ("bericht_id", "bestemming", "soort", "stand", "pogingen", "reden")
LIMIT = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bericht` understands."""
    from cli.acting import add_words

    parser.add_argument("act", nargs="?", choices=ACTS, default="toon")
    parser.add_argument("ids", nargs="*", metavar="ID", help="bericht_id of each message")
    parser.add_argument(
        "--niet-aangekomen", action="store_true", help="opnieuw: I looked, it did not arrive"
    )
    parser.add_argument("--tot", metavar="DATE", help="bewaar: until this day, or 'termijn'")
    add_words(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show or act; 0 when what was asked is so."""
    from cli import acting
    from cli.errors import CliError

    ids = [acting.identifier(text, "bericht_id", "bericht toon") for text in arguments.ids]
    if arguments.act == "toon":
        return _show(ids, as_json=arguments.json)
    if not ids:
        raise CliError(f"'bericht {arguments.act}' needs an ID; see 'bericht toon'.")
    options = _options(arguments)
    with acting.ledger() as connection:
        gedaan = _act(connection, arguments.act, ids, options)
    return acting.answer(gedaan, as_json=arguments.json)


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cli import acting
    from cli.errors import CliError

    options: dict[str, Any] = acting.words(arguments)
    if arguments.act == "opnieuw":
        options["niet_aangekomen"] = arguments.niet_aangekomen
    if arguments.act == "bewaar":
        try:
            options["tot"] = (
                None
                if arguments.tot == "termijn"
                else datetime.fromisoformat(arguments.tot or "").replace(
                    tzinfo=ZoneInfo("Europe/Brussels")
                )
            )
        except ValueError:
            raise CliError(
                "'bericht bewaar' needs a day; give --tot 2027-12-31, "
                "or --tot termijn for the general term."
            ) from None
    return options


def _act(connection: Connection, act: str, ids: list[UUID], options: dict[str, Any]) -> Gedaan:
    from hub.ledger import acts

    use_cases = {
        "opnieuw": acts.resend,
        "bevestig": acts.confirm,
        "opzij": acts.set_aside,
        "bewaar": acts.keep,
    }
    return use_cases[act](connection, ids, **options)


def _show(ids: list[UUID], *, as_json: bool) -> int:
    from cli import acting, output
    from cli.errors import CliError
    from hub.ledger.view import show_messages, show_waiting

    with acting.ledger() as connection:
        found = show_messages(connection, ids) if ids else show_waiting(connection, limit=LIMIT)
    rows = [acting.plain(row) for row in found]
    missing = {str(one) for one in ids} - {row["bericht_id"] for row in rows}
    if missing:
        raise CliError(f"There is no message {', '.join(sorted(missing))}; check the number.")
    if as_json:
        output.emit({"berichten": rows})
        return 0
    output.show_rows(SHOWN, rows)
    if not rows:
        output.say("No message waits for a person.")
    for row in rows if ids else ():
        output.show_rows(
            ("nummer", "begonnen_op", "beeindigd_op", "uitkomst", "uitleg"), row["pogingen_lijst"]
        )
        output.show_rows(("gedaan_op", "wie", "soort", "vorige_stand", "reden"), row["handelingen"])
    return 0
