"""Start an erasure, go on with it where it stopped, and tell how far it is."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.config import load_config
from hub.database import execute, fetch_all, fetch_one
from hub.gewist import find_wissing
from hub.keys import Keyring
from hub.ledger.acts import check_words
from hub.wissing.attest import is_genuine
from hub.wissing.stappen import PATH, STAPPEN, Uitvoering

_logger = logging.getLogger("hub.wissing")


class WissingError(Exception):
    """An erasure that cannot be: what was seen, that nothing was removed, and what to do."""


@dataclass(frozen=True, slots=True)
class Wissing:
    """How far an erasure is. Once it is done: the certificate, and whether the hub made it so."""

    wissing_id: UUID
    stand: str
    stappen: tuple[Mapping[str, Any], ...]
    attest: str | None
    waarmerk: str | None
    echt: bool | None

    @property
    def wacht_op(self) -> str | None:
        """What it waits for; None when nothing holds it."""
        return next((row["reden"] for row in self.stappen if row["reden"]), None)


def start_wissing(
    engine: Engine, keyring: Keyring, profiel_id: UUID, *, reden: str, wie: str
) -> UUID:
    """Begin the erasure of a resident and write down who asked the hub to, and why.

    The same resident again is the same erasure, also when it is done.

    Raises:
        HandelingError: no reason or name, or a reason that tells of a person; nothing was begun.
        WissingError: the hub holds nothing of this profile.
    """
    check_words(reden, wie)
    with engine.begin() as connection:
        known = find_wissing(connection, keyring, profiel_id)
        if known is not None:
            return known
        busy = fetch_one(connection, PATH, "find_busy", profiel_id=profiel_id)
        if busy is not None:
            return UUID(str(busy["wissing_id"]))
        if not fetch_all(connection, PATH, "known", profiel_id=profiel_id):
            raise WissingError(
                f"De hub heeft niets van profiel {profiel_id}. Er is niets gewist. Kijk het "
                "profiel_id na in het CRM."
            )
        made = fetch_one(connection, PATH, "start", profiel_id=profiel_id)
        assert made is not None, "an insert gives its row"
        wissing_id = UUID(str(made["wissing_id"]))
        execute(connection, PATH, "add_steps", wissing_id=wissing_id, stappen=list(STAPPEN))
        execute(
            connection, PATH, "note", wissing_id=wissing_id, wie=wie.strip(), reden=reden.strip()
        )
    return wissing_id


def run_wissing(engine: Engine, keyring: Keyring, wissing_id: UUID) -> Wissing:
    """Go on from the first step that is not done; stop at one that has to wait.

    Each step is a transaction that holds the erasure: killed at any moment, it goes on there.

    Raises:
        WissingError: there is no such erasure.
    """
    for stap in STAPPEN:
        if not _do_step(engine, keyring, wissing_id, stap):
            break
    with engine.begin() as connection:
        return show_wissing(connection, keyring, wissing_id)


def run_open_wissingen(engine: Engine, keyring: Keyring) -> dict[str, int]:
    """Go on with every erasure that is not done; returns how many are done and how many wait.

    One that waits too long (``hub/config/wissing.yml``) is an incident until it is done.
    """
    counts = {"klaar": 0, "bezig": 0}
    with engine.begin() as connection:
        busy = list_open(connection)
    for wissing_id in busy:
        counts[run_wissing(engine, keyring, wissing_id).stand] += 1
    with engine.begin() as connection:
        days = load_config("wissing")["incident_na_dagen"]
        execute(connection, PATH, "report_waiting", dagen=days)
        execute(connection, PATH, "close_waiting")
    return counts


def list_open(connection: Connection) -> list[UUID]:
    """Return the erasures that are not done, the oldest first."""
    return [UUID(str(row["wissing_id"])) for row in fetch_all(connection, PATH, "list_busy")]


def show_wissing(connection: Connection, keyring: Keyring, wissing_id: UUID) -> Wissing:
    """Return how far an erasure is.

    Raises:
        WissingError: there is no such erasure.
    """
    row = fetch_one(connection, PATH, "show", wissing_id=wissing_id)
    if row is None:
        raise WissingError(
            f"Er is geen wissing {wissing_id}. Er is niets gewist. Bekijk ze met 'wissing toon'."
        )
    steps = fetch_all(connection, PATH, "show_steps", wissing_id=wissing_id)
    attest, waarmerk = row["attest"], row["waarmerk"]
    echt = None if attest is None else is_genuine(keyring, attest, waarmerk)
    return Wissing(wissing_id, row["stand"], tuple(steps), attest, waarmerk, echt)


def list_wissingen(connection: Connection, keyring: Keyring) -> list[Wissing]:
    """Return every erasure that the hub still knows of, the oldest first."""
    rows = fetch_all(connection, PATH, "show", wissing_id=None)
    return [show_wissing(connection, keyring, row["wissing_id"]) for row in rows]


def _do_step(engine: Engine, keyring: Keyring, wissing_id: UUID, stap: str) -> bool:
    """Do one step that is not done yet; returns whether the next may begin."""
    with engine.begin() as connection:
        held = fetch_one(connection, PATH, "lock_wissing", wissing_id=wissing_id)
        steps = {
            row["stap"]: row["stand"]
            for row in fetch_all(connection, PATH, "show_steps", wissing_id=wissing_id)
        }
        if held is None or steps.get(stap, "gedaan") == "gedaan":
            return held is not None
        run = Uitvoering(connection, keyring, wissing_id, held["profiel_id"])
        outcome = STAPPEN[stap](run)
        if isinstance(outcome, str):
            run.execute("wait_step", stap=stap, reden=outcome)
            _logger.info("wissing %s %s: %s", wissing_id, stap, outcome)
            return False
        run.execute("finish_step", stap=stap, aantallen=json.dumps(dict(outcome)))
    _logger.info("wissing %s: %s done", wissing_id, stap)
    return True
