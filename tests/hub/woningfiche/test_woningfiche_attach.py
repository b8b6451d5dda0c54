"""A dossier gets its woningfiche through the ledger, and a new one only when something changed."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from connectors.transport.errors import UnknownOutcomeError
from hub.batch import finish_batch
from hub.channels.crm import CrmKanaal
from hub.gevolgen import decide_gevolgen
from hub.ledger.deliver import deliver
from hub.woningfiche.attach import INCIDENT, decide_woningfiches
from hub.woningfiche.lookup import find_fiche
from hub.woningfiche.pdf import WeergaveError
from tests.hub.journey_case import crm_dossier, dossiernummer, read_rows
from tests.hub.woningfiche.beelden import VANDAAG
from tests.journey import Journey

pytestmark = pytest.mark.postgres
FORMS = ("pdf", "html")


def look_again(journey: Journey, naam: str, *cases: str) -> None:
    """Form a batch of these dossiers, as if they changed."""
    with journey.engines["eigenaar"].begin() as connection:
        batch = connection.execute(
            text("INSERT INTO hub.batch (naam) VALUES (:naam) RETURNING batch_id"), {"naam": naam}
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO hub.batch_dossier (batch_id, dossier_id) SELECT :batch, dossier_id "
                "FROM bron.crm_dossier WHERE dossiernummer = any(:numbers)"
            ),
            {"batch": batch, "numbers": [dossiernummer(case) for case in cases]},
        )


def decide(journey: Journey, naam: str, **options: Any) -> dict[str, int]:
    return decide_woningfiches(
        journey.engines["enrich"], journey.keyring, naam=naam, vandaag=VANDAAG, **options
    )


def push(journey: Journey, kanaal: CrmKanaal | None = None) -> dict[str, int]:
    decide_gevolgen(journey.engines["push"], journey.keyring)
    return deliver(
        journey.engines["push"],
        kanaal or journey.kanalen["crm"],
        journey.keyring,
        bestemming="crm",
    )


def fiches(journey: Journey, dossier_id: UUID) -> list[tuple[Any, ...]]:
    return read_rows(
        journey,
        "SELECT f.volgnummer, b.stand, b.sleutel FROM hub.woningfiche f "
        "JOIN hub.bericht b USING (bericht_id) WHERE f.dossier_id = :d ORDER BY 1",
        d=dossier_id,
    )


def documents(journey: Journey, dossier_id: UUID) -> list[str]:
    page = journey.crm.get_changes(tabel="document", link=None, page_size=500)
    return [
        str(record.velden["sleutel"])
        for record in page.records
        if record.velden["dossier_id"] == dossier_id
    ]


def change_value(journey: Journey, dossier_id: UUID, veld: str, waarde: str) -> None:
    with journey.engines["eigenaar"].begin() as connection:
        changed = connection.execute(
            text(
                "UPDATE hub.gegeven SET waarde = :waarde WHERE veld = :veld "
                "AND vervangen_op IS NULL AND woning_id = "
                "(SELECT woning_id FROM hub.dossier_woning WHERE dossier_id = :d)"
            ),
            {"waarde": waarde, "veld": veld, "d": dossier_id},
        )
    assert changed.rowcount == 1


def test_a_dossier_gets_its_fiche_once_and_a_new_one_when_a_value_changes(own: Journey) -> None:
    dossier_id = crm_dossier(own, "normal")["dossier_id"]
    look_again(own, "een", "normal", "geen_epc", "adres_onbekend")
    known = {"woningfiche": 2, "woningfiche_mislukt": 0}
    if fiches(own, dossier_id):
        known["woningfiche"] = 0
    assert decide(own, "een") == known, "a dwelling that was not found has no fiche"
    assert decide(own, "een")["woningfiche"] == 0, "deciding again adds nothing"
    push(own)
    push(own)
    before = documents(own, dossier_id)
    assert len(before) == 2

    look_again(own, "twee", "normal")
    assert decide(own, "twee")["woningfiche"] == 0, "nothing changed"
    with own.engines["eigenaar"].begin() as connection:
        connection.execute(text("UPDATE hub.gegeven SET opgehaald_op = now(), bron_versie = 'x'"))
        connection.execute(text("UPDATE hub.bronstand SET gevraagd_op = now()"))
    assert decide(own, "twee")["woningfiche"] == 0, "asked again, and nothing changed"

    change_value(own, dossier_id, "bouwjaar", "1899")
    assert decide(own, "twee")["woningfiche"] == 1
    assert decide(own, "twee")["woningfiche"] == 0
    push(own)
    after = documents(own, dossier_id)
    assert len(after) == 4
    assert set(before) < set(after), "the older fiche stays as it was"


def test_the_documents_in_the_crm_are_the_page_that_was_decided(own: Journey) -> None:
    dossier_id = crm_dossier(own, "normal")["dossier_id"]
    look_again(own, "een", "normal")
    decide(own, "een")
    push(own)
    sleutel = fiches(own, dossier_id)[-1][2]
    found = {}
    for form in FORMS:
        record = own.crm.get(tabel="document", sleutel=f"{sleutel}:{form}")
        assert record is not None
        assert record.velden["soort"] == "woningfiche"
        assert str(record.velden["titel"]).startswith("Woningfiche van ")
        found[form] = base64.b64decode(str(record.velden["inhoud"]), validate=True)
    assert dossiernummer("normal") in found["html"].decode()
    reader = PdfReader(io.BytesIO(found["pdf"]))
    assert dossiernummer("normal") in reader.pages[0].extract_text()


def test_the_ledger_keeps_no_document_while_it_waits(own: Journey) -> None:
    look_again(own, "een", "normal")
    decide(own, "een")
    sizes = read_rows(
        own,
        "SELECT length(inhoud) FROM hub.bericht WHERE soort = 'woningfiche' AND stand = 'klaar'",
    )
    assert all(size < 20_000 for (size,) in sizes)


def test_a_newer_fiche_takes_the_place_of_one_that_still_waits(own: Journey) -> None:
    dossier_id = crm_dossier(own, "normal")["dossier_id"]
    look_again(own, "een", "normal")
    decide(own, "een")
    push(own)
    sent = len(documents(own, dossier_id))
    for naam, year in (("twee", "1901"), ("drie", "1902")):
        change_value(own, dossier_id, "bouwjaar", year)
        look_again(own, naam, "normal")
        assert decide(own, naam)["woningfiche"] == 1
    push(own)
    assert [stand for _, stand, _ in fiches(own, dossier_id)][-2:] == ["overgeslagen", "bevestigd"]
    assert len(documents(own, dossier_id)) == sent + 2


def test_a_value_that_comes_back_makes_a_fiche_again(own: Journey) -> None:
    dossier_id = crm_dossier(own, "normal")["dossier_id"]
    year = crm_dossier(own, "normal")["bouwjaar"]
    for naam, value in (("een", str(year)), ("twee", "1902"), ("drie", str(year))):
        change_value(own, dossier_id, "bouwjaar", value)
        look_again(own, naam, "normal")
        decide(own, naam)
        push(own)
    rows = fiches(own, dossier_id)
    assert [stand for _, stand, _ in rows] == ["bevestigd"] * 3
    assert rows[0][2].split(":")[-1] == rows[2][2].split(":")[-1], "the same content"
    assert len(documents(own, dossier_id)) == 6


class LostAnswer:
    """A CRM whose answer to one write is lost after it arrived; counts what it is asked."""

    def __init__(self, crm: Any) -> None:
        self._crm = crm
        self.lose = True
        self.writes = 0
        self.read: list[tuple[str, ...]] = []

    def write(self, **wanted: Any) -> None:
        self.writes += 1
        self._crm.write(**wanted)
        if self.lose:
            self.lose = False
            raise UnknownOutcomeError("crm", "write", wanted["key"], "no answer")

    def get(self, **wanted: Any) -> Any:
        self.read.append(tuple(wanted.get("velden") or ()))
        return self._crm.get(**wanted)


def test_after_a_lost_answer_the_crm_is_asked_without_fetching_the_document(own: Journey) -> None:
    dossier_id = crm_dossier(own, "normal")["dossier_id"]
    push(own)
    change_value(own, dossier_id, "bouwjaar", "1903")
    look_again(own, "een", "normal")
    decide(own, "een")
    crm = LostAnswer(own.crm)
    push(own, CrmKanaal(crm))
    with own.engines["eigenaar"].begin() as connection:
        connection.execute(text("UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar'"))
    push(own, CrmKanaal(crm))
    assert fiches(own, dossier_id)[-1][1] == "bevestigd"
    assert crm.writes == 1
    assert crm.read
    assert all(velden and "inhoud" not in velden for velden in crm.read)


def test_a_page_that_cannot_be_made_is_an_incident_and_the_others_go_on(own: Journey) -> None:
    broken, good = dossiernummer("normal"), dossiernummer("geen_epc")
    look_again(own, "een", "normal", "geen_epc")
    with own.engines["eigenaar"].begin() as connection:
        connection.execute(
            text("UPDATE hub.gegeven SET waarde = waarde || 'x' WHERE veld = 'adres'")
        )

    def make(plain: Any, mimetype: str) -> bytes:
        if plain["dossiernummer"] == broken:
            raise WeergaveError("Geheimstraat 12")
        return b"ok"

    counts = decide(own, "een", make=make)
    assert counts == {"woningfiche": 1, "woningfiche_mislukt": 1}
    query = "SELECT onderwerp, tekst, opgelost_op FROM hub.incident WHERE soort = :s"
    [(onderwerp, tekst, solved)] = read_rows(own, query, s=INCIDENT)
    assert (onderwerp, solved) == (broken, None)
    assert "WeergaveError" in tekst and "Geheimstraat" not in tekst
    assert good not in tekst
    finish_batch(own.engines["enrich"], naam="een")

    look_again(own, "twee", "normal")
    assert decide(own, "twee") == {"woningfiche": 1, "woningfiche_mislukt": 0}
    assert read_rows(own, query, s=INCIDENT)[0][2] is not None, "closed once it can be made"


def test_a_fiche_goes_with_its_message_when_retention_removes_it(own: Journey) -> None:
    dossier_id = crm_dossier(own, "normal")["dossier_id"]
    change_value(own, dossier_id, "bouwjaar", "1904")
    look_again(own, "een", "normal")
    decide(own, "een")
    with own.database.engine("hub_opruiming").begin() as connection:
        connection.execute(
            text(
                "DELETE FROM hub.bericht WHERE bericht_id = "
                "any(SELECT bericht_id FROM hub.bericht WHERE dossier_id = :d AND stand = 'klaar')"
            ),
            {"d": dossier_id},
        )
    assert "klaar" not in [stand for _, stand, _ in fiches(own, dossier_id)]


def test_a_dossiers_page_can_be_made_at_any_time_by_who_only_reads(own: Journey) -> None:
    with own.engines["lezer"].begin() as connection:
        plain = find_fiche(connection, dossiernummer("normal"), vandaag=VANDAAG + timedelta(1))
        assert plain["dossiernummer"] == dossiernummer("normal")
        assert plain["gemaakt_op"] == "25/11/2026"
        with pytest.raises(LookupError, match="There is no dossier RD-9"):
            find_fiche(connection, "RD-9", vandaag=VANDAAG)
        with pytest.raises(LookupError, match="is not known"):
            find_fiche(connection, dossiernummer("adres_onbekend"), vandaag=VANDAAG)
