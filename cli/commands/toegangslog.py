"""Verify the access log, keep its end elsewhere, export a month of it, or make an extract.

`verify` recomputes every segment: a changed, removed or inserted row, a segment that changed places
or a changed closing record shows. With `--bestand` it does so from exported files, without a
database. The removed end of the open month cannot show from the log alone: `anker` prints the end
of this moment, to keep where the database's owner cannot write, and `verify --anker` holds the log
against it. `export` writes one month as JSON lines, `uittreksel` every look for a citizen, a
dwelling or a dossier; both are written down with their reason and who asked.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from hub.toegang.verify import ChainVerdict

HELP = "verify the access log, export it, make an extract"
SUBJECTS = ("profiel", "woning", "dossier")
# What fits on a screen; CSV and JSON hold all of it.
SHOWN = ("gelogd_op", "dossiernummer", "bron", "object", "doel", "namens")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `toegangslog` understands."""
    from cli.acting import add_words

    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    verify = acts.add_parser("verify", help="recompute the whole log, or files of it")
    verify.add_argument(
        "--bestand", nargs="+", type=Path, metavar="FILE", help="exported months; no database"
    )
    verify.add_argument(
        "--anker", type=Path, metavar="FILE", help="ends that were kept, one JSON line each"
    )
    verify.add_argument("--json", action="store_true", help="answer in JSON on the last line")

    anchor = acts.add_parser("anker", help="print the end of the log, to keep elsewhere")
    anchor.add_argument("bestand", nargs="?", type=Path, metavar="FILE", help="add it to this file")

    export = acts.add_parser("export", help="write one month as a file that proves itself")
    export.add_argument("--maand", metavar="YYYY-MM", help="default: the newest month")
    export.add_argument("bestand", type=Path, metavar="FILE", help="a new file")
    add_words(export)

    extract = acts.add_parser("uittreksel", help="every look for a citizen, dwelling or dossier")
    about = extract.add_mutually_exclusive_group(required=True)
    for subject in SUBJECTS:
        about.add_argument(f"--{subject}", metavar="ID", help=f"{subject}_id")
    extract.add_argument("--csv", action="store_true", help="print it as CSV")
    add_words(extract)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; 0 when all fits."""
    acts = {"verify": _verify, "anker": _anchor, "export": _export, "uittreksel": _extract}
    return acts[arguments.act](arguments)


def _verify(arguments: argparse.Namespace) -> int:
    from cli import output
    from hub.toegang.export import read_ankers, read_segments
    from hub.toegang.read import list_segments, reading
    from hub.toegang.verify import check_segments

    with _told():
        ankers = read_ankers(arguments.anker) if arguments.anker else []
        if arguments.bestand:
            verdict = check_segments(read_segments(arguments.bestand), ankers=ankers, whole=False)
        else:
            with _signed_on("hub_lezer") as engine, reading(engine) as connection:
                verdict = check_segments(list_segments(connection), ankers=ankers)
    _tell(verdict)
    if arguments.json:
        output.emit({"entries": verdict.entries, "broken": verdict.broken})
    return 1 if verdict.broken else 0


def _tell(verdict: ChainVerdict) -> None:
    from cli import output

    for note in verdict.notes:
        output.say(note)
    for finding in verdict.findings:
        output.say(f"renovatiehub: {finding}")
    if verdict.broken > len(verdict.findings):
        output.say(f"and {verdict.broken - len(verdict.findings)} more")
    output.say(f"Looked at {verdict.entries} rows; {verdict.broken} things do not fit.")
    if verdict.broken:
        where = "" if verdict.first is None else f" at row {verdict.first}"
        output.say(
            f"renovatiehub: the chain breaks{where}; keep the database and the files as they are "
            "and tell the functionaris gegevensbescherming."
        )


def _anchor(arguments: argparse.Namespace) -> int:
    import json

    from cli import output
    from cli.errors import CliError
    from hub.toegang.read import read_head, reading
    from hub.toegang.verify import anker_document

    with _signed_on("hub_lezer") as engine, reading(engine) as connection:
        head = read_head(connection)
    if head is None:
        raise CliError("The access log is empty; there is no end to keep yet.")
    document = dict(anker_document(head))
    if arguments.bestand is None:
        output.emit(document)
        return 0
    with _told(), arguments.bestand.open("a", encoding="utf-8") as stream:
        stream.writelines((json.dumps(document), "\n"))
    output.say(
        f"Row {head.volgnummer} was added to {arguments.bestand}; keep it where nobody who manages "
        "the database can write."
    )
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from cli import acting, output
    from cli.errors import CliError
    from hub.toegang.export import write_segment
    from hub.toegang.read import list_segments
    from hub.toegang.uittreksel import note_reading

    words = acting.words(arguments)
    with _inspecting() as connection:
        months = [segment.maand for segment in list_segments(connection)]
        maand = arguments.maand or (months[-1] if months else None)
        if maand not in months:
            raise CliError(
                f"The access log holds no month {arguments.maand or 'yet'}; "
                f"it holds: {', '.join(months) or 'nothing'}."
            )
        note_reading(connection, "uitvoer", f"segment {maand}", **words)
        (segment,) = (one for one in list_segments(connection) if one.maand == maand)
        # Never over another export: that one may be the only proof.
        with arguments.bestand.open("x", encoding="utf-8", newline="\n") as stream:
            count = write_segment(segment, stream)
    state = "open" if segment.slot is None else "closed"
    output.say(f"Wrote {count} rows of {maand} ({state}) to {arguments.bestand}.")
    if arguments.json:
        output.emit({"maand": maand, "entries": count, "closed": segment.slot is not None})
    return 0


def _extract(arguments: argparse.Namespace) -> int:
    from cli import acting, output
    from hub.toegang.uittreksel import COLUMNS, make_uittreksel

    words = acting.words(arguments)
    subject = next(name for name in SUBJECTS if getattr(arguments, name) is not None)
    object_id = _uuid(getattr(arguments, subject), subject)
    with _inspecting() as connection:
        found = make_uittreksel(connection, subject, object_id, **words)  # type: ignore[arg-type]
    rows = [{name: acting.plain(row[name]) for name in COLUMNS} for row in found]
    if arguments.json:
        output.emit({subject: str(object_id), "raadplegingen": rows})
    elif arguments.csv:
        _print_csv(COLUMNS, rows)
    else:
        output.show_rows(SHOWN, rows)
    output.say(f"{len(rows)} looks for {subject} {object_id}; times in UTC. This was written down.")
    return 0


def _print_csv(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    import csv
    import sys

    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _uuid(given: str, subject: str) -> UUID:
    from uuid import UUID

    from cli.errors import CliError

    try:
        return UUID(given)
    except ValueError:
        raise CliError(
            f"{given!r} is no {subject}_id; it is a UUID of the CRM or the hub."
        ) from None


@contextmanager
def _signed_on(role: str) -> Iterator[Engine]:
    from cli import database
    from cli.settings import read_settings
    from cli.state import State

    settings = read_settings()
    with database.signed_on(settings, State(settings.home), role) as engine:
        yield engine


@contextmanager
def _inspecting() -> Iterator[Connection]:
    """Hand out one view of the log under the role that may take it out."""
    from hub.toegang.read import reading

    with _told(), _signed_on("hub_inzage") as engine, reading(engine) as connection:
        yield connection


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a file or an act may refuse into one sentence."""
    from cli.errors import CliError
    from hub.ledger.acts import HandelingError
    from hub.toegang.export import UitvoerError

    try:
        yield
    except (HandelingError, UitvoerError) as error:
        raise CliError(str(error)) from None
    except FileExistsError as error:
        raise CliError(f"{error.filename} is there already; give a new file.") from None
    except OSError as error:
        raise CliError(
            f"{error.filename}: {error.strerror}; give a file that can be used."
        ) from None
