"""The rules: one file, three uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from hub.quality import rules
from hub.quality.content import find_broken
from hub.quality.generate import render_checks
from hub.quality.rules import (
    ON_CONTENT,
    Check,
    Model,
    check_sql_path,
    load_contents,
    load_model,
    model_paths,
)
from hub.quality.suite import make_expectation
from hub.quality.verdict import spread_blocked

TEXTS = {"reden": "een reden", "waarom": "a reason why"}


def make_check(soort: str, **given: Any) -> Check:
    return Check(naam="x", soort=soort, ernst="fail", **TEXTS, **given)  # type: ignore[arg-type]


def make_model(*checks: Check, model: str = "m", steunt_op: tuple[str, ...] = ()) -> Model:
    return Model(
        model=model, tabel="bron.m", beschrijving="b", eigenaar="e", sleutel="id", bewaring="b",
        kolommen={
            "id": {"persoonsgegeven": False, "beschrijving": "b"},
            "naam": {"persoonsgegeven": True, "beschrijving": "b"},
        },
        steunt_op=steunt_op, checks=checks,
    )  # fmt: skip


@pytest.mark.parametrize("path", model_paths())
def test_the_committed_statements_are_those_the_rules_give(path: str) -> None:
    assert check_sql_path(path).read_text(encoding="utf-8") == render_checks(
        load_model(path), path
    ), "run python -m hub.quality.generate"


@pytest.mark.parametrize("path", model_paths())
def test_every_rule_becomes_an_expectation_that_carries_its_name(path: str) -> None:
    model = load_model(path)
    assert model.tabel
    for check in model.checks:
        expectation = make_expectation(model, check)
        assert expectation.meta == {"naam": check.naam}
        assert expectation.severity == ("critical" if check.ernst == "fail" else "warning")


@pytest.mark.parametrize("path", model_paths())
def test_every_threshold_says_why(path: str) -> None:
    for check in load_model(path).checks:
        assert len(check.waarom) > 10
        assert len(check.reden) > 10


@pytest.mark.parametrize(
    ("soort", "given"),
    [
        ("in_set", {"kolom": "k"}),
        ("match", {"kolom": "k"}),
        ("between", {"kolom": "k"}),
        ("length", {"kolom": "k"}),
        ("type", {"kolom": "k"}),
        ("date_between", {"kolom": "k"}),
        ("unique", {}),
        ("reference", {"kolom": "k"}),
        ("row_condition", {}),
        ("completeness", {"kolom": "k"}),
        ("volume", {"laatste": 3}),
        ("freshness", {"kolom": "k"}),
        ("equality", {"links": "SELECT 1"}),
    ],
)
def test_a_rule_without_its_argument_is_refused(soort: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="lacks its argument"):
        make_check(soort, **given)


@pytest.mark.parametrize("patroon", [r"^\d+$", "a$b", "a^b"])
def test_a_pattern_that_two_engines_read_otherwise_is_refused(patroon: str) -> None:
    with pytest.raises(ValidationError, match="read it alike"):
        make_check("match", kolom="k", patroon=patroon)


def test_a_rule_on_a_column_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown columns"):
        make_model(make_check("not_null", kolom="k"))


def test_two_rules_of_one_name_are_refused() -> None:
    check = make_check("not_null", kolom="id")
    with pytest.raises(ValidationError, match="one name"):
        make_model(check, check)


def test_a_quote_in_a_reason_is_escaped() -> None:
    check = Check(
        naam="x", kolom="id", soort="not_null", ernst="fail", reden="foto's ontbreken", waarom="w"
    )
    assert "foto''s ontbreken" in render_checks(make_model(check), "staging/m")


def test_a_text_that_reads_as_a_parameter_is_refused() -> None:
    check = make_check("in_set", kolom="id", waarden=["a:b"])
    with pytest.raises(ValueError, match="reads as a bind parameter"):
        render_checks(make_model(check), "staging/m")


def test_a_personal_value_goes_where_it_is_sealed() -> None:
    text = render_checks(make_model(make_check("match", kolom="naam", patroon="^a")), "staging/m")
    clear, personal = text.split(" AS waarden")[0], text.split(" AS waarden")[1]
    assert "m.naam::text" not in clear
    assert "m.naam::text END" in personal


def test_what_a_content_cannot_be_held_against_stands_in_no_file_of_contents() -> None:
    for model in load_contents().values():
        assert {check.soort for check in model.checks} <= ON_CONTENT


def test_a_table_made_of_a_broken_one_is_blocked_and_others_go_on() -> None:
    models = [
        make_model(model="a"),
        make_model(model="b", steunt_op=("a",)),
        make_model(model="c", steunt_op=("b",)),
        make_model(model="d"),
    ]
    assert spread_blocked({"a"}, models) == {"a", "b", "c"}
    assert spread_blocked({"d"}, models) == {"d"}
    assert spread_blocked((), models) == frozenset()


def test_a_rule_of_a_content_that_would_only_be_counted_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = {"naam": "x", "kolom": "k", "soort": "not_null", **TEXTS}
    model = {
        "model": "m", "beschrijving": "b", "eigenaar": "e", "sleutel": "k", "bewaring": "b",
        "kolommen": {"k": {"persoonsgegeven": False, "beschrijving": "b"}},
    }  # fmt: skip
    monkeypatch.setattr(rules, "CONTENTS", tmp_path)
    for change, told in (
        ({"ernst": "warn"}, "contents are not counted"),
        ({"ernst": "fail", "soort": "unique"}, "cannot be held against a content"),
    ):
        (tmp_path / "m.yml").write_text(
            yaml.safe_dump(model | {"checks": [check | change]}), encoding="utf-8"
        )
        load_contents.cache_clear()
        with pytest.raises(ValueError, match=told):
            load_contents()
    load_contents.cache_clear()


def test_every_content_that_has_rules_says_why() -> None:
    assert set(load_contents()) == {"aanmelding", "dossierstatus", "epc", "melding", "voortgang"}
    for model in load_contents().values():
        for check in model.checks:
            assert len(check.waarom) > 10
            assert len(check.reden) > 10


@pytest.mark.parametrize(
    ("email", "telefoon", "broken"),
    [
        (None, None, []),
        (" fien@voorbeeld.example ", " +32 470 00 00 00 ", []),
        ("", "  ", []),
        ("fien", "12", ["email_vorm", "telefoon_vorm"]),
        ("f@v.be, g@v.be", "112", ["email_vorm"]),
        (
            "f@" + "v" * 260 + ".be",
            "0470 00 00 00, enkel na 18 uur bellen",
            ["email_lengte", "telefoon_lengte"],
        ),
    ],
)
def test_an_aanmelding_is_held_against_what_would_leave(
    email: str | None, telefoon: str | None, broken: list[str]
) -> None:
    bewoner = {"voornaam": "Fien", "naam": "Voorbeeld", "email": email, "telefoon": telefoon}
    found = find_broken("aanmelding", {"bewoner": bewoner, "woning": {"bouwjaar": "1931"}})
    assert [check.naam for check in found] == broken
    nameless = find_broken("aanmelding", {"bewoner": {}, "woning": {"bouwjaar": "kasteel"}})
    assert [check.naam for check in nameless] == [
        "bewoner_voornaam_aanwezig", "bewoner_naam_aanwezig", "bouwjaar_mogelijk",
    ]  # fmt: skip
