"""The epc benchmark answers in the agreed words, and has no figure when a promise is broken."""

from __future__ import annotations

import pytest

from bench import epc
from bench.asking.source import Source
from bench.common.answer import BrokenGuaranteeError
from cli.workplace import Workplace

# Enough questions for a reading process.
TINY = epc.Size(dwellings=70, at_once=4, answer_seconds=0.02, bound=6, rounds=1)


@pytest.mark.postgres
def test_a_tiny_run_has_every_figure(place: Workplace) -> None:
    said: list[str] = []
    document = epc.run(place, say=said.append, size=TINY).document()
    assert document["bench"] == "epc"
    assert document["unit"] == "s"
    assert document["peers"] == {}
    for figure in ("ours", "floor", "ratio", "peak_mb", "committed_seconds", "learning_seconds"):
        assert document[figure] > 0, figure
    assert document["above_limit"] == document["throttled"] == 0
    assert document["committed_seconds"] >= document["ours"]
    assert document["ideal"] == pytest.approx(70 / 4 * 0.02)
    assert 1 <= document["at_once_seen"] <= TINY.at_once
    assert len(said) == TINY.rounds + 1


@pytest.mark.postgres
def test_a_question_above_the_limit_leaves_no_figure(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_limit = Source.set_limit

    def set_less(source: Source, at_once: int, answer_seconds: float) -> None:
        set_limit(source, at_once - 1, answer_seconds)

    monkeypatch.setattr(Source, "set_limit", set_less)
    with pytest.raises(BrokenGuaranteeError, match="were above the limit of 4"):
        epc.run(place, say=lambda _: None, size=TINY)
