"""The change feeds: pages that end, a newest page that grows, and what changed in the register."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox_process import SandboxHandle

FEEDS = ("adressen", "gebouwen", "gebouweenheden", "percelen")


class Feeds:
    """Bare HTTP to the feeds, and the acts that change what they tell."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.base_url}/basisregisters"
        self.key = {"x-api-key": sandbox.secrets["basisregisters"]["api_key"]}

    def get(self, feed: str, pagina: object, **headers: str) -> requests.Response:
        url = f"{self.base}/v3/feeds/wijzigingen/{feed}"
        asked = {"Accept": "application/cloudevents-batch+json", **self.key, **headers}
        return self.sandbox.session.get(url, headers=asked, params={"pagina": pagina}, timeout=10)

    def read(self, feed: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        pagina = 1
        while True:
            answer = self.get(feed, pagina)
            events += answer.json()
            if answer.headers["x-page-complete"] == "false":
                return events
            pagina += 1

    def detail(self, path: str) -> requests.Response:
        return self.sandbox.session.get(f"{self.base}/v2{path}", headers=self.key, timeout=10)

    def act(self, act: str, **body: Any) -> Any:
        return self.sandbox.control("POST", f"/basisregisters/{act}", json=body)


@pytest.fixture
def feeds(sandbox: SandboxHandle) -> Feeds:
    sandbox.grow(150, 1)
    return Feeds(sandbox)


def known(feeds: Feeds, geval: str, skip: int = 0) -> dict[str, Any]:
    """Return a resident with a case, other than the ones skipped."""
    found = [r for r in map(feeds.sandbox.resident, range(25, 120)) if r["geval"] == geval]
    return found[skip]


def changes(event: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {a["naam"]: (a["oudeWaarde"], a["nieuweWaarde"]) for a in event["data"]["attributen"]}


@pytest.mark.parametrize("feed", FEEDS)
def test_an_event_has_the_fields_of_the_owners_own(
    feeds: Feeds, feed: str, voorbeelden: Path
) -> None:
    path = voorbeelden / "basisregisters" / f"wijzigingen_{feed}_v3.json"
    (sample,) = json.loads(path.read_text("utf-8"))
    answer = feeds.get(feed, 1)
    event = answer.json()[0]
    assert answer.headers["Content-Type"].startswith("application/cloudevents-batch+json")
    assert set(event) == set(sample)
    assert set(event["data"]) == set(sample["data"])
    assert event["type"] == sample["type"]
    assert {a["naam"] for a in event["data"]["attributen"]} == {
        a["naam"] for a in sample["data"]["attributen"]
    }
    assert event["data"]["nisCodes"] == ["24062"]
    shown = json.dumps(event)
    if feed != "percelen":
        assert "EPSG/0/31370" in shown
        assert "EPSG/0/3812" in shown


@pytest.mark.parametrize("feed", FEEDS)
def test_numbers_rise_without_gaps_over_the_pages(feeds: Feeds, feed: str) -> None:
    feeds.sandbox.change_settings("basisregisters", gebeurtenissen_per_pagina=7)
    numbers = [int(event["id"]) for event in feeds.read(feed)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 150
    feeds.sandbox.change_settings("basisregisters", gebeurtenissen_per_pagina=500)
    assert [int(event["id"]) for event in feeds.read(feed)] == numbers


def test_a_page_after_the_newest_is_empty_and_not_complete(feeds: Feeds) -> None:
    answer = feeds.get("adressen", 10_000)
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["x-page-complete"] == "false"


def test_the_newest_page_grows_when_something_changes(feeds: Feeds) -> None:
    size = len(feeds.read("adressen")) + 2
    feeds.sandbox.change_settings("basisregisters", gebeurtenissen_per_pagina=size)
    before = feeds.get("adressen", 1)
    adres_id = known(feeds, "normal")["adres"]["adres_id"]
    for status, complete in (("gehistoreerd", "false"), ("inGebruik", "true")):
        feeds.act("wijzig", feed="adressen", id=adres_id, status=status)
        answer = feeds.get("adressen", 1)
        assert answer.headers["x-page-complete"] == complete
    assert answer.json()[: size - 2] == before.json()
    event = answer.json()[-2]
    assert event["type"] == "basisregisters.address.update.v1"
    assert event["subject"].endswith(f"/adres/{adres_id}")
    (old, new) = changes(event)["status"]
    assert (old.rpartition("/")[2], new.rpartition("/")[2]) == ("inGebruik", "gehistoreerd")


def test_a_changed_status_is_in_the_detail_with_another_etag(feeds: Feeds) -> None:
    unit = known(feeds, "normal", 1)["gebouweenheid_id"]
    before = feeds.detail(f"/gebouweenheden/{unit}")
    feeds.act("wijzig", feed="gebouweenheden", id=unit, status="nietGerealiseerd")
    after = feeds.detail(f"/gebouweenheden/{unit}")
    assert after.json()["gebouweenheidStatus"] == "nietGerealiseerd"
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.json()["identificator"]["versieId"] > before.json()["identificator"]["versieId"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_removed_object_is_told_and_its_detail_is_410(feeds: Feeds, feed: str) -> None:
    resident = known(feeds, "normal", 2 + FEEDS.index(feed))
    object_id = {
        "adressen": resident["adres"]["adres_id"],
        "gebouwen": resident["gebouw_id"],
        "gebouweenheden": resident["gebouweenheid_id"],
        "percelen": resident["capakey"].replace("/", "-"),
    }[feed]
    feeds.act("verwijder", feed=feed, id=object_id)
    event = feeds.read(feed)[-1]
    assert event["type"].split(".")[2] == "delete"
    assert event["data"]["objectId"] == object_id
    answer = feeds.detail(f"/{feed}/{object_id}")
    assert answer.status_code == 410
    assert answer.json()["type"].endswith(":gone")
    with pytest.raises(AssertionError, match="no such object"):
        feeds.act("verwijder", feed=feed, id=object_id)


def test_a_split_ends_one_unit_and_begins_others_by_one_act(feeds: Feeds) -> None:
    resident = known(feeds, "normal", 7)
    made = feeds.act("splits", gebouweenheid_id=resident["gebouweenheid_id"], aantal=2)
    ids = made["gebouweenheid_ids"]
    ended, *begun = feeds.read("gebouweenheden")[-3:]
    assert {e["basisregisterscausationid"] for e in (ended, *begun)} == {
        ended["basisregisterscausationid"]
    }
    assert changes(ended)["status"][1].endswith("/gehistoreerd")
    assert changes(ended)["toegekendAdres"][1] == []
    assert [e["data"]["objectId"] for e in begun] == ids
    assert all(changes(e)["isDeelVan"][1].endswith(resident["gebouw_id"]) for e in begun)
    at_address = feeds.detail(f"/gebouweenheden?adresObjectId={resident['adres']['adres_id']}")
    listed = at_address.json()["gebouweenheden"]
    assert [unit["identificator"]["objectId"] for unit in listed] == ids[:1]
    detail = feeds.detail(f"/gebouweenheden/{ids[1]}").json()
    assert detail["gebouw"]["objectId"] == resident["gebouw_id"]
    building = feeds.detail(f"/gebouwen/{resident['gebouw_id']}").json()
    assert {u["objectId"]: u["status"] for u in building["gebouweenheden"]} == {
        resident["gebouweenheid_id"]: "gehistoreerd",
        ids[0]: "gerealiseerd",
        ids[1]: "gerealiseerd",
    }


def test_a_merge_ends_units_and_begins_one_with_their_addresses(feeds: Feeds) -> None:
    resident = known(feeds, "appartement")
    building = feeds.detail(f"/gebouweenheden?gebouwObjectId={resident['gebouw_id']}").json()
    pair = [u["identificator"]["objectId"] for u in building["gebouweenheden"][:2]]
    made = feeds.act("voeg-samen", gebouweenheid_ids=pair)["gebouweenheid_id"]
    detail = feeds.detail(f"/gebouweenheden/{made}").json()
    assert len(detail["adressen"]) == 2
    *ended, begun = feeds.read("gebouweenheden")[-3:]
    assert [e["data"]["objectId"] for e in ended] == pair
    assert begun["type"] == "basisregisters.buildingunit.create.v1"
    with pytest.raises(AssertionError, match="not in use"):
        feeds.act("splits", gebouweenheid_id=pair[0], aantal=2)


def test_what_changed_survives_a_restart(feeds: Feeds) -> None:
    unit = known(feeds, "normal", 8)["gebouweenheid_id"]
    made = feeds.act("splits", gebouweenheid_id=unit, aantal=3)["gebouweenheid_ids"]
    told = {feed: feeds.read(feed) for feed in FEEDS}
    feeds.sandbox.kill()
    feeds.sandbox.start()
    assert {feed: feeds.read(feed) for feed in FEEDS} == told
    assert feeds.detail(f"/gebouweenheden/{made[2]}").status_code == 200


def test_a_feed_wants_the_key_a_page_number_and_the_batch_format(feeds: Feeds) -> None:
    assert feeds.get("adressen", 1, **{"x-api-key": "fout"}).status_code == 401
    bare = feeds.sandbox.session.get(f"{feeds.base}/v3/feeds/wijzigingen/adressen", timeout=10)
    assert bare.status_code == 401
    for pagina in ("0", "-1", "x"):
        assert feeds.get("adressen", pagina).status_code == 400
    assert feeds.get("straten", 1).status_code == 404
    assert feeds.get("adressen", 1, Accept="text/html").status_code == 406


def test_a_feed_is_in_the_journal_and_takes_orders_for_faults(feeds: Feeds) -> None:
    feeds.sandbox.order_fault("basisregisters", "5xx", operatie="wijzigingen:percelen")
    assert feeds.get("adressen", 1).status_code == 200
    assert feeds.get("percelen", 1).status_code == 503
    assert feeds.get("percelen", 1).status_code == 200
    line = feeds.sandbox.journal("basisregisters")[-1]
    assert (line["operatie"], line["sleutel"], line["status"]) == ("wijzigingen:percelen", "1", 200)


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("wijzig", {"feed": "adressen", "id": "1", "status": "inGebruik"}),
        ("wijzig", {"feed": "straten", "id": "1", "status": "inGebruik"}),
        ("wijzig", {"feed": "percelen", "id": "x", "status": "gehistoreerd"}),
        ("splits", {"gebouweenheid_id": "1", "aantal": 2}),
        ("voeg-samen", {"gebouweenheid_ids": ["1"]}),
        ("verwijder", {"feed": "adressen"}),
    ],
)
def test_an_act_that_cannot_be_is_refused(feeds: Feeds, act: str, body: dict[str, Any]) -> None:
    before = {feed: len(feeds.read(feed)) for feed in FEEDS}
    with pytest.raises(AssertionError, match=f"POST /basisregisters/{act}: 400"):
        feeds.act(act, **body)
    assert {feed: len(feeds.read(feed)) for feed in FEEDS} == before
