# ruff: noqa: E501
"""However changes arrive, and whenever a load runs, the warehouse equals one built from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hub.magazijn_case import FEITEN, Magazijn, key

pytestmark = pytest.mark.postgres
START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("1", "2", "3")


@dataclass(frozen=True)
class Change:
    """One thing that happens: which, to what, and with which value."""

    what: str
    one: str
    other: str
    day: int
    value: int

    @property
    def moment(self) -> datetime:
        return START + timedelta(days=self.day, hours=self.value * 5)


ACTS: dict[str, str] = {
    "dossier": "INSERT INTO bron.crm_dossier (dossier_id, vraag_id, profiel_id, postcode, "
    "start_akkoord, start_akkoord_op, voorinvulling, pseudoniem, etag, inhoud_hash, gewijzigd_op) "
    "VALUES (:d, :v, :p, '300' || :n, :n % 2 = 0, :t, '{}', 'p', '1', 'h', :t) "
    "ON CONFLICT (dossier_id) DO UPDATE SET vraag_id = excluded.vraag_id, "
    "start_akkoord = excluded.start_akkoord, verwijderd_op = NULL",
    "dossier weg": "UPDATE bron.crm_dossier SET verwijderd_op = :t WHERE dossier_id = :d",
    "dossier gewist": "DELETE FROM bron.crm_dossier WHERE dossier_id = :d",
    "vraag": "INSERT INTO bron.crm_vraag (vraag_id, kanaal, ontvangen_op, persoonsgegevens, "
    "sleutel_id, etag, inhoud_hash, gewijzigd_op) VALUES (:v, (ARRAY['mail', 'loket', 'x'])[:n], "
    ":t, 'x', 'k1', '1', 'h', :t) ON CONFLICT (vraag_id) DO UPDATE SET "
    "kanaal = excluded.kanaal, ontvangen_op = excluded.ontvangen_op",
    "vraag weg": "DELETE FROM bron.crm_vraag WHERE vraag_id = :v",
    "stap": "INSERT INTO bron.crm_stap (stap_id, dossier_id, soort, status, gebeurd_op, etag, "
    "inhoud_hash, gewijzigd_op) VALUES (:s, :d, (ARRAY['huisbezoek', 'dossier_afgerond', "
    "'opvolgen'])[:n], (ARRAY['gedaan', 'open'])[1 + :n % 2], :t, '1', 'h', :t) ON CONFLICT "
    "(stap_id) DO UPDATE SET dossier_id = excluded.dossier_id, soort = excluded.soort, "
    "status = excluded.status, gebeurd_op = excluded.gebeurd_op",
    "stap weg": "UPDATE bron.crm_stap SET verwijderd_op = :t WHERE stap_id = :s",
    "aanmelding": "INSERT INTO bron.crm_aanmelding (aanmelding_id, dossier_id, soort, partner, "
    "volgnummer, etag, inhoud_hash, gewijzigd_op) VALUES (:a, :d, 'duurzaam_bouwadvies', "
    "'dialoog', 1, '1', 'h', :t) ON CONFLICT (aanmelding_id) DO UPDATE SET "
    "dossier_id = excluded.dossier_id, gewijzigd_op = excluded.gewijzigd_op",
    "aanmelding weg": "DELETE FROM bron.crm_aanmelding WHERE aanmelding_id = :a",
    "aanvraag": "INSERT INTO bron.crm_aanvraag (aanvraag_id, dossier_id, soort, regeling, status, "
    "etag, inhoud_hash, gewijzigd_op) VALUES (:q, :d, (ARRAY['premie', 'lening', 'x'])[:n], "
    "'Mijn VerbouwPremie', 'betaald', '1', 'h', :t) ON CONFLICT (aanvraag_id) DO UPDATE SET "
    "dossier_id = excluded.dossier_id, soort = excluded.soort",
    "voortgang": "INSERT INTO bron.partner_voortgang (partner, voortgang_id, aanmelding_id, "
    "dossier_id, status, tijdstip, gewijzigd_op, inhoud_hash) VALUES ('dialoog', :n::text, :a, :d, "
    "(ARRAY['ontvangen', 'ingepland', 'advies_opgemaakt'])[:n], :t, :t, 'h') ON CONFLICT "
    "(partner, voortgang_id) DO UPDATE SET tijdstip = excluded.tijdstip, "
    "dossier_id = excluded.dossier_id",
    "woning": "INSERT INTO hub.woning (woning_id, adres_id, aangemaakt_op) VALUES "
    "(:w, CAST(:w AS uuid)::text, :t) ON CONFLICT DO NOTHING",
    "gevonden": "INSERT INTO hub.dossier_woning (dossier_id, woning_id, uitkomst, pad, adres_hash, "
    "gezocht_op) SELECT :d, woning_id, 'gevonden', 'x', 'h', :t FROM hub.woning "
    "WHERE woning_id = :w ON CONFLICT (dossier_id) DO UPDATE SET woning_id = excluded.woning_id",
    "gegeven weg": "UPDATE hub.gegeven SET vervangen_op = :t WHERE woning_id = :w "
    "AND veld = 'epc_label' AND vervangen_op IS NULL",
    "gegeven": "INSERT INTO hub.gegeven (gegeven_id, woning_id, veld, waarde, bron, bron_object, "
    "opgehaald_op) SELECT :g, woning_id, 'epc_label', (ARRAY['A', 'B', 'C'])[:n], 'epc', '1', :t "
    "FROM hub.woning WHERE woning_id = :w ON CONFLICT DO NOTHING",
    "bevraagd": "INSERT INTO hub.bronstand (woning_id, bron, uitkomst, gevraagd_op, opnieuw_na) "
    "SELECT woning_id, 'epc', (ARRAY['gevonden', 'geen', 'opnieuw'])[:n], :t, :t FROM hub.woning "
    "WHERE woning_id = :w ON CONFLICT (woning_id, bron) DO UPDATE SET "
    "uitkomst = excluded.uitkomst, gevraagd_op = excluded.gevraagd_op",
    "bericht": "INSERT INTO hub.bericht (bericht_id, bestemming, sleutel, soort, dossier_id, inhoud, "
    "sleutel_id, aangemaakt_op) VALUES (:m, 'dialoog', 'aanmelding:' || CAST(:a AS uuid)::text, "
    "'aanmelding', :d, 'x', 'k1', :t) ON CONFLICT DO NOTHING",
    "onderweg": "UPDATE hub.bericht SET stand = 'onderweg', lease_tot = :t, pogingen = pogingen + 1,"
    " eerst_verzonden_op = coalesce(eerst_verzonden_op, :t), beeindigd_op = NULL "
    "WHERE dossier_id = :d AND stand = 'klaar'",
    "beeindigd": "UPDATE hub.bericht SET stand = (ARRAY['bevestigd', 'opgegeven', 'ingetrokken'])[:n]"
    ", beeindigd_op = :t, lease_tot = NULL WHERE dossier_id = :d AND stand = 'onderweg'",
    "in twijfel": "UPDATE hub.bericht SET stand = 'in_twijfel', beeindigd_op = NULL, "
    "lease_tot = NULL WHERE dossier_id = :d AND stand = 'onderweg'",
    "bericht gewist": "DELETE FROM hub.bericht WHERE dossier_id = :d",
    "quarantaine": "INSERT INTO hub.quarantaine (model, object_id, redenen) VALUES "
    "('stg_dossier', CAST(:d AS uuid)::text, '{x}') ON CONFLICT DO NOTHING",
    "quarantaine uit": "UPDATE hub.quarantaine SET opgelost_op = :t "
    "WHERE object_id = CAST(:d AS uuid)::text AND opgelost_op IS NULL",
    "aanmelding apart": "INSERT INTO hub.quarantaine (model, object_id, redenen) VALUES "
    "('stg_aanmelding', CAST(:a AS uuid)::text, '{x}') ON CONFLICT DO NOTHING",
    "toestemming": "INSERT INTO bron.crm_toestemming (toestemming_id, profiel_id, doel, ontvanger, "
    "van, etag, inhoud_hash, gewijzigd_op) VALUES (:c, :p, 'duurzaam_bouwadvies', 'dialoog', :t, "
    "'1', 'h', :t) ON CONFLICT DO NOTHING",
}  # fmt: skip
CHANGES = st.builds(
    Change,
    what=st.sampled_from([*ACTS, "laden", "laden"]),
    one=st.sampled_from(NAMES),
    other=st.sampled_from(NAMES),
    day=st.integers(0, 60),
    value=st.integers(1, 3),
)


def act(magazijn: Magazijn, change: Change) -> None:
    if change.what == "laden":
        magazijn.load(slice_size=change.value)
        return
    statement = ACTS[change.what].replace(":n::text", "CAST(CAST(:n AS integer) AS text)")
    statement = statement.replace(":n]", "CAST(:n AS integer)]").replace(
        "1 + :n % 2", "1 + CAST(:n AS integer) % 2"
    )
    statement = statement.replace("'300' || :n", "'300' || CAST(CAST(:n AS integer) AS text)")
    statement = statement.replace(":n % 2 = 0", "CAST(:n AS integer) % 2 = 0")
    stamp = change.moment.isoformat()
    named = {
        "d": f"d{change.one}", "v": f"v{change.other}", "p": f"p{change.one}",
        "s": f"s{change.other}", "a": f"a{change.other}", "q": f"q{change.other}",
        "w": f"w{change.other}", "c": f"c{change.one}",
        "g": f"g{change.other}@{stamp}", "m": f"m{change.other}@{stamp}",
    }  # fmt: skip
    given_all = {name: key(value) for name, value in named.items()} | {
        "t": change.moment, "n": change.value,
    }  # fmt: skip
    used = {name: value for name, value in given_all.items() if f":{name}" in statement}
    magazijn.do(statement, **used)


@settings(
    max_examples=15,
    # A smaller example takes minutes to find: each step is a database.
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=st.lists(CHANGES, min_size=10, max_size=40))
def test_loads_at_any_moment_give_what_a_rebuild_gives(
    magazijn: Magazijn, changes: list[Change]
) -> None:
    magazijn.empty()
    for change in changes:
        act(magazijn, change)
    magazijn.load()
    assert magazijn.rows("SELECT count(*) FROM hub.te_rapporteren") == [(0,)]
    loaded = magazijn.content()
    # A rebuild on top writes nothing; one from nothing gives the same bytes.
    assert magazijn.load(everything=True) == {"nieuw_of_gewijzigd": 0, "verwijderd": 0}
    tables = ", ".join(f"rapportage.{one}" for one in (*FEITEN, "pseudoniem", "woning_wijk"))
    magazijn.do(f"TRUNCATE {tables}")
    magazijn.load(everything=True)
    assert magazijn.content() == loaded
