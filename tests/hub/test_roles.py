"""Each role reads and writes only what its job needs."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from tests.hub.ledger_case import Ledger
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres


def test_the_access_log_cannot_be_changed_by_the_role_that_writes_it(ledger: Ledger) -> None:
    for statement in ("UPDATE hub.toegangslog SET doel = 'x'", "DELETE FROM hub.toegangslog"):
        with pytest.raises(Exception, match="permission denied"), ledger.writer.begin() as c:
            c.execute(text(statement))


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("hub_pull", "SELECT * FROM hub.bericht"),
        ("hub_pull", "SELECT waarde FROM hub.gegeven"),
        ("hub_pull", "UPDATE hub.dossier_woning SET woning_id = NULL"),
        ("hub_pull", "UPDATE hub.bronstand SET uitkomst = 'x'"),
        ("hub_pull", "DELETE FROM hub.woning_opvolging"),
        ("hub_pull", "SELECT inhoud FROM hub.bericht"),
        ("hub_pull", "SELECT persoonsgegevens FROM bron.partner_voortgang"),
        ("hub_pull", "UPDATE bron.partner_voortgang SET status = 'afgerond'"),
        ("hub_push", "UPDATE bron.partner_voortgang SET status = 'afgerond'"),
        ("hub_push", "DELETE FROM bron.partner_document"),
        ("hub_push", "INSERT INTO bron.partner_document SELECT * FROM bron.partner_document"),
        ("hub_enrich", "SELECT status FROM bron.partner_voortgang"),
        ("hub_rapportage", "SELECT persoonsgegevens FROM bron.partner_voortgang"),
        ("hub_rapportage", "SELECT * FROM bron.crm_aanvraag"),
        ("hub_rapportage", "SELECT keuze FROM bron.crm_stap"),
        ("hub_rapportage", "SELECT consulent FROM bron.crm_dossier"),
        ("hub_rapportage", "SELECT gebouweenheid_id FROM hub.woning"),
        ("hub_rapportage", "UPDATE hub.te_rapporteren SET soort = 'woning'"),
        ("hub_rapportage", "DELETE FROM bron.crm_dossier"),
        ("hub_rapportage", "DELETE FROM rapportage.lading"),
        ("hub_rapportage", "UPDATE rapportage.dim_stap SET naam = 'x'"),
        ("hub_pull", "INSERT INTO hub.te_rapporteren (soort) VALUES ('dossier')"),
        ("hub_enrich", "SELECT * FROM rapportage.fct_dossier"),
        ("hub_push", "DELETE FROM hub.te_rapporteren"),
        ("hub_lezer", "SELECT * FROM rapportage.pseudoniem"),
        ("hub_lezer", "SELECT * FROM rapportage.woning_wijk"),
        ("hub_lezer", "DELETE FROM hub.te_rapporteren"),
        ("hub_kwaliteit", "SELECT * FROM rapportage.pseudoniem"),
        ("hub_kwaliteit", "SELECT * FROM rapportage.woning_wijk"),
        ("hub_kwaliteit", "UPDATE rapportage.fct_dossier SET stand = 'x'"),
        ("hub_kwaliteit", "SELECT * FROM hub.meetellend_dossier"),
        ("hub_operator", "SELECT * FROM rapportage.pseudoniem"),
        ("hub_opruiming", "DELETE FROM rapportage.pseudoniem"),
        ("hub_lezer", "SELECT persoonsgegevens FROM bron.partner_voortgang"),
        ("hub_lezer", "SELECT persoonsgegevens FROM bron.partner_document"),
        ("hub_opruiming", "SELECT persoonsgegevens FROM bron.partner_voortgang"),
        ("hub_sleutel", "SELECT status FROM bron.partner_voortgang"),
        ("hub_enrich", "UPDATE hub.woning_opvolging SET reden = 'x'"),
        ("hub_enrich", "UPDATE hub.bericht SET stand = 'bevestigd'"),
        ("hub_enrich", "SELECT * FROM hub.toegangslog"),
        ("hub_enrich", "DELETE FROM hub.bronweigering"),
        ("hub_enrich", "UPDATE hub.woningfiche SET volgnummer = 2"),
        ("hub_push", "SELECT * FROM hub.woningfiche"),
        ("hub_push", "DELETE FROM hub.token"),
        ("hub_enrich", "SELECT * FROM hub.token"),
        ("hub_lezer", "SELECT waarde FROM hub.token"),
        ("hub_lezer", "DELETE FROM hub.codelijst"),
        ("hub_aansluiting", "SELECT * FROM hub.codelijst"),
        ("hub_push", "SELECT persoonsgegevens FROM bron.crm_vraag"),
        ("hub_rapportage", "SELECT persoonsgegevens FROM bron.crm_profiel"),
        ("hub_rapportage", "SELECT straat FROM bron.crm_dossier"),
        ("hub_rapportage", "SELECT inhoud FROM hub.bericht"),
        ("hub_lezer", "SELECT inhoud FROM hub.bericht"),
        ("hub_lezer", "SELECT persoonsgegevens FROM bron.crm_profiel"),
        ("hub_lezer", "SELECT keuze FROM bron.crm_stap"),
        ("hub_lezer", "SELECT suggestie FROM bron.crm_gegeven"),
        ("hub_lezer", "SELECT waarde FROM hub.beslissing"),
        ("hub_enrich", "UPDATE bron.crm_stap SET status = 'gedaan'"),
        ("hub_push", "SELECT * FROM bron.crm_stap"),
        ("hub_push", "SELECT * FROM bron.crm_aanvraag"),
        ("hub_push", "UPDATE bron.crm_aanvraag SET status = 'betaald'"),
        ("hub_opruiming", "UPDATE bron.crm_aanvraag SET nummer = NULL"),
        ("hub_aansluiting", "SELECT * FROM bron.crm_aanvraag"),
        ("hub_enrich", "DELETE FROM hub.beslissing"),
        ("hub_opruiming", "SELECT waarde FROM hub.beslissing"),
        ("hub_kwaliteit", "SELECT * FROM bron.crm_profiel"),
        ("hub_lezer", "SELECT persoonsgegevens FROM hub.quarantaine"),
        ("hub_kwaliteit", "SELECT persoonsgegevens FROM hub.quarantaine"),
        ("hub_rapportage", "SELECT waarden FROM hub.quarantaine"),
        ("hub_rapportage", "UPDATE hub.regelmeting SET gebroken = 0"),
        ("hub_kwaliteit", "DELETE FROM hub.regelmeting"),
        ("hub_operator", "SELECT inhoud FROM hub.bericht"),
        ("hub_operator", "UPDATE hub.bericht SET sleutel = 'x'"),
        ("hub_operator", "UPDATE hub.handeling SET wie = 'x'"),
        ("hub_operator", "DELETE FROM hub.handeling"),
        ("hub_operator", "UPDATE hub.kanaal SET kan_ontdubbelen = TRUE"),
        ("hub_opruiming", "SELECT sleutel FROM hub.bericht"),
        ("hub_opruiming", "UPDATE hub.bericht SET stand = 'klaar'"),
        ("hub_opruiming", "SELECT persoonsgegevens FROM bron.crm_profiel"),
        ("hub_opruiming", "DELETE FROM hub.toegangslog"),
        ("hub_opruiming", "DELETE FROM hub.handeling"),
        ("hub_opruiming", "DELETE FROM hub.opruiming"),
        ("hub_opruiming", "SELECT waarde FROM hub.gegeven"),
        ("hub_opruiming", "SELECT inhoud FROM bron.epc"),
        ("hub_opruiming", "SELECT attest FROM hub.wissing"),
        ("hub_wissing", "SELECT inhoud FROM hub.bericht"),
        ("hub_wissing", "SELECT persoonsgegevens FROM bron.crm_profiel"),
        ("hub_wissing", "SELECT persoonsgegevens FROM bron.partner_document"),
        ("hub_wissing", "SELECT straat FROM bron.crm_dossier"),
        ("hub_wissing", "SELECT waarde FROM hub.gegeven"),
        ("hub_wissing", "UPDATE hub.bericht SET sleutel = 'x'"),
        ("hub_wissing", "DELETE FROM hub.toegangslog"),
        ("hub_wissing", "DELETE FROM hub.handeling"),
        ("hub_wissing", "SELECT wie FROM hub.handeling"),
        ("hub_wissing", "DELETE FROM hub.wissing"),
        ("hub_wissing", "DELETE FROM hub.gewist"),
        ("hub_pull", "SELECT * FROM hub.wissing"),
        ("hub_pull", "DELETE FROM hub.gewist"),
        ("hub_lezer", "SELECT profiel_id FROM hub.wissing"),
        ("hub_lezer", "SELECT * FROM hub.wissing_object"),
        ("hub_sleutel", "UPDATE hub.bericht SET stand = 'klaar'"),
        ("hub_sleutel", "SELECT insz_status FROM bron.crm_profiel"),
        ("hub_sleutel", "DELETE FROM hub.bericht"),
        ("hub_dashboard", "SELECT * FROM rapportage.fct_dossier"),
        ("hub_dashboard", "SELECT * FROM rapportage.lading"),
        ("hub_dashboard", "SELECT * FROM rapportage.publicatie_telling"),
        ("hub_lezer", "SELECT * FROM rapportage.publicatie_telling"),
        ("hub_dashboard", "SELECT * FROM hub.quarantaine"),
        ("hub_dashboard", "SELECT * FROM bron.crm_dossier"),
        ("hub_dashboard", "DELETE FROM rapportage.mart_trechter"),
        ("hub_dashboard", "INSERT INTO rapportage.mart_trechter (niveau) VALUES ('x')"),
        ("hub_rapportage", "DELETE FROM rapportage.publicatie"),
    ],
)
def test_a_role_reads_and_writes_only_what_its_job_needs(
    database: HubDatabase, role: str, statement: str
) -> None:
    engine: Engine = database.engine(role)
    with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement))


def test_the_dashboards_read_marts_and_nothing_else(
    database: HubDatabase,
) -> None:
    with database.engine("hub_eigenaar").connect() as connection:
        rows = connection.execute(
            text(
                "SELECT table_schema, table_name, privilege_type "
                "FROM information_schema.role_table_grants WHERE grantee = 'hub_dashboard' "
                "UNION SELECT table_schema, table_name, privilege_type "
                "FROM information_schema.column_privileges WHERE grantee = 'hub_dashboard'"
            )
        ).all()
    assert {row.privilege_type for row in rows} == {"SELECT"}
    assert {row.table_schema for row in rows} == {"rapportage"}
    names = {row.table_name for row in rows}
    assert "mart_trechter" in names
    assert {n for n in names if not n.startswith("mart_")} == set()
