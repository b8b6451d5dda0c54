"""The access log: appended per batch, kept by rights, proved by its chain, dropped by segment."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from cli.database import locate
from cli.state import ROLES
from hub.bewaring import clean_bewaartermijn
from hub.migrate import list_migrations, migrate
from hub.toegang.read import list_segments, reading
from hub.toegang.verify import Anker
from hub.toegangslog import close_past_segment
from tests.hub.access_log_case import AccessLog
from tests.postgres_cluster import Cluster, HubDatabase

pytestmark = pytest.mark.postgres


@pytest.fixture
def log(database: HubDatabase) -> AccessLog:
    return AccessLog(database)


def test_a_batch_is_one_transaction_and_its_chain_holds(log: AccessLog) -> None:
    log.record(3, 1, 1000)
    assert log.rows("SELECT count(*), count(DISTINCT xmin::text), count(keten_hash) "
                    "FROM hub.toegangslog") == [(1004, 3, 3)]  # fmt: skip
    verdict = log.verify()
    assert (verdict.entries, verdict.broken, verdict.first) == (1004, 0, None)


def test_an_unknown_reader_recomputes_the_chain_by_the_document(log: AccessLog) -> None:
    """Independent of hub.toegang.chain: as docs/access_log.md tells it."""
    log.record(2)
    (first, second) = log.rows(
        "SELECT volgnummer, to_char(gelogd_op AT TIME ZONE 'UTC', "
        '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'), correlatie_id::text, dossier_id::text, bron, '
        "operatie, object, doel, rechtsgrond, hoedanigheid, namens, rij_hash, keten_hash, "
        "to_char(maand, 'YYYY-MM') FROM hub.toegangslog ORDER BY volgnummer"
    )
    for row in (first, second):
        listed = json.dumps(list(row[:11]), ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(listed.encode()).digest() == bytes(row[11])
    begin = hashlib.sha256(f"renovatiehub toegangslog {first[13]} ".encode() + bytes(32)).digest()
    assert first[12] is None
    assert bytes(second[12]) == hashlib.sha256(begin + first[11] + second[11]).digest()


def test_many_appenders_make_one_chain(log: AccessLog) -> None:
    threads = [Thread(target=log.record, args=(5,) * 10) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = log.verify()
    assert (verdict.entries, verdict.broken) == (200, 0)
    assert log.rows("SELECT count(*) FROM (SELECT gelogd_op, lag(gelogd_op) OVER "
                    "(ORDER BY volgnummer) AS ervoor FROM hub.toegangslog) AS r "
                    "WHERE gelogd_op < ervoor") == [(0,)]  # fmt: skip


def test_the_first_batch_of_a_month_closes_the_month_before_it(log: AccessLog) -> None:
    log.plant(date(2026, 1, 1), 3, 2)
    log.plant(date(2026, 3, 1), 4, close=False)
    log.record(2)
    assert log.rows(
        "SELECT maand, eerste, laatste, aantal FROM hub.toegangslog_segment ORDER BY maand"
    ) == [(date(2026, 1, 1), 1, 5, 5), (date(2026, 3, 1), 6, 9, 4)]
    verdict = log.verify()
    assert (verdict.entries, verdict.broken, verdict.findings) == (11, 0, [])
    assert log.head().volgnummer == 11


def test_a_month_without_a_look_after_it_closes_in_the_night(log: AccessLog) -> None:
    log.plant(date(2026, 1, 1), 3, close=False)
    assert close_past_segment(log.cleaner) == date(2026, 1, 1)
    assert close_past_segment(log.cleaner) is None, "closing again must do nothing"
    assert log.verify().broken == 0
    log.record(1)
    assert close_past_segment(log.cleaner) is None, "the month is not over"
    assert (log.verify().entries, log.verify().broken) == (4, 0)


FORGERIES = {
    "a changed row": "UPDATE hub.toegangslog SET namens = 'x' WHERE volgnummer = 7",
    "a changed row with its hash": (
        "UPDATE hub.toegangslog SET namens = 'x', rij_hash = sha256('x') WHERE volgnummer = 7"
    ),
    "a removed row": "DELETE FROM hub.toegangslog WHERE volgnummer = 7",
    "a removed batch": "DELETE FROM hub.toegangslog WHERE volgnummer BETWEEN 4 AND 5",
    "a removed tail of a closed segment": "DELETE FROM hub.toegangslog WHERE volgnummer = 5",
    "a removed batch at the end of a closed segment": (
        "DELETE FROM hub.toegangslog WHERE volgnummer BETWEEN 4 AND 5 AND maand = '2026-01-01'"
    ),
    "a half batch at the end": "DELETE FROM hub.toegangslog WHERE volgnummer = 12",
    "an inserted row": (
        "INSERT INTO hub.toegangslog SELECT maand, 13, uuidv7(), gelogd_op, dossier_id, bron, "
        "operatie, object, doel, rechtsgrond, hoedanigheid, namens, rij_hash, keten_hash "
        "FROM hub.toegangslog WHERE volgnummer = 12"
    ),
    "an inserted row in a closed segment": (
        "INSERT INTO hub.toegangslog SELECT maand, 0, uuidv7(), gelogd_op, dossier_id, bron, "
        "operatie, object, doel, rechtsgrond, hoedanigheid, namens, rij_hash, NULL "
        "FROM hub.toegangslog WHERE volgnummer = 5"
    ),
    "two rows that changed places": (
        "UPDATE hub.toegangslog AS een SET object = ander.object, rij_hash = ander.rij_hash "
        "FROM hub.toegangslog AS ander "
        "WHERE een.volgnummer IN (7, 8) AND ander.volgnummer = 15 - een.volgnummer"
    ),
    "a whole segment gone": "DELETE FROM hub.toegangslog WHERE maand = '2026-01-01'",
    "a changed count": "UPDATE hub.toegangslog_segment SET aantal = 4 WHERE maand = '2026-01-01'",
    "a changed closing hash": (
        "UPDATE hub.toegangslog_segment SET slot_hash = sha256('x') WHERE maand = '2026-01-01'"
    ),
    "a closing record that follows something else": (
        "UPDATE hub.toegangslog_segment SET vorige_hash = sha256('x') WHERE maand = '2026-02-01'"
    ),
    "a removed closing record": "DELETE FROM hub.toegangslog_segment WHERE maand = '2026-01-01'",
    "the last closing record removed": (
        "DELETE FROM hub.toegangslog_segment WHERE maand = '2026-02-01'"
    ),
    "rows gone that retention did not drop": (
        "WITH weg AS (DELETE FROM hub.toegangslog WHERE maand = '2026-02-01' RETURNING 1) "
        "DELETE FROM hub.toegangslog_segment WHERE maand = '2026-02-01' "
        "AND EXISTS (SELECT 1 FROM weg)"
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda name: name.replace(" ", "_"))
def test_tampering_shows(log: AccessLog, forgery: str) -> None:
    log.plant(date(2026, 1, 1), 3, 2)
    log.plant(date(2026, 2, 1), 4)
    log.record(3)
    assert log.verify().broken == 0
    log.forge(FORGERIES[forgery])
    verdict = log.verify()
    assert verdict.broken > 0
    assert verdict.findings


def test_segments_that_changed_places_show(log: AccessLog) -> None:
    log.plant(date(2026, 1, 1), 3)
    log.plant(date(2026, 2, 1), 3)
    log.record(1)
    log.forge(
        "UPDATE hub.toegangslog SET maand = CASE maand WHEN '2026-01-01' THEN date '2026-02-01' "
        "ELSE date '2026-01-01' END WHERE maand < '2026-03-01'"
    )
    assert log.verify().broken > 0


def test_one_changed_row_is_one_finding_that_names_it(log: AccessLog) -> None:
    log.record(20)
    log.forge("UPDATE hub.toegangslog SET namens = 'iemand anders' WHERE volgnummer = 7")
    verdict = log.verify()
    assert (verdict.entries, verdict.broken, verdict.first) == (20, 1, 7)
    assert verdict.findings == ["row 7 was changed"]


def test_the_removed_end_of_the_open_segment_shows_by_an_anchor_only(log: AccessLog) -> None:
    log.record(3, 2)
    anker = log.head()
    log.record(1)
    assert log.verify(anker).broken == 0
    log.forge("DELETE FROM hub.toegangslog WHERE volgnummer > 3")
    assert log.verify().broken == 0, "the database alone cannot tell"
    verdict = log.verify(anker)
    assert (verdict.broken, verdict.first) == (1, 5)
    log.record(2)
    assert log.verify().broken == 0
    assert log.verify(anker).broken == 1, "other rows in their place must not hide it"


@pytest.mark.parametrize("role", [role for role in ROLES if role.startswith("hub_")])
def test_no_role_changes_or_removes_a_row(log: AccessLog, role: str) -> None:
    log.plant(date(2026, 1, 1), 2)
    log.record(2)
    month = log.rows("SELECT max(maand) FROM hub.toegangslog")[0][0]
    engine = log.database.engine(role)
    for table, column in (
        ("hub.toegangslog", "namens"),
        (f"hub.toegangslog_{month:%Y_%m}", "namens"),
        ("hub.toegangslog_segment", "aantal"),
    ):
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as c:
                c.execute(text(statement))
    assert log.verify().entries == 4


@pytest.mark.parametrize("role", ["hub_eigenaar", "superuser"])
def test_who_gives_himself_the_right_is_stopped_by_the_trigger(log: AccessLog, role: str) -> None:
    log.plant(date(2026, 1, 1), 2)
    log.record(2)
    month = log.rows("SELECT max(maand) FROM hub.toegangslog")[0][0]
    for table in ("toegangslog", f"toegangslog_{month:%Y_%m}", "toegangslog_segment"):
        if role == "hub_eigenaar":
            with log.owner.begin() as connection:
                connection.execute(text(f"GRANT ALL ON hub.{table} TO hub_eigenaar"))
        for statement in (
            f"UPDATE hub.{table} SET maand = '2020-01-01'",
            f"DELETE FROM hub.{table}",
            f"TRUNCATE hub.{table}",
        ):
            acting = log.owner.begin() if role == "hub_eigenaar" else log.superuser()
            with pytest.raises(ProgrammingError, match="Er is niets gewijzigd"), acting as c:
                c.execute(text(statement))
    assert log.verify().entries == 4


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT hub.write_toegangslog_slot(date '2026-01-01')",
        "SELECT hub.make_toegangslog_segment(date '2030-01-01')",
        "SELECT hub.drop_toegangslog(date '2026-01-01', 3653)",
        "INSERT INTO hub.toegangslog_segment SELECT * FROM hub.toegangslog_segment",
    ],
)
def test_the_appender_can_neither_close_nor_drop_a_segment_by_hand(
    log: AccessLog, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        log.database.engine("hub_enrich").begin() as connection,
    ):
        connection.execute(text(statement))


def test_retention_drops_a_whole_segment_and_the_chain_holds(log: AccessLog) -> None:
    log.plant(date(2015, 1, 1), 3, 2)
    log.plant(date(2015, 2, 1), 2)
    log.plant(date(2026, 1, 1), 4)
    log.record(2)
    anker = Anker("2015-01", 5, b"")
    with reading(log.reader) as connection:
        anker = Anker("2015-01", 5, next(iter(list_segments(connection))).slot.keten_hash)  # type: ignore[union-attr]
    before = log.verify()
    assert (before.entries, before.broken) == (13, 0)
    assert clean_bewaartermijn(log.cleaner, naam="nacht")["toegangslog"] == 2
    assert clean_bewaartermijn(log.cleaner, naam="nacht")["toegangslog"] == 0
    assert log.rows("SELECT maand, aantal, verwijderd_op IS NOT NULL "
                    "FROM hub.toegangslog_segment ORDER BY maand") == [
        (date(2015, 1, 1), 5, True), (date(2015, 2, 1), 2, True), (date(2026, 1, 1), 4, False)
    ]  # fmt: skip
    verdict = log.verify(anker)
    assert (verdict.entries, verdict.broken) == (6, 0)
    assert len(verdict.notes) == 2
    log.record(1)
    assert log.verify().broken == 0
    assert log.rows("SELECT sum(aantal) FROM hub.opruiming WHERE soort = 'toegangslog'") == [(2,)]
    log.forge("UPDATE hub.toegangslog_segment SET aantal = 9 WHERE maand = '2015-02-01'")
    assert log.verify().broken > 0, "a changed closing record shows after its rows are gone"


@pytest.mark.parametrize("days", [1, 364, 3653])
def test_no_segment_goes_before_its_term_or_within_a_year(log: AccessLog, days: int) -> None:
    log.plant(date(2026, 9, 1), 3)
    with (
        pytest.raises(ProgrammingError, match="Er is niets verwijderd"),
        log.cleaner.begin() as connection,
    ):
        connection.execute(text("SELECT hub.drop_toegangslog(date '2026-09-01', :d)"), {"d": days})
    assert log.verify().entries == 3


def test_a_segment_that_is_read_now_goes_the_next_night(log: AccessLog) -> None:
    log.plant(date(2015, 1, 1), 3)
    with reading(log.reader) as connection:
        list(list_segments(connection))
        assert clean_bewaartermijn(log.cleaner, naam="nacht")["toegangslog"] == 0
    assert clean_bewaartermijn(log.cleaner, naam="morgen")["toegangslog"] == 1


def test_what_was_logged_before_segments_goes_over(cluster: Cluster, tmp_path: Path) -> None:
    """A database of the version before, with rows in two months, brought up to date."""
    for path in list_migrations()[:10]:
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with cluster.fresh_database() as database:
        with psycopg.connect(cluster.server.dsn(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {database.name}")
            admin.execute(f"CREATE DATABASE {database.name} OWNER hub_eigenaar TEMPLATE template0")
        url = locate(cluster.settings, cluster.state).url("hub_eigenaar", database.name)
        migrate(url, tmp_path)
        owner = database.engine("hub_eigenaar")
        with owner.begin() as connection:
            for number in range(1, 8):
                connection.execute(
                    text(
                        "INSERT INTO hub.toegangslog VALUES (:n, uuidv7(), :op, uuidv7(), 'epc', "
                        "'GeefEpc', :object, 'd', 'r', 'h', 'n', '', '')"
                    ),
                    {
                        "n": number,
                        "op": datetime(2026, 9 if number < 5 else 10, number, 23, 59, tzinfo=UTC),
                        "object": 'adres "\u00e9\\\n\u0001\u007f/' + str(number),
                    },
                )
        migrate(url)
        log = AccessLog(database)
        verdict = log.verify()
        assert (verdict.entries, verdict.broken, verdict.findings) == (7, 0, [])
        log.record(2)
        verdict = log.verify()
        assert (verdict.entries, verdict.broken, verdict.findings) == (9, 0, [])
        assert log.rows("SELECT maand, aantal FROM hub.toegangslog_segment ORDER BY maand") == [
            (date(2026, 9, 1), 4), (date(2026, 10, 1), 3)
        ]  # fmt: skip
