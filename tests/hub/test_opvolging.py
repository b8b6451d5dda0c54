"""Which dwelling follows which: only where the register's own events are evidence."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest

from hub.woning.gebeurtenis import EenheidWijziging, find_objecten, read_eenheid
from tests.hub.wijzigingen_case import Feeds, House, begin, einde, wijziging
from tests.postgres_cluster import HubDatabase


@pytest.fixture
def house(database: HubDatabase) -> House:
    return House(database)


@pytest.fixture
def known(house: House) -> UUID:
    return house.plant_woning(eenheid="500", adres="70", gebouw="900")


@pytest.mark.postgres
@pytest.mark.parametrize("soort", ["delete", "gehistoreerd", "nietGerealiseerd"])
def test_a_unit_that_ended_without_successor_is_recorded_as_ended(
    house: House, known: UUID, soort: str
) -> None:
    event = (
        wijziging(1, "500", soort="delete")
        if soort == "delete"
        else wijziging(1, "500", status=("gerealiseerd", soort))
    )
    house.pull(Feeds(event))
    assert house.opvolging() == [(known, None, "beeindigd", "gebouweenheden 1")]


@pytest.mark.postgres
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_split_by_one_act_is_found_in_whatever_order_and_pages_it_is_told(
    house: House, known: UUID, order: tuple[int, ...]
) -> None:
    made = [
        einde(1, "500", oorzaak="a"),
        begin(2, "600", "900", "70", oorzaak="a"),
        begin(3, "601", "900", oorzaak="a"),
    ]
    feeds = Feeds(size=2)
    for place in order:
        feeds.items.append(made[place])
        house.pull(feeds)
    assert house.opvolging() == [
        (known, None, "beeindigd", "gebouweenheden 1"),
        (known, "gebouweenheid 600", "gesplitst", "gebouweenheden 1"),
        (known, "gebouweenheid 601", "gesplitst", "gebouweenheden 1"),
    ]


@pytest.mark.postgres
def test_a_merge_by_one_act_gives_both_dwellings_the_same_successor(
    house: House, known: UUID
) -> None:
    other = house.plant_woning(eenheid="501", adres="71", gebouw="900")
    house.pull(
        Feeds(
            einde(1, "500", oorzaak="a"),
            einde(2, "501", oorzaak="a"),
            begin(3, "600", "900", "70", "71", oorzaak="a"),
            size=9,
        )
    )
    assert [row for row in house.opvolging() if row[1]] == [
        (known, "gebouweenheid 600", "samengevoegd", "gebouweenheden 1"),
        (other, "gebouweenheid 600", "samengevoegd", "gebouweenheden 2"),
    ]


@pytest.mark.postgres
@pytest.mark.parametrize(("days", "found"), [(0, True), (29, True), (-29, True), (31, False)])
def test_a_unit_that_gets_the_address_around_the_end_took_the_place(
    house: House, known: UUID, days: float, found: bool
) -> None:
    taken = wijziging(2, "600", toegekendAdres=([], ["70"]), oorzaak="b", days=days)
    house.pull(Feeds(einde(1, "500", oorzaak="a"), taken))
    followed = [row[1:3] for row in house.opvolging() if row[1]]
    assert followed == ([("gebouweenheid 600", "vervangen")] if found else [])


@pytest.mark.postgres
@pytest.mark.parametrize(
    "other",
    [
        begin(2, "600", "900", "71", oorzaak="b"),
        begin(2, "600", "901", "71", oorzaak="a"),
        wijziging(2, "600", soort="create", functie=(None, "gemeenschappelijkDeel"),
                  isDeelVan=(None, "900"), toegekendAdres=(None, []), oorzaak="a"),
        wijziging(2, "600", toegekendAdres=(["70"], ["70"]), oorzaak="b"),
    ],
    ids=["another act", "another building", "the common part", "had the address already"],
)  # fmt: skip
def test_what_is_no_evidence_makes_no_successor(house: House, known: UUID, other: object) -> None:
    house.pull(Feeds(einde(1, "500", oorzaak="a"), other))  # type: ignore[arg-type]
    assert house.opvolging() == [(known, None, "beeindigd", "gebouweenheden 1")]


@pytest.mark.postgres
def test_the_successor_is_tied_to_its_dwelling_once_the_hub_knows_it(
    house: House, known: UUID
) -> None:
    feeds = Feeds(einde(1, "500", oorzaak="a"), begin(2, "600", "900", "70", oorzaak="a"), size=9)
    house.pull(feeds)
    statement = "SELECT opvolger_woning_id FROM hub.woning_opvolging WHERE opvolger IS NOT NULL"
    assert house.rows(statement) == [(None,)]
    new = house.plant_woning(eenheid="600", adres="70", gebouw="900")
    house.pull(feeds)
    assert house.rows(statement) == [(new,)]


@pytest.mark.postgres
def test_a_dwelling_known_by_its_address_alone_lives_on_under_the_new_number(
    house: House, known: UUID
) -> None:
    bare = house.plant_woning(eenheid=None, adres="72")
    renumbered = wijziging(
        1, None, feed="adressen", soort="transform", naar=(("72", "73"), ("70", "74"))
    )
    house.pull(Feeds(renumbered), "adressen")
    assert house.opvolging() == [(bare, "adres 73", "hernummerd", "adressen 1")]
    new = house.plant_woning(eenheid=None, adres="73")
    house.pull(Feeds(renumbered), "adressen")
    assert house.rows("SELECT opvolger_woning_id FROM hub.woning_opvolging") == [(new,)]


@pytest.mark.postgres
def test_only_what_touches_a_known_dwelling_is_kept(house: House, known: UUID) -> None:
    house.pull(
        Feeds(
            einde(1, "999"), begin(2, "998", "800", "5"), begin(3, "600", "900", "5"),
            begin(4, "601", "800", "70"), size=9,
        )
    )  # fmt: skip
    kept = house.rows("SELECT gebouweenheid_id FROM bron.eenheid_wijziging ORDER BY 1")
    assert kept == [("600",), ("601",)]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (einde(1, "500"), EenheidWijziging("500", "einde", None, ())),
        (wijziging(1, "500", soort="delete"), EenheidWijziging("500", "einde", None, ())),
        (begin(1, "600", "900", "70"), EenheidWijziging("600", "begin", "900", ("70",))),
        (
            wijziging(1, "600", toegekendAdres=(["70"], ["70", "71"])),
            EenheidWijziging("600", "begin", None, ("71",)),
        ),
        (wijziging(1, "600", status=("gepland", "gerealiseerd")), None),
        (wijziging(1, "600", toegekendAdres=(["70"], [])), None),
        (wijziging(1, None, feed="adressen", soort="transform"), None),
    ],
)
def test_an_event_says_that_a_unit_began_or_ended_or_neither(
    event: object, said: EenheidWijziging | None
) -> None:
    assert read_eenheid(event) == said  # type: ignore[arg-type]


def test_a_parcel_is_looked_up_by_its_key_as_it_is_written() -> None:
    event = wijziging(1, "34034B0003-00_000", feed="percelen", toegekendAdres=(["1"], ["2"]))
    assert list(find_objecten("percelen", event)) == [
        ("perceel", "34034B0003/00_000"), ("adres", "1"), ("adres", "2"),
    ]  # fmt: skip
