"""A poisoned batch on the whole road: the good go through, the bad wait, mended they follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from connectors.aanmelding.models import Voortgang, VoortgangBladzijde
from connectors.crm.models import ChangePage, CrmRecord, CrmRejected
from hub.aanmelding import decide_aanmeldingen
from hub.batch import form_batch
from hub.quality.split import check_dossiers
from tests.hub.journey_case import RESIDENTS, read_rows
from tests.journey import TABELLEN, Journey

pytestmark = pytest.mark.postgres
LATER = datetime.now(UTC) + timedelta(days=40)
Key = tuple[str, UUID]
OPEN = "SELECT model, object_id, regels FROM hub.quarantaine WHERE opgelost_op IS NULL"


def number(i: int) -> str:
    return f"RD-0001-{i + 1:06d}"


class PoisonedCrm:
    """The sandbox's CRM, of which some rows come out wrong until they are mended."""

    def __init__(self, crm: Any) -> None:
        self._crm = crm
        self._poison: dict[Key, Callable[[CrmRecord], CrmRecord] | None] = {}
        self._owed: dict[Key, CrmRecord] = {}
        self.mended = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def change(self, record: CrmRecord, **velden: Any) -> None:
        """Let this row hold other values."""
        self._poison[record.tabel, record.object_id] = lambda row: replace(
            row, etag=f"{row.etag} fout", velden={**row.velden, **velden}
        )

    def break_(self, tabel: str, object_id: UUID) -> None:
        """Let this row be one that does not fit its table."""
        self._poison[tabel, object_id] = None

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage:
        page = self._crm.get_changes(tabel=tabel, link=link, page_size=page_size)
        good, rejected = [], list(page.rejected)
        for record in page.records:
            key = (tabel, record.object_id)
            if self.mended or key not in self._poison:
                good.append(record)
                continue
            self._owed[key] = record
            if (spoil := self._poison[key]) is not None:
                good.append(spoil(record))
            else:
                rejected.append(
                    CrmRejected(tabel, str(record.object_id), "een kolom is geen getal", {"a": "b"})
                )
        if self.mended:
            # What a person mends comes as a new version.
            for key in [key for key in self._owed if key[0] == tabel]:
                good.append(replace(self._owed.pop(key), gewijzigd_op=datetime.now(UTC)))
        return replace(page, records=tuple(good), rejected=tuple(rejected))


def read_all(journey: Journey) -> dict[str, list[CrmRecord]]:
    """Return every row of the CRM, per table."""
    found: dict[str, list[CrmRecord]] = {}
    for tabel in TABELLEN:
        link, rows = None, found.setdefault(tabel, [])
        while True:
            page = journey.crm.get_changes(tabel=tabel, link=link, page_size=1000)
            rows += page.records
            link = page.next_link
            if link is None:
                break
    return found


