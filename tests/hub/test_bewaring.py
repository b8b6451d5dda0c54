"""Retention: what is over goes, what is open stays, and nothing is ever sent a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hub.bewaring import clean_bewaartermijn, load_bewaarregels, read_bewaarregel
from hub.config import load_config
from hub.statements import load_statements
from tests.hub.access_log_case import AccessLog
from tests.hub.journey_case import RESIDENTS
from tests.hub.ledger_case import Ledger, Receiver, make_bericht
from tests.journey import Journey
from tests.postgres_cluster import HubDatabase

REGELS = {regel.soort: regel for regel in load_bewaarregels()}
ENDED = ("bevestigd", "ingetrokken", "overgeslagen")
OPEN = ("klaar", "onderweg", "aangenomen", "opgegeven", "in_twijfel")


class House:
    """A database in which rows of any age are planted, and its cleaner."""

    def __init__(self, ledger: Ledger, database: HubDatabase) -> None:
        self.ledger = ledger
        self.engine = database.engine("hub_opruiming")

    def clean(self, naam: str = "nacht", **options: Any) -> dict[str, int]:
        """Clean; returns the kinds of which something went."""
        return {
            k: n for k, n in clean_bewaartermijn(self.engine, naam=naam, **options).items() if n
        }

    def plant(self, table: str, **values: object) -> None:
        """Add a row; a number of days under `<column>_geleden` becomes that column's moment."""
        columns, parameters = [], {}
        for name, value in values.items():
            if name.endswith("_geleden"):
                columns.append((name.removesuffix("_geleden"), f"now() - :{name} * interval '1 d'"))
            else:
                columns.append((name, f":{name}"))
            parameters[name] = value
        self.ledger.change(
            f"INSERT INTO {table} ({', '.join(c for c, _ in columns)}) "
            f"VALUES ({', '.join(v for _, v in columns)})",
            **parameters,
        )

    def message(self, sleutel: str, stand: str, days: float, **values: object) -> None:
        ended = stand in (*ENDED, "opgegeven")
        moment = {"beeindigd_op_geleden": days} if ended else {}
        lease = {"lease_tot_geleden": days} if stand == "onderweg" else {}
        self.plant(
            "hub.bericht",
            **({"bestemming": "dialoog", "sleutel": sleutel, "soort": "aanmelding",
                "dossier_id": uuid4(), "stand": stand, "inhoud": b"x", "sleutel_id": "k1",
                "aangemaakt_op_geleden": days} | moment | lease | values),
        )  # fmt: skip

    def landed(self, table: str, days_gone: float | None, **values: object) -> UUID:
        """Plant a landed CRM row, removed there so many days ago; None is still there."""
        object_id = uuid4()
        gone = {} if days_gone is None else {"verwijderd_op_geleden": days_gone}
        common = {"etag": "1", "inhoud_hash": b"h", "gewijzigd_op_geleden": 9999}
        self.plant(f"bron.crm_{table}", **{f"{table}_id": object_id}, **common, **gone, **values)
        return object_id

    def dossier(self, days_gone: float | None) -> UUID:
        return self.landed(
            "dossier", days_gone, pseudoniem="p", straat="Proefstraat", huisnummer="1",
            voorinvulling='{"bouwjaar": "1970"}',
        )  # fmt: skip

    def count(self, table: str) -> int:
        return int(self.ledger.rows(f"SELECT count(*) FROM {table}")[0][0])

    def snapshot(self) -> dict[str, list[Any]]:
        tables = ("hub.bericht", "hub.poging", "hub.inbox", "hub.batch", "hub.quarantaine",
                  "hub.incident", "bron.crm_dossier", "bron.crm_profiel", "bron.crm_vraag",
                  "bron.crm_aanmelding", "hub.toegangslog", "hub.handeling")  # fmt: skip
        return {table: self.ledger.rows(f"SELECT t::text FROM {table} t") for table in tables}


@pytest.fixture
def house(ledger: Ledger, database: HubDatabase) -> House:
    return House(ledger, database)


