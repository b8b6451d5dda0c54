"""The warehouse's benchmark answers in the agreed words, and checks what was loaded."""

from __future__ import annotations

import pytest

from bench import rapportage
from bench.common.answer import BrokenGuaranteeError
from cli.workplace import Workplace

TINY = rapportage.Size(dossiers=400, one_in=40, rounds=2)

pytestmark = pytest.mark.postgres


def test_a_tiny_run_has_every_figure(place: Workplace) -> None:
    document = rapportage.run(place, say=lambda _: None, size=TINY).document()
    assert (document["bench"], document["unit"]) == ("rapportage", "s")
    for figure in ("ours", "floor", "ratio", "peak_mb", "first_load_seconds"):
        assert document[figure] is not None, figure
    assert (document["steps"], document["changed"]) == (3200, 10)


def test_a_load_that_brings_nothing_leaves_no_figure(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rapportage, "load_rapportage", lambda *_: {})
    with pytest.raises(BrokenGuaranteeError, match="of 10 dossiers that changed it tells 0"):
        rapportage.run(place, say=lambda _: None, size=TINY)
