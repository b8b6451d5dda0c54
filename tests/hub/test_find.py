"""Finding dwellings with registers that the test writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.transport.errors import ContractError, RetryableError
from connectors.woningpas.basisregisters.models import (
    Adres,
    AdresMatch,
    AdresMatches,
    Detail,
    Gebouweenheid,
)
from hub.batch import form_batch
from hub.quality.split import check_dossiers
from hub.toegangslog import PostgresRaadplegingLog
from hub.woning.find import find_woningen
from tests.hub.journey_case import read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres
VERSION = datetime(2026, 1, 1, tzinfo=UTC)
WONINGEN = "SELECT gebouweenheid_id, adres_id, gebouw_id FROM hub.woning ORDER BY 1, 2"


class Register:
    """Gives every dossier its own address; ``units`` says which units stand at an address."""

    def __init__(self, units: dict[str, tuple[Gebouweenheid, ...]]) -> None:
        self.units = units
        self.by_postcode: dict[str, str] = {}
        self.away: set[str] = set()
        self.refused: set[str] = set()
        self.asked: list[str] = []

    def match_adres(self, **asked) -> AdresMatches:
        self.asked.append("match")
        key = f"{asked['straatnaam']} {asked['huisnummer']}"
        adres_id = self.by_postcode.setdefault(key, str(len(self.by_postcode) + 1))
        match = AdresMatch(
            adres_id, Decimal(100), asked["straatnaam"], asked["huisnummer"], asked["busnummer"],
            asked["postcode"], "Leuven", "inGebruik",
        )  # fmt: skip
        return AdresMatches((match,), ())

    def get_adres(self, *, adres_id: str, etag: str | None = None, **_) -> Detail[Adres]:
        assert adres_id, "the register is asked about an address by its number"
        self.asked.append(f"adres {adres_id}")
        adres = Adres(
            adres_id,
            VERSION,
            "Straat",
            "1",
            None,
            "3000",
            "Leuven",
            "24062",
            "inGebruik",
            "Straat 1, 3000 Leuven",
            None,
        )
        return Detail(adres, f"a{adres_id}")

    def list_gebouweenheden(self, *, adres_id: str, **_) -> tuple[str, ...]:
        return tuple(unit.gebouweenheid_id for unit in self.units.get(adres_id, ()))

    def get_gebouweenheid(self, *, gebouweenheid_id: str, **_) -> Detail[Gebouweenheid]:
        self.asked.append(f"eenheid {gebouweenheid_id}")
        if gebouweenheid_id in self.refused:
            raise ContractError("basisregisters", "get", gebouweenheid_id, "no JSON")
        if gebouweenheid_id in self.away:
            raise RetryableError("basisregisters", "get", gebouweenheid_id, "answered 503")
        units = [unit for known in self.units.values() for unit in known]
        unit = next(unit for unit in units if unit.gebouweenheid_id == gebouweenheid_id)
        return Detail(unit, f"e{gebouweenheid_id}")


def _unit(number: str, *adres_ids: str, status: str = "gerealiseerd") -> Gebouweenheid:
    return Gebouweenheid(number, VERSION, "5", status, "nietGekend", adres_ids, None)


def _find(journey: Journey, register: Register, naam: str) -> dict[str, int]:
    engine = journey.engines["enrich"]
    assert form_batch(engine, naam=naam).dossiers
    check_dossiers(engine, journey.keyring, naam=naam)
    log = PostgresRaadplegingLog(engine)
    return find_woningen(engine, register, log, journey.keyring, naam=naam)


@pytest.fixture
def landed(journey: Journey) -> Journey:
    """Three dossiers, two of which were started."""
    journey.sandbox.grow(3)
    journey.pull()
    return journey


def test_a_unit_with_two_addresses_is_one_dwelling_known_by_one_of_them(landed: Journey) -> None:
    unit = _unit("9", "1", "2")
    register = Register({"1": (unit,), "2": (unit,)})
    assert _find(landed, register, "een") == {
        "gevonden": 2,
        "ongewijzigd": 0,
        "opnieuw": 0,
        "geen_recht": 0,
    }
    before = read_rows(landed, WONINGEN)
    values = read_rows(landed, "SELECT veld, waarde FROM hub.gegeven ORDER BY gegeven_id")
    assert [(eenheid, gebouw) for eenheid, _, gebouw in before] == [("9", "5")]
    assert dict(values)["adres_id"] == before[0][1]
    for number in range(2):
        read_rows(landed, "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1")
        read_rows(landed, "UPDATE hub.dossier_woning SET adres_hash = '' RETURNING 1")
        _find(landed, register, f"weer {number}")
        assert read_rows(landed, WONINGEN) == before
        history = "SELECT veld, waarde FROM hub.gegeven ORDER BY gegeven_id"
        assert read_rows(landed, history) == values


def test_every_unit_of_an_address_is_looked_at_and_the_one_that_stands_is_taken(
    landed: Journey,
) -> None:
    units = (_unit("7", "1", status="gehistoreerd"), _unit("8", "1"))
    register = Register({"1": units})
    _find(landed, register, "een")
    assert {"eenheid 7", "eenheid 8"} <= set(register.asked)
    assert ("8", "1", "5") in read_rows(landed, WONINGEN)
    assert (None, "2", None) in read_rows(landed, WONINGEN)


def test_a_unit_that_does_not_answer_leaves_only_its_own_dossier_waiting(landed: Journey) -> None:
    register = Register({"1": (_unit("7", "1"), _unit("8", "1"))})
    register.away = {"8"}
    assert _find(landed, register, "een") == {
        "gevonden": 1,
        "ongewijzigd": 0,
        "opnieuw": 1,
        "geen_recht": 0,
    }


def test_an_address_with_very_many_units_is_for_the_consultant_without_a_look_at_each(
    landed: Journey,
) -> None:
    register = Register({"1": tuple(_unit(str(n), "1") for n in range(100, 140))})
    counts = _find(landed, register, "een")
    assert counts["dubbelzinnig"] == 1
    assert not [asked for asked in register.asked if asked.startswith("eenheid")]


def test_what_changed_since_is_searched_the_whole_way_again(landed: Journey) -> None:
    unit = _unit("9", "1")
    register = Register({"1": (unit,)})
    _find(landed, register, "een")
    read_rows(landed, "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1")
    old = "UPDATE hub.dossier_woning SET gezocht_op = now() - interval '31 days' RETURNING 1"
    assert len(read_rows(landed, old)) == 2
    register.units["1"] = (replace(unit, gebouw_id="6"),)
    register.asked.clear()
    assert _find(landed, register, "twee")["gevonden"] == 2
    assert register.asked.count("match") == 2
    assert ("9", "1", "6") in read_rows(landed, WONINGEN)


def test_a_search_that_was_refused_half_way_goes_the_whole_way_again(landed: Journey) -> None:
    register = Register({"1": (_unit("9", "1"),)})
    register.refused = {"9"}
    assert _find(landed, register, "een")["geweigerd"] == 1
    register.refused = set()
    read_rows(landed, "UPDATE hub.inbox SET verwerkt_op = NULL, batch_id = NULL RETURNING 1")
    assert _find(landed, register, "twee")["gevonden"] == 1
    assert ("9", "1", "5") in read_rows(landed, WONINGEN)
