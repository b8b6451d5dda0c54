"""After an unknown outcome the CRM's own rows tell whether a message arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.crm.models import CrmChange, CrmRecord
from hub.channels.crm import CrmKanaal
from hub.document import DocumentError, document_change
from hub.ledger.bericht import Bericht, Ontvangst

DOSSIER = uuid4()


class Crm:
    """Rows by table and key."""

    def __init__(self, rows: Mapping[tuple[str, str], Mapping[str, object]]) -> None:
        self.rows = rows
        self.read: list[tuple[str, ...]] = []

    def write(
        self, *, changes: Sequence[CrmChange], key: str, correlation_id: UUID | None = None
    ) -> None:
        raise AssertionError("asking never writes")

    def get(
        self,
        *,
        tabel: str,
        object_id: UUID | None = None,
        sleutel: str | None = None,
        velden: Sequence[str] | None = None,
    ) -> CrmRecord | None:
        self.read.append(tuple(velden or ()))
        found = self.rows.get((tabel, str(object_id or sleutel)))
        if found is None:
            return None
        return CrmRecord(tabel, uuid4(), "W/1", datetime.now(UTC), dict(found))


class Writing(Crm):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__({})
        self.sent: list[CrmChange] = []

    def write(
        self, *, changes: Sequence[CrmChange], key: str, correlation_id: UUID | None = None
    ) -> None:
        self.sent += changes


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


def test_a_document_is_recognised_by_its_fields_without_its_content() -> None:
    change = document_change(
        DOSSIER, sleutel="d1", soort="verslag", titel="Advies", mimetype="application/pdf",
        inhoud=b"%PDF-",
    )  # fmt: skip
    held = change["velden"] | {"dossier_id": DOSSIER}
    del held["inhoud"]
    crm = Crm({("document", "d1"): held})
    assert CrmKanaal(crm).ask(_bericht(change)) == Ontvangst()
    assert crm.read == [("dossier_id", "soort", "titel", "mimetype")]
    assert CrmKanaal(Crm({})).ask(_bericht(change)) is None


def test_a_document_is_sent_with_its_content_and_only_where_there_is_none() -> None:
    crm = Writing()
    change = document_change(
        DOSSIER, sleutel="d1", soort="verslag", titel="Advies", mimetype="application/pdf",
        inhoud=b"%PDF-",
    )  # fmt: skip
    CrmKanaal(crm).send(_bericht(change))
    [sent] = crm.sent
    assert (sent.tabel, sent.sleutel, sent.create_only) == ("document", "d1", True)
    assert sent.velden["inhoud"] == "JVBERi0="


def test_a_document_needs_its_content_or_what_it_is_made_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = {"sleutel": "d", "soort": "s", "titel": "t", "mimetype": "application/pdf"}
    for wrong in ({}, {"inhoud": b"x", "te_maken": "woningfiche"}):
        with pytest.raises(ValueError, match="not both"):
            document_change(DOSSIER, **kind, **wrong)
    monkeypatch.setattr("hub.document.LARGEST", 7)
    with pytest.raises(DocumentError, match="larger than the CRM holds"):
        document_change(DOSSIER, **kind, inhoud=b"123456")