def test_every_kind_has_its_statement_its_effect_and_its_ground() -> None:
    statements = set(load_statements("ops/bewaring")) - {"note", "note_left", "left"}
    assert set(REGELS) == statements
    for soort, given in load_config("bewaring").items():
        told = set(given) - {"tabellen", "inhoud_van", "na_wissing"}
        if soort in REGELS:
            assert told == {"wijze", "dagen", "vanaf", "grondslag", "zekerheid"}, soort
            assert given["zekerheid"] in ("bron", "stad_beslist"), soort
        elif given["wijze"] == "volgt":
            assert told == {"wijze", "vanaf", "grondslag"}, soort
        else:
            assert told == {"wijze", "grondslag"}, soort
    assert REGELS["document_inhoud"].dagen < REGELS["bericht_inhoud"].dagen
    assert REGELS["dossier"].dagen > REGELS["bericht_inhoud"].dagen


@pytest.mark.parametrize(
    "given",
    [
        {"wijze": "rij_wissen", "dagen": 0},
        {"wijze": "rij_wissen", "dagen": "90"},
        {"wijze": "rij_wissen", "dagen": True},
        {"wijze": "alles_wissen", "dagen": 90},
        {"wijze": "rij_wissen"},
        {"wijze": "bewaren", "dagen": 90},
        {},
    ],
)
def test_a_term_that_cannot_be_used_removes_nothing(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="bewaring proef: .* Nothing was removed"):
        read_bewaarregel("proef", given)


@pytest.mark.postgres
@pytest.mark.parametrize("stand", ENDED)
def test_an_ended_message_loses_its_content_and_keeps_its_key(house: House, stand: str) -> None:
    days = REGELS["bericht_inhoud"].dagen
    house.message("oud", stand, days + 1)
    house.message("jong", stand, days - 1)
    assert house.clean() == {"bericht_inhoud": 1}
    assert house.ledger.rows(
        "SELECT sleutel, inhoud IS NULL, sleutel_id IS NULL FROM hub.bericht ORDER BY sleutel"
    ) == [("jong", False, False), ("oud", True, True)]
    assert house.ledger.add(make_bericht("oud")) == 0, "deciding again must add nothing"
    receiver = Receiver()
    assert house.ledger.deliver(receiver) == {}
    assert receiver.got == []


@pytest.mark.postgres
def test_nothing_that_is_open_is_ever_touched(house: House) -> None:
    gone = house.dossier(9999)
    for stand in OPEN:
        house.message(stand, stand, 9999, dossier_id=gone)
    house.message("bewaard", "bevestigd", 9999, bewaren_tot_geleden=-1)
    house.plant("hub.inbox", bron="crm", soort="dossier", object_id="1", versie="1",
                ontvangen_op_geleden=9999)  # fmt: skip
    house.plant("hub.batch", naam="afgebroken", gevormd_op_geleden=9999)
    house.plant("hub.quarantaine", model="m", object_id="1", redenen=["r"], sinds_geleden=9999)
    house.plant("hub.incident", soort="s", onderwerp="o", tekst="t", sinds_geleden=9999)
    house.landed("profiel", None, insz_status="geldig", persoonsgegevens=b"x", sleutel_id="k1")
    house.landed("vraag", None, persoonsgegevens=b"x", sleutel_id="k1")
    house.landed("aanmelding", None, dossier_id=uuid4())
    house.dossier(None)
    house.ledger.change("UPDATE bron.crm_dossier SET straat = NULL, huisnummer = NULL, "
                        "voorinvulling = '{}' WHERE verwijderd_op IS NOT NULL")  # fmt: skip
    before = house.snapshot()
    assert house.clean() == {}
    assert house.snapshot() == before


