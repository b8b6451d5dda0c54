"""Show messages of the ledger, and act on what waits for a person.

`toon` shows state, reason, attempts and acts of messages, never their content; without ID the
oldest that wait for a person. `opnieuw` lets what was given up, or is in doubt, leave again; where
the hub cannot ask the receiver, `--niet-aangekomen` states that you looked and it did not arrive.
`bevestig` states that it did arrive. `opzij` puts it aside for good. `bewaar --tot` keeps content
and row longer than the general term. Each act takes a list, changes all of it or nothing, and is
written down. `preview` shows how the messages to residents read, about nobody, and sends nothing.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from hub.ledger.acts import Gedaan

HELP = "show messages, send again, confirm, set aside, keep; preview those to residents"
ACTS = ("toon", "opnieuw", "bevestig", "opzij", "bewaar", "preview")
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
    parser.add_argument("--status", metavar="S", help="preview: this status only")
    add_words(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show or act; 0 when what was asked is so."""
    from cli import acting
    from cli.errors import CliError

    if arguments.act == "preview":
        if arguments.ids:
            raise CliError("'bericht preview' takes no ID; give --status.")
        return _preview(arguments.status, as_json=arguments.json)
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


def _preview(status: str | None, *, as_json: bool) -> int:
    """Show how messages read; 1 when one that must be told cannot be sent like that."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from cli import output
    from cli.errors import CliError
    from hub.bewonerspagina import BewonerspaginaError
    from hub.melding.voorbeeld import list_statussen, make_voorbeeld

    known = list_statussen()
    if status is not None and status not in known:
        raise CliError(f"There is no status {status!r}; choose one of {', '.join(known)}.")
    chosen = known if status is None else [status]
    try:
        found = [make_voorbeeld(one, datetime.now(UTC)) for one in chosen]
    except BewonerspaginaError as error:
        raise CliError(str(error)) from None
    if as_json:
        output.emit({"voorbeelden": [asdict(one) for one in found]})
    else:
        for one in found:
            told = "melden" if one.melden else "niet melden"
            output.say(f"[{one.status}] {told}, {one.sjabloon}")
            output.say(f"  {one.titel} ({len(one.titel)})")
            output.say(f"  {one.tekst} ({len(one.tekst)})")
            if one.fout:
                output.say(f"  Fout: {one.fout}.")
    return 1 if any(one.melden and one.fout for one in found) else 0
