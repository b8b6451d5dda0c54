"""Rehearse disasters: kill processes and order faults while dossiers travel, then judge.

A city of its own, apart from your demonstration, flows through real Airflow and PostgreSQL while
scheduler, database, workers and deliverers are killed with SIGKILL, every outside system fails in
every way the sandbox knows, residents withdraw consent, consultants type in the CRM and partners
work on what they were sent. Then the receivers' own journals are compared with the ledger, and what
the partners recorded with the CRM. Exit 0 only if nothing was lost, duplicated, sent out of order
or without consent, every resident is accounted for, and the nightly comparison of the ledger with
its receivers finds nothing that these counts do not explain.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cli.storm.rehearse import Outcome

HELP = "kill and disturb everything while dossiers travel, then judge"
DOSSIERS, KILLS, SEED = 200, 60, 1
# The city's numbers, and the hard cases that every city begins with.
FEWEST, MOST = 25, 20_000
# The sandbox knows so many cities; a storm of any seed has one of them.
CITIES = 10_000
LARGEST_SEED = 2**63 - 1
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `storm` understands."""
    parser.add_argument(
        "--dossiers", type=_between(FEWEST, MOST), default=DOSSIERS, metavar="N",
        help="how many dossiers travel (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--kills", type=_between(0, 10_000), default=KILLS, metavar="K",
        help="how many processes die (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=_between(0, LARGEST_SEED), default=SEED, metavar="S",
        help="which storm over which city (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--igo", choices=["rest", "sftp"],
        help="how IGO is reached (default: as in the table of partners)",
    )  # fmt: skip
    parser.add_argument(
        "--peer", choices=["dlt"],
        help="the same storm over this open tool afterwards, in an environment of its own",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Rehearse; 0 when all five counts are zero."""
    import signal
    import time

    from cli import lock, output
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.state import State
    from cli.storm import files, stage
    from cli.storm.peer.rehearse import rehearse_peer
    from cli.storm.plan import draw_plan
    from cli.storm.points import Points
    from cli.storm.rehearse import check_reached, rehearse
    from hub.partners import list_later

    begun = time.monotonic()
    stage.refuse_elsewhere()
    settings = read_settings()
    home = settings.home / "storm"
    with lock.exclusive(State(home).run, "storm"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        stage.clear(home, settings)
        if arguments.igo:
            files.choose_channel(home, "igo", arguments.igo)
        by_file = frozenset(list_later())
        plan = draw_plan(
            seed=arguments.seed, dossiers=arguments.dossiers, kills=arguments.kills, files=by_file
        )
        points = Points(home / "points")
        services = stage.make_services(settings, home, points.folder)
        try:
            services.start(stage.OWNER, sandbox=True)
            outcome = rehearse(
                services,
                plan,
                points,
                seed=arguments.seed % CITIES,
                dossiers=arguments.dossiers,
                files=by_file,
            )
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            with output.step("Stopping services"):
                services.stop()
        clean = outcome.settled and not any(outcome.counts.values()) and not outcome.differences
        if clean:
            stage.clear(home, settings)
        peer = rehearse_peer(settings.home / "storm-peer", plan) if arguments.peer else None
    _tell(outcome)
    if peer is not None:
        _tell_peer(peer)
    seconds = round(time.monotonic() - begun, 1)
    if arguments.json:
        output.emit(
            {
                **outcome.counts,
                "differences": len(outcome.differences),
                "kills": outcome.kills,
                "faults": outcome.faults,
                "seconds": seconds,
                "per_target": outcome.per_target,
                "acts": outcome.acts,
                "voortgang": outcome.voortgang,
                "documenten": outcome.documenten,
                "statussen": outcome.statussen,
                "door_stap": outcome.door_stap,
                "files": sorted(by_file),
                "revived": outcome.revived,
                "settled": outcome.settled,
                "storm_seconds": round(outcome.storm_seconds, 1),
                "settle_seconds": round(outcome.settle_seconds, 1),
                **({} if peer is None else {"peer": peer}),
            }
        )
    if not outcome.settled:
        raise CliError(
            "The dust did not settle: a round of the flows took too long, so the figures above "
            "count what was still under way. Repeat on a machine that does nothing else; the logs "
            f"below {home} are kept."
        )
    if not clean:
        found = {**outcome.counts, "differences": len(outcome.differences)}
        wrong = ", ".join(f"{n} {name}" for name, n in found.items() if n)
        raise CliError(
            f"The promise did not hold ({wrong}); look up the "
            f"identifiers above in the ledger and in the logs below {home}, which are kept, and "
            f"repeat with --seed {arguments.seed}."
        )
    check_reached(outcome, plan)
    return 0


def _tell(outcome: Outcome) -> None:
    from cli import output

    died = ", ".join(f"{count} {target}" for target, count in sorted(outcome.per_target.items()))
    output.say(f"Killed {outcome.kills}: {died}. Faults that hit: {outcome.faults}.")
    output.say(
        f"Statuses compared: {outcome.statussen}; a consultant's step decided {outcome.door_stap}."
    )
    for name, found in {**outcome.offenders, "differences": outcome.differences}.items():
        output.say(f"{name}: {len(found)}")
        for offender in found[:SHOWN]:
            output.say(f"  {offender}")
        if len(found) > SHOWN:
            output.say(f"  and {len(found) - SHOWN} more")


def _tell_peer(peer: Mapping[str, Any]) -> None:
    from cli import output

    output.say(f"{peer['name']}: {peer['kills']} kills, {peer['messages']} messages.")
    for name in ("lost", "duplicated", "out_of_order", "without_consent"):
        output.say(f"{peer['name']} {name}: {peer[name]}")


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text)

    return number