def test_a_poisoned_batch_reaches_nothing_and_every_row_of_it_is_found_again(
    journey: Journey,
) -> None:
    journey.sandbox.grow(RESIDENTS)
    stap = UUID(
        journey.sandbox.control(
            "POST",
            "/crm/stap",
            json={"dossiernummer": number(0), "velden": {"soort": "huisbezoek"}},
        )["id"]
    )
    rows = read_all(journey)
    dossiers = {record.velden["dossiernummer"]: record for record in rows["dossier"]}
    by_id = {(r.tabel, r.object_id): r for tabel in rows.values() for r in tabel}
    crm: Any = PoisonedCrm(journey.crm)

    def of(tabel: str, i: int) -> CrmRecord:
        dossier = dossiers[number(i)]
        if tabel in ("profiel", "vraag"):
            return by_id[tabel, dossier.velden[f"{tabel}_id"]]  # type: ignore[index]
        column, value = "dossier_id", dossier.object_id
        if tabel == "toestemming":
            column, value = "profiel_id", dossier.velden["profiel_id"]  # type: ignore[assignment]
        return next(r for r in rows[tabel] if r.velden[column] == value)

    mail, postcode, double, vraag, soort, consent, broken, profile, certificate = (
        0, 5, 6, 11, 15, 16, 17, 14, 25,
    )  # fmt: skip
    crm.change(of("profiel", mail), email="geen adres")
    crm.change(dossiers[number(postcode)], postcode="9000")
    crm.change(dossiers[number(double)], dossiernummer=number(8))
    crm.change(of("vraag", vraag), ontvangen_op=LATER)
    crm.change(of("aanmelding", soort), soort=None)
    given = of("toestemming", consent)
    crm.change(given, tot=given.velden["van"] - timedelta(days=1))  # type: ignore[operator]
    crm.break_("aanmelding", of("aanmelding", broken).object_id)
    crm.break_("profiel", of("profiel", profile).object_id)
    crm.break_("stap", stap)
    journey.crm = crm

    epc = journey.bronnen[0]
    wrong = dossiers[number(certificate)].object_id

    def fetch(woning: Any, look: Any) -> Any:
        reply = epc.fetch(woning, look)
        return spoil_reply(reply) if woning.dossier_id == wrong and not crm.mended else reply

    journey.bronnen[0] = replace(epc, fetch=fetch)

    journey.run()
    waiting = {
        (model, object_id): set(regels) for model, object_id, regels in read_rows(journey, OPEN)
    }
    woning = read_rows(
        journey, "SELECT woning_id FROM hub.dossier_woning WHERE dossier_id = :d", d=wrong
    )[0][0]
    expected = {
        ("bericht_aanmelding", of("aanmelding", mail).object_id): {"email_vorm"},
        ("stg_dossier", dossiers[number(postcode)].object_id): {"postcode_van_leuven"},
        ("stg_dossier", dossiers[number(double)].object_id): {"dossiernummer_uniek"},
        ("stg_dossier", dossiers[number(8)].object_id): {"dossiernummer_uniek"},
        ("stg_dossier", dossiers[number(vraag)].object_id): {"vraag_niet_in_toekomst"},
        ("stg_aanmelding", of("aanmelding", soort).object_id): {"soort_aanwezig"},
        ("crm_aanmelding", of("aanmelding", broken).object_id): {"past_in_tabel"},
        ("crm_profiel", of("profiel", profile).object_id): {"past_in_tabel"},
        ("stg_dossier", dossiers[number(profile)].object_id): {"profiel_bestaat"},
        ("crm_stap", stap): {"past_in_tabel"},
        ("epc", woning): {"antwoord_klopt"},
    }
    for (model, object_id), regels in expected.items():
        assert waiting.get((model, str(object_id))) == regels, (model, regels, waiting)
    counted = read_rows(
        journey, "SELECT max(gebroken) FROM hub.regelmeting WHERE regel = 'eindigt_na_begin'"
    )
    assert counted == [(1,)]
    assert read_rows(journey, "SELECT 1 FROM hub.bericht WHERE stand = 'opgegeven'") == []
    # Nothing of what waits left, or is in a figure; the others are where they should be.
    stands = read_stands(journey)
    assert {stands[number(i)] for i in (postcode, 8, vraag, profile)} == {"quarantaine"}
    for i in (mail, soort, broken):
        assert not sent(journey, dossiers[number(i)].object_id), i
    assert stands[number(7)] == stands[number(18)] == "bevestigd"
    facts = read_rows(
        journey,
        "SELECT count(*) FROM rapportage.fct_dossier INNER JOIN rapportage.pseudoniem"
        " ON pseudoniem = dossier_pseudoniem WHERE object_id = any(:d)",
        d=[dossiers[number(i)].object_id for i in (postcode, double, 8, vraag, profile)],
    )
    assert facts == [(0,)]
    told = str(read_rows(journey, "SELECT redenen, waarden, herkomst FROM hub.quarantaine"))
    assert "geen adres" not in told

    crm.mended = True
    read_rows(journey, "UPDATE hub.bronstand SET opnieuw_na = now() WHERE bron = 'epc' RETURNING 1")
    # The question and the mended certificate are looked at with the next change of their dossier.
    for i in (vraag, certificate):
        journey.sandbox.control(
            "POST", "/crm/wijzig", json={"dossiernummer": number(i), "velden": {"busnummer": None}}
        )
    journey.run()
    journey.run()
    left = {(model, object_id) for model, object_id, _ in read_rows(journey, OPEN)}
    assert not left & {(model, str(object_id)) for model, object_id in expected}
    stands = read_stands(journey)
    for i in (mail, postcode, double, 8, vraag, soort, consent, broken, profile, certificate):
        assert stands[number(i)] == "bevestigd", (i, stands[number(i)])


