"""The parts of the storm over a peer: its messages, its receiver, its reckoning."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from cli.bootstrap import ROOT
from cli.storm.peer.outbox import KINDS, PeerBericht, draw_berichten
from cli.storm.peer.receiver import Arrival, Journal, receiving
from cli.storm.peer.reckoning import ALLOWANCE_SECONDS, reckon
from cli.storm.plan import draw_plan

GESTART = PeerBericht(1, "dosis", "gestart", 7, met_toestemming=False)
AANGEMELD = PeerBericht(2, "dosis", "aangemeld", 7, met_toestemming=False)
AANMELDING = PeerBericht(3, "dialoog", "aanmelding", 7, met_toestemming=True)
ALL = [GESTART, AANGEMELD, AANMELDING]


def arrivals(*messages: PeerBericht, at: float = 0.0) -> list[Arrival]:
    return [Arrival(message.sleutel, at) for message in messages]


def test_the_same_seed_gives_the_same_messages_in_one_order() -> None:
    plan = draw_plan(seed=7, dossiers=30, kills=10)
    drawn = draw_berichten(plan)
    assert drawn == draw_berichten(draw_plan(seed=7, dossiers=30, kills=10))
    assert len(drawn) == 30 * len(KINDS)
    assert [bericht.volgorde for _, bericht in drawn] == list(range(1, len(drawn) + 1))
    assert [at for at, _ in drawn] == sorted(at for at, _ in drawn)
    assert len({bericht.sleutel for _, bericht in drawn}) == len(drawn)


def test_a_peer_that_delivers_each_once_in_order_is_without_blame() -> None:
    counts = reckon(ALL, arrivals(*ALL), {})
    assert counts == {"lost": 0, "duplicated": 0, "out_of_order": 0, "without_consent": 0}


@pytest.mark.parametrize(
    ("offence", "came"),
    [
        ("lost", arrivals(GESTART, AANMELDING)),
        ("duplicated", arrivals(GESTART, AANGEMELD, AANMELDING, AANMELDING)),
        ("out_of_order", arrivals(AANGEMELD, GESTART, AANMELDING)),
    ],
)
def test_each_offence_is_counted_once(offence: str, came: list[Arrival]) -> None:
    counts = reckon(ALL, came, {})
    assert counts.pop(offence) == 1
    assert set(counts.values()) == {0}


def test_only_what_needed_a_consent_that_had_ended_was_sent_without() -> None:
    late = 10.0 + ALLOWANCE_SECONDS + 0.1
    assert reckon(ALL, arrivals(*ALL, at=late), {7: 10.0})["without_consent"] == 1
    assert reckon(ALL, arrivals(*ALL, at=10.5), {7: 10.0})["without_consent"] == 0
    assert reckon(ALL, arrivals(*ALL, at=late), {8: 10.0})["without_consent"] == 0


def test_what_stays_away_because_its_consent_ended_is_not_lost() -> None:
    assert reckon(ALL, arrivals(GESTART, AANGEMELD), {7: 0.0})["lost"] == 0


def put(url: str, key: str) -> int | None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("PUT", f"/dosis/{key}", body=b"{}")
        return connection.getresponse().status
    except http.client.RemoteDisconnected:
        return None
    finally:
        connection.close()


def test_the_receiver_takes_a_repeat_for_a_new_message_and_obeys_each_fault() -> None:
    journal = Journal()
    with receiving(journal) as url:
        assert [put(url, "a"), put(url, "a")] == [200, 200]
        for body in (
            {"soort": "5xx", "status": 503},
            {"soort": "429", "retry_after": "2"},
            {"soort": "reset"},
            {"soort": "bevestig_en_verbreek"},
        ):
            journal.order({"systeem": "dosis", **body})
        assert [put(url, key) for key in "bcde"] == [503, 429, None, None]
        journal.order({"systeem": "crm", "soort": "reset"})
        assert put(url, "f") == 200
        journal.calm()
    assert [arrival.sleutel for arrival in journal.arrivals] == ["a", "a", "e", "f"]
    assert journal.hits == 4


def test_the_peer_is_locked_apart_from_the_hub() -> None:
    locks = {
        name: (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        for name in ("peer", "hub", "test")
    }
    assert "\ndlt==" in locks["peer"]
    assert "--hash=sha256:" in locks["peer"]
    assert "://" not in locks["peer"]
    assert "\ndlt==" not in locks["hub"] + locks["test"]
