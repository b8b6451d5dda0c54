"""Start PostgreSQL and the four Airflow processes, and wait until all of them are ready.

What already runs is taken over; what a killed command left behind is taken over or ended.
"""

from __future__ import annotations

import argparse

HELP = "start the services"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `up` understands."""
    parser.add_argument("--sandbox", action="store_true", help="also start the outside systems")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Start everything; 0 when all is ready."""
    from cli import lock, output
    from cli.services import Services
    from cli.settings import read_settings
    from cli.state import State

    settings = read_settings()
    state = State(settings.home)
    with lock.exclusive(state.run, "up"):
        services = Services(settings, state)
        services.start("up", sandbox=arguments.sandbox)
        report = services.report()
    if arguments.json:
        output.emit(report)
    else:
        output.show_status(report, state.secrets()["users"])
    return 0 if all(service["ready"] for service in report["services"].values()) else 1