def test_progress_that_cannot_be_waits_and_lands_when_it_is_mended(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.run()
    journey.sandbox.control(
        "POST",
        "/dialoog/voortgang",
        json={"dossiernummer": number(0), "status": "plaatsbezoek"},
    )
    source, mended = journey.sources["dialoog"], False

    class Wrong:
        def __getattr__(self, name: str) -> Any:
            return getattr(source, name)

        def list_voortgang(self, **asked: Any) -> VoortgangBladzijde:
            page: VoortgangBladzijde = source.list_voortgang(**asked)
            return page if mended else replace(page, items=tuple(map(self._spoil, page.items)))

        def _spoil(self, item: Any) -> Any:
            planned = not isinstance(item, Voortgang) or item.status != "plaatsbezoek"
            return item if planned else replace(item, tijdstip=LATER)

    journey.sources["dialoog"] = Wrong()
    assert journey.listen()["pull dialoog"]["rejected"] == 1
    ((model, _, regels),) = read_rows(journey, OPEN)
    assert (model, regels) == ("voortgang_dialoog", ["gebeurd_niet_in_toekomst"])
    kept = "SELECT waarden FROM hub.quarantaine"
    assert datetime.fromisoformat(read_rows(journey, kept)[0][0]["gebeurd_op"]) == LATER
    mended = True
    assert journey.listen()["pull dialoog"] == {"added": 1, "rejected": 0}
    assert read_rows(journey, OPEN) == []


def spoil_reply(reply: Any) -> Any:
    """Let the certificate be of a year that cannot be."""
    data, times = re.subn(rb"(BouwjaarVolgensEPC>)[0-9]+(<)", rb"\g<1>2999\g<2>", reply.reply.data)
    assert times
    return replace(reply, reply=replace(reply.reply, data=data))


def read_stands(journey: Journey) -> dict[str, str]:
    return dict(read_rows(journey, "SELECT dossiernummer, stand FROM hub.stand_dossier"))  # type: ignore[arg-type]


def sent(journey: Journey, dossier_id: UUID) -> list[tuple[Any, ...]]:
    return read_rows(
        journey,
        "SELECT sleutel FROM hub.bericht WHERE dossier_id = :d AND soort = 'aanmelding'",
        d=dossier_id,
    )


def test_an_aanmelding_that_waits_makes_no_message_until_it_is_let_go(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.pull()
    engine, keyring, naam = journey.engines["enrich"], journey.keyring, "proef wacht"
    form_batch(engine, naam=naam)
    check_dossiers(engine, keyring, naam=naam)
    read_rows(
        journey,
        "INSERT INTO hub.quarantaine (model, object_id, redenen)"
        " SELECT 'stg_aanmelding', aanmelding_id::text, ARRAY['proef'] FROM bron.crm_aanmelding"
        " RETURNING 1",
    )
    assert decide_aanmeldingen(engine, keyring, naam=naam)["aanmelding"] == 0
    check_dossiers(engine, keyring, naam=naam)
    assert decide_aanmeldingen(engine, keyring, naam=naam)["aanmelding"] == 1
