"""The owner's code lists for a status: read anew every day, kept, and what is not in them stays.

A list that cannot be read leaves the one before it in force; a list that was never read judges
nothing: then the owner does, when the status arrives.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, Engine

from connectors.mijnburgerprofiel.dosis import Code, CodelijstBron
from connectors.transport.deadline import deadline
from connectors.transport.errors import ConnectorError
from hub.config import load_config
from hub.database import execute, fetch_all
from hub.dossierstatus import load_lezingen
from hub.incident import close, report

ONBEKEND: Final = "statuscode_onbekend"
VEROUDERD: Final = "codelijst_verouderd"
_WAT: Final = {"fase": "phase", "code": "code"}
_PATH: Final = "ops/codelijst"
# The statuses wait while the lists are read.
_PATIENCE_SECONDS: Final = 10.0
_logger = logging.getLogger("hub.codelijst")


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """What the owner knows: per ``fase`` and ``code`` its values; none of one was never read."""

    values: Mapping[str, frozenset[str]]
    opgehaald_op: datetime | None = None

    def why_unknown(self, *, fase: str, code: str) -> str | None:
        """Say which of the two the owner's list does not have; None when it has both."""
        for kind, value in (("fase", fase), ("code", code)):
            known = self.values.get(kind)
            if known and value not in known:
                day = f"{self.opgehaald_op:%Y-%m-%d}" if self.opgehaald_op else "an unknown day"
                return f"{_WAT[kind]} {value!r} is not in the owner's code list of {day}"
        return None


def read_codes(engine: Engine) -> KnownCodes:
    """Return the codes as they were read last."""
    with engine.begin() as connection:
        return _read(connection)


def refresh_codelijst(engine: Engine, bron: CodelijstBron) -> dict[str, int]:
    """Read the lists again that are older than a day; return the number of codes per list read.

    Whatever the owner answers, the flow goes on: an incident tells of a list that is missing or
    old, and of each of our statuses that the lists do not have.
    """
    config = load_config("codelijst")
    taal, names = config["taal"], config["codetypes"]
    ages = _read_ages(engine, taal)
    due = [
        name
        for name in names.values()
        if ages.get(name, float("inf")) >= config["vernieuwen_na_uren"] * 3600
    ]
    if not due:
        return {}
    read: dict[str, int] = {}
    until = time.monotonic() + _PATIENCE_SECONDS
    for name in due:
        observed = "er staat geen enkele code in"
        codes: tuple[Code, ...] = ()
        try:
            with deadline(until):
                codes = tuple(bron.get_codelijst(codetype=name, taal=taal, referte=uuid4()))
        except ConnectorError as error:
            # Also a refusal: that this service is closed to us says nothing about the statuses.
            _logger.warning("code list %s was not read: %s", name, error.observed)
            observed = error.observed
        with engine.begin() as connection:
            if codes:
                read[name] = _keep(connection, name, taal, codes)
            elif ages.get(name, float("inf")) >= config["verouderd_na_uren"] * 3600:
                _report_missing(connection, name, observed, known=name in ages)
    with engine.begin() as connection:
        _judge_own_statuses(connection, _read(connection))
    return read


def _keep(connection: Connection, name: str, taal: str, codes: tuple[Code, ...]) -> int:
    texts = {one.code: one.tekst for one in codes}
    found = sorted(texts)
    execute(
        connection, _PATH, "put",
        codetype=name, taal=taal, codes=found, teksten=[texts[code] for code in found],
    )  # fmt: skip
    execute(connection, _PATH, "drop_gone", codetype=name, taal=taal, codes=found)
    close(connection, VEROUDERD, f"dosis {name}")
    return len(found)


def _report_missing(connection: Connection, name: str, observed: str, *, known: bool) -> None:
    held = (
        "De hub rekent voort met de lijst die hij het laatst las."
        if known
        else "Tot dan stuurt de hub de codes uit dossierstatus.yml en oordeelt DOSIS zelf."
    )
    report(
        connection,
        VEROUDERD,
        f"dosis {name}",
        f"De codelijst {name} van DOSIS kon niet gelezen worden: {observed}. {held} Kijk de naam "
        "na in hub/config/codelijst.yml, en of onze toepassing GeefCodeLijst mag bevragen.",
    )


def _judge_own_statuses(connection: Connection, known: KnownCodes) -> None:
    """Tell of each status of ours that would not be sent, before a message waits for it."""
    for status, told in load_lezingen().items():
        reason = known.why_unknown(fase=told.fase, code=told.code)
        if reason is None:
            close(connection, ONBEKEND, f"dosis {status}")
            continue
        report(
            connection,
            ONBEKEND,
            f"dosis {status}",
            f"De status {status} ({told.fase}, {told.code}) staat niet in de codelijst van "
            "DOSIS. De hub stuurt hem niet. Zet in hub/config/dossierstatus.yml een code die er "
            "wel in staat (hub.codelijst), en stuur de berichten opnieuw.",
        )


def _read(connection: Connection) -> KnownCodes:
    config = load_config("codelijst")
    rows = fetch_all(connection, _PATH, "read", taal=config["taal"])
    values = {
        kind: frozenset(row["code"] for row in rows if row["codetype"] == name)
        for kind, name in config["codetypes"].items()
    }
    moments = [row["opgehaald_op"] for row in rows]
    return KnownCodes(values, max(moments, default=None))


def _read_ages(engine: Engine, taal: str) -> dict[str, float]:
    with engine.begin() as connection:
        rows = fetch_all(connection, _PATH, "age", taal=taal)
    return {row["codetype"]: row["seconden"] for row in rows}