@pytest.mark.postgres
def test_the_rows_of_a_dossier_go_together_and_only_when_the_crm_holds_nothing_of_it(
    house: House,
) -> None:
    days = REGELS["dossier"].dagen
    old: dict[str, object] = {"inhoud": None, "sleutel_id": None}
    gone, back, asked, fresh, waits, held = (house.dossier(days + 1) for _ in range(6))
    for name, dossier in {"gone": gone, "back": back, "asked": asked, "fresh": fresh}.items():
        house.message(f"{name} 1", "bevestigd", days + 1, dossier_id=dossier, **old)
        house.message(f"{name} 2", "ingetrokken", days + 1, dossier_id=dossier, **old)
    house.message("fresh 3", "bevestigd", days - 1, dossier_id=fresh, **old)
    house.message("waits 1", "opgegeven", days + 1, dossier_id=waits, **old)
    house.message("held 1", "bevestigd", days + 1, dossier_id=held, bewaren_tot_geleden=-1, **old)
    house.message("unknown", "bevestigd", days + 1, **old)
    house.ledger.change("UPDATE bron.crm_dossier SET verwijderd_op = NULL WHERE dossier_id = :id",
                        id=back)  # fmt: skip
    house.landed("aanmelding", None, dossier_id=asked)
    house.landed("aanmelding", days + 1, dossier_id=gone)
    house.ledger.change(
        "INSERT INTO hub.poging (bericht_id, nummer, lease_van) "
        "SELECT bericht_id, 1, 'w' FROM hub.bericht"
    )
    house.ledger.change(
        "INSERT INTO hub.voorinvulling "
        "(dossier_id, veld, soort, waarde, herkomst_hash, bericht_id) "
        "SELECT dossier_id, 'bouwjaar', 'geschreven', '1970', '', bericht_id FROM hub.bericht"
    )
    assert house.clean()["dossier"] == 1
    left = set(house.ledger.states())
    assert left == {"back 1", "back 2", "asked 1", "asked 2", "fresh 1", "fresh 2", "fresh 3",
                    "waits 1", "held 1", "unknown"}  # fmt: skip
    assert house.count("hub.poging") == house.count("hub.voorinvulling") == len(left)
    assert house.count("bron.crm_aanmelding") == 1
    assert house.ledger.rows(
        "SELECT count(*) FROM bron.crm_dossier WHERE dossier_id = :id", id=gone
    ) == [(0,)]


@pytest.mark.postgres
def test_what_the_crm_removed_leaves_no_person_behind(house: House) -> None:
    days = REGELS["crm_profiel"].dagen
    person = {"persoonsgegevens": b"x", "sleutel_id": "k1"}
    for age in (days + 1, days - 1):
        dossier = house.dossier(age)
        house.plant("hub.dossier_woning", dossier_id=dossier, uitkomst="onbekend", pad="adres",
                    adres_hash=b"h", gezocht_op_geleden=age)  # fmt: skip
        house.landed("profiel", age, insz_status="geldig", **person)
        house.landed("vraag", age, **person)
    assert house.clean() == {"crm_dossier": 1, "crm_profiel": 1, "crm_vraag": 1}
    assert house.ledger.rows(
        "SELECT straat, huisnummer, voorinvulling::text FROM bron.crm_dossier ORDER BY straat"
    ) == [("Proefstraat", "1", '{"bouwjaar": "1970"}'), (None, None, "{}")]
    for table in ("bron.crm_profiel", "bron.crm_vraag", "hub.dossier_woning"):
        assert house.count(table) == 1, table


