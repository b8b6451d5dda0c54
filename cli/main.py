"""The parser of the one command. A file in `cli/commands/` is a sub-command."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from cli import commands
from cli.errors import CliError
from cli.settings import DESCRIBED


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every module of `cli.commands` as a sub-command.

    A module says `HELP` (one line), its docstring (the longer text), `add_arguments(parser)` and
    `run(arguments) -> int`; its name is the sub-command's. Needs the standard library only.
    """
    width = max(len(name) for name in DESCRIBED) + 2
    settings = "\n".join(f"  {name:<{width}}{text}" for name, text in DESCRIBED.items())
    parser = argparse.ArgumentParser(
        prog="renovatiehub",
        description="Renovatiehub: connects a city's Energieloket with everything around it.",
        epilog=f"settings from the environment:\n{settings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for found in sorted(module.name for module in pkgutil.iter_modules(commands.__path__)):
        module = importlib.import_module(f"cli.commands.{found}")
        subparser = subparsers.add_parser(
            found, help=module.HELP, description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit code."""
    parser = build_parser()
    given = list(sys.argv[1:] if argv is None else argv)
    if not given:
        parser.print_help()
        return 2
    if given[0] == "test" and given[1:] not in (["-h"], ["--help"]):
        # Everything after `test` is pytest's, options included.
        from cli.commands import test

        arguments = argparse.Namespace(command="test", run=test.run, pytest=given[1:])
    else:
        arguments = parser.parse_args(given)
    try:
        code: int = arguments.run(arguments)
    except CliError as error:
        print(f"renovatiehub: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nrenovatiehub: interrupted.", file=sys.stderr)
        return 130
    return code
