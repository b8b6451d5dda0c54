"""The register: adresmatch, lists, details, paging, ETag and its own errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.sandbox_process import SandboxHandle


class Register:
    """Bare HTTP to the register."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.base_url}/basisregisters/v2"

    def get(
        self, path: str, headers: dict[str, str] | None = None, **params: Any
    ) -> requests.Response:
        """Read with the key."""
        key = {"x-api-key": self.sandbox.secrets["basisregisters"]["api_key"]}
        url = path if path.startswith("http") else self.base + path
        return self.sandbox.session.get(
            url, headers=key | (headers or {}), params=params or None, timeout=10
        )

    def match(self, **params: Any) -> dict[str, Any]:
        """Ask an adresmatch."""
        answer: dict[str, Any] = self.get("/adresmatch", **params).json()
        return answer


@pytest.fixture
def register(sandbox: SandboxHandle) -> Register:
    """Give the register of a city of 150."""
    sandbox.grow(150, 1)
    return Register(sandbox)


def find(register: Register, geval: str) -> dict[str, Any]:
    """Return the first resident with a case."""
    for i in range(25):
        known = register.sandbox.resident(i)
        if known["geval"] == geval:
            return known
    raise AssertionError(geval)


def test_an_exact_address_matches_alone_with_score_100(register: Register) -> None:
    adres = find(register, "normal")["adres"]
    answer = register.match(
        straatnaam=adres["straat"],
        huisnummer=adres["huisnummer"],
        postcode=adres["postcode"],
        gemeentenaam="Leuven",
    )
    (match,) = answer["adresMatches"]
    assert match["score"] == 100
    assert match["identificator"]["objectId"] == adres["adres_id"]
    assert match["detail"] == f"{register.base}/adressen/{adres['adres_id']}"
    assert {link["rel"] for link in match["links"]} == {"percelen", "gebouweenheden"}
    assert answer["warnings"] == []


def test_a_misspelt_street_still_matches_with_a_lower_score(register: Register) -> None:
    adres = find(register, "normal")["adres"]
    answer = register.match(
        straatnaam=adres["straat"].replace("str", "stt", 1),
        huisnummer=adres["huisnummer"],
        postcode=adres["postcode"],
    )
    best = answer["adresMatches"][0]
    assert best["identificator"]["objectId"] == adres["adres_id"]
    assert 75 <= best["score"] < 100


def test_two_streets_of_one_name_match_equally_without_postcode(register: Register) -> None:
    adres = find(register, "adres_dubbelzinnig")["adres"]
    asked = {"straatnaam": adres["straat"], "huisnummer": adres["huisnummer"]}
    matches = register.match(**asked, gemeentenaam="Leuven")["adresMatches"]
    assert [m["score"] for m in matches] == [100, 100]
    assert {m["postinfo"]["objectId"] for m in matches} == {"3001", "3012"}
    first = register.match(**asked, gemeentenaam="Leuven", postcode="3001")["adresMatches"]
    assert first[0]["score"] > first[1]["score"]


def test_an_unknown_street_gives_the_municipality_and_a_warning(register: Register) -> None:
    answer = register.match(straatnaam="Zilverreigerpad", huisnummer="1", postcode="3000")
    assert answer["warnings"] == [{"code": "10", "message": "'Straatnaam' niet interpreteerbaar."}]
    (match,) = answer["adresMatches"]
    assert "identificator" not in match
    assert "straatnaam" not in match


def test_an_unknown_number_gives_the_street_without_identificator(register: Register) -> None:
    answer = register.match(straatnaam="Naamsestraat", huisnummer="9999", postcode="3000")
    (match,) = answer["adresMatches"]
    assert "identificator" not in match
    assert match["straatnaam"]["straatnaam"]["geografischeNaam"]["spelling"] == "Naamsestraat"


def test_an_apartment_matches_by_its_bus_and_is_ambiguous_without(register: Register) -> None:
    adres = find(register, "appartement")["adres"]
    asked = {"straatnaam": adres["straat"], "huisnummer": adres["huisnummer"]}
    exact = register.match(**asked, busnummer=adres["busnummer"], postcode=adres["postcode"])
    (match,) = exact["adresMatches"]
    assert (match["score"], match["busnummer"]) == (100, adres["busnummer"])
    many = register.match(**asked, postcode=adres["postcode"])["adresMatches"]
    assert len(many) == 10
    assert len({m["score"] for m in many}) == 1
    assert many[0]["score"] < 100


def test_a_bus_written_in_the_house_number_is_understood(register: Register) -> None:
    adres = find(register, "huisnummer_bus")["adres"]
    answer = register.match(
        straatnaam=adres["straat"],
        huisnummer=f"{adres['huisnummer']} bus {adres['busnummer']}",
        postcode=adres["postcode"],
    )
    (match,) = answer["adresMatches"]
    assert match["identificator"]["objectId"] == adres["adres_id"]


