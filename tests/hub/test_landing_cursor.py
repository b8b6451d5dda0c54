"""Where a pull goes on after it broke off: at most one page again, the cursor never back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from connectors.crm.errors import DeltaExpiredError
from connectors.crm.models import ChangePage, CrmRecord
from hub import landing as module
from hub.landing import pull_crm_table
from tests.hub.test_landing import NOW, Crm, Landing
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres

PAGES = 4
ROWS = "SELECT aanmelding_id, etag FROM bron.crm_aanmelding WHERE verwijderd_op IS NULL"


class CountingCrm(Crm):
    """Keeps which pages were asked for; after the last the delta link is ``delta``."""

    def __init__(self) -> None:
        super().__init__(*(self._page(number) for number in range(PAGES)))
        self.asked: list[str | None] = []
        self.expired = False
        self.before: Callable[[], None] = lambda: None

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage:
        self.asked.append(link)
        self.before()
        if link == "delta":
            if self.expired:
                raise DeltaExpiredError("crm", "get_changes", tabel, "answered 410 to its own link")
            return ChangePage(tabel, (), (), None, "delta", ())
        return super().get_changes(tabel=tabel, link=link, page_size=page_size)

    @staticmethod
    def _page(number: int) -> ChangePage:
        velden = {
            "dossier_id": uuid4(), "soort": "x", "partner": "dialoog", "volgnummer": number,
            "status": "aangevraagd",
        }  # fmt: skip
        record = CrmRecord("aanmelding", uuid4(), "1", NOW, velden)
        last = number == PAGES - 1
        following = None if last else str(number + 1)
        return ChangePage("aanmelding", (record,), (), following, "delta" if last else None, ())


@pytest.fixture
def landing(database: HubDatabase) -> Landing:
    return Landing(database)


def _pull(landing: Landing, crm: CountingCrm) -> None:
    pull_crm_table(landing.engine, crm, landing.keyring, tabel="aanmelding")


def _break_at(monkeypatch: pytest.MonkeyPatch, point: str, time: int) -> None:
    passed: list[str] = []

    def kill_point(name: str) -> None:
        passed.append(name)
        if passed.count(point) == time and name == point:
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "kill_point", kill_point)


@pytest.mark.parametrize(
    ("point", "asked_again"), [("in_merge", ["1", "2", "3"]), ("between_pages", ["2", "3"])]
)
def test_a_pull_that_broke_off_asks_for_one_page_again_at_most(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, point: str, asked_again: list[str]
) -> None:
    crm = CountingCrm()
    _break_at(monkeypatch, point, 2)
    with pytest.raises(KeyboardInterrupt):
        _pull(landing, crm)
    assert crm.asked == [None, "1"]
    crm.asked.clear()
    _pull(landing, crm)
    assert crm.asked == asked_again
    assert len(landing.rows(ROWS)) == PAGES
    assert landing.rows("SELECT count(*) FROM hub.inbox") == [(PAGES,)]
    assert landing.rows("SELECT link FROM hub.cursor") == [("delta",)]


def test_the_slower_of_two_pulls_lands_nothing_and_does_not_move_the_cursor_back(
    landing: Landing,
) -> None:
    crm, other = CountingCrm(), CountingCrm()
    other.pages = crm.pages

    def overtake() -> None:
        crm.before = lambda: None
        _pull(landing, other)

    crm.before = overtake
    with pytest.raises(RuntimeError, match="another pull moved the cursor"):
        _pull(landing, crm)
    assert landing.rows("SELECT link FROM hub.cursor") == [("delta",)]
    assert len(landing.rows(ROWS)) == PAGES
    assert landing.rows("SELECT count(*) FROM hub.inbox") == [(PAGES,)]


def test_an_expired_link_becomes_a_full_reload_that_ends_in_the_same_table(
    landing: Landing,
) -> None:
    crm = CountingCrm()
    _pull(landing, crm)
    before = sorted(landing.rows(ROWS))
    crm.expired = True
    crm.asked.clear()
    _pull(landing, crm)
    assert crm.asked == ["delta", None, "1", "2", "3"]
    assert sorted(landing.rows(ROWS)) == before
    assert landing.rows("SELECT count(*) FROM hub.inbox") == [(PAGES,)]
    assert landing.rows("SELECT soort, onderwerp FROM hub.incident") == [
        ("delta_verlopen", "crm aanmelding")
    ]


def test_what_is_gone_is_found_by_the_reload_also_when_it_broke_off(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = CountingCrm()
    _pull(landing, crm)
    gone = crm.pages[1].records[0].object_id
    crm.pages[1] = ChangePage("aanmelding", (), (), "2", None, ())
    crm.expired = True
    with monkeypatch.context() as patched:
        _break_at(patched, "between_pages", 2)
        with pytest.raises(KeyboardInterrupt):
            _pull(landing, crm)
    crm.asked.clear()
    _pull(landing, crm)
    assert crm.asked == ["2", "3"]
    kept = {row[0] for row in landing.rows(ROWS)}
    assert gone not in kept
    assert len(kept) == PAGES - 1
