"""Set everything up and let residents of a sandbox Leuven travel the whole road.

CRM, dwelling, energy certificate, prefilled dossier, aanmelding at a partner, what the partner does
with it, status in Mijn Burgerprofiel, warehouse: real Airflow, real PostgreSQL, real SOAP and REST.
Prints a table, addresses and passwords, and keeps running until Ctrl-C. Exit 0 only if the table
accounts for every resident, the receivers' own journals agree, all that the partners told is in the
CRM once, every resident sees the status that the CRM says and got each message once and in no other
way than asked, and every status leads to the CRM's page for its resident.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.journey import Outcome
    from cli.services import Services

HELP = "set up everything and run the whole journey"
RESIDENTS, SEED = 200, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `demo` understands."""
    parser.add_argument("--once", action="store_true", help="end by itself after the journey")
    parser.add_argument(
        "--residents", type=_positive, default=RESIDENTS, metavar="N",
        help=f"how many residents travel (default {RESIDENTS})",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=SEED, metavar="S", help="which city (default %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Run the journey; 0 when every resident is accounted for on both sides."""
    import signal
    import time

    from cli import journey, lock, output
    from cli.services import Services
    from cli.settings import read_settings
    from cli.state import State

    begun = time.monotonic()
    settings = read_settings()
    state = State(settings.home)
    with lock.exclusive(state.run, "demo"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        services = Services(settings, state)
        try:
            services.start("demo", sandbox=True)
            journey.fill(services, residents=arguments.residents, seed=arguments.seed)
            outcome = journey.travel(
                services,
                residents=arguments.residents,
                seed=arguments.seed,
                deadline=300 + 0.4 * arguments.residents,
            )
            complaints = outcome.complaints()
            document = {
                "residents": outcome.residents,
                **{name: outcome.counts[name] for name in journey.STATES},
                "seconds": round(time.monotonic() - begun, 1),
                "flow_seconds": round(outcome.flow_seconds, 1),
                "receivers": outcome.receivers,
                "voortgang": outcome.progress.voortgang,
                "documenten": outcome.progress.documenten,
                "statussen": outcome.statuses.vergeleken,
                "door_stap": outcome.statuses.door_stap,
                "aanvragen": outcome.statuses.aanvragen,
                "quarantine": outcome.reasons,
                "urls": services.urls(),
            }
            _show(outcome, services, state.secrets()["users"], to_stderr=arguments.json)
            for complaint in complaints:
                output.say(f"renovatiehub: {complaint}.")
            if complaints:
                output.say(f"renovatiehub: read the logs in {state.logs}.")
            if arguments.json:
                output.emit(document)
            failed = bool(complaints)
            if not arguments.once:
                failed = _keep_running(services) or failed
        finally:
            # A second Ctrl-C must not leave processes behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            with output.step("Stopping services"):
                services.stop(owner="demo")
    return 1 if failed else 0


def _keep_running(services: Services) -> bool:
    """Wait for Ctrl-C; return True when a service stopped by itself."""
    import time

    from cli import output

    output.say("Everything keeps running. Stop with Ctrl-C.")
    try:
        while (failed := services.failed()) is None:
            time.sleep(1)
    except KeyboardInterrupt:
        return False
    output.say(f"renovatiehub: {failed} stopped; read {services.state.logs / failed}.log.")
    return True


def _show(
    outcome: Outcome, services: Services, passwords: dict[str, str], *, to_stderr: bool
) -> None:
    from rich.markup import escape
    from rich.table import Table

    from cli import journey, output, outside

    explained = {
        "landed": "came in from the CRM",
        "quarantined": "a rule says no: see the reasons",
        "no_start": "the resident did not agree to start: nothing was pulled",
        "enriched": "dwelling found in the registers",
        "prefilled": "the consultant finds a filled dossier",
        "no_consent": "no valid consent for a partner: nothing was sent there",
        "delivered": "at a partner, not confirmed everywhere yet",
        "confirmed": "at a partner, in the CRM and in Mijn Burgerprofiel",
        "unaccounted": "must be 0",
    }
    out = output.console(to_stderr=to_stderr)
    table = Table("residents", "number", "what it means", title="Where the residents ended")
    for name in sorted(journey.STATES, key=list(explained).index):
        table.add_row(name, str(outcome.counts[name]), explained[name])
    out.print(table)
    if outcome.reasons:
        reasons = Table("why quarantined", "rows")
        for reason, count in outcome.reasons.items():
            reasons.add_row(escape(reason), str(count))
        out.print(reasons)
    receivers = Table("receiver", "effects", "dossiers", title="By the receivers' own journals")
    for system, found in outcome.effects.items():
        receivers.add_row(system, str(found["effecten"]), str(found["dossiers"]))
    out.print(receivers)
    progress = Table("told by partners", "number", "what it means", title="What came back")
    progress.add_row(
        "steps", str(outcome.progress.voortgang), "each is in the CRM once, with its moment"
    )
    progress.add_row(
        "documents", str(outcome.progress.documenten),
        "each is in the CRM once, byte for byte as it was sent",
    )  # fmt: skip
    out.print(progress)
    out.print(
        f"{outcome.statuses.vergeleken} residents can be reached and their status in Mijn "
        f"Burgerprofiel was held against the CRM, the partners and the ledger; of "
        f"{outcome.statuses.door_stap} a step that a consultant typed decided. So were "
        f"{outcome.statuses.aanvragen} applications for a premie or a loan."
    )
    out.print(
        f"{outcome.links.aantal} residents got a status in Mijn Burgerprofiel that leads to the "
        "CRM's page for them."
    )
    out.print(f"The flows took {outcome.flow_seconds:.0f} s.")
    for name, url in services.urls().items():
        out.print(f"{name}: {url}")
    page = outside.resident_page(services.state).partition("/{")[0]
    out.print(f"page for residents: {page} (sign on as any of them)", soft_wrap=True)
    out.print(f"quality report: {services.state.home / 'data_docs' / 'index.html'}", soft_wrap=True)
    for user, password in passwords.items():
        out.print(f"sign on as [bold]{user}[/] with password {password}")


def _positive(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000000")
    return int(text)
