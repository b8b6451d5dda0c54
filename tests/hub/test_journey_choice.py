"""A consultant chooses the dwelling that the registers could not tell, and the dossier fills."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hub.journey_case import CASES, crm_dossier, dossiernummer, read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres

TASKS = (
    "SELECT stap_id FROM bron.crm_stap INNER JOIN bron.crm_dossier USING"
    " (dossier_id) WHERE dossiernummer = :n AND soort = 'woning_kiezen'"
    " AND crm_stap.verwijderd_op IS NULL ORDER BY stap_id"
)
FOUND = (
    "SELECT uitkomst, pad FROM hub.dossier_woning INNER JOIN bron.crm_dossier USING (dossier_id)"
    " WHERE dossiernummer = :n"
)


@pytest.fixture
def city(journey: Journey) -> Journey:
    """The hard cases up to the removed address, gone the whole way."""
    journey.sandbox.grow(CASES["adres_verwijderd"] + 1)
    journey.run()
    return journey


def choose(journey: Journey, case: str, keuze: str | None) -> None:
    body = {"dossiernummer": dossiernummer(case), "keuze": keuze}
    journey.sandbox.control("POST", "/crm/keuze", json=body)
    journey.run()


def tasks(journey: Journey, case: str) -> list[tuple[str, str]]:
    """Return the text and the state in the CRM of every task that asks for the dwelling."""
    told = []
    for (stap_id,) in read_rows(journey, TASKS, n=dossiernummer(case)):
        record = journey.crm.get(tabel="stap", object_id=stap_id)
        assert record is not None
        told.append((str(record.velden["omschrijving"]), str(record.velden["status"])))
    return told


def found(journey: Journey, case: str) -> tuple[Any, ...]:
    return read_rows(journey, FOUND, n=dossiernummer(case))[0]


@pytest.mark.parametrize("case", ["adres_dubbelzinnig", "appartement_zonder_bus"])
def test_a_choice_fills_the_dossier_and_closes_the_task(city: Journey, case: str) -> None:
    known = city.sandbox.resident(CASES[case])
    adres_id = known["adres"]["adres_id"]
    ((text, status),) = tasks(city, case)
    assert status == "open"
    assert "Mogelijk:" in text
    assert crm_dossier(city, case)["epc_attestnummer"] is None
    choose(city, case, f"adres {adres_id}")
    dossier = crm_dossier(city, case)
    assert dossier["adres_id"] == adres_id
    assert dossier["gebouweenheid_id"] == known["gebouweenheid_id"]
    assert dossier["epc_attestnummer"] == known["epcs"][-1]["attestnummer"]
    assert found(city, case) == ("gevonden", "gekozen door de consulent, één gebouweenheid")
    assert tasks(city, case) == [(text, "gedaan")]


def test_going_the_way_of_a_choice_again_adds_nothing(city: Journey) -> None:
    case = "adres_dubbelzinnig"
    choose(city, case, city.sandbox.resident(CASES[case])["gebouweenheid_id"])
    assert found(city, case) == ("gevonden", "gekozen door de consulent")
    counts = [
        f"SELECT count(*) FROM {table}"
        for table in ("hub.bericht", "hub.gegeven", "hub.woning", "bron.crm_stap")
    ]
    before = [read_rows(city, statement) for statement in counts]
    for _ in range(2):
        again = "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1"
        assert read_rows(city, again)
        city.enrich()
        city.run()
    assert [read_rows(city, statement) for statement in counts] == before
    looks = [line["operatie"] for line in city.sandbox.journal("basisregisters")]
    assert looks.count("adresmatch") < 2 * (CASES["adres_verwijderd"] + 1)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("gebouweenheid 999999999999", "het register kent geen gebouweenheid 999999999999"),
        ("adres 999", "het register kent geen adres 999"),
        ("de linkse deur", "dit is geen nummer van een adres of een gebouweenheid"),
        ("{common}", "dit is een gemeenschappelijk deel van een gebouw en geen woning"),
        ("adres {removed}", "dit adres is uit het register verwijderd"),
    ],
)
def test_an_impossible_choice_becomes_a_new_task_that_says_why(
    city: Journey, typed: str, why: str
) -> None:
    case = "appartement_zonder_bus"
    unit = int(city.sandbox.resident(CASES[case])["gebouweenheid_id"])
    removed = city.sandbox.resident(CASES["adres_verwijderd"])["adres"]["adres_id"]
    choose(city, case, typed.format(common=unit - unit % 64 + 63, removed=removed))
    assert found(city, case) == ("onmogelijk", f"gekozen door de consulent: {why}")
    old, new = sorted(tasks(city, case), key=lambda one: one[1])
    assert (old[1], new[1]) == ("gedaan", "open")
    assert f"De gekozen woning kan niet: {why}." in new[0]
    assert "Mogelijk:" in new[0]
    choose(city, case, str(unit))
    assert found(city, case)[0] == "gevonden"
    assert {status for _, status in tasks(city, case)} == {"gedaan"}


def test_a_choice_in_another_postcode_asks_to_mend_the_address_first(city: Journey) -> None:
    case = "appartement_zonder_bus"
    own = city.sandbox.resident(CASES[case])["adres"]["postcode"]
    other = next(
        known["adres"]
        for known in (city.sandbox.resident(i) for i in range(12))
        if known["adres"]["postcode"] != own
    )
    choose(city, case, f"adres {other['adres_id']}")
    assert found(city, case)[1].endswith(
        f"dit adres ligt in {other['postcode']}; pas eerst het adres van het dossier aan"
    )


def test_another_address_ends_the_choice_and_closes_what_asked_for_it(city: Journey) -> None:
    case = "adres_dubbelzinnig"
    choose(city, case, city.sandbox.resident(CASES[case])["gebouweenheid_id"])
    normal = city.sandbox.resident(CASES["normal"])
    adres = {name: normal["adres"][name] for name in ("straat", "huisnummer", "postcode")}
    city.sandbox.control(
        "POST", "/crm/wijzig", json={"dossiernummer": dossiernummer(case), "velden": adres}
    )
    city.run()
    assert found(city, case) == ("gevonden", "adresmatch exact, één gebouweenheid")
    assert crm_dossier(city, case)["gebouweenheid_id"] == normal["gebouweenheid_id"]


def test_a_mended_address_closes_the_task_that_asked_for_the_dwelling(city: Journey) -> None:
    case = "appartement_zonder_bus"
    bus = city.sandbox.resident(CASES[case])["adres"]["busnummer"]
    body = {"dossiernummer": dossiernummer(case), "velden": {"busnummer": f"bus {int(bus)}"}}
    city.sandbox.control("POST", "/crm/wijzig", json=body)
    city.run()
    assert found(city, case)[0] == "gevonden"
    assert [status for _, status in tasks(city, case)] == ["gedaan"]


def test_what_did_not_change_in_the_register_costs_two_small_questions(city: Journey) -> None:
    old = "UPDATE hub.dossier_woning SET gezocht_op = now() - interval '31 days' RETURNING 1"
    assert read_rows(city, old)
    before = len(city.sandbox.journal("basisregisters"))
    rows = "SELECT * FROM hub.gegeven ORDER BY gegeven_id"
    values = read_rows(city, rows)
    city.sandbox.control(
        "POST",
        "/crm/wijzig",
        json={"dossiernummer": dossiernummer("normal"), "velden": {"consulent": "consulent-09"}},
    )
    city.pull()
    assert city.enrich()["find"] == {"ongewijzigd": 1, "opnieuw": 0, "geen_recht": 0}
    looks = city.sandbox.journal("basisregisters")[before:]
    assert [(line["operatie"], line["status"]) for line in looks] == [
        ("adres", 304), ("gebouweenheid", 304),
    ]  # fmt: skip
    assert read_rows(city, rows) == values
    assert found(city, "normal")[0] == "gevonden"
