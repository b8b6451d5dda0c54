"""A broken table is held back, that one only, until the rule holds again."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.quality.verdict import blocked_models, judge_models, warehouse_paths
from hub.rapportage import load_fct_dossier
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres
FACT = """
INSERT INTO rapportage.fct_dossier (dossier_pseudoniem, start_akkoord, stand, geladen_op)
SELECT 'p' || n, TRUE, 'nieuw', now() FROM generate_series(1, :n) AS n
"""
DOSSIER = """
INSERT INTO bron.crm_dossier
(dossier_id, start_akkoord, voorinvulling, pseudoniem, etag, inhoud_hash, gewijzigd_op)
SELECT uuidv7(), TRUE, '{}', 'p' || n, '1', '', now() FROM generate_series(1, :n) AS n
"""


class Warehouse:
    """The warehouse under the role that loads and judges it."""

    def __init__(self, database: HubDatabase) -> None:
        self.engine = database.engine("hub_rapportage")
        self.owner = database.engine("hub_eigenaar")

    def do(self, statement: str, **given: object) -> None:
        with self.owner.begin() as connection:
            connection.execute(text(statement), given)

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
    warehouse.do(FACT, n=3)
    assert warehouse.judge() == {"fct_dossier"}
    assert warehouse.incidents() == {"fct_dossier alle_dossiers"}
    load_fct_dossier(warehouse.engine)
    assert warehouse.judge() == frozenset()
    assert warehouse.incidents() == set()


def test_a_bad_row_and_an_orphan_are_each_told(warehouse: Warehouse) -> None:
    warehouse.do(DOSSIER, n=3)
    load_fct_dossier(warehouse.engine)
    warehouse.do("UPDATE rapportage.fct_dossier SET vraag_maand = now() + interval '2 months'")
    warehouse.do("UPDATE rapportage.fct_dossier SET epc_kengetal = 99999")
    warehouse.do("UPDATE bron.crm_dossier SET pseudoniem = 'ander' WHERE pseudoniem = 'p1'")
    assert warehouse.judge() == {"fct_dossier"}
    # What only warns is counted.
    assert warehouse.incidents() == {
        "fct_dossier vraag_maand_aannemelijk",
        "fct_dossier geen_wees",
    }
    warehouse.do("DELETE FROM rapportage.fct_dossier")
    load_fct_dossier(warehouse.engine)
    assert warehouse.judge() == frozenset()


def test_a_table_that_halves_is_held_back(warehouse: Warehouse) -> None:
    warehouse.do(DOSSIER, n=20)
    load_fct_dossier(warehouse.engine)
    for _ in range(4):
        assert warehouse.judge() == frozenset()
    warehouse.do("UPDATE bron.crm_dossier SET verwijderd_op = now() WHERE pseudoniem > 'p15'")
    load_fct_dossier(warehouse.engine)
    assert warehouse.judge() == {"fct_dossier"}
    assert warehouse.incidents() == {"fct_dossier volume_gewoon"}
    warehouse.do("UPDATE bron.crm_dossier SET verwijderd_op = NULL")
    load_fct_dossier(warehouse.engine)
    assert warehouse.judge() == frozenset()
