"""An erasure step by step: what waits, what a kill leaves, what stays, what never lands again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from connectors.aanmelding.models import Status, Voortgang, VoortgangBladzijde
from connectors.crm.models import ChangePage, CrmDeleted, CrmRecord, CrmRejected
from hub.bewaring import clean_bewaartermijn
from hub.config import load_config
from hub.gewist import keep_out
from hub.ledger.acts import HandelingError
from hub.voortgang.pull import pull_voortgang
from hub.wissing import stappen
from hub.wissing.attest import describe, is_genuine
from hub.wissing.run import (
    Wissing,
    WissingError,
    run_open_wissingen,
    run_wissing,
    show_wissing,
    start_wissing,
)
from tests.hub.ledger_case import Ledger, Receiver
from tests.hub.test_bewaring import REGELS, House
from tests.hub.wissing_case import WHY
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres


class Resident:
    """A resident with a dossier, planted in a database without any system around it."""

    def __init__(self, house: House, database: HubDatabase, naam: str = "RD-1") -> None:
        self.house, self.ledger, self.naam = house, house.ledger, naam
        self.engine = database.engine("hub_wissing")
        sealed = {"persoonsgegevens": b"x", "sleutel_id": "k1"}
        self.profiel = house.landed("profiel", None, insz_status="geldig", **sealed)
        self.vraag = house.landed("vraag", None, profiel_id=self.profiel, **sealed)
        self.dossier = house.landed(
            "dossier", None, pseudoniem=f"p {naam}", profiel_id=self.profiel, straat="Proefstraat",
            dossiernummer=naam, vraag_id=self.vraag, voorinvulling='{"bouwjaar": "1970"}',
        )  # fmt: skip
        self.aanmelding = house.landed("aanmelding", None, dossier_id=self.dossier)
        self.aanvraag = house.landed("aanvraag", None, dossier_id=self.dossier, nummer=f"A {naam}")
        self.toestemming = house.landed(
            "toestemming", None, profiel_id=self.profiel, doel="advies", ontvanger="dialoog",
            van_geleden=9,
        )  # fmt: skip

    def message(self, sleutel: str, stand: str, *, sent: bool = True, **values: Any) -> None:
        extra = {"eerst_verzonden_op_geleden": 2} if sent else {}
        self.house.message(sleutel, stand, 1, **({"dossier_id": self.dossier} | extra | values))

    def signed_up(self, stand: str = "bevestigd", **values: Any) -> None:
        given = {"toestemming_profiel_id": self.profiel, "toestemming_doel": "advies"}
        self.message(f"aanmelding:{self.aanmelding}", stand, **(given | values))

    def dwelling(self, adres: str) -> UUID:
        """Give the dossier this dwelling, which may be that of another too."""
        rows = self.ledger.rows("SELECT woning_id FROM hub.woning WHERE adres_id = :a", a=adres)
        if not rows:
            self.house.plant("hub.woning", adres_id=adres, gebouweenheid_id=f"ge {adres}")
            rows = self.ledger.rows("SELECT woning_id FROM hub.woning WHERE adres_id = :a", a=adres)
            self.house.plant("hub.gegeven", woning_id=rows[0][0], veld="bouwjaar", waarde="1970",
                             bron="epc", bron_object="o", opgehaald_op_geleden=1)  # fmt: skip
            self.house.plant("bron.epc", attestnummer=adres, epc_id="e", adres_id=adres,
                             gebouweenheid_ids=[f"ge {adres}"], actief=True, status="x",
                             inhoud="{}", inhoud_hash=b"h", opgehaald_op_geleden=1)  # fmt: skip
        self.house.plant("hub.dossier_woning", dossier_id=self.dossier, woning_id=rows[0][0],
                         uitkomst="gevonden", pad="adres", adres_hash=b"h", gezocht_op_geleden=1,
                         )  # fmt: skip
        return UUID(str(rows[0][0]))

    def erase(self) -> Wissing:
        keyring = self.ledger.keyring
        return run_wissing(
            self.engine, keyring, start_wissing(self.engine, keyring, self.profiel, **WHY)
        )

    def states(self) -> dict[str, str]:
        return dict(
            self.ledger.rows(
                "SELECT sleutel, stand FROM hub.bericht WHERE dossier_id = :d", d=self.dossier
            )
        )


@pytest.fixture
def house(ledger: Ledger, database: HubDatabase) -> House:
    return House(ledger, database)


@pytest.fixture
def resident(house: House, database: HubDatabase) -> Resident:
    return Resident(house, database)


def attest_of(wissing: Wissing) -> dict[str, Any]:
    assert wissing.stand == "klaar", wissing.wacht_op
    document: dict[str, Any] = json.loads(wissing.attest or "")
    return document


def test_a_profile_that_the_hub_does_not_know_is_refused(resident: Resident) -> None:
    with pytest.raises(WissingError, match="niets van profiel .* Er is niets gewist"):
        start_wissing(resident.engine, resident.ledger.keyring, uuid4(), **WHY)
    for words in ({"reden": "", "wie": "fg"}, {"reden": "van 85.07.30-033.28", "wie": "fg"}):
        with pytest.raises(HandelingError):
            start_wissing(resident.engine, resident.ledger.keyring, resident.profiel, **words)
    assert resident.ledger.rows("SELECT count(*) FROM hub.wissing") == [(0,)]


def test_who_asked_and_why_is_written_down_without_whom(resident: Resident) -> None:
    wissing = resident.erase()
    assert resident.ledger.rows("SELECT wie, soort, onderwerp, reden FROM hub.handeling") == [
        (WHY["wie"], "wissing", f"wissing {wissing.wissing_id}", WHY["reden"])
    ]


def test_what_waits_does_not_leave_and_what_left_is_taken_back_before_the_rest_goes(
    resident: Resident,
) -> None:
    resident.signed_up()
    resident.message("wacht", "klaar", sent=False, bestemming="crm", soort="voorinvulling")
    resident.message("twijfel", "in_twijfel", bestemming="crm", soort="stap")
    resident.message("status", "bevestigd", bestemming="dosis", soort="dossierstatus")
    wissing = resident.erase()
    assert wissing.stand == "bezig"
    assert wissing.wacht_op == "wacht op dialoog (1), dosis (1)"
    states = resident.states()
    assert states["wacht"] == "ingetrokken"
    assert states["twijfel"] == "overgeslagen"
    assert states[f"intrekking:{resident.aanmelding}"] == "klaar"
    assert resident.ledger.rows("SELECT count(*) FROM bron.crm_profiel") == [(1,)]

    partner, portal = Receiver(), Receiver()
    resident.ledger.deliver(partner)
    assert partner.got == [f"intrekking:{resident.aanmelding}"]
    assert resident.erase().wacht_op == "wacht op dosis (1)"
    resident.ledger.deliver(portal, "dosis")
    counts = run_open_wissingen(resident.engine, resident.ledger.keyring)
    assert counts == {"klaar": 1, "bezig": 0}
    with resident.engine.begin() as connection:
        wissing = show_wissing(connection, resident.ledger.keyring, wissing.wissing_id)
    assert [row["antwoord"] for row in attest_of(wissing)["ontvangers"]] == ["ref", "verwijderd"]
    assert "wacht" not in resident.states(), "of what never left nothing stays"
    assert resident.ledger.rows(
        "SELECT count(*) FROM hub.bericht WHERE inhoud IS NOT NULL OR reden IS NOT NULL"
    ) == [(0,)]


def test_one_that_waits_too_long_becomes_an_incident_until_it_is_done(resident: Resident) -> None:
    resident.signed_up()
    wissing = resident.erase()
    incidents = "SELECT onderwerp FROM hub.incident WHERE soort = 'wissing_wacht' AND " \
                "opgelost_op IS NULL"  # fmt: skip
    run_open_wissingen(resident.engine, resident.ledger.keyring)
    assert resident.ledger.rows(incidents) == []
    days = load_config("wissing")["incident_na_dagen"] + 1
    resident.ledger.change(
        "UPDATE hub.wissing SET gevraagd_op = gevraagd_op - make_interval(days => :d)", d=days
    )
    run_open_wissingen(resident.engine, resident.ledger.keyring)
    assert resident.ledger.rows(incidents) == [(f"wissing {wissing.wissing_id}",)]
    resident.ledger.deliver(Receiver())
    run_open_wissingen(resident.engine, resident.ledger.keyring)
    assert resident.ledger.rows(incidents) == []


def test_what_is_under_way_is_waited_for(resident: Resident) -> None:
    resident.signed_up("onderweg", lease_tot_geleden=-1, lease_van="w")
    assert resident.erase().wacht_op == "wacht op dialoog (2)"
    resident.ledger.change(
        "UPDATE hub.bericht SET stand = 'in_twijfel', lease_tot = NULL WHERE soort = 'aanmelding'"
    )
    assert resident.erase().wacht_op == "wacht op dialoog (1)", "it is not sent again"
    receiver = Receiver()
    resident.ledger.deliver(receiver)
    assert receiver.got == [f"intrekking:{resident.aanmelding}"]
    assert resident.erase().stand == "klaar"


def test_a_run_that_chose_the_dossier_before_is_waited_for(
    resident: Resident, house: House
) -> None:
    batch_id = uuid4()
    house.plant("hub.batch", naam="bezig", batch_id=batch_id)
    house.plant("hub.batch_dossier", batch_id=batch_id, dossier_id=resident.dossier)
    assert resident.erase().wacht_op == "wacht op enrich_dossiers (1)"
    resident.ledger.change("UPDATE hub.batch SET beeindigd_op = now()")
    assert resident.erase().stand == "klaar"


def erase_and_deliver(resident: Resident) -> Wissing:
    resident.erase()
    resident.ledger.deliver(Receiver())
    return resident.erase()


@pytest.mark.parametrize("stap", [name for name in stappen.STAPPEN if name != "ontvangers"])
def test_killed_in_a_step_it_goes_on_there_and_ends_the_same(
    resident: Resident, monkeypatch: pytest.MonkeyPatch, stap: str
) -> None:
    resident.signed_up()
    resident.dwelling("a1")
    truly: Callable[..., Any] = stappen.STAPPEN[stap]

    def dying(run: stappen.Uitvoering) -> Any:
        truly(run)
        raise KeyboardInterrupt

    monkeypatch.setitem(stappen.STAPPEN, stap, dying)
    with pytest.raises(KeyboardInterrupt):
        erase_and_deliver(resident)
    monkeypatch.undo()
    wissing = erase_and_deliver(resident)
    removed = attest_of(wissing)["verwijderd"]
    assert removed == {
        "bron.crm_aanmelding": 1, "bron.crm_profiel": 1, "bron.crm_vraag": 1, "bron.epc": 1,
        "hub.dossier_woning": 1, "hub.gegeven": 1, "hub.woning": 1,
        "inhoud van bron.crm_aanvraag": 1, "inhoud van bron.crm_dossier": 1,
        "inhoud van hub.bericht": 2,
    }  # fmt: skip
    assert resident.erase() == wissing
    assert resident.ledger.rows("SELECT count(*) FROM hub.wissing") == [(1,)]
    assert resident.ledger.rows("SELECT count(*) FROM hub.wissing_object") == [(0,)]


def test_what_a_flow_wrote_late_goes_with_the_last_look(
    resident: Resident, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly = stappen.STAPPEN["attest"]

    def late(run: stappen.Uitvoering) -> Any:
        house.plant("hub.beslissing", dossier_id=resident.dossier, veld="v", waarde="w",
                    beslissing="aanvaard", beslist_op_geleden=0)  # fmt: skip
        return truly(run)

    monkeypatch.setitem(stappen.STAPPEN, "attest", late)
    assert attest_of(resident.erase())["verwijderd"]["hub.beslissing"] == 1
    assert house.count("hub.beslissing") == 0


def test_a_message_that_a_person_keeps_stays_and_the_certificate_says_until_when(
    resident: Resident,
) -> None:
    resident.message("klacht", "bevestigd", bestemming="crm", bewaren_tot_geleden=-30)
    kept = {row["soort"]: row for row in attest_of(resident.erase())["blijft"]}
    assert kept["bericht_bewaard"]["aantal"] == 1
    assert datetime.fromisoformat(kept["bericht_bewaard"]["tot"]) > datetime.now(UTC)
    assert resident.ledger.rows("SELECT inhoud IS NOT NULL FROM hub.bericht") == [(True,)]


def test_a_dwelling_that_another_resident_has_too_stays(
    resident: Resident, house: House, database: HubDatabase
) -> None:
    other = Resident(house, database, "RD-2")
    resident.dwelling("samen")
    other.dwelling("samen")
    resident.erase()
    assert house.count("hub.gegeven") == house.count("bron.epc") == house.count("hub.woning") == 1
    assert resident.ledger.rows("SELECT dossier_id FROM hub.dossier_woning") == [(other.dossier,)]
    other.erase()
    assert house.count("hub.gegeven") == house.count("bron.epc") == house.count("hub.woning") == 0


def test_a_certificate_that_somebody_changed_is_not_the_hubs(resident: Resident) -> None:
    wissing = resident.erase()
    assert wissing.attest is not None and wissing.waarmerk is not None
    assert is_genuine(resident.ledger.keyring, wissing.attest, wissing.waarmerk)
    assert "Attest van wissing" in describe(wissing.attest, wissing.waarmerk)
    resident.ledger.change("UPDATE hub.wissing SET attest = replace(attest, 'dossier', 'dozzier')")
    with resident.engine.begin() as connection:
        assert show_wissing(connection, resident.ledger.keyring, wissing.wissing_id).echt is False


def test_what_stays_goes_when_its_own_term_is_over(resident: Resident, house: House) -> None:
    resident.signed_up()
    resident.message("oud", "bevestigd", bestemming="dosis", dossier_id=resident.aanvraag)
    resident.erase()
    for destination in ("dialoog", "dosis"):
        resident.ledger.deliver(Receiver(), destination)
    assert resident.erase().stand == "klaar"
    moments = {
        "hub.bericht": "beeindigd_op", "bron.crm_dossier": "verwijderd_op",
        "bron.crm_aanvraag": "verwijderd_op", "bron.crm_toestemming": "verwijderd_op",
        "hub.wissing": "klaar_op", "hub.gewist": "crm_verwijderd_op",
    }  # fmt: skip
    resident.ledger.change("UPDATE hub.gewist SET crm_verwijderd_op = now()")
    for table, column in moments.items():
        resident.ledger.change(f"UPDATE {table} SET {column} = {column} - interval '3660 days'")
    counts = clean_bewaartermijn(house.engine, naam="later")
    assert {kind: n for kind, n in counts.items() if n} == {
        "dossier": 1, "crm_toestemming": 1, "wissing": 1, "gewist": 5,
    }  # fmt: skip
    for table in (*moments, "hub.wissing_stap"):
        assert house.count(table) == 0, table
    assert REGELS["wissing"].dagen == REGELS["gewist"].dagen


def test_nothing_of_an_erased_resident_lands_whatever_its_form(
    resident: Resident, database: HubDatabase
) -> None:
    wissing = resident.erase()
    moment, keyring = datetime.now(UTC), resident.ledger.keyring

    def record(tabel: str, object_id: UUID, **velden: Any) -> CrmRecord:
        return CrmRecord(tabel, object_id, "2", moment, velden)

    fresh, stranger = uuid4(), uuid4()
    page = ChangePage(
        "dossier",
        records=(
            record("dossier", resident.dossier),
            record("dossier", fresh, profiel_id=resident.profiel),
            record("dossier", stranger, profiel_id=uuid4()),
        ),
        deleted=(CrmDeleted("dossier", uuid4()),),
        next_link=None,
        delta_link="x",
        rejected=(
            CrmRejected("dossier", str(uuid4()), "r", {"wie": str(resident.profiel).upper()}),
            CrmRejected("dossier", "geen id", "r", {"wie": "iemand"}),
        ),
    )
    with database.engine("hub_pull").begin() as connection:
        kept = keep_out(connection, keyring, page)
        assert [one.object_id for one in kept.records] == [stranger]
        assert [one.object_id for one in kept.rejected] == ["geen id"]
        # Once a new dossier was kept out, what hangs on it is kept out too.
        steps = replace(page, tabel="stap", rejected=(), records=(
            record("stap", uuid4(), dossier_id=fresh), record("stap", uuid4(), dossier_id=stranger),
        ))  # fmt: skip
        assert [
            one.velden["dossier_id"] for one in keep_out(connection, keyring, steps).records
        ] == [stranger]
    said = resident.ledger.rows("SELECT onderwerp, tekst FROM hub.incident")
    assert [row[0] for row in said] == [f"wissing {wissing.wissing_id}"]
    assert "6 rij(en)" in said[0][1]


def test_the_table_of_what_was_erased_names_nobody(resident: Resident) -> None:
    resident.erase()
    with resident.ledger.owner.begin() as connection:
        told = str(connection.execute(text("SELECT g::text FROM hub.gewist AS g")).scalars().all())
    for known in (resident.profiel, resident.dossier, resident.vraag, resident.aanmelding):
        assert str(known) not in told


class Telling:
    """A partner that must keep an aanmelding, and tells of it."""

    def __init__(self, *referenties: UUID) -> None:
        moment = datetime.now(UTC)
        self.items = tuple(
            Voortgang(f"g {one}", one, Status.ONTVANGEN, moment, moment, adviseur="Ada Adviseur")
            for one in referenties
        )

    def list_voortgang(
        self, *, gewijzigd_na: datetime, pagina: str | None = None
    ) -> VoortgangBladzijde:
        return VoortgangBladzijde(self.items, None)


def test_what_a_partner_still_tells_of_an_erased_resident_does_not_land(
    resident: Resident, house: House, database: HubDatabase
) -> None:
    other = Resident(house, database, "RD-2")
    resident.signed_up()
    other.signed_up()
    erase_and_deliver(resident)
    source = Telling(resident.aanmelding, other.aanmelding)
    landed = pull_voortgang(
        database.engine("hub_pull"), source, resident.ledger.keyring, partner="dialoog"
    )
    assert (landed.received, landed.added, landed.rejected) == (2, 1, 0)
    assert resident.ledger.rows("SELECT dossier_id FROM bron.partner_voortgang") == [
        (other.dossier,)
    ]
    assert house.count("hub.quarantaine") == 0
