"""Landing what the CRM gives, odd rows among it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from connectors.crm.models import ChangePage, CrmDeleted, CrmRecord, CrmRejected
from connectors.transport.errors import ContractError
from hub.landing import Landed, pull_crm_table
from tests.journey import make_keyring
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Crm:
    """A CRM whose pages the test writes; the link is the number of the next page."""

    def __init__(self, *pages: ChangePage) -> None:
        self.pages = list(pages)

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage:
        return self.pages[int(link or 0)]


class Landing:
    """One table under the role that lands it."""

    def __init__(self, database: HubDatabase) -> None:
        self.engine = database.engine("hub_pull")
        self.owner = database.engine("hub_eigenaar")
        self.keyring = make_keyring()

    def pull(self, *pages: ChangePage, tabel: str = "aanmelding") -> Landed:
        return pull_crm_table(self.engine, Crm(*pages), self.keyring, tabel=tabel)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.owner.begin() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]


@pytest.fixture
def landing(database: HubDatabase) -> Landing:
    return Landing(database)


def _record(number: int, *, object_id: UUID | None = None, etag: str = "1", soort: str = "x"):
    velden = {
        "dossier_id": uuid4(), "soort": soort, "partner": "dialoog", "volgnummer": number,
        "status": "aangevraagd",
    }  # fmt: skip
    return CrmRecord("aanmelding", object_id or uuid4(), etag, NOW, velden)


def _page(*records: CrmRecord, here: int = 0, more: bool = False, **options) -> ChangePage:
    following = str(here + 1)
    return ChangePage(
        "aanmelding",
        records,
        options.get("deleted", ()),
        following if more else None,
        None if more else str(here),
        options.get("rejected", ()),
    )


def test_pages_land_once_and_an_unchanged_row_is_not_written_again(landing: Landing) -> None:
    first, second = _page(_record(1), _record(2), more=True), _page(_record(3), here=1)
    landed = landing.pull(first, second)
    assert (landed.pages, landed.received, landed.changed) == (2, 3, 3)
    assert landing.pull(first, second).changed == 0
    assert landing.rows("SELECT count(*) FROM hub.inbox") == [(3,)]


def test_an_object_that_stands_twice_in_a_page_lands_in_its_last_version(landing: Landing) -> None:
    key = uuid4()
    landing.pull(_page(_record(1, object_id=key), _record(2, object_id=key, etag="2")))
    assert landing.rows("SELECT volgnummer, etag FROM bron.crm_aanmelding") == [(2, "2")]


def test_a_row_outside_the_mapping_waits_in_quarantine_and_the_others_land(
    landing: Landing,
) -> None:
    key = uuid4()
    bad = CrmRejected("aanmelding", str(key), "aanmelding.volgnummer is not of kind int")
    landed = landing.pull(_page(_record(1), rejected=(bad,)))
    assert (landed.changed, landed.rejected) == (1, 1)
    open_rows = "SELECT model, object_id, redenen FROM hub.quarantaine WHERE opgelost_op IS NULL"
    assert landing.rows(open_rows) == [("crm_aanmelding", str(key), [bad.reden])]
    landing.pull(_page(_record(1, object_id=key)))
    assert landing.rows(open_rows) == []


def test_a_value_the_database_refuses_stops_only_its_own_row(landing: Landing) -> None:
    landed = landing.pull(_page(_record(1), _record(10**12), _record(3)))
    assert (landed.changed, landed.rejected) == (2, 1)
    assert landing.rows("SELECT count(*) FROM bron.crm_aanmelding") == [(2,)]


@pytest.mark.parametrize("odd", ["a\x00b", "half \ud83d paar"])
def test_odd_characters_land(landing: Landing, odd: str) -> None:
    assert landing.pull(_page(_record(1, soort=odd))).changed == 1


def test_a_page_without_one_readable_row_stops_loudly(landing: Landing) -> None:
    bad = tuple(CrmRejected("aanmelding", str(uuid4()), "no column") for _ in range(25))
    with pytest.raises(ContractError, match="not one of 25 rows"):
        landing.pull(_page(rejected=bad))
    assert landing.rows("SELECT link FROM hub.cursor") == [(None,)]


def test_a_deleted_row_is_marked_once(landing: Landing) -> None:
    record = _record(1)
    landing.pull(_page(record))
    gone = _page(deleted=(CrmDeleted("aanmelding", record.object_id),))
    assert landing.pull(gone).deleted == 1
    assert landing.pull(gone).deleted == 0
    assert landing.rows("SELECT verwijderd_op IS NOT NULL FROM bron.crm_aanmelding") == [(True,)]


def test_a_deleted_row_never_seen_is_no_error(landing: Landing) -> None:
    assert landing.pull(_page(deleted=(CrmDeleted("aanmelding", uuid4()),))).deleted == 0
