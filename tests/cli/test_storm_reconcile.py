"""After the storm the nightly comparison is a check of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from cli.storm.bells import Bells
from cli.storm.facts import Offender
from cli.storm.reconcile import FLOW, compare, unexplained

LOST = Offender("b-1", "RD-0001-000001", "was never delivered")


@pytest.mark.parametrize(
    ("difference", "is_explained"),
    [
        (Offender("crm stap b-1", None, "the task is gone"), True),
        (Offender("dosis x", None, "Dossier RD-0001-000001: another status"), True),
        (Offender("crm stap b-2", None, "Dossier RD-0001-000002: the task is gone"), False),
    ],
)
def test_a_difference_is_explained_by_an_offender_of_the_same_name(
    difference: Offender, is_explained: bool
) -> None:
    assert unexplained([difference], [LOST]) == ([] if is_explained else [difference])


def test_without_offenders_every_difference_counts() -> None:
    difference = Offender("crm stap b-1", None, "the task is gone")
    assert unexplained([difference], []) == [difference]


@pytest.mark.parametrize("ended", ["failed", None])
def test_a_comparison_that_did_not_succeed_is_itself_a_difference(ended: str | None) -> None:
    class Rings:
        def run_through(self, flow: str, go_on: Callable[[], bool]) -> Any:
            assert flow == FLOW
            return ended

    (found,) = compare(cast(Engine, None), cast(Bells, Rings()), lambda: True)
    assert found.key == FLOW
    assert unexplained([found], [LOST]) == [found]
