"""Publish the marts of the newest closed month, as the DAG load_publicatie does.

Counts, hides what is small and what would give it away, attacks the result, and replaces all marts
in one transaction, or leaves all as it was. `--opnieuw` replaces a month that stands, for a
correction; what it showed before is part of what the attack knows.
"""

from __future__ import annotations

import argparse
from datetime import date

HELP = "publish the marts of the newest closed month"


def _day(given: str) -> date:
    return date.fromisoformat(given)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `publiceer` understands."""
    parser.add_argument("--opnieuw", action="store_true", help="replace a month that stands")
    parser.add_argument(
        "--peildatum",
        type=_day,
        metavar="YYYY-MM-DD",
        help="count up to the end of this day; default: the last day of the newest closed month",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Publish; 0 when the marts are of that day, also when they were already."""
    from dataclasses import asdict
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.exc import SQLAlchemyError

    from cli import database, output
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.state import State
    from hub.publicatie.publiceren import last_closed_day, publish
    from hub.publicatie.samenstellen import PublicatieError

    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    peildatum = arguments.peildatum or last_closed_day(today)
    if peildatum >= today:
        raise CliError(f"{peildatum} is not over yet; give a day before {today}.")
    settings = read_settings()
    with database.signed_on(settings, State(settings.home), "hub_rapportage") as engine:
        try:
            done = publish(engine, peildatum=peildatum, again=arguments.opnieuw)
        except PublicatieError as error:
            raise CliError(str(error)) from None
        except SQLAlchemyError as error:
            raise CliError(
                f"PostgreSQL ended the publication ({type(error).__name__}); the former one "
                "stands. See docs/runbooks/load_publicatie.md."
            ) from None
    if done is None:
        output.say(f"The marts are of {peildatum} already; --opnieuw replaces them.")
    else:
        output.say(
            f"Published {len(done.vernieuwd)} marts of {peildatum}: {done.afgeschermd} of "
            f"{done.cellen} cells are hidden."
        )
        if done.behouden:
            output.say(f"Kept as they were, a rule broke: {', '.join(done.behouden)}.")
        if done.ruim:
            output.say("Not all was proved in time: more is hidden than needed.")
    if arguments.json:
        answer = {} if done is None else asdict(done)
        output.emit(answer | {"peildatum": peildatum.isoformat(), "gepubliceerd": bool(done)})
    return 0
