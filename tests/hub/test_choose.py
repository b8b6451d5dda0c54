"""Choosing the dwelling: exact or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.woningpas.basisregisters.models import AdresMatch, Gebouweenheid
from hub.woning.adres import GezochtAdres, bus_key, house_key, parse_adres
from hub.woning.choose import Keuze, choose_adres, choose_eenheid

GEZOCHT = GezochtAdres("Bogaardenstraat", "12A", None, "3000", "Leuven")


def _match(adres_id: str | None, score: int = 100, huis: str = "12A", bus: str | None = None):
    return AdresMatch(
        adres_id, Decimal(score), "Bogaardenstraat", huis, bus, "3000", "Leuven", "inGebruik"
    )


def test_the_one_exact_address_is_chosen() -> None:
    keuze = choose_adres(GEZOCHT, [_match("1")], 75)
    assert (keuze.uitkomst, keuze.adres_id, keuze.score) == ("gevonden", "1", Decimal(100))


def test_a_likely_street_name_counts_when_house_and_bus_number_are_exact() -> None:
    keuze = choose_adres(GEZOCHT, [_match("1", 82)], 75)
    assert (keuze.uitkomst, keuze.pad) == ("gevonden", "adresmatch op gelijkenis")


def test_a_score_under_the_threshold_is_no_address() -> None:
    assert choose_adres(GEZOCHT, [_match("1", 74)], 75).uitkomst == "onbekend"


def test_a_street_without_address_is_no_address() -> None:
    assert choose_adres(GEZOCHT, [_match(None)], 75).uitkomst == "onbekend"


def test_another_house_number_is_no_address() -> None:
    assert choose_adres(GEZOCHT, [_match("1", huis="12")], 75).uitkomst == "onbekend"


def test_two_addresses_that_fit_are_for_the_consultant() -> None:
    keuze = choose_adres(GEZOCHT, [_match("1"), _match("2")], 75)
    assert keuze.uitkomst == "dubbelzinnig"
    assert keuze.adres_id is None
    assert [candidate["adres_id"] for candidate in keuze.kandidaten] == ["1", "2"]


def test_a_missing_bus_number_offers_every_bus_of_the_building() -> None:
    buses = [_match(str(number), bus=f"{number:04d}") for number in range(1, 41)]
    keuze = choose_adres(GEZOCHT, buses, 75)
    assert keuze.uitkomst == "dubbelzinnig"
    assert len(keuze.kandidaten) == 40


def test_zeros_before_a_bus_number_do_not_matter() -> None:
    gezocht = GezochtAdres("Bogaardenstraat", "12A", "301", "3000", "Leuven")
    keuze = choose_adres(gezocht, [_match("1", bus="0301"), _match("2", bus="0302")], 75)
    assert keuze.adres_id == "1"


ADRES = Keuze("gevonden", "adresmatch exact", adres_id="1")


def _unit(number: str, status: str = "gerealiseerd", functie: str = "nietGekend") -> Gebouweenheid:
    version = datetime(2026, 1, 1, tzinfo=UTC)
    return Gebouweenheid(number, version, "5", status, functie, ("1",), None)


def test_the_only_unit_is_the_dwelling() -> None:
    keuze = choose_eenheid(ADRES, [_unit("77")])
    assert (keuze.uitkomst, keuze.gebouweenheid_id) == ("gevonden", "77")


def test_without_a_unit_the_address_is_the_dwelling() -> None:
    keuze = choose_eenheid(ADRES, [])
    assert (keuze.uitkomst, keuze.gebouweenheid_id) == ("gevonden", None)
    assert keuze.pad.endswith("geen gebouweenheid")


def test_several_units_at_one_address_are_for_the_consultant() -> None:
    keuze = choose_eenheid(ADRES, [_unit("77"), _unit("78")])
    assert keuze.uitkomst == "dubbelzinnig"
    assert keuze.gebouweenheid_id is None
    assert [candidate["gebouweenheid_id"] for candidate in keuze.kandidaten] == ["77", "78"]


@pytest.mark.parametrize(
    ("units", "chosen"),
    [
        ([_unit("77"), _unit("78", functie="gemeenschappelijkDeel")], "77"),
        ([_unit("77", "gehistoreerd"), _unit("78")], "78"),
        ([_unit("77", "nietGerealiseerd"), _unit("78", "gepland")], "78"),
        ([_unit("77", "gepland"), _unit("78")], "78"),
        ([_unit("77", "gehistoreerd")], None),
        ([_unit("77", functie="gemeenschappelijkDeel")], None),
    ],
    ids=["common part", "gone", "never built", "planned", "only gone", "only common part"],
)
def test_only_a_dwelling_that_stands_is_chosen(
    units: list[Gebouweenheid], chosen: str | None
) -> None:
    keuze = choose_eenheid(ADRES, units)
    assert (keuze.uitkomst, keuze.gebouweenheid_id) == ("gevonden", chosen)


UNITS = st.lists(
    st.builds(
        _unit,
        st.integers(1, 99).map(str),
        st.sampled_from(["gerealiseerd", "gepland", "gehistoreerd", "nietGerealiseerd"]),
        st.sampled_from(["nietGekend", "gemeenschappelijkDeel"]),
    ),
    max_size=6,
    unique_by=lambda unit: unit.gebouweenheid_id,
)


@given(units=UNITS, seed=st.randoms())
def test_whatever_the_units_and_their_order_no_common_part_or_ghost_is_chosen(
    units: list[Gebouweenheid], seed: Random
) -> None:
    keuze = choose_eenheid(ADRES, units)
    offered = {keuze.gebouweenheid_id} - {None}
    offered |= {candidate["gebouweenheid_id"] for candidate in keuze.kandidaten}
    for unit in units:
        if unit.gebouweenheid_id in offered:
            assert unit.functie != "gemeenschappelijkDeel"
            assert unit.status in ("gerealiseerd", "gepland")
    assert (keuze.uitkomst == "dubbelzinnig") == (len(offered) > 1)
    seed.shuffle(units)
    again = choose_eenheid(ADRES, units)
    assert (again.uitkomst, again.gebouweenheid_id) == (keuze.uitkomst, keuze.gebouweenheid_id)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("bus 3", "3"), ("3", "0003"), ("0301", "301"), ("A", "a"), ("Bus  b2", "B2")],
)
def test_a_bus_number_is_the_same_however_it_is_written(asked: str, offered: str) -> None:
    keuze = choose_adres(_asked("12", asked), [_match("1", huis="12", bus=offered)], 75)
    assert keuze.adres_id == "1"


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("3", "30"), ("3", "3A"), ("A", "0A"), ("0", None), ("301", "31"), ("3.01", "0301")],
)
def test_another_bus_number_is_offered_and_never_taken(asked: str, offered: str | None) -> None:
    keuze = choose_adres(_asked("12", asked), [_match("1", huis="12", bus=offered)], 75)
    assert (keuze.uitkomst, keuze.adres_id) == ("dubbelzinnig", None)


@pytest.mark.parametrize(
    ("asked", "offered"), [(("12A", None), ("12", "A")), (("12", "A"), ("12A", None))]
)
def test_12a_and_12_bus_a_are_two_addresses(
    asked: tuple[str, str | None], offered: tuple[str, str | None]
) -> None:
    other = _match("1", huis=offered[0], bus=offered[1])
    same = _match("2", huis=asked[0], bus=asked[1])
    assert choose_adres(_asked(*asked), [other, same], 75).adres_id == "2"
    assert choose_adres(_asked(*asked), [other], 75).uitkomst == "dubbelzinnig"


def test_a_range_of_house_numbers_offers_the_numbers_in_it() -> None:
    matches = [_match(number, huis=number) for number in ("12", "14", "16")]
    keuze = choose_adres(_asked("12 - 14"), matches, 75)
    assert (keuze.uitkomst, keuze.pad) == (
        "dubbelzinnig",
        "adresmatch: het huisnummer is een reeks",
    )
    assert [candidate["adres_id"] for candidate in keuze.kandidaten] == ["12", "14"]


def test_the_postcode_settles_two_streets_of_one_name() -> None:
    here, there = _match("1"), replace(_match("2"), postcode="3012")
    assert choose_adres(GEZOCHT, [here, there], 75).adres_id == "1"
    assert choose_adres(replace(GEZOCHT, postcode=None), [here, there], 75).adres_id is None


@pytest.mark.parametrize(
    ("gemeente", "chosen"),
    [("Wilsele", "2"), ("wilsele", "2"), ("Heverlee", None), ("Leuven", None)],
)
def test_the_name_of_a_deelgemeente_counts_as_its_postcodes(
    gemeente: str, chosen: str | None
) -> None:
    gezocht = replace(GEZOCHT, postcode=None, gemeente=gemeente)
    matches = [_match("1"), replace(_match("2"), postcode="3012")]
    assert choose_adres(gezocht, matches, 75).adres_id == chosen


def test_an_address_in_another_postcode_is_offered_and_never_taken() -> None:
    keuze = choose_adres(replace(GEZOCHT, postcode="3010"), [_match("1")], 75)
    assert (keuze.uitkomst, keuze.pad) == ("dubbelzinnig", "adresmatch: de postcode is een andere")


def test_the_street_as_it_was_spelled_goes_before_one_that_is_alike() -> None:
    alike = replace(_match("1", 96), straatnaam="Boogaardenstraat")
    assert choose_adres(GEZOCHT, [alike, _match("2", 96)], 75).adres_id == "2"


def test_two_alike_with_equal_score_are_for_the_consultant() -> None:
    alike = [
        replace(_match(number, 90), straatnaam=straat)
        for number, straat in (("1", "Boogaardstraat"), ("2", "Bogaertstraat"))
    ]
    assert choose_adres(GEZOCHT, alike, 75).uitkomst == "dubbelzinnig"


def test_an_address_that_stands_twice_in_an_answer_is_one() -> None:
    assert choose_adres(GEZOCHT, [_match("1"), _match("1", 99)], 75).adres_id == "1"


def test_the_old_name_of_a_street_is_no_address_any_more() -> None:
    old = replace(_match("1"), status="gehistoreerd")
    assert choose_adres(GEZOCHT, [old], 75).uitkomst == "verwijderd"
    assert choose_adres(GEZOCHT, [old, _match("2")], 75).adres_id == "2"


def _asked(huis: str, bus: str | None = None) -> GezochtAdres:
    return parse_adres(
        straat="Bogaardenstraat", huisnummer=huis, busnummer=bus, postcode="3000", gemeente="Leuven"
    )


MATCHES = st.lists(
    st.builds(
        AdresMatch,
        adres_id=st.one_of(st.none(), st.integers(1, 4).map(str)),
        score=st.integers(60, 100).map(Decimal),
        straatnaam=st.sampled_from(["Bogaardenstraat", "Boogaardenstraat"]),
        huisnummer=st.sampled_from(["12", "12A", "12a", "14"]),
        busnummer=st.sampled_from([None, "A", "1", "0001"]),
        postcode=st.sampled_from(["3000", "3012"]),
        gemeente=st.just("Leuven"),
        status=st.sampled_from(["inGebruik", "voorgesteld", "gehistoreerd", None]),
    ),
    max_size=6,
)


@given(
    matches=MATCHES,
    huis=st.sampled_from(["12", "12A", "12-14"]),
    bus=st.sampled_from([None, "A", "1", "bus 1"]),
    postcode=st.sampled_from([None, "3000"]),
)
def test_what_is_chosen_is_the_address_asked_and_what_is_offered_was_given(
    matches: list[AdresMatch], huis: str, bus: str | None, postcode: str | None
) -> None:
    gezocht = replace(_asked(huis, bus), postcode=postcode)
    keuze = choose_adres(gezocht, matches, 75)
    given_ids = {match.adres_id for match in matches if match.score >= 75}
    assert {candidate["adres_id"] for candidate in keuze.kandidaten} <= given_ids
    if keuze.uitkomst != "gevonden":
        assert keuze.adres_id is None
        assert bool(keuze.kandidaten) == (keuze.uitkomst == "dubbelzinnig")
        return
    taken = next(m for m in matches if m.adres_id == keuze.adres_id and m.score >= 75)
    assert house_key(taken.huisnummer) == gezocht.huisnummer
    assert bus_key(taken.busnummer) == bus_key(gezocht.busnummer)
    assert taken.status != "gehistoreerd"
    assert postcode in (None, taken.postcode)