def test_case_and_diacritics_do_not_matter_in_a_street(register: Register) -> None:
    adres = find(register, "diakrieten")["adres"]
    assert adres["straat"] == "De Bériotstraat"
    answer = register.match(
        straatnaam="de beriotstraat", huisnummer=adres["huisnummer"], gemeentenaam="Leuven"
    )
    assert answer["adresMatches"][0]["identificator"]["objectId"] == adres["adres_id"]


@pytest.mark.parametrize(
    ("params", "veld", "code"),
    [
        ({"postcode": "3000"}, "straatnaam", "16"),
        ({"straatnaam": "Naamsestraat"}, "", "15"),
        ({"straatnaam": "Naamsestraat", "postcode": "30O0"}, "postcode", "11"),
        ({"straatnaam": "x" * 81, "postcode": "3000"}, "straatnaam", "18"),
    ],
)
def test_an_adresmatch_without_what_it_needs_is_400(
    register: Register, params: dict[str, str], veld: str, code: str
) -> None:
    answer = register.get("/adresmatch", **params)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith(":validation")
    assert answer.json()["validationErrors"][veld][0]["code"] == code


def test_a_detail_has_the_fields_of_the_owners_own_answer(
    register: Register, voorbeelden: Path
) -> None:
    sample = json.loads((voorbeelden / "basisregisters" / "adres_detail_v2.json").read_text())
    adres = find(register, "normal")["adres"]
    answer = register.get(f"/adressen/{adres['adres_id']}").json()
    assert set(answer) == set(sample)
    for part in ("identificator", "gemeente", "postinfo", "straatnaam", "adresPositie"):
        assert set(answer[part]) == set(sample[part]), part
    assert "EPSG/0/31370" in answer["adresPositie"]["geometrie"]["gml"]


