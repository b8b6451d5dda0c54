"""The push benchmark answers in the agreed words, and has no figure when a promise is broken."""

from __future__ import annotations

import pytest

from bench import push
from bench.common.answer import BrokenGuaranteeError
from bench.pushing.messages import make_messages
from bench.pushing.reckoning import find_faults
from cli.workplace import Workplace
from tests.bench.kanalen import LosingKanaal, RepeatingKanaal

TINY = push.Size(messages=300, dossiers=80, peer_messages=40, at_once=8, rounds=1)
MESSAGES = make_messages(6, 2)
IN_ORDER = [message.sleutel for message in MESSAGES]
ALL_CONFIRMED = {"bevestigd": 6}


def journal(arrivals: list[str], overtaken: int = 0, most: int = 8) -> dict[str, object]:
    return {"arrivals": arrivals, "overtaken": overtaken, "most_at_once": most}


@pytest.mark.postgres
def test_a_tiny_run_has_every_figure(place: Workplace) -> None:
    said: list[str] = []
    document = push.run(place, say=said.append, size=TINY).document()
    assert document["bench"] == "push"
    assert document["unit"] == "messages/s"
    assert document["peers"].keys() == {"commit_per_row"}
    for figure in ("ours", "floor", "ratio", "peak_mb"):
        assert document[figure] > 0, figure
    assert document["peers"]["commit_per_row"] > 0
    assert document["at_once_seen"] >= 1
    assert len(said) == TINY.rounds


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("kanaal", "fault"),
    [
        (LosingKanaal, "1 messages never reached the receiver"),
        (RepeatingKanaal, "1 requests repeated a message"),
    ],
)
def test_a_broken_promise_leaves_no_figure(
    place: Workplace, kanaal: type[LosingKanaal], fault: str
) -> None:
    with pytest.raises(BrokenGuaranteeError, match=fault):
        push.run(place, peers=(), say=lambda _: None, size=TINY, make_kanaal=kanaal)


def test_a_run_that_keeps_its_promises_has_no_fault() -> None:
    assert find_faults(MESSAGES, journal(IN_ORDER), ALL_CONFIRMED) == []


@pytest.mark.parametrize(
    ("arrived", "states", "fault"),
    [
        (journal(IN_ORDER[:-1]), ALL_CONFIRMED, "never reached"),
        (journal([*IN_ORDER, "9.1"]), ALL_CONFIRMED, "nobody wrote down"),
        (journal([*IN_ORDER, IN_ORDER[-1]]), ALL_CONFIRMED, "repeated"),
        (journal(IN_ORDER), {"bevestigd": 5, "klaar": 1}, "ended as"),
        (journal(IN_ORDER[::-1]), ALL_CONFIRMED, "out of their dossier's order"),
        (journal(IN_ORDER, overtaken=1), ALL_CONFIRMED, "before the one before"),
        (journal(IN_ORDER, most=9), ALL_CONFIRMED, "9 requests were under way at once"),
    ],
)
def test_each_broken_promise_is_told(
    arrived: dict[str, object], states: dict[str, int], fault: str
) -> None:
    assert any(fault in told for told in find_faults(MESSAGES, arrived, states, at_once=8))


def test_the_messages_are_the_same_at_every_call() -> None:
    assert make_messages(50, 7) == make_messages(50, 7)
    assert len({message.sleutel for message in make_messages(50, 7)}) == 50