@pytest.mark.postgres
def test_inbox_batches_quarantine_and_incidents_go_when_they_are_over(house: House) -> None:
    for name, extra in {"oud": 1, "jong": -1}.items():
        batch_id = uuid4()
        house.plant("hub.batch", naam=name, batch_id=batch_id, gevormd_op_geleden=9999,
                    beeindigd_op_geleden=REGELS["batch"].dagen + extra)  # fmt: skip
        house.plant("hub.batch_dossier", batch_id=batch_id, dossier_id=uuid4())
        house.plant("hub.inbox", bron="crm", soort="dossier", object_id=name, versie="1",
                    verwerkt_op_geleden=REGELS["inbox"].dagen + extra, batch_id=batch_id
                    )  # fmt: skip
        house.plant("hub.quarantaine", model="m", object_id=name, redenen=["r"],
                    opgelost_op_geleden=REGELS["quarantaine"].dagen + extra)  # fmt: skip
        house.plant("hub.incident", soort="s", onderwerp=name, tekst="t",
                    opgelost_op_geleden=REGELS["incident"].dagen + extra)  # fmt: skip
        house.plant("hub.regelmeting", model="m", regel=name, ernst="fail", run="r", rijen=1,
                    gebroken=0, gemeten_op_geleden=REGELS["regelmeting"].dagen + extra
                    )  # fmt: skip
    assert house.clean() == {
        "inbox": 1, "batch": 1, "quarantaine": 1, "regelmeting": 1, "incident": 1,
    }  # fmt: skip
    for table in ("inbox", "batch", "batch_dossier", "quarantaine", "regelmeting", "incident"):
        assert house.count(f"hub.{table}") == 1, table


@pytest.mark.postgres
def test_a_batch_stays_while_an_inbox_row_names_it(house: House) -> None:
    batch_id = uuid4()
    house.plant("hub.batch", naam="oud", batch_id=batch_id, beeindigd_op_geleden=9999)
    house.plant("hub.inbox", bron="crm", soort="dossier", object_id="1", versie="1",
                batch_id=batch_id)  # fmt: skip
    assert house.clean() == {}


@pytest.mark.postgres
def test_what_was_removed_is_told_and_a_second_run_removes_nothing(house: House) -> None:
    for number in range(25):
        house.message(str(number), "bevestigd", 9999)
    assert house.clean("nacht 1", batch=10) == {"bericht_inhoud": 25}
    assert house.clean("nacht 2", batch=10) == {}
    told = house.ledger.rows(
        "SELECT naam, wijze, termijn_dagen, aantal FROM hub.opruiming "
        "WHERE soort = 'bericht_inhoud' ORDER BY naam"
    )
    days = REGELS["bericht_inhoud"].dagen
    assert told == [("nacht 1", "inhoud_wissen", days, 25), ("nacht 2", "inhoud_wissen", days, 0)]


@pytest.mark.postgres
def test_a_run_that_was_killed_told_what_it_did_and_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hub.bewaring as module

    only = [REGELS["bericht_inhoud"]]
    for number in range(25):
        house.message(str(number), "bevestigd", 9999)
    truly, calls = module.execute, []

    def dying(*arguments: Any, **options: Any) -> int:
        calls.append(arguments[2])
        if calls.count("note") == 2:
            raise KeyboardInterrupt
        return truly(*arguments, **options)

    monkeypatch.setattr(module, "execute", dying)
    with pytest.raises(KeyboardInterrupt):
        house.clean(batch=10, regels=only)
    assert house.ledger.rows("SELECT sum(aantal) FROM hub.opruiming") == [(10,)]
    assert house.ledger.rows("SELECT count(*) FROM hub.bericht WHERE inhoud IS NULL") == [(10,)]
    monkeypatch.undo()
    assert house.clean(batch=10, regels=only) == {"bericht_inhoud": 15}
    assert house.ledger.rows("SELECT sum(aantal) FROM hub.opruiming") == [(25,)]


@pytest.mark.postgres
def test_a_row_that_another_holds_waits_for_the_next_night(house: House) -> None:
    house.message("vast", "bevestigd", 9999)
    house.message("vrij", "bevestigd", 9999)
    with house.ledger.owner.begin() as connection:
        connection.execute(text("SELECT 1 FROM hub.bericht WHERE sleutel = 'vast' FOR UPDATE"))
        assert house.clean() == {"bericht_inhoud": 1}
    assert house.clean("morgen") == {"bericht_inhoud": 1}


