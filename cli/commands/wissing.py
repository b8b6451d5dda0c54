"""Erase a resident who asks for it, from everything the hub holds, and show the certificate.

`start --profiel` begins: from then on nothing of the resident lands again, what waits is kept back,
and partners and Mijn Burgerprofiel are asked to remove what they hold. While one of them did not
answer, the rest waits; it goes on every night (clean_bewaartermijn), or now with `verder`. `toon`
shows how far it is, `attest` the certificate: what was removed, what stays and by which law. The
CRM erases its own. Note the number of the erasure in the register of requests: once it is done, the
hub no longer knows whose it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from hub.keys import Keyring
    from hub.wissing.run import Wissing

HELP = "erase a resident who asks for it, and show the certificate"
ACTS = ("start", "verder", "toon", "attest")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wissing` understands."""
    from cli.acting import add_words

    parser.add_argument("act", nargs="?", choices=ACTS, default="toon")
    parser.add_argument("wissing", nargs="?", metavar="ID", help="which erasure; without: all")
    parser.add_argument("--profiel", metavar="ID", help="start: profiel_id in the CRM")
    add_words(parser)


def run(arguments: argparse.Namespace) -> int:
    """Act or show; 0 when the erasures that were asked about are done."""
    from cli import acting, output
    from cli.errors import CliError
    from hub.wissing.run import list_wissingen, run_wissing, show_wissing, start_wissing

    chosen = None
    if arguments.wissing is not None:
        chosen = acting.identifier(arguments.wissing, "number of an erasure", "wissing toon")
    if arguments.act == "start" and arguments.profiel is None:
        raise CliError("'wissing start' needs whom to erase; give the profiel_id in --profiel.")
    if arguments.act == "attest" and chosen is None:
        raise CliError("'wissing attest' needs the number of the erasure; see 'wissing toon'.")
    with _signed_on() as (engine, keyring):
        if arguments.act == "start":
            profiel = acting.identifier(arguments.profiel, "profiel_id", "the CRM")
            chosen = start_wissing(engine, keyring, profiel, **acting.words(arguments))
        if arguments.act in ("start", "verder"):
            found = [run_wissing(engine, keyring, one) for one in _wanted(engine, chosen)]
        else:
            with engine.begin() as connection:
                found = (
                    list_wissingen(connection, keyring)
                    if chosen is None
                    else [show_wissing(connection, keyring, chosen)]
                )
    if arguments.act == "attest":
        return _show_attest(found[0], as_json=arguments.json)
    for one in found:
        output.say(f"{one.wissing_id}: {one.stand}{f'; {one.wacht_op}' if one.wacht_op else ''}")
    if not found:
        output.say("There is no erasure.")
    if arguments.json:
        output.emit({"wissingen": [_plain(one) for one in found]})
    return 0 if all(one.stand == "klaar" for one in found) else 1


def _wanted(engine: Engine, chosen: UUID | None) -> list[UUID]:
    from hub.wissing.run import list_open

    if chosen is not None:
        return [chosen]
    with engine.begin() as connection:
        return list_open(connection)


def _show_attest(wissing: Wissing, *, as_json: bool) -> int:
    import json

    from cli import output
    from cli.errors import CliError
    from hub.wissing.attest import describe

    if wissing.attest is None or wissing.waarmerk is None:
        raise CliError(
            f"Erasure {wissing.wissing_id} is not done ({wissing.wacht_op or wissing.stand}); "
            "go on with './renovatiehub wissing verder'."
        )
    if not wissing.echt:
        raise CliError(
            f"The certificate of erasure {wissing.wissing_id} is not as the hub made it; tell the "
            "functionaris gegevensbescherming, and look for who changed the database."
        )
    output.say(describe(wissing.attest, wissing.waarmerk))
    if as_json:
        output.emit({"attest": json.loads(wissing.attest), "waarmerk": wissing.waarmerk})
    return 0


def _plain(wissing: Wissing) -> dict[str, Any]:
    from cli.acting import plain

    return {
        "wissing": str(wissing.wissing_id),
        "stand": wissing.stand,
        "wacht_op": wissing.wacht_op,
        "stappen": [plain(row) for row in wissing.stappen],
    }


@contextmanager
def _signed_on() -> Iterator[tuple[Engine, Keyring]]:
    """Hand out an engine under the role that erases, and the keys; a refusal is one sentence."""
    from cli import database
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.state import State
    from hub.keys import KeyringError, load_keyring
    from hub.ledger.acts import HandelingError
    from hub.wissing.run import WissingError

    settings = read_settings()
    state = State(settings.home)
    state.secrets()
    try:
        keyring = load_keyring(settings.sleutels or str(state.sleutels))
        with database.signed_on(settings, state, "hub_wissing") as engine:
            yield engine, keyring
    except (HandelingError, KeyringError, WissingError) as error:
        raise CliError(str(error)) from None
