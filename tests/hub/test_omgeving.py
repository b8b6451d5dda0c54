"""What the sources about a place say becomes values; finding nothing is told as what it means."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from connectors.woningpas.bodem.models import Uitspraak
from connectors.woningpas.erfgoed.models import Aanduiding, Rechtsgevolg
from connectors.woningpas.overstroming.models import Klasse, Overstroming
from hub.provenance import Waarneming
from hub.woning.bevragen import OnvraagbaarError, TeBevragen, Uitslag
from hub.woning.omgeving import (
    name_percelen,
    name_place,
    name_positie,
    place,
    read_aanduidingen,
    read_klassen,
    read_uitspraken,
)

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SQUARE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"
WONING = TeBevragen(
    woning_id=UUID(int=1), dossier_id=UUID(int=2), consulent=None, gebouweenheid_id="5",
    gebouw_id="6", adres_id="7", straat="Naamsestraat", huisnummer="1", busnummer=None,
    postcode="3000", gemeente="Leuven", positie="POINT (5 5)",
    percelen={"24062A0001/00A000": SQUARE},
)  # fmt: skip


def by_name(uitslag: Uitslag) -> dict[tuple[str, str], Waarneming]:
    found = {(value.veld, value.onderdeel): value for value in uitslag.waarden}
    assert len(found) == len(uitslag.waarden)
    return found


def aanduiding(number: int, gevolg: Rechtsgevolg, tot: date | None = None) -> Aanduiding:
    uri = f"https://id.erfgoed.net/aanduidingsobjecten/{number}"
    return Aanduiding(str(number), uri, "Hoeve", "Monument", gevolg, date(2009, 1, 1), tot, None)


def test_the_strongest_designation_in_force_is_the_status_and_ended_ones_are_still_told() -> None:
    found = by_name(
        read_aanduidingen(
            WONING,
            [
                aanduiding(1, Rechtsgevolg.VASTGESTELD),
                aanduiding(2, Rechtsgevolg.BESCHERMD, tot=date(2020, 1, 1)),
            ],
            NOW,
        )
    )
    assert found["erfgoedstatus", ""].waarde == "vastgesteld"
    assert found["erfgoedstatus", ""].afgeleid
    assert sum(veld == "erfgoed" for veld, _ in found) == 2


def test_a_designation_holds_until_its_last_day_in_brussels() -> None:
    ends_today = aanduiding(1, Rechtsgevolg.BESCHERMD, tot=date(2026, 11, 24))
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # already the 24th's end, 23:30 in Brussels
    assert by_name(read_aanduidingen(WONING, [ends_today], late))["erfgoedstatus", ""].waarde == (
        "beschermd"
    )
    after = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert by_name(read_aanduidingen(WONING, [ends_today], after))["erfgoedstatus", ""].waarde == (
        "geen_aanduiding"
    )


def test_no_designation_is_an_answer_about_the_place_that_was_asked() -> None:
    uitslag = read_aanduidingen(WONING, [], NOW)
    status = by_name(uitslag)["erfgoedstatus", ""]
    assert (status.waarde, status.bron_object) == ("geen_aanduiding", "perceel 24062A0001/00A000")
    assert not uitslag.gevonden


def test_no_soil_statement_means_no_information_and_never_clean() -> None:
    uitslag = read_uitspraken(WONING, [], NOW)
    assert by_name(uitslag)["bodemstatus", ""].waarde == "geen_informatie"
    assert not uitslag.gevonden


def test_statements_of_two_parcels_stand_apart_and_together_in_one_line() -> None:
    one = Uitspraak("Geen verdere maatregelen", "24062A0001/00A000", "u.1")
    two = replace(one, capakey="24062A0002/00A000", object_id="u.2", uitspraak="Sanering nodig")
    found = by_name(read_uitspraken(WONING, [one, two, one], NOW))
    assert found["bodemstatus", ""].waarde == "Geen verdere maatregelen; Sanering nodig"
    assert sum(veld == "bodemuitspraak" for veld, _ in found) == 2
    assert json.loads(found["bodemuitspraak", "24062A0002/00A000/u.2"].waarde) == {
        "uitspraak": "Sanering nodig",
        "capakey": "24062A0002/00A000",
    }


def test_flood_classes_are_values_of_the_source_itself() -> None:
    found = by_name(read_klassen(WONING, Overstroming(Klasse.C, Klasse.A, Klasse.A, 5.0, 5.0), NOW))
    assert found["overstroming_pluviaal", ""].waarde == "C"
    assert not found["overstroming_pluviaal", ""].afgeleid
    assert len(found) == 3


def test_a_place_is_the_parcels_together_and_else_the_position() -> None:
    two = replace(
        WONING,
        percelen={
            "24062A0001/00A000": SQUARE,
            "24062A0002/00A000": "POLYGON ((10 0, 20 0, 20 10, 10 10, 10 0))",
        },
    )
    assert place(two).vorm.area == 200
    assert name_place(two) == "perceel 24062A0001/00A000, 24062A0002/00A000"
    bare = replace(WONING, percelen={"24062A0001/00A000": None})
    assert place(bare).vorm.wkt == "POINT (5 5)"
    assert name_place(bare) == "positie van adres 7"


def test_what_cannot_be_asked_says_why_to_a_consultant() -> None:
    nowhere = replace(WONING, percelen={}, positie=None)
    with pytest.raises(OnvraagbaarError, match="perceel van de woning is niet gekend"):
        name_percelen(nowhere)
    with pytest.raises(OnvraagbaarError, match="ligging van de woning is niet gekend"):
        name_positie(nowhere)
    with pytest.raises(OnvraagbaarError):
        name_place(nowhere)
