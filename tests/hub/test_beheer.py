"""What operators see: failed messages by reason and in their order, and rows in quarantine."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from connectors.transport.errors import ConnectorError, ContractError, PermanentError
from hub.beheer.mislukt import (
    Keuze,
    count_quarantaine,
    count_redenen,
    find,
    list_berichten,
    list_ids,
    list_quarantaine,
)
from hub.beheer.overzicht import list_incidenten, list_kanalen
from hub.beheer.uitleg import explain
from hub.incident import report
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres


@pytest.fixture
def look(database: HubDatabase) -> Callable[..., object]:
    """Ask under the role that only reads."""
    engine = database.engine("hub_lezer")

    def ask(question: Callable[..., object], *arguments: object, **options: object) -> object:
        with engine.begin() as connection:
            return question(connection, *arguments, **options)

    return ask


@pytest.fixture
def failed(ledger: Ledger) -> Ledger:
    """Three messages refused for one reason and two for another, each with a key of its own."""
    for kind, names in ((ContractError, "abc"), (PermanentError, "de")):
        ledger.add(*(make_bericht(name) for name in names))
        ledger.deliver(Receiver(failing(kind)))
    return ledger


def test_reasons_are_told_without_what_differs_from_message_to_message(
    failed: Ledger, look: Callable[..., list[dict[str, object]]]
) -> None:
    rows = look(count_redenen)
    assert [(row["aantal"], row["stand"], row["bestemming"]) for row in rows] == [
        (3, "opgegeven", "dialoog"),
        (2, "opgegeven", "dialoog"),
    ]
    assert all(str(row["tekst"]).startswith("answered badly. ") for row in rows)
    one = Keuze(reden=str(rows[1]["reden"]))
    assert len(look(list_ids, one, 10)) == 2
    assert look(list_ids, Keuze(reden="nothing of the kind"), 10) == []


def test_pages_follow_each_other_and_hold_everything_once(
    failed: Ledger, look: Callable[..., list[dict[str, object]]]
) -> None:
    seen: list[object] = []
    na = 0
    while page := look(list_berichten, Keuze(), na=na, limit=2):
        assert len(page) <= 2
        seen += [row["bericht_id"] for row in page]
        na = int(str(page[-1]["volgorde"]))
    assert seen == look(list_ids, Keuze(), 100)
    assert len(set(seen)) == 5
    assert look(list_berichten, Keuze(bestemming="crm")) == []
    assert look(list_berichten, Keuze(stand="in_twijfel")) == []
    assert len(look(list_berichten, Keuze("dialoog", "aanmelding", "opgegeven"))) == 5


def test_a_message_is_found_by_its_number_and_by_its_dossier(
    failed: Ledger, look: Callable[..., list[UUID]]
) -> None:
    bericht_id, dossier_id = failed.rows(
        "SELECT bericht_id, dossier_id FROM hub.bericht WHERE sleutel = 'a'"
    )[0]
    failed.change(
        "INSERT INTO bron.crm_dossier (dossier_id, dossiernummer, status, start_akkoord, "
        "voorinvulling, pseudoniem, etag, inhoud_hash, gewijzigd_op) "
        "VALUES (:d, 'RD-7', 'open', TRUE, '{}', 'p', '1', 'h', now())",
        d=dossier_id,
    )
    for text in (str(bericht_id), str(dossier_id), " RD-7 "):
        assert look(find, text) == [bericht_id]
    for text in ("RD-8", str(uuid4()), "80010100184", "'; DROP TABLE", ""):
        assert look(find, text) == []
    page = look(list_berichten, Keuze())
    assert [row["dossiernummer"] for row in page].count("RD-7") == 1  # type: ignore[index]


def test_quarantine_comes_in_pages_per_model(
    ledger: Ledger, look: Callable[..., list[dict[str, object]]]
) -> None:
    for number in range(5):
        ledger.change(
            "INSERT INTO hub.quarantaine (model, object_id, redenen) VALUES (:m, :o, :r)",
            m="stg_dossier" if number else "crm_dossier", o=str(UUID(int=number)),
            r=["het adres ontbreekt"],
        )  # fmt: skip
    assert [(row["model"], row["aantal"]) for row in look(count_quarantaine)] == [
        ("crm_dossier", 1), ("stg_dossier", 4),
    ]  # fmt: skip
    first = look(list_quarantaine, model="stg_dossier", na=None, limit=3)
    rest = look(list_quarantaine, model="stg_dossier", na=first[-1]["quarantaine_id"], limit=3)
    assert [row["object_id"] for row in (*first, *rest)] == [
        str(UUID(int=number)) for number in range(1, 5)
    ]
    assert first[0]["redenen"] == ["het adres ontbreekt"]


def test_channels_tell_what_waits_and_incidents_what_is_proposed(
    failed: Ledger, look: Callable[..., list[dict[str, object]]]
) -> None:
    failed.add(make_bericht("waits"))
    told = {row["bestemming"]: row for row in look(list_kanalen)}
    assert (told["dialoog"]["opgegeven"], told["dialoog"]["klaar"]) == (5, 1)
    assert told["dialoog"]["eerste_vanaf"] is not None
    assert told["crm"]["opgegeven"] == 0
    with failed.owner.begin() as connection:
        report(connection, "proef", "dialoog", "Er is iets.")
    assert next(row["soort"] for row in look(list_incidenten)) == "proef"


def every_kind(kind: type[ConnectorError]) -> set[str]:
    return {kind.__name__}.union(*(every_kind(below) for below in kind.__subclasses__()))


def test_every_error_of_a_connector_is_explained_and_a_fault_of_the_hub_too() -> None:
    texts = {}
    for name in every_kind(ConnectorError) - {"ConnectorError"}:
        told = explain("opgegeven", [{"uitkomst": "RetryableError"}, {"uitkomst": name}])
        assert told is not None
        texts[name] = told.betekent
    assert len(set(texts.values())) == len(texts), "each in its own words"
    ours = explain("opgegeven", [{"uitkomst": "KeyError"}])
    assert ours is not None and "De hub zelf" in ours.betekent
    assert explain("bevestigd", [{"uitkomst": "aanvaard"}]) is None