@pytest.mark.postgres
def test_the_access_log_and_the_acts_stay(house: House, database: HubDatabase) -> None:
    AccessLog(database).plant(date(2026, 1, 1), 3)
    house.plant("hub.handeling", gedaan_op_geleden=9999, wie="an", soort="opzij",
                bericht_id=uuid4(), bestemming="crm", reden="r")  # fmt: skip
    before = house.snapshot()
    assert house.clean() == {}
    assert house.snapshot() == before


@pytest.mark.postgres
def test_cleaning_everything_that_may_go_sends_nothing_a_second_time(own: Journey) -> None:
    """The whole journey, aged at once, then cleaned with terms of a day and walked again."""
    _age(own.engines["eigenaar"].begin, days=400)
    engine = own.database.engine("hub_opruiming")
    regels = [replace(regel, dagen=1) for regel in load_bewaarregels()]
    counts = clean_bewaartermijn(engine, naam="alles", regels=regels)
    assert counts["bericht_inhoud"] > 20
    assert counts["inbox"] > 20
    assert counts["dossier"] == 0, "the CRM holds every dossier"
    before = own.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    with own.engines["eigenaar"].begin() as connection:
        connection.execute(
            text(
                "INSERT INTO hub.inbox (bron, soort, object_id, versie) "
                "SELECT 'hub', 'dossier', dossier_id::text, 'nog eens' FROM bron.crm_dossier"
            )
        )
    own.run()
    after = own.sandbox.control("GET", "/effecten", params={"seed": 1, "residents": RESIDENTS})
    assert after == before
    with own.engines["eigenaar"].begin() as connection:
        looked_at = text(
            "SELECT bool_and(verwerkt_op IS NOT NULL) FROM hub.inbox WHERE versie = 'nog eens'"
        )
        assert connection.execute(looked_at).scalar() is True


def _age(begin: Callable[..., Any], *, days: int) -> None:
    moments = {
        "hub.bericht": "beeindigd_op",
        "hub.inbox": "verwerkt_op",
        "hub.batch": "beeindigd_op",
    }
    with begin() as connection:
        for table, column in moments.items():
            connection.execute(
                text(f"UPDATE {table} SET {column} = {column} - :days * interval '1 day'"),
                {"days": days},
            )


@pytest.mark.postgres
def test_progress_of_a_dossier_that_is_gone_goes_with_its_documents(house: House) -> None:
    days = REGELS["partner_voortgang"].dagen
    for number, age in enumerate((days + 1, days - 1, None)):
        dossier = house.dossier(age)
        same = {"partner": "dialoog", "voortgang_id": str(number), "dossier_id": dossier}
        house.plant(
            "bron.partner_voortgang", **same, aanmelding_id=uuid4(), status="ontvangen",
            tijdstip_geleden=9999, gewijzigd_op_geleden=9999, inhoud_hash=b"h",
        )  # fmt: skip
        house.plant(
            "bron.partner_document", **same, document_id=str(number), aanmelding_id=uuid4(),
            mediatype="application/pdf", persoonsgegevens=b"x", sleutel_id="k1",
        )  # fmt: skip
    assert house.clean()["partner_voortgang"] == 1
    assert house.ledger.rows("SELECT voortgang_id FROM bron.partner_voortgang ORDER BY 1") == [
        ("1",), ("2",),
    ]  # fmt: skip
    assert house.count("bron.partner_document") == 2
    assert "partner_voortgang" not in house.clean()


@pytest.mark.postgres
def test_the_evidence_of_a_succession_goes_long_after_both_its_sides_came(house: House) -> None:
    days = REGELS["eenheid_wijziging"].dagen
    assert days > load_config("wijzigingen")["opvolging_dagen"]
    for age in (days + 1, days - 1):
        house.plant(
            "bron.eenheid_wijziging", gebeurtenis=f"x {age}", gebouweenheid_id="1", soort="einde",
            adres_ids=["7"], gebeurd_op_geleden=age,
        )  # fmt: skip
    assert house.clean() == {"eenheid_wijziging": 1}
    assert house.count("bron.eenheid_wijziging") == 1
