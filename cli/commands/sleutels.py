"""Show the keys of what is sealed, add a fresh one, seal anew, take a retired one out.

`toon` says how many rows each key seals; never the key itself. `nieuw` adds a key and makes it the
active one. `hersleutel` seals under it what older keys sealed, while the flows run; it may be
stopped and run again. `schrap` takes out a key that no row uses, an hour after `nieuw` at the
earliest. Back up the key file after `nieuw`, and keep a copy of a key as long as a backup of the
database may need it. `pseudoniem` gives the pseudonyms of the warehouse a fresh key of their own;
the next load renews them all at once.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from hub.keys import Keyring

HELP = "show and rotate the keys of what is sealed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `sleutels` understands."""
    parser.add_argument(
        "act",
        nargs="?",
        choices=["toon", "nieuw", "hersleutel", "schrap", "pseudoniem"],
        default="toon",
    )
    parser.add_argument("sleutel", nargs="?", metavar="ID", help="schrap: which key")
    parser.add_argument("--json", action="store_true", help="answer in JSON on the last line")


def run(arguments: argparse.Namespace) -> int:
    """Show or act; 0 when every sealed row opens, and nothing is left to do."""
    from cli import database, lock
    from cli.errors import CliError
    from cli.settings import read_settings
    from cli.state import State
    from hub.keys import KeyringError, load_keyring

    settings = read_settings()
    state = State(settings.home)
    state.secrets()
    source = settings.sleutels or str(state.sleutels)
    try:
        if arguments.act == "nieuw":
            with lock.exclusive(state.run, "sleutels nieuw", name="sleutels"):
                return _add(_file(source), as_json=arguments.json)
        if arguments.act == "pseudoniem":
            with lock.exclusive(state.run, "sleutels pseudoniem", name="sleutels"):
                return _renew_pseudonyms(_file(source), as_json=arguments.json)
        with database.signed_on(settings, state, "hub_sleutel") as engine:
            if arguments.act == "schrap":
                with lock.exclusive(state.run, "sleutels schrap", name="sleutels"):
                    return _drop(engine, _file(source), arguments.sleutel, as_json=arguments.json)
            if arguments.act == "hersleutel":
                return _rekey(engine, load_keyring(source), as_json=arguments.json)
            return _show(engine, load_keyring(source), as_json=arguments.json)
    except KeyringError as error:
        raise CliError(str(error)) from None


def _file(source: str) -> Path:
    from pathlib import Path

    from cli.errors import CliError

    if source.lstrip().startswith("{"):
        raise CliError(
            "RENOVATIEHUB_SLEUTELS holds the keys themselves; change them where it is set, "
            "or let it name a file."
        )
    return Path(source)


def _add(path: Path, *, as_json: bool) -> int:
    from cli import output
    from hub.key_file import add_key

    key_id = add_key(path)
    output.say(
        f"Key {key_id} is the active one. Back up the key file now. When the tasks of this moment "
        "are done (an hour at most), run './renovatiehub sleutels hersleutel'."
    )
    if as_json:
        output.emit({"active": key_id})
    return 0


def _renew_pseudonyms(path: Path, *, as_json: bool) -> int:
    from cli import output
    from hub.key_file import renew_report_key

    key_id = renew_report_key(path)
    output.say(
        f"Key {key_id} makes the pseudonyms from now on. Back up the key file, and give it to "
        "every machine that runs tasks. The next run of load_rapportage renews all pseudonyms."
    )
    if as_json:
        output.emit({"report_key": key_id})
    return 0


def _drop(engine: Engine, path: Path, key_id: str | None, *, as_json: bool) -> int:
    from cli import output
    from cli.errors import CliError
    from hub.key_file import drop_key
    from hub.rekey import count_sealed

    if not key_id:
        raise CliError("'sleutels schrap' needs the id of a key; see 'sleutels toon'.")
    with engine.begin() as connection:
        used = sum(count_sealed(connection).get(key_id, {}).values())
    if used:
        raise CliError(
            f"Key {key_id} still seals {used} rows; run './renovatiehub sleutels hersleutel' first."
        )
    drop_key(path, key_id)
    output.say(f"Key {key_id} is out of the list; older backups of the database still need it.")
    if as_json:
        output.emit({"dropped": key_id})
    return 0


def _rekey(engine: Engine, keyring: Keyring, *, as_json: bool) -> int:
    from cli import output
    from hub.rekey import count_sealed, rekey

    with engine.begin() as connection:
        todo = sum(
            sum(per_table.values())
            for key_id, per_table in count_sealed(connection).items()
            if key_id != keyring.active
        )
    with output.Bar(f"Sealing {todo} rows under {keyring.active}", todo) as bar:
        result = rekey(engine, keyring, on_progress=lambda done: bar.update(done, f"{done} rows"))
    output.say(f"Sealed anew: {result.renewed}; left: {result.left}.")
    if result.unused:
        output.say(f"No row uses these keys any more: {', '.join(result.unused)}.")
    if result.unreadable:
        output.say(
            f"renovatiehub: {result.unreadable} rows do not open; look at 'sleutels toon', and put "
            "a key that is missing back from a backup, or restore these rows."
        )
    elif result.left:
        output.say("renovatiehub: workers held some rows; run it again.")
    if as_json:
        output.emit(
            {
                "renewed": result.renewed,
                "left": result.left,
                "unreadable": result.unreadable,
                "unused": list(result.unused),
            }
        )
    return 1 if result.left else 0


def _show(engine: Engine, keyring: Keyring, *, as_json: bool) -> int:
    from cli import output
    from hub.rekey import count_sealed

    with engine.begin() as connection:
        counts = count_sealed(connection)
    missing = sorted(set(counts) - set(keyring.keys))
    rows = [
        {
            "sleutel": key_id,
            "stand": "actief"
            if key_id == keyring.active
            else ("ontbreekt" if key_id in missing else "oud"),
            "rijen": sum(counts.get(key_id, {}).values()),
            "per_tabel": counts.get(key_id, {}),
        }
        for key_id in [*keyring.keys, *missing]
    ]
    if as_json:
        output.emit({"active": keyring.active, "keys": rows, "missing": missing})
    else:
        output.show_rows(("sleutel", "stand", "rijen", "per_tabel"), rows)
    if missing:
        output.say(
            f"renovatiehub: rows are sealed under {', '.join(missing)}, which the list lacks; "
            "put it back from your backup of the key file."
        )
    return 1 if missing else 0
