"""Say of every service whether it is ready, its process and its memory. Exit 0 if all are ready."""

from __future__ import annotations

import argparse

HELP = "say how the services are"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `status` understands."""
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Report; 0 when all is ready."""
    from cli import output
    from cli.services import Services
    from cli.settings import read_settings
    from cli.state import State

    settings = read_settings()
    report = Services(settings, State(settings.home)).report()
    if arguments.json:
        output.emit(report)
    else:
        output.show_status(report)
    waiting = [name for name, service in report["services"].items() if not service["ready"]]
    if waiting:
        output.say(
            f"renovatiehub: not ready: {', '.join(waiting)}; start with './renovatiehub up'."
        )
    return 1 if waiting else 0
