"""The register's client against a register in its own process, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.basisregisters.client import BasisregistersClient, open_client
from connectors.woningpas.basisregisters.gml import parse_gml
from connectors.woningpas.basisregisters.grb import open_grb_client
from connectors.woningpas.basisregisters.models import AdresMatches
from connectors.woningpas.basisregisters.wijzigingen import (
    FEEDS,
    WijzigingenClient,
    open_wijzigingen_client,
)
from tests.connectors.basisregisters.register import RAADPLEGING
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("basisregisters")) as handle:
        handle.grow(30)
        yield handle


@pytest.fixture
def register(sandbox: SandboxHandle) -> Iterator[BasisregistersClient]:
    yield client(sandbox)
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


def client(sandbox: SandboxHandle, api_key: str | None = None) -> BasisregistersClient:
    return open_client(
        base_url=f"{sandbox.base_url}/basisregisters/v2",
        api_key=api_key or sandbox.secrets["basisregisters"]["api_key"],
        timeout=(5.0, 3.0),
    )


def logged(correlatie_id: UUID | None = None) -> GelogdeRaadpleging:
    reason = replace(RAADPLEGING.raadpleging, correlatie_id=correlatie_id or uuid4())
    return replace(RAADPLEGING, raadpleging=reason)


def with_case(sandbox: SandboxHandle, geval: str) -> dict[str, Any]:
    return next(known for known in map(sandbox.resident, range(25)) if known["geval"] == geval)


def match(register: BasisregistersClient, adres: dict[str, Any], **changed: Any) -> AdresMatches:
    asked = {
        "straatnaam": adres["straat"],
        "huisnummer": adres["huisnummer"],
        "busnummer": adres["busnummer"],
        "postcode": adres["postcode"],
        "gemeentenaam": "Leuven",
        **changed,
    }
    return register.match_adres(**asked, raadpleging=logged())


def test_an_address_is_found_and_read_with_its_units(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    known = with_case(sandbox, "normal")
    best = match(register, known["adres"]).matches[0]
    assert best.adres_id == known["adres"]["adres_id"]
    assert best.score == 100
    assert best.postcode == known["adres"]["postcode"]
    detail = register.get_adres(adres_id=best.adres_id, raadpleging=logged())
    assert detail.waarde is not None
    assert detail.waarde.straatnaam == known["adres"]["straat"]
    assert (detail.waarde.nis_code, detail.waarde.gemeente) == ("24062", "Leuven")
    assert detail.waarde.positie is not None
    assert detail.waarde.positie.epsg in (31370, 3812)
    units = register.list_gebouweenheden(adres_id=best.adres_id, raadpleging=logged())
    assert units == (known["gebouweenheid_id"],)
    unit = register.get_gebouweenheid(gebouweenheid_id=units[0], raadpleging=logged())
    assert unit.waarde is not None
    assert unit.waarde.gebouw_id == known["gebouw_id"]
    assert best.adres_id in unit.waarde.adres_ids


def test_what_did_not_change_is_not_sent_again(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    known = with_case(sandbox, "normal")
    first = register.get_adres(adres_id=known["adres"]["adres_id"], raadpleging=logged())
    again = register.get_adres(
        adres_id=known["adres"]["adres_id"], raadpleging=logged(), etag=first.etag
    )
    assert first.etag
    assert (again.ongewijzigd, again.waarde, again.etag) == (True, None, first.etag)
    unit = register.get_gebouweenheid(
        gebouweenheid_id=known["gebouweenheid_id"], raadpleging=logged()
    )
    assert register.get_gebouweenheid(
        gebouweenheid_id=known["gebouweenheid_id"], raadpleging=logged(), etag=unit.etag
    ).ongewijzigd


def test_the_forty_units_of_a_building_are_told_apart_by_bus_number(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    known = with_case(sandbox, "appartement")
    best = match(register, known["adres"]).matches[0]
    assert best.adres_id == known["adres"]["adres_id"]
    assert best.busnummer == known["adres"]["busnummer"]
    without = match(register, known["adres"], busnummer=None)
    scores = [m.score for m in without.matches]
    assert len(scores) > 1
    assert scores[0] == scores[1]


def test_a_removed_address_is_told_as_removed(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    known = with_case(sandbox, "adres_verwijderd")
    assert match(register, known["adres"]).matches
    detail = register.get_adres(adres_id=known["adres"]["adres_id"], raadpleging=logged())
    assert detail.verwijderd
    assert detail.waarde is None


def test_an_unknown_street_matches_no_address(register: BasisregistersClient) -> None:
    answer = register.match_adres(
        straatnaam="Zyxwvutsrqstraat",
        huisnummer="1",
        busnummer=None,
        postcode="3000",
        gemeentenaam="Leuven",
        raadpleging=logged(),
    )
    assert all(found.adres_id is None for found in answer.matches)
    assert answer.waarschuwingen


def test_two_streets_of_one_name_match_alike(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    known = with_case(sandbox, "adres_dubbelzinnig")
    found = match(register, known["adres"], postcode=None).matches
    best = [m for m in found if m.score == found[0].score]
    assert len({m.postcode for m in best}) > 1


def test_an_object_that_never_was_is_a_permanent_error(register: BasisregistersClient) -> None:
    with pytest.raises(PermanentError, match=r"404 \(urn:.*not-found\)"):
        register.get_adres(adres_id="999999999", raadpleging=logged())


def test_a_wrong_key_stops_the_channel(sandbox: SandboxHandle) -> None:
    with pytest.raises(AuthenticationError) as caught:
        client(sandbox, "verkeerde-sleutel").get_adres(adres_id="1", raadpleging=logged())
    assert "verkeerde-sleutel" not in str(caught.value)


def test_every_question_stands_in_the_journal_under_its_own_reason(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    known = with_case(sandbox, "normal")
    reasons = [uuid4() for _ in range(3)]
    for reason in reasons:
        register.get_adres(adres_id=known["adres"]["adres_id"], raadpleging=logged(reason))
    told = [line["correlatie_id"] for line in sandbox.journal("basisregisters")]
    assert told[-3:] == [str(reason) for reason in reasons]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"soort": "reset"}, RetryableError),
        ({"soort": "5xx", "status": 500}, RetryableError),
        ({"soort": "5xx", "status": 503}, RetryableError),
        ({"soort": "429", "retry_after": 7}, ThrottledError),
        ({"soort": "onzin"}, ContractError),
        ({"soort": "vertraging", "seconden": 4}, RetryableError),
        ({"soort": "bevestig_en_verbreek"}, RetryableError),
    ],
    ids=["reset", "500", "503", "429", "garbage", "late", "drop"],
)
def test_a_fault_is_sorted(
    register: BasisregistersClient,
    sandbox: SandboxHandle,
    fault: dict[str, object],
    kind: type[ConnectorError],
) -> None:
    known = with_case(sandbox, "normal")
    sandbox.order_fault("basisregisters", **fault)  # type: ignore[arg-type]
    with pytest.raises(ConnectorError) as caught:
        match(register, known["adres"])
    assert type(caught.value) is kind
    assert known["adres"]["straat"] not in str(caught.value)
    if isinstance(caught.value, ThrottledError):
        assert caught.value.retry_after == 7.0


def feeds(sandbox: SandboxHandle, api_key: str | None = None) -> WijzigingenClient:
    return open_wijzigingen_client(
        base_url=f"{sandbox.base_url}/basisregisters/v3",
        api_key=api_key or sandbox.secrets["basisregisters"]["api_key"],
        timeout=(5.0, 3.0),
    )


@pytest.mark.parametrize("epsg", [31370, 3812])
def test_a_dwelling_lies_in_its_building_on_its_parcel_in_either_system(
    register: BasisregistersClient, sandbox: SandboxHandle, epsg: int
) -> None:
    sandbox.change_settings("basisregisters", epsg=epsg)
    grb = open_grb_client(base_url=f"{sandbox.base_url}/grb/ogc/features/v1", timeout=(5.0, 3.0))
    for geval in ("normal", "appartement", "adres_dubbelzinnig"):
        known = with_case(sandbox, geval)
        adres = register.get_adres(adres_id=known["adres"]["adres_id"], raadpleging=logged()).waarde
        gebouw = register.get_gebouw(gebouw_id=known["gebouw_id"], raadpleging=logged()).waarde
        assert adres is not None
        assert adres.positie is not None
        assert gebouw is not None
        assert adres.positie.epsg == gebouw.geometrie.epsg == epsg
        assert gebouw.geometrie.vorm.contains(adres.positie.vorm)
        assert known["gebouweenheid_id"] in gebouw.gebouweenheid_ids
        assert gebouw.capakeys == (known["capakey"],)
        perceel = register.get_perceel(capakey=gebouw.capakeys[0], raadpleging=logged()).waarde
        assert perceel is not None
        assert known["adres"]["adres_id"] in perceel.adres_ids
        adres_id = known["adres"]["adres_id"]
        assert register.list_percelen(adres_id=adres_id, raadpleging=logged()) == gebouw.capakeys
        on_parcel = register.list_gebouwen(capakey=known["capakey"], raadpleging=logged())
        assert on_parcel == (known["gebouw_id"],)
        drawn = grb.list_percelen(ligging=gebouw.geometrie, raadpleging=logged())
        (mine,) = (vlak for vlak in drawn if vlak.capakey == known["capakey"])
        assert mine.geometrie.vorm.contains(gebouw.geometrie.to_epsg(31370).vorm)
        assert mine.nis_code == "24062"


def test_the_feeds_are_read_to_their_end_and_only_the_last_page_may_grow(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    sandbox.change_settings("basisregisters", gebeurtenissen_per_pagina=25)
    for feed in FEEDS:
        nummer, seen = 1, []
        while True:
            pagina = feeds(sandbox).get_pagina(feed=feed, nummer=nummer)
            seen += pagina.wijzigingen
            if not pagina.volledig:
                break
            nummer += 1
        assert [change.gebeurtenis_id for change in seen] == [
            str(number) for number in range(1, len(seen) + 1)
        ]
        assert {change.nis_codes for change in seen} == {("24062",)}


def test_every_geometry_of_the_feed_is_readable_and_the_same_place_twice(
    register: BasisregistersClient, sandbox: SandboxHandle
) -> None:
    for change in feeds(sandbox).get_pagina(feed="gebouwen", nummer=1).wijzigingen:
        outline = change.get("geometrie.geometrie")
        assert outline is not None
        assert isinstance(outline.nieuwe_waarde, list)
        one, other = (parse_gml(value["gml"]) for value in outline.nieuwe_waarde)
        assert (one.epsg, other.epsg) == (31370, 3812)
        assert one.vorm.symmetric_difference(other.to_epsg(31370).vorm).area < 1


def test_the_feeds_want_a_key(sandbox: SandboxHandle) -> None:
    with pytest.raises(AuthenticationError):
        feeds(sandbox, "verkeerde-sleutel").get_pagina(feed="adressen", nummer=1)
