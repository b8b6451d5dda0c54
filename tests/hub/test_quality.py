"""The rules: one file, three uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.quality.generate import render_split
from hub.quality.rules import Check, Model, load_model, model_paths, split_paths, split_sql_path
from hub.quality.suite import MODELS, make_expectation


@pytest.mark.parametrize("path", split_paths())
def test_the_committed_split_is_the_one_the_rules_give(path: str) -> None:
    expected = render_split(load_model(path), path)
    assert split_sql_path(path).read_text(encoding="utf-8") == expected, (
        "run python -m hub.quality.generate"
    )


def test_every_model_with_rules_is_judged() -> None:
    assert set(model_paths()) == set(MODELS)


@pytest.mark.parametrize("path", model_paths())
def test_every_rule_becomes_an_expectation_on_its_column(path: str) -> None:
    for check in load_model(path).checks:
        assert make_expectation(check).column == check.kolom


@pytest.mark.parametrize("path", model_paths())
def test_every_threshold_says_why(path: str) -> None:
    for check in load_model(path).checks:
        assert len(check.waarom) > 10
        assert len(check.reden) > 10


def test_a_rule_without_its_argument_is_refused() -> None:
    with pytest.raises(ValidationError, match="lacks its argument"):
        Check(naam="x", kolom="k", soort="in_set", ernst="fail", reden="r", waarom="w")


def test_a_rule_on_a_column_the_model_does_not_have_is_refused() -> None:
    check = Check(naam="x", kolom="k", soort="not_null", ernst="fail", reden="r", waarom="w")
    with pytest.raises(ValidationError, match="unknown columns"):
        Model(
            model="m", beschrijving="b", eigenaar="e", sleutel="id", bewaring="b", kolommen={},
            checks=(check,),
        )  # fmt: skip


def test_a_quote_in_a_reason_is_escaped(tmp_path: Path) -> None:
    check = Check(
        naam="x", kolom="id", soort="not_null", ernst="fail", reden="foto's ontbreken", waarom="w"
    )
    model = Model(
        model="m", beschrijving="b", eigenaar="e", sleutel="id", bewaring="b",
        kolommen={"id": {"persoonsgegeven": False, "beschrijving": "b"}}, checks=(check,),
    )  # fmt: skip
    assert "foto''s ontbreken" in render_split(model, "staging/m")
