"""A change in the registers reaches the dossiers of the dwellings it touches, once."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.transport.errors import ContractError
from connectors.woningpas.basisregisters.wijzigingen import GeweigerdeWijziging, WijzigingenPagina
from hub.woning import wijzigingen as module
from hub.woning.wijzigingen import find_newest
from tests.hub.wijzigingen_case import Feeds, House, begin, einde, wijziging
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(database: HubDatabase) -> House:
    return House(database)


def due(house: House) -> list[tuple[Any, ...]]:
    return house.rows(
        "SELECT bronstand.woning_id FROM hub.bronstand "
        "WHERE bron = 'ligging' AND opnieuw_na <= now() ORDER BY woning_id"
    )


@pytest.mark.parametrize(
    ("feed", "change"),
    [
        ("adressen", wijziging(1, "70", feed="adressen", status=("inGebruik", "gehistoreerd"))),
        ("adressen", wijziging(1, None, feed="adressen", soort="transform", naar=(("70", "71"),))),
        ("gebouwen", wijziging(1, "900", feed="gebouwen", status=("x", "y"))),
        ("gebouweenheden", wijziging(1, "500", functie=("x", "y"))),
        ("gebouweenheden", wijziging(1, "999", toegekendAdres=([], ["70"]))),
        ("gebouweenheden", wijziging(1, "999", toegekendAdres=(["70", "6"], ["6"]))),
        (
            "percelen",
            wijziging(1, "24126B0031-00V005", feed="percelen", status=("x", "gehistoreerd")),
        ),
        ("percelen", wijziging(1, "1-1", feed="percelen", toegekendAdres=(None, ["70"]))),
    ],
)
def test_a_change_makes_the_dwelling_due_and_rings_its_open_dossiers(
    house: House, feed: str, change: Any
) -> None:
    known = house.plant_woning(eenheid="500", adres="70", gebouw="900")
    other = house.plant_woning(eenheid="501", adres="71", gebouw="901")
    house.rows(
        "INSERT INTO hub.gegeven "
        "(woning_id, veld, onderdeel, waarde, bron, bron_object, opgehaald_op) "
        "VALUES (:w, 'perceel', '24126B0031/00V005', '{}', 'basisregisters', 'x', now())",
        w=known,
    )
    open_ = house.plant_dossier(known)
    house.plant_dossier(known, status="afgesloten")
    elsewhere = house.plant_dossier(other)
    landed = house.pull(Feeds(change), feed)
    assert (landed.events, landed.rejected, landed.woningen, landed.rung) == (1, 0, 1, 1)
    assert due(house) == [(known,)]
    assert house.rung() == [(str(open_), f"basisregisters {feed} 1")]
    searched = dict(house.rows("SELECT dossier_id, gezocht_op = 'epoch' FROM hub.dossier_woning"))
    assert searched[open_]
    assert not searched[elsewhere]
    assert not house.rows("SELECT 1 FROM hub.bronstand WHERE bron = 'epc' AND opnieuw_na <= now()")


@pytest.mark.parametrize(
    ("feed", "change"),
    [
        ("adressen", wijziging(1, "8", feed="adressen", status=("x", "y"))),
        ("gebouweenheden", wijziging(1, "999", toegekendAdres=(["70"], ["70"]))),
        ("gebouweenheden", begin(1, "999", "900", "8")),
        ("percelen", wijziging(1, "24126B0031-00V005", feed="percelen", status=("x", "y"))),
    ],
)
def test_a_change_of_something_else_leaves_no_trace(house: House, feed: str, change: Any) -> None:
    house.plant_dossier(house.plant_woning(eenheid="500", adres="70", gebouw="900"))
    landed = house.pull(Feeds(change), feed)
    assert (landed.events, landed.woningen, landed.rung) == (1, 0, 0)
    assert house.rung() == []
    assert due(house) == []
    assert house.opvolging() == []


def test_a_feed_read_twice_adds_nothing(house: House) -> None:
    known = house.plant_woning(eenheid="500", adres="70", gebouw="900")
    house.plant_dossier(known)
    changes = [einde(1, "500", oorzaak="a"), begin(2, "600", "900", "70", oorzaak="a")]
    feeds = Feeds(*changes, wijziging(3, "500", functie=("x", "y")), einde(4, "999"))
    house.begin_at("1/0")
    house.pull(feeds)
    rung, followed = house.rung(), house.opvolging()
    facts = house.rows("SELECT * FROM bron.eenheid_wijziging ORDER BY gebeurtenis")
    assert (len(rung), len(followed), len(facts)) == (3, 2, 2)
    house.begin_at("1/0")
    again = house.pull(feeds)
    assert (again.pages, again.events, again.rung) == (2, 4, 0)
    assert house.rung() == rung
    assert house.opvolging() == followed
    assert house.rows("SELECT * FROM bron.eenheid_wijziging ORDER BY gebeurtenis") == facts


def test_the_newest_page_is_read_again_from_the_event_after_the_last(house: House) -> None:
    feeds = Feeds(*(einde(number, "999") for number in range(1, 8)))
    house.begin_at("1/0")
    assert house.pull(feeds).events == 7
    assert house.cursor() == "3/1"
    assert house.pull(feeds).events == 0
    feeds.items.append(einde(8, "999"))
    feeds.asked.clear()
    assert house.pull(feeds).events == 1
    assert feeds.asked == [3]
    assert house.cursor() == "3/2"
    feeds.items += [einde(9, "999"), einde(10, "999")]
    landed = house.pull(feeds)
    assert (landed.pages, landed.events, house.cursor()) == (2, 2, "4/1")


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 6, 7, 300, 301])
def test_the_first_pull_begins_at_the_newest_page_and_finds_it_in_few_questions(
    house: House, total: int
) -> None:
    feeds = Feeds(*(einde(number, "999") for number in range(1, total + 1)))
    newest = total // 3 + 1
    assert find_newest(feeds, "gebouweenheden") == newest
    assert len(feeds.asked) <= 2 * newest.bit_length() + 1
    assert house.pull(feeds).events == total % 3
    assert house.cursor() == f"{newest}/{total % 3}"


def test_the_first_pull_can_begin_at_a_page_of_choice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"begin_pagina": 2, "opvolging_dagen": 30}
    monkeypatch.setattr(module, "load_config", lambda _: chosen)
    assert house.pull(Feeds(*(einde(number, "999") for number in range(1, 8)))).events == 4


class Breaking(Feeds):
    """Breaks off when a page is asked for the n-th time."""

    def __init__(self, *items: Any, at: int) -> None:
        super().__init__(*items)
        self.at = at

    def get_pagina(self, *, feed: str, nummer: int) -> WijzigingenPagina:
        pagina = super().get_pagina(feed=feed, nummer=nummer)
        if len(self.asked) == self.at:
            raise KeyboardInterrupt
        return pagina


@pytest.fixture
def from_the_start(house: House) -> House:
    house.plant_dossier(house.plant_woning(eenheid="500", adres="70", gebouw="900"))
    house.begin_at("1/0")
    return house


CHANGES = [wijziging(number, "500", functie=("x", "y")) for number in range(1, 9)]


def test_a_pull_that_broke_off_between_pages_asks_for_no_page_again(from_the_start: House) -> None:
    feeds = Breaking(*CHANGES, at=2)
    with pytest.raises(KeyboardInterrupt):
        from_the_start.pull(feeds)
    assert len(from_the_start.rung()) == 3
    feeds.asked.clear()
    feeds.at = -1
    from_the_start.pull(feeds)
    assert feeds.asked == [2, 3]
    assert len(from_the_start.rung()) == 8


def test_a_pull_that_broke_off_in_a_page_asks_for_that_page_again(
    from_the_start: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds = Feeds(*CHANGES)
    move, moved = module._move_cursor, []

    def break_off(*arguments: Any) -> None:
        moved.append(arguments)
        move(*arguments)
        if len(moved) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "_move_cursor", break_off)
        with pytest.raises(KeyboardInterrupt):
            from_the_start.pull(feeds)
    assert len(from_the_start.rung()) == 3
    feeds.asked.clear()
    from_the_start.pull(feeds)
    assert feeds.asked == [2, 3]
    assert len(from_the_start.rung()) == 8
    assert from_the_start.cursor() == "3/2"


def test_the_slower_of_two_pulls_lands_nothing(from_the_start: House) -> None:
    class Overtaken(Feeds):
        def get_pagina(self, *, feed: str, nummer: int) -> WijzigingenPagina:
            if not self.asked:
                from_the_start.pull(Feeds(*CHANGES))
            return super().get_pagina(feed=feed, nummer=nummer)

    with pytest.raises(RuntimeError, match="another pull moved the cursor"):
        from_the_start.pull(Overtaken(*CHANGES))
    assert len(from_the_start.rung()) == 8
    assert from_the_start.cursor() == "3/2"


def test_an_event_that_cannot_be_read_waits_and_the_others_land(from_the_start: House) -> None:
    bad = GeweigerdeWijziging("2", "field data.versieId is missing")
    landed = from_the_start.pull(Feeds(CHANGES[0], bad, CHANGES[2], CHANGES[3]))
    assert (landed.events, landed.rejected, landed.rung) == (4, 1, 3)
    assert from_the_start.rows("SELECT model, object_id, redenen FROM hub.quarantaine") == [
        ("wijziging_gebouweenheden", "2", ["field data.versieId is missing"])
    ]


def test_a_page_that_was_made_anew_is_read_from_its_beginning(from_the_start: House) -> None:
    feeds = Feeds(*CHANGES)
    from_the_start.pull(feeds)
    feeds.items = feeds.items[:7]
    landed = from_the_start.pull(feeds)
    assert (landed.events, landed.rung) == (1, 0)
    assert from_the_start.cursor() == "3/1"


def test_a_complete_page_without_events_breaks_the_contract(from_the_start: House) -> None:
    class Empty(Feeds):
        def get_pagina(self, *, feed: str, nummer: int) -> WijzigingenPagina:
            return WijzigingenPagina(feed, nummer, (), True)

    with pytest.raises(ContractError, match="without events"):
        from_the_start.pull(Empty())
    with pytest.raises(ContractError, match="do not end"):
        find_newest(Empty(), "gebouweenheden")
    assert from_the_start.cursor() == "1/0"


def test_each_feed_has_its_own_cursor_and_counts_its_events_for_itself(house: House) -> None:
    known = house.plant_woning(eenheid="500", adres="70", gebouw="900")
    house.plant_dossier(known)
    house.pull(Feeds(wijziging(1, "500", functie=("x", "y"))))
    house.pull(Feeds(wijziging(1, "900", feed="gebouwen", status=("x", "y"))), "gebouwen")
    assert [why for _, why in house.rung()] == [
        "basisregisters gebouweenheden 1", "basisregisters gebouwen 1",
    ]  # fmt: skip
    assert (house.cursor(), house.cursor("gebouwen")) == ("1/1", "1/1")
