"""What the commands that act on the ledger share: who, why, the connection, and the answer."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.errors import CliError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.ledger.acts import Gedaan


def add_words(parser: argparse.ArgumentParser) -> None:
    """Add why, who and the form of the answer."""
    parser.add_argument("--reden", metavar="TEXT", help="why; without data of persons")
    parser.add_argument("--wie", metavar="NAME", help="who acts (default: the system user)")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def words(arguments: argparse.Namespace) -> dict[str, str]:
    """Return who acts and why.

    Raises:
        CliError: no reason was given.
    """
    if not arguments.reden:
        raise CliError(f"'{arguments.command} {arguments.act}' needs a reason; give it in --reden.")
    return {"reden": arguments.reden, "wie": arguments.wie or getpass.getuser()}


def identifier(text: str, name: str, see: str) -> UUID:
    """Return an identifier that was typed.

    Raises:
        CliError: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise CliError(f"{text!r} is no {name}; see '{see}'.") from None


@contextmanager
def ledger() -> Iterator[Connection]:
    """Hand out a transaction under the operator's role; a refused act is one sentence.

    Raises:
        CliError: the act was refused, or the database is not there.
    """
    from cli import database
    from cli.settings import read_settings
    from cli.state import State
    from hub.ledger.acts import HandelingError

    settings = read_settings()
    with database.signed_on(settings, State(settings.home), "hub_operator") as engine:
        try:
            with engine.begin() as connection:
                yield connection
        except HandelingError as error:
            raise CliError(str(error)) from None


def answer(gedaan: Gedaan, *, as_json: bool) -> int:
    """Tell what the act changed."""
    from cli import output

    output.say(f"Changed: {gedaan.gewijzigd}; already so: {gedaan.ongewijzigd}.")
    if as_json:
        output.emit({"changed": gedaan.gewijzigd, "unchanged": gedaan.ongewijzigd})
    return 0


def plain(value: Any) -> Any:
    """Return a value of a row in a form that JSON and people read."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
