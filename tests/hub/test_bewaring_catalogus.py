"""Every table of the real database has one retention rule, and every rule a table that is there."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from hub.bewaring import WIJZEN, load_bewaarregels
from hub.config import load_config
from hub.statements import load_statements
from hub.wissing.stappen import VERWIJDEREN
from tests.hub.access_log_case import AccessLog
from tests.hub.ledger_case import Ledger
from tests.hub.test_bewaring import REGELS, House
from tests.postgres_cluster import HubDatabase

# A segment of the access log is a table of its own; its rule is that of the whole.
_TABLES = text(
    "SELECT n.nspname || '.' || c.relname FROM pg_class AS c "
    "INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid "
    "WHERE c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition "
    "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
)
RULES: dict[str, dict[str, Any]] = load_config("bewaring")


def tables(database: HubDatabase) -> set[str]:
    with database.engine("hub_eigenaar").connect() as connection:
        return set(connection.execute(_TABLES).scalars())


@pytest.mark.postgres
def test_every_table_has_one_rule_and_every_rule_a_table(database: HubDatabase) -> None:
    there = tables(database)
    assert {"bron.epc", "hub.gegeven", "rapportage.fct_dossier"} <= there
    ruled = Counter(table for rule in RULES.values() for table in rule.get("tabellen", []))
    assert not there - set(ruled), "give each a rule in hub/config/bewaring.yml"
    assert not set(ruled) - there, "these rules name a table that does not exist"
    assert not {table: n for table, n in ruled.items() if n > 1}, "one rule by which its rows go"


@pytest.mark.postgres
def test_a_segment_of_the_access_log_needs_no_rule_of_its_own(database: HubDatabase) -> None:
    AccessLog(database).record(1)
    assert not any(table.startswith("hub.toegangslog_2") for table in tables(database))


def test_content_is_emptied_of_tables_whose_rows_have_a_rule() -> None:
    ruled = {table for rule in RULES.values() for table in rule.get("tabellen", [])}
    for soort, rule in RULES.items():
        assert rule["wijze"] in WIJZEN, soort
        assert set(rule.get("inhoud_van", [])) <= ruled, soort
        assert rule.get("tabellen") or rule.get("inhoud_van"), soort
        assert len(rule["grondslag"]) > 20, f"{soort}: say why, and by which law"


@pytest.mark.postgres
def test_every_kind_with_a_term_tells_what_is_left(ledger: Ledger) -> None:
    kinds = ledger.rows(
        "SELECT DISTINCT (regexp_matches(pg_get_viewdef('hub.bewaarmoment'::regclass), "
        "'''([a-z_]+)''::text AS soort', 'g'))[1]"
    )
    assert {kind for (kind,) in kinds} == {regel.soort for regel in load_bewaarregels()}


@pytest.mark.postgres
def test_a_dwelling_goes_with_its_values_when_no_dossier_has_it_and_nobody_asks(
    ledger: Ledger, database: HubDatabase
) -> None:
    house, days = House(ledger, database), REGELS["woning"].dagen
    for name, made, asked in (
        ("oud", 1, 1),
        ("jong", -1, -1),
        ("bevraagd", 1, -1),
        ("bewoond", 1, 1),
    ):
        house.plant("hub.woning", adres_id=name, gebouweenheid_id=f"ge {name}",
                    aangemaakt_op_geleden=days + made)  # fmt: skip
        (woning,) = ledger.rows("SELECT woning_id FROM hub.woning WHERE adres_id = :a", a=name)[0]
        house.plant("hub.bronstand", woning_id=woning, bron="epc", uitkomst="x",
                    gevraagd_op_geleden=days + asked, opnieuw_na_geleden=0)  # fmt: skip
        house.plant("hub.gegeven", woning_id=woning, veld="bouwjaar", waarde="1970", bron="epc",
                    bron_object="o", opgehaald_op_geleden=9999)  # fmt: skip
        house.plant("hub.gegeven", woning_id=woning, veld="bouwjaar", waarde="1960", bron="epc",
                    bron_object="o", opgehaald_op_geleden=9999,
                    vervangen_op_geleden=REGELS["gegeven"].dagen - 1)  # fmt: skip
        house.plant("bron.epc", attestnummer=name, epc_id=name, adres_id="elders",
                    gebouweenheid_ids=[f"ge {name}"], actief=True, status="x", inhoud="{}",
                    inhoud_hash=b"h", opgehaald_op_geleden=9999)  # fmt: skip
        if name == "bewoond":
            house.plant("hub.dossier_woning", dossier_id=woning, woning_id=woning, pad="adres",
                        uitkomst="gevonden", adres_hash=b"h", gezocht_op_geleden=1)  # fmt: skip
    assert house.clean() == {"woning": 1, "epc": 1}
    assert house.count("hub.gegeven") == 6
    ledger.change("UPDATE hub.gegeven SET vervangen_op = vervangen_op - interval '2 days'")
    assert house.clean("morgen") == {"gegeven": 3}
    assert {row[0] for row in ledger.rows("SELECT adres_id FROM hub.woning")} == {
        "jong", "bevraagd", "bewoond",
    }  # fmt: skip


@pytest.mark.postgres
def test_a_chain_of_dwellings_goes_from_its_oldest_end(
    ledger: Ledger, database: HubDatabase
) -> None:
    house = House(ledger, database)
    ids = {}
    for name in ("eerst", "dan", "nu"):
        house.plant("hub.woning", adres_id=name, aangemaakt_op_geleden=9999)
        (ids[name],) = ledger.rows("SELECT woning_id FROM hub.woning WHERE adres_id = :a", a=name)[
            0
        ]
    for old, new in (("eerst", "dan"), ("dan", "nu")):
        house.plant("hub.woning_opvolging", woning_id=ids[old], opvolger=f"adres {new}",
                    opvolger_woning_id=ids[new], reden="vervangen", gebeurtenis=old,
                    gebeurd_op_geleden=9999)  # fmt: skip
    dossier = {"dossier_id": ids["nu"], "woning_id": ids["nu"], "pad": "adres", "adres_hash": b"h"}
    house.plant("hub.dossier_woning", **dossier, uitkomst="gevonden", gezocht_op_geleden=1)
    assert house.clean() == {"woning": 1}, "what a dwelling of a dossier followed stays"
    ledger.change("DELETE FROM hub.dossier_woning")
    assert house.clean("1") == {"woning": 1}
    assert house.clean("2") == {"woning": 1}
    assert house.count("hub.woning") == house.count("hub.woning_opvolging") == 0


@pytest.mark.postgres
def test_a_document_is_emptied_sooner_than_other_messages(
    ledger: Ledger, database: HubDatabase
) -> None:
    house, days = House(ledger, database), REGELS["document_inhoud"].dagen
    for soort in ("voortgang_document", "woningfiche", "voorinvulling"):
        house.message(f"oud {soort}", "bevestigd", days + 1, soort=soort, bestemming="crm")
        house.message(f"jong {soort}", "bevestigd", days - 1, soort=soort, bestemming="crm")
    assert house.clean() == {"document_inhoud": 2}
    assert {row[0] for row in ledger.rows("SELECT sleutel FROM hub.bericht WHERE inhoud IS NULL")} \
        == {"oud voortgang_document", "oud woningfiche"}  # fmt: skip


@pytest.mark.postgres
def test_consents_and_loads_go_when_their_term_is_over(
    ledger: Ledger, database: HubDatabase
) -> None:
    house = House(ledger, database)
    house.landed("toestemming", REGELS["crm_toestemming"].dagen + 1)
    house.landed("toestemming", REGELS["crm_toestemming"].dagen - 1)
    house.landed("toestemming", None)
    for extra in (1, -1):
        house.plant("rapportage.lading", model="m", nieuw_of_gewijzigd=1, verwijderd=0,
                    geladen_op_geleden=REGELS["lading"].dagen + extra)  # fmt: skip
    assert house.clean() == {"crm_toestemming": 1, "lading": 1}
    assert house.count("bron.crm_toestemming") == 2


@pytest.mark.postgres
def test_the_report_tells_the_oldest_that_is_left_and_what_is_held_back(
    ledger: Ledger, database: HubDatabase
) -> None:
    house, days = House(ledger, database), REGELS["bericht_inhoud"].dagen
    house.message("weg", "bevestigd", days + 9)
    house.message("bewaard", "bevestigd", days + 5, bewaren_tot_geleden=-1)
    house.message("jong", "bevestigd", days - 1)
    house.clean()
    told = ledger.rows(
        "SELECT o.aantal, o.over_termijn, o.oudste = b.beeindigd_op FROM hub.opruiming AS o "
        "CROSS JOIN hub.bericht AS b WHERE o.soort = 'bericht_inhoud' AND b.sleutel = 'bewaard'"
    )
    assert told == [(1, 1, True)]
    assert ledger.rows("SELECT oudste, over_termijn FROM hub.opruiming WHERE soort = 'inbox'") == [
        (None, 0)
    ]
    assert ledger.rows("SELECT count(*) FROM hub.opruiming WHERE over_termijn IS NULL") == [(0,)]


# By these columns a row is of a resident, or of a dwelling of one.
_OF_A_RESIDENT = text(
    "SELECT DISTINCT c.table_schema || '.' || c.table_name FROM information_schema.columns AS c "
    "INNER JOIN information_schema.tables AS t USING (table_schema, table_name) "
    "WHERE t.table_type = 'BASE TABLE' AND c.table_schema IN ('bron', 'hub', 'rapportage') "
    "AND (c.column_name IN ('profiel_id', 'dossier_id', 'vraag_id', 'aanmelding_id', "
    "'aanvraag_id', 'woning_id', 'object_id', 'persoonsgegevens') "
    "OR c.column_name LIKE '%pseudoniem')"
)
# Of these the rows stay (na_wissing), or are those of the erasure itself.
_STAYS = {"hub.toegangslog", "hub.wissing", "hub.wissing_object", "hub.gewist"}


@pytest.mark.postgres
def test_every_table_of_a_resident_is_emptied_when_one_is_erased(database: HubDatabase) -> None:
    with database.engine("hub_eigenaar").connect() as connection:
        tables = set(connection.execute(_OF_A_RESIDENT).scalars())
    assert {"hub.bericht", "rapportage.fct_dossier", "bron.crm_stap"} <= tables
    done = set(load_statements("ops/wissing_verwijderen"))
    missing = {one for one in tables - _STAYS if one.replace(".", "_", 1) not in done}
    assert not missing, "give each a statement in sql/ops/wissing_verwijderen.sql"
    assert done == {name for step in VERWIJDEREN.values() for name in step}


def test_what_stays_after_an_erasure_is_counted() -> None:
    kinds = {soort for soort, rule in RULES.items() if "na_wissing" in rule}
    assert kinds == set(load_statements("ops/wissing_blijft")) - {"kept"}
