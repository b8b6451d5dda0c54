"""The command finds benchmarks by name and says plainly what does not exist."""

from __future__ import annotations

import argparse
import json

import pytest

from bench.common import known
from bench.common.answer import Answer
from bench.common.place import peak_mb
from cli.commands import bench as command
from cli.errors import CliError
from cli.main import build_parser


def ask(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(["bench", *words])


def test_every_benchmark_is_found_by_the_name_of_its_module() -> None:
    assert {"ledger", "push"} <= set(known.names())
    for name in known.names():
        found = known.find(name)
        assert found.__doc__
        assert all(isinstance(peer, str) for peer in found.PEERS)
        assert callable(found.run)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["niets"], "There is no benchmark 'niets'; choose from: .*push"),
        (["../push"], "There is no benchmark"),
        (["push", "--peer", "niets"], "'push' has no peer 'niets'; it has: commit_per_row"),
        (["ledger", "--peer", "x"], "'ledger' has no peer 'x'; it has: none"),
    ],
)
def test_what_does_not_exist_is_said_before_anything_starts(
    words: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.workplace.temporary_workplace", pytest.fail)
    with pytest.raises(CliError, match=sentence):
        command.run(ask(*words))


def test_the_ratio_is_the_cost_against_the_floor_whichever_way_is_better() -> None:
    rate = Answer("x", 500.0, 1000.0, "messages/s", 1.0, per_second=True)
    wait = Answer("x", 20.0, 10.0, "ms", 1.0)
    assert rate.ratio == wait.ratio == 2.0


def test_the_answer_has_the_agreed_keys() -> None:
    answer = Answer("x", 2.0, 1.0, "ms", 3.0, peers={"p": 4.0}, more={"rows": 5})
    assert json.loads(json.dumps(answer.document())) == {
        "bench": "x", "ours": 2.0, "floor": 1.0, "ratio": 2.0, "unit": "ms", "peak_mb": 3.0,
        "peers": {"p": 4.0}, "rows": 5,
    }  # fmt: skip


def test_the_memory_of_a_process_is_read_from_the_kernel() -> None:
    assert 5 < peak_mb() < 10_000
