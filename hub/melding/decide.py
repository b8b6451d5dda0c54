"""Decide which changes of dossiers become a message to the resident, and write that down."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.chunks import in_chunks
from hub.database import execute, fetch_all
from hub.dossierstatus import load_lezingen
from hub.keys import Keyring, KeyringError
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.melding.oordeel import TE_LANG, DossierFeiten, Melding, Oordeel, Wijziging, judge
from hub.melding.regels import Regels, load_regels
from hub.melding.sjabloon import SjabloonError, Tekst, render
from hub.melding.status import open_status

BESTEMMING = "notificaties"
SOORT = "melding"
_PATH = "intermediate/decide_meldingen"
# Words are compared and measured with a number of this shape.
_SAMPLE = "RD-0000-000000"
_logger = logging.getLogger("hub.melding")


def decide_meldingen(
    engine: Engine,
    keyring: Keyring,
    *,
    regels: Regels | None = None,
    nu: datetime | None = None,
) -> dict[str, int]:
    """Give every change without outcome one, once: a message, or `overgeslagen` and why.

    What waits and must no longer leave is skipped too. Deciding again adds nothing, whatever else
    decides at the same time. Returns how many messages were written and how many skipped.
    """
    regels = load_regels() if regels is None else regels
    nu = datetime.now(UTC) if nu is None else nu
    counts = {"melding": 0, "melding_overgeslagen": 0}
    with engine.begin() as connection:
        pending = fetch_all(connection, _PATH, "pending", sinds=nu - regels.terugkijken)
    for chunk in in_chunks(row["dossier_id"] for row in pending):
        with engine.begin() as connection:
            # Whoever decides, decides alone: each sees what the one before wrote down.
            execute(connection, "ops/enqueue", "lock")
            told, skipped = _decide(connection, keyring, chunk, regels, nu)
        counts["melding"] += told
        counts["melding_overgeslagen"] += skipped
    return counts


def _decide(
    connection: Connection,
    keyring: Keyring,
    dossier_ids: Sequence[UUID],
    regels: Regels,
    nu: datetime,
) -> tuple[int, int]:
    rows = fetch_all(connection, _PATH, "changes", dossier_ids=list(dossier_ids))
    words = _Words(rows, keyring, regels)
    judged: list[tuple[UUID, Oordeel]] = []
    for dossier in _read(connection, dossier_ids, rows):
        found = judge(dossier, regels, nu, same_words=words.are_same)
        checked = (words.check(one) for one in found)
        judged += [(dossier.dossier_id, one) for one in checked if one is not None]
    waiting = [
        (one.wijziging.melding.bericht_id, one.reden)
        for _, one in judged
        if one.wijziging.melding is not None
    ]
    skipped = execute(
        connection,
        _PATH,
        "skip",
        bericht_ids=[bericht_id for bericht_id, _ in waiting],
        redenen=[reden for _, reden in waiting],
    )
    fresh = [pair for pair in judged if pair[1].wijziging.melding is None]
    enqueue(connection, keyring, [_message(dossier_id, one) for dossier_id, one in fresh])
    told = sum(1 for _, one in fresh if one.reden is None)
    return told, skipped + len(fresh) - told


def _message(dossier_id: UUID, oordeel: Oordeel) -> NieuwBericht:
    """Return the message of a change; its content is composed when it is first claimed."""
    return NieuwBericht(
        bestemming=BESTEMMING,
        sleutel=oordeel.wijziging.sleutel,
        soort=SOORT,
        kenmerk=oordeel.wijziging.status,
        dossier_id=dossier_id,
        inhoud=None,
        overgeslagen=oordeel.reden,
        niet_voor=oordeel.niet_voor,
    )


def _read(
    connection: Connection, dossier_ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]]
) -> Iterator[DossierFeiten]:
    changes = {
        dossier_id: [_change(row) for row in group]
        for dossier_id, group in groupby(rows, key=lambda row: row["dossier_id"])
    }
    for row in fetch_all(connection, _PATH, "dossiers", dossier_ids=list(dossier_ids)):
        yield DossierFeiten(
            dossier_id=row["dossier_id"],
            is_weg=row["is_weg"],
            insz_status=row["insz_status"] or "ontbreekt",
            voorkeur=row["contact_voorkeur"],
            wijzigingen=changes.get(row["dossier_id"], []),
        )


def _change(row: Mapping[str, Any]) -> Wijziging:
    # A status that left the table since is not told any more.
    known = load_lezingen().get(row["status"])
    return Wijziging(
        sleutel=row["sleutel"],
        status=row["status"],
        op=row["beeindigd_op"],
        is_getoond=row["is_getoond"],
        melden=known is not None and known.melden,
        melding=None
        if row["bericht_id"] is None
        else Melding(row["bericht_id"], row["stand"], row["te_bevragen"]),
    )


class _Words:
    """The words of changes, opened where a decision needs them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], keyring: Keyring, regels: Regels) -> None:
        self._rows = {row["sleutel"]: row for row in rows}
        self._keyring = keyring
        self._regels = regels

    def are_same(self, one: Wijziging, other: Wijziging) -> bool:
        """Tell whether the resident would read the same; what cannot be read is something else."""
        try:
            return self._read(one) == self._read(other)
        except (SjabloonError, KeyringError):
            return False

    def check(self, oordeel: Oordeel) -> Oordeel | None:
        """Return the outcome, which is not to tell when there are no words that fit.

        None while the key of its words is missing: it may come back, and then it is decided.
        """
        if oordeel.reden is not None:
            return oordeel
        try:
            words = self._read(oordeel.wijziging)
        except SjabloonError as error:
            return Oordeel(oordeel.wijziging, reden=str(error))
        except KeyringError as error:
            _logger.error("%s %s: not decided: %s", BESTEMMING, oordeel.wijziging.sleutel, error)
            return None
        if len(words.titel) > self._regels.titel_lengte or (
            len(words.tekst) > self._regels.tekst_lengte
        ):
            return Oordeel(oordeel.wijziging, reden=TE_LANG)
        return oordeel

    def _read(self, change: Wijziging) -> Tekst:
        row = self._rows[change.sleutel]
        status = open_status(
            change.status, change.sleutel, row["inhoud"], row["sleutel_id"], self._keyring
        )
        if status is None:
            raise SjabloonError("de tekst van de status is niet meer bewaard")
        return render(status, _SAMPLE)