def test_an_etag_that_still_holds_gives_304_without_a_body(register: Register) -> None:
    known = find(register, "normal")
    paths = (
        f"/adressen/{known['adres']['adres_id']}",
        f"/gebouweenheden/{known['gebouweenheid_id']}",
    )
    for path in paths:
        etag = register.get(path).headers["ETag"]
        again = register.get(path, {"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
        assert register.get(path, {"If-None-Match": '"ander"'}).status_code == 200


def test_a_removed_address_still_matches_but_its_detail_is_410(register: Register) -> None:
    adres = find(register, "adres_verwijderd")["adres"]
    answer = register.match(
        straatnaam=adres["straat"], huisnummer=adres["huisnummer"], postcode=adres["postcode"]
    )
    assert answer["adresMatches"][0]["identificator"]["objectId"] == adres["adres_id"]
    gone = register.get(f"/adressen/{adres['adres_id']}")
    assert gone.status_code == 410
    assert gone.json()["type"] == "urn:be.vlaanderen.basisregisters.api:address:gone"


def test_unknown_objects_are_404_with_the_owners_types(register: Register) -> None:
    prefix = "urn:be.vlaanderen.basisregisters.api:"
    assert register.get("/adressen/1").json()["type"] == f"{prefix}address:not-found"
    unit = register.get("/gebouweenheden/1")
    assert (unit.status_code, unit.json()["type"]) == (404, f"{prefix}buildingunit:not-found")


def test_the_units_of_an_address_and_of_a_building_are_listed(register: Register) -> None:
    known = find(register, "appartement")
    at_address = register.get("/gebouweenheden", adresObjectId=known["adres"]["adres_id"]).json()
    (unit,) = at_address["gebouweenheden"]
    assert unit["identificator"]["objectId"] == known["gebouweenheid_id"]
    in_building = register.get("/gebouweenheden", gebouwObjectId=known["gebouw_id"]).json()
    assert len(in_building["gebouweenheden"]) == 41
    common = register.get(
        "/gebouweenheden", gebouwObjectId=known["gebouw_id"], functie="gemeenschappelijkDeel"
    ).json()
    assert len(common["gebouweenheden"]) == 1
    detail = register.get(f"/gebouweenheden/{known['gebouweenheid_id']}").json()
    assert detail["gebouw"]["objectId"] == known["gebouw_id"]
    assert [a["objectId"] for a in detail["adressen"]] == [known["adres"]["adres_id"]]


def test_a_list_is_read_in_pages_to_its_end_without_gaps(register: Register) -> None:
    link, seen = f"{register.base}/adressen?gemeentenaam=Leuven&limit=37", []
    while link:
        page = register.get(link).json()
        assert len(page["adressen"]) <= 37
        seen += [a["identificator"]["objectId"] for a in page["adressen"]]
        link = page.get("volgende", "")
    assert len(seen) == len(set(seen)) > 150
    everything = register.get("/adressen", limit=500).json()
    assert [a["identificator"]["objectId"] for a in everything["adressen"]] == seen[:500]


@pytest.mark.parametrize(
    "params", [{"limit": 501}, {"limit": 0}, {"offset": 1_000_001}, {"offset": "x"}]
)
def test_paging_out_of_bounds_is_400(register: Register, params: dict[str, Any]) -> None:
    assert register.get("/adressen", **params).status_code == 400


def test_a_wrong_key_is_401_and_no_key_only_when_it_is_required(register: Register) -> None:
    assert register.get("/adressen/1", {"x-api-key": "fout"}).status_code == 401
    bare = register.sandbox.session
    assert bare.get(f"{register.base}/adressen", timeout=10).status_code == 200
    register.sandbox.change_settings("basisregisters", sleutel_verplicht=True)
    assert bare.get(f"{register.base}/adressen", timeout=10).status_code == 401


def test_adresmatch_has_a_throttle_of_its_own(register: Register) -> None:
    register.sandbox.change_settings("basisregisters", adresmatch_per_minuut=0)
    answer = register.get("/adresmatch", straatnaam="Naamsestraat", postcode="3000")
    assert answer.status_code == 429
    assert answer.json()["type"] == "urn:be.vlaanderen.basisregisters.api:throttled"
    assert register.get("/adressen").status_code == 200


def test_every_read_is_in_the_journal_with_its_correlation_id(register: Register) -> None:
    mark = str(uuid4())
    adres_id = find(register, "normal")["adres"]["adres_id"]
    register.get(f"/adressen/{adres_id}", {"x-correlation-id": mark})
    register.get("/gebouweenheden", {"x-correlation-id": mark}, adresObjectId=adres_id)
    lines = [r for r in register.sandbox.journal("basisregisters") if r["correlatie_id"] == mark]
    assert [(r["operatie"], r["sleutel"], r["status"], r["effect"]) for r in lines] == [
        ("adres", adres_id, 200, False),
        ("gebouweenheden", adres_id, 200, False),
    ]


def test_a_building_and_its_parcel_name_each_other(register: Register) -> None:
    known = find(register, "normal")
    gebouw = register.get(f"/gebouwen/{known['gebouw_id']}").json()
    assert gebouw["gebouwStatus"] == "gerealiseerd"
    assert "EPSG/0/31370" in gebouw["gebouwPolygoon"]["geometrie"]["gml"]
    assert [e["objectId"] for e in gebouw["gebouweenheden"]] == [known["gebouweenheid_id"]]
    (on,) = gebouw["percelen"]
    assert on["objectId"] == known["capakey"].replace("/", "-")
    perceel = register.get(f"/percelen/{on['objectId']}").json()
    assert perceel["caPaKey"] == known["capakey"]
    assert [a["objectId"] for a in perceel["adressen"]] == [known["adres"]["adres_id"]]
    at_address = register.get("/percelen", adresObjectId=known["adres"]["adres_id"]).json()
    assert [p["caPaKey"] for p in at_address["percelen"]] == [known["capakey"]]
    built = register.get("/gebouwen", caPaKey=on["objectId"]).json()
    assert [g["identificator"]["objectId"] for g in built["gebouwen"]] == [known["gebouw_id"]]


def test_an_apartment_building_has_a_court_and_all_its_units(register: Register) -> None:
    gebouw = register.get(f"/gebouwen/{find(register, 'appartement')['gebouw_id']}").json()
    assert gebouw["gebouwPolygoon"]["geometrie"]["gml"].count("<gml:interior>") == 1
    assert len(gebouw["gebouweenheden"]) == 41


def test_a_building_or_parcel_that_never_was_is_404_with_the_owners_type(
    register: Register,
) -> None:
    prefix = "urn:be.vlaanderen.basisregisters.api:"
    for path, kind in (
        ("/gebouwen/1", "building"),
        ("/percelen/24126B0031-00V005", "parcel"),
        ("/percelen/Naamsestraat", "parcel"),
    ):
        answer = register.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, f"{prefix}{kind}:not-found")
    known = find(register, "normal")
    assert register.get(f"/percelen/{known['capakey']}").status_code == 404


def test_the_register_can_speak_the_other_system(register: Register) -> None:
    known = find(register, "normal")
    paths = {
        f"/adressen/{known['adres']['adres_id']}": "adresPositie",
        f"/gebouwen/{known['gebouw_id']}": "gebouwPolygoon",
        f"/gebouweenheden/{known['gebouweenheid_id']}": "gebouweenheidPositie",
    }
    before = {path: register.get(path).headers["ETag"] for path in paths}
    register.sandbox.change_settings("basisregisters", epsg=3812)
    for path, field in paths.items():
        answer = register.get(path, {"If-None-Match": before[path]})
        assert "EPSG/0/3812" in answer.json()[field]["geometrie"]["gml"]
    with pytest.raises(AssertionError, match="does not take 4326"):
        register.sandbox.change_settings("basisregisters", epsg=4326)


def test_buildings_and_parcels_are_listed_in_pages(register: Register) -> None:
    for naam in ("gebouwen", "percelen"):
        link, seen = f"{register.base}/{naam}?limit=40", []
        while link:
            page = register.get(link).json()
            seen += [item["identificator"]["objectId"] for item in page[naam]]
            link = page.get("volgende", "")
        assert len(seen) == len(set(seen)) > 140
