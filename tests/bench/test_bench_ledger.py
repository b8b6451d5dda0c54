"""The ledger benchmark answers in the agreed words, and checks what a claim brought."""

from __future__ import annotations

import pytest

from bench import ledger
from bench.common.answer import BrokenGuaranteeError
from cli.workplace import Workplace

TINY = ledger.Size(few=30, many=300, free=25, finished=200, claim=20, rounds=2)


@pytest.mark.postgres
def test_a_tiny_run_has_every_figure(place: Workplace) -> None:
    document = ledger.run(place, say=lambda _: None, size=TINY).document()
    assert document["bench"] == "ledger"
    assert document["unit"] == "ms"
    assert document["peers"] == {}
    for figure in ("ours", "floor", "ratio", "peak_mb", "not_due", "blocked", "finished"):
        assert document[figure] > 0, figure
    assert document["finished_rows"] == TINY.finished


@pytest.mark.postgres
def test_a_claim_that_brings_too_little_leaves_no_figure(place: Workplace) -> None:
    starved = ledger.Size(few=10, many=300, free=25, finished=0, claim=20, rounds=1)
    with pytest.raises(BrokenGuaranteeError, match="ledger 'few' brought 10 messages"):
        ledger.run(place, say=lambda _: None, size=starved)
