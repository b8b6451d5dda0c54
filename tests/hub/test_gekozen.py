"""What a consultant fills in on a task: read, and held against the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.woningpas.basisregisters.models import Adres, Gebouweenheid
from hub.woning.adres import GezochtAdres
from hub.woning.gekozen import read_keuze, refuse_adres, refuse_eenheid

STAP = UUID(int=1)
VERSION = datetime(2026, 1, 1, tzinfo=UTC)
ADRES = Adres(
    "20", VERSION, "Kerkstraat", "3", None, "3001", "Leuven", "24062", "inGebruik",
    "Kerkstraat 3, 3001 Leuven", None,
)  # fmt: skip
EENHEID = Gebouweenheid("30", VERSION, "5", "gerealiseerd", "nietGekend", ("20",), None)
GEZOCHT = GezochtAdres("Kerkstraat", "3", None, None, "Leuven")
OFFERED = ({"adres_id": "20"}, {"gebouweenheid_id": "30", "adres_id": "21"})


@pytest.mark.parametrize(
    ("typed", "keuze"),
    [
        ("adres 20", "adres 20"),
        ("Adres: 20", "adres 20"),
        ("- adres 99 ", "adres 99"),
        ("gebouweenheid 20", "gebouweenheid 20"),
        ("20", "adres 20"),
        ("30", "gebouweenheid 30"),
        ("31", "gebouweenheid 31"),
        ("https://data.vlaanderen.be/id/adres/20", "adres 20"),
        ("https://data.vlaanderen.be/id/gebouweenheid/30/", "gebouweenheid 30"),
        ("de linkse deur", "onleesbaar"),
        ("Kerkstraat 20", "onleesbaar"),
        ("20 of 30", "onleesbaar"),
        ("", "onleesbaar"),
        ("1234567890123", "onleesbaar"),
    ],
)
def test_a_choice_is_read_whether_with_its_kind_or_only_its_number(typed: str, keuze: str) -> None:
    assert read_keuze(STAP, typed, OFFERED).keuze == keuze


@given(typed=st.text(max_size=60))
def test_no_text_makes_reading_fail_and_nothing_of_it_is_kept_but_a_number(typed: str) -> None:
    gekozen = read_keuze(STAP, typed, OFFERED)
    if gekozen.object_id is None:
        assert gekozen.keuze == "onleesbaar"
    else:
        assert gekozen.object_id.isdigit()
        assert gekozen.object_id in typed


@pytest.mark.parametrize(
    ("adres", "gezocht", "why"),
    [
        (ADRES, GEZOCHT, None),
        (ADRES, replace(GEZOCHT, postcode="3001"), None),
        (ADRES, replace(GEZOCHT, gemeente="Heverlee"), None),
        (None, GEZOCHT, "verwijderd"),
        (replace(ADRES, status="gehistoreerd"), GEZOCHT, "niet in gebruik"),
        (replace(ADRES, nis_code="24107", gemeente="Tienen"), GEZOCHT, "ligt in Tienen"),
        (ADRES, replace(GEZOCHT, postcode="3000"), "ligt in 3001"),
        (ADRES, replace(GEZOCHT, gemeente="Wilsele"), "ligt in 3001"),
    ],
)
def test_an_address_outside_city_or_postcode_or_gone_is_refused(
    adres: Adres | None, gezocht: GezochtAdres, why: str | None
) -> None:
    told = refuse_adres(adres, gezocht)
    assert told is None if why is None else why in str(told)


@pytest.mark.parametrize(
    ("eenheid", "why"),
    [
        (EENHEID, None),
        (replace(EENHEID, status="gepland"), None),
        (None, "verwijderd"),
        (replace(EENHEID, status="gehistoreerd"), "bestaat niet meer"),
        (replace(EENHEID, status="nietGerealiseerd"), "bestaat niet meer of kwam er nooit"),
        (replace(EENHEID, functie="gemeenschappelijkDeel"), "geen woning"),
        (replace(EENHEID, adres_ids=()), "geen adres"),
    ],
)
def test_a_unit_that_is_no_dwelling_is_refused(eenheid: Gebouweenheid | None, why: str) -> None:
    told = refuse_eenheid(eenheid)
    assert told is None if why is None else why in str(told)
