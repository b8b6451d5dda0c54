"""A broken table is held back, that one only, until the rule holds again."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.quality.verdict import blocked_models, judge_models, warehouse_paths
from hub.rapportage.load import load_rapportage
from tests.journey import make_keyring
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres
FACT = """
INSERT INTO rapportage.fct_dossier (dossier_pseudoniem, wijk_code, start_akkoord, stand)
SELECT pseudoniem, 'onbekend', TRUE, 'nieuw' FROM rapportage.pseudoniem ORDER BY 1 LIMIT :n
"""
# A table is held back with those that are made of it.
ALL_OF_DOSSIERS = {
    "fct_dossier", "fct_stap", "fct_aanmelding", "fct_aanvraag",
    "mart_trechter", "mart_kanaal", "mart_label", "mart_labelsprong", "mart_doorlooptijd",
    "mart_partner", "mart_partner_tijd", "mart_aanvraag",
}  # fmt: skip
DOSSIER = """
INSERT INTO bron.crm_dossier
(dossier_id, start_akkoord, voorinvulling, pseudoniem, etag, inhoud_hash, gewijzigd_op)
SELECT md5(n::text)::uuid, TRUE, '{}', 'p' || n, '1', '', now()
FROM generate_series(1, :n) AS n
"""


KEYRING = make_keyring()


class Warehouse:
    """The warehouse under the role that loads and judges it."""

    def __init__(self, database: HubDatabase) -> None:
        self.engine = database.engine("hub_rapportage")
        self.owner = database.engine("hub_eigenaar")

    def do(self, statement: str, **given: object) -> None:
        with self.owner.begin() as connection:
            connection.execute(text(statement), given)

    def load(self, *, everything: bool = False) -> None:
        load_rapportage(self.engine, KEYRING, everything=everything)

    def judge(self) -> frozenset[str]:
        with self.engine.begin() as connection:
            judge_models(connection, warehouse_paths(), run="proef")
        with self.engine.begin() as connection:
            return blocked_models(connection)

    def incidents(self) -> set[str]:
        with self.owner.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT onderwerp FROM hub.incident"
                    " WHERE soort = 'kwaliteit' AND opgelost_op IS NULL"
                )
            )
            return {row.onderwerp for row in rows}


@pytest.fixture
def warehouse(database: HubDatabase) -> Warehouse:
    return Warehouse(database)


def test_a_table_that_was_never_judged_or_is_empty_is_not_blocked(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        assert blocked_models(connection) == frozenset()
    assert warehouse.judge() == frozenset()
    assert warehouse.incidents() == set()


def test_a_lost_dossier_blocks_the_table_until_it_is_loaded(warehouse: Warehouse) -> None:
    warehouse.do(DOSSIER, n=4)
    warehouse.load()
    warehouse.do("DELETE FROM rapportage.fct_dossier")
    warehouse.do(FACT, n=3)
    assert warehouse.judge() == ALL_OF_DOSSIERS
    assert warehouse.incidents() == {"fct_dossier alle_dossiers"}
    warehouse.load(everything=True)
    assert warehouse.judge() == frozenset()
    assert warehouse.incidents() == set()


def test_a_bad_row_and_an_orphan_are_each_told(warehouse: Warehouse) -> None:
    warehouse.do(DOSSIER, n=3)
    warehouse.load()
    warehouse.do("UPDATE rapportage.fct_dossier SET vraag_op = now() + interval '2 months'")
    warehouse.do("UPDATE rapportage.fct_dossier SET epc_kengetal = 99999")
    warehouse.do(
        "UPDATE rapportage.fct_dossier SET dossier_pseudoniem = 'ander' WHERE dossier_pseudoniem ="
        " (SELECT min(dossier_pseudoniem) FROM rapportage.fct_dossier)"
    )
    assert warehouse.judge() == ALL_OF_DOSSIERS
    # What only warns is counted.
    assert warehouse.incidents() == {
        "fct_dossier vraag_aannemelijk",
        "fct_dossier geen_wees",
        "fct_stap vragen_per_maand",
    }
    warehouse.do("DELETE FROM rapportage.fct_dossier")
    warehouse.load(everything=True)
    assert warehouse.judge() == frozenset()


def test_a_table_that_halves_is_held_back(warehouse: Warehouse) -> None:
    warehouse.do(DOSSIER, n=20)
    warehouse.load()
    for _ in range(4):
        assert warehouse.judge() == frozenset()
    warehouse.do("UPDATE bron.crm_dossier SET verwijderd_op = now() WHERE pseudoniem > 'p15'")
    warehouse.load()
    assert warehouse.judge() == ALL_OF_DOSSIERS
    assert warehouse.incidents() == {"fct_dossier volume_gewoon"}
    warehouse.do("UPDATE bron.crm_dossier SET verwijderd_op = NULL")
    warehouse.load()
    assert warehouse.judge() == frozenset()
