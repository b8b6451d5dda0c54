"""After an unknown outcome the CRM's own rows tell whether a message arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from connectors.crm.models import CrmChange, CrmRecord
from hub.channels.crm import CrmKanaal
from hub.ledger.bericht import Bericht, Ontvangst

DOSSIER = uuid4()


class Crm:
    """Rows by table and key."""

    def __init__(self, rows: Mapping[tuple[str, str], Mapping[str, object]]) -> None:
        self.rows = rows

    def write(
        self, *, changes: Sequence[CrmChange], key: str, correlation_id: UUID | None = None
    ) -> None:
        raise AssertionError("asking never writes")

    def get(
        self, *, tabel: str, object_id: UUID | None = None, sleutel: str | None = None
    ) -> CrmRecord | None:
        found = self.rows.get((tabel, str(object_id or sleutel)))
        if found is None:
            return None
        return CrmRecord(tabel, uuid4(), "W/1", datetime.now(UTC), dict(found))


def _crm(dossier: Mapping[str, object], gegeven: Mapping[str, object]) -> Crm:
    return Crm({("dossier", str(DOSSIER)): dossier, ("gegeven", ORIGIN["sleutel"]): gegeven})


def _bericht(*changes: Mapping[str, Any]) -> Bericht:
    content = {"wijzigingen": list(changes)}
    return Bericht(uuid4(), "crm", "k", "voorinvulling", True, True, content)


FIELD: dict[str, Any] = {
    "tabel": "dossier",
    "object_id": str(DOSSIER),
    "velden": {"bouwjaar": "1968"},
}
ORIGIN: dict[str, Any] = {
    "tabel": "gegeven",
    "sleutel": f"{DOSSIER}:bouwjaar",
    "velden": {"waarde": "1968", "opgehaald_op": "2026-11-24T10:00:00+00:00"},
}


def test_rows_that_hold_it_all_tell_that_it_arrived() -> None:
    crm = _crm(FIELD["velden"], ORIGIN["velden"])
    assert CrmKanaal(crm).ask(_bericht(FIELD, ORIGIN)) == Ontvangst()


def test_a_field_that_a_person_typed_over_since_does_not_hide_that_it_arrived() -> None:
    crm = _crm({"bouwjaar": 1970}, ORIGIN["velden"])
    assert CrmKanaal(crm).ask(_bericht(FIELD, ORIGIN)) == Ontvangst()


def test_an_older_origin_tells_that_it_did_not_arrive() -> None:
    older = ORIGIN["velden"] | {"opgehaald_op": "2026-11-23T10:00:00+00:00"}
    crm = _crm(FIELD["velden"], older)
    assert CrmKanaal(crm).ask(_bericht(FIELD, ORIGIN)) is None


def test_without_rows_of_the_hub_every_row_is_compared() -> None:
    crm = Crm({("dossier", str(DOSSIER)): {"bouwjaar": 1970}})
    assert CrmKanaal(crm).ask(_bericht(FIELD)) is None


def test_a_moment_that_the_crm_keeps_in_whole_seconds_is_the_same_moment() -> None:
    written = {"verzonden_op": "2026-11-24T10:00:07.972840+00:00"}
    change = {"tabel": "aanmelding", "object_id": str(DOSSIER), "velden": written}
    held = {"verzonden_op": datetime(2026, 11, 24, 10, 0, 7, tzinfo=UTC)}
    crm = Crm({("aanmelding", str(DOSSIER)): held})
    assert CrmKanaal(crm).ask(_bericht(change)) == Ontvangst()
    held["verzonden_op"] = datetime(2026, 11, 24, 10, 0, 8, tzinfo=UTC)
    assert CrmKanaal(crm).ask(_bericht(change)) is None
