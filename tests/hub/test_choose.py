"""Choosing the dwelling: exact or not at all."""

from __future__ import annotations

from decimal import Decimal

from connectors.woningpas.basisregisters.models import AdresMatch
from hub.woning.adres import GezochtAdres
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


def test_the_only_unit_is_the_dwelling() -> None:
    keuze = choose_eenheid(Keuze("gevonden", "adresmatch exact", adres_id="1"), ["77"])
    assert (keuze.uitkomst, keuze.gebouweenheid_id) == ("gevonden", "77")


def test_without_a_unit_the_address_is_the_dwelling() -> None:
    keuze = choose_eenheid(Keuze("gevonden", "adresmatch exact", adres_id="1"), [])
    assert (keuze.uitkomst, keuze.gebouweenheid_id) == ("gevonden", None)


def test_several_units_at_one_address_are_for_the_consultant() -> None:
    keuze = choose_eenheid(Keuze("gevonden", "adresmatch exact", adres_id="1"), ["77", "78"])
    assert keuze.uitkomst == "dubbelzinnig"
    assert keuze.gebouweenheid_id is None
