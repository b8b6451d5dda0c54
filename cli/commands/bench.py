"""Measure the hub against the floor and against peers, all in one run.

Works in a PostgreSQL and a folder of its own, which are gone afterwards. Exit 0 only if every
guarantee that belongs to a figure held while it was measured.
"""

from __future__ import annotations

import argparse

HELP = "run the benchmarks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bench` understands."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="one benchmark (default: all)")
    parser.add_argument("--peer", metavar="P", help="measure against this peer only")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Run one benchmark, or all of them; 0 when every figure kept its guarantee."""
    import signal

    from bench.common import known
    from bench.common.answer import BrokenGuaranteeError
    from cli import output
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.workplace import temporary_workplace

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    answers = []
    try:
        names = [arguments.name] if arguments.name else known.names()
        for name in names:
            known.check(name, arguments.peer)
        with temporary_workplace(read_settings().postgres_user) as place:
            for name in names:
                with output.step(f"Measuring {name}"):
                    answers.append(known.run(name, place, peer=arguments.peer, say=output.say))
                _show(answers[-1].document())
    except (LookupError, BrokenGuaranteeError) as error:
        raise CliError(str(error)) from None
    if arguments.json:
        documents = {answer.bench: answer.document() for answer in answers}
        output.emit(documents[arguments.name] if arguments.name else {"benches": documents})
    return 0


def _show(document: dict[str, object]) -> None:
    from cli import output

    for name, figure in document.items():
        output.say(f"  {name}: {figure}")
