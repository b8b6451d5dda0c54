"""Stop every service of this state folder, whoever started it. Data and secrets stay."""

from __future__ import annotations

import argparse

HELP = "stop the services"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `down` understands."""
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Stop everything; 0 when nothing is left."""
    from cli import lock, output
    from cli.services import Services
    from cli.settings import read_settings
    from cli.state import State

    settings = read_settings()
    state = State(settings.home)
    with lock.exclusive(state.run, "down"):
        services = Services(settings, state)
        with output.step("Stopping services"):
            stopped = services.stop()
        report = services.report()
    if arguments.json:
        output.emit(report)
    else:
        output.say(f"Stopped: {', '.join(stopped) or 'nothing was running'}.")
    return 0
