"""What the hub may write in a field: the rule that protects what a person typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.prefill.fields import (
    UNDECIDED,
    Beslissing,
    Eerder,
    Gegeven,
    decide_field,
    decide_fields,
    lapsed_fields,
)


def _gegeven(waarde: str = "1966", veld: str = "bouwjaar") -> Gegeven:
    return Gegeven(
        veld, waarde, "epc", "attest 1", "2018", "2026-11-23T10:00:00+00:00", None, False
    )


def test_an_empty_field_is_filled() -> None:
    decision = decide_field(_gegeven(), None, None)
    assert (decision.soort, decision.schrijf) == ("geschreven", True)


def test_a_typed_value_stays_and_the_authentic_one_is_a_suggestion() -> None:
    decision = decide_field(_gegeven("1966"), "1950", None)
    assert (decision.soort, decision.schrijf) == ("suggestie", False)


def test_a_field_emptied_after_filling_is_never_filled_again() -> None:
    decision = decide_field(_gegeven("1966"), None, "1966")
    assert (decision.soort, decision.schrijf) == ("suggestie", False)


def test_what_the_hub_wrote_follows_the_source() -> None:
    decision = decide_field(_gegeven("1967"), "1966", "1966")
    assert (decision.soort, decision.schrijf) == ("geschreven", True)


def test_what_a_person_changed_after_the_hub_stays() -> None:
    decision = decide_field(_gegeven("1967"), "1950", "1966")
    assert (decision.soort, decision.schrijf) == ("suggestie", False)


def test_the_same_value_typed_by_a_person_stays_theirs_when_the_source_changes() -> None:
    same = decide_field(_gegeven("1966"), "1966", None)
    later = decide_field(_gegeven("1967"), "1966", None)
    assert (same.soort, same.schrijf) == ("gelijk", False)
    assert (later.soort, later.schrijf) == ("suggestie", False)


def test_a_decision_taken_before_is_not_taken_again() -> None:
    gegeven = _gegeven()
    first = decide_fields([gegeven], {}, {}, {"bouwjaar": b"1"})
    known = {"bouwjaar": Eerder("geschreven", b"1", "1966")}
    assert len(first) == 1
    assert decide_fields([gegeven], {"bouwjaar": "1966"}, known, {"bouwjaar": b"1"}) == []


def test_a_new_origin_of_the_same_value_is_told_without_writing_the_field() -> None:
    known = {"bouwjaar": Eerder("geschreven", b"old", "1966")}
    decisions = decide_fields([_gegeven()], {"bouwjaar": "1966"}, known, {"bouwjaar": b"new"})
    assert [(d.soort, d.schrijf) for d in decisions] == [("geschreven", False)]


@pytest.mark.parametrize(
    ("known", "in_crm", "lapsed"),
    [
        (Eerder("geschreven", b"1", "B"), {"epc_label": "B"}, ["epc_label"]),
        (Eerder("geschreven", b"1", "B"), {"epc_label": "C"}, []),
        (Eerder("geschreven", b"1", "B"), {}, []),
        (Eerder("gelijk", b"1", None), {"epc_label": "B"}, []),
        (Eerder("suggestie", b"1", "B"), {"epc_label": "B"}, []),
        (Eerder("vervallen", b"1", None), {}, []),
    ],
    ids=["ours", "changed", "emptied", "typed the same", "suggested", "taken back"],
)
def test_only_what_the_hub_wrote_and_nobody_changed_lapses(
    known: Eerder, in_crm: dict[str, str], lapsed: list[str]
) -> None:
    assert lapsed_fields([], in_crm, {"epc_label": known}) == lapsed
    assert lapsed_fields([_gegeven("B", "epc_label")], in_crm, {"epc_label": known}) == []


VALUES = st.one_of(st.none(), st.sampled_from(["1950", "1966", "1967"]))


@given(authentic=st.sampled_from(["1950", "1966", "1967"]), in_crm=VALUES, own=VALUES)
def test_a_field_is_written_only_when_empty_and_never_filled_or_when_still_ours(
    authentic: str, in_crm: str | None, own: str | None
) -> None:
    decision = decide_field(_gegeven(authentic), in_crm, own)
    if decision.schrijf:
        assert (in_crm is None and own is None) or (in_crm is not None and in_crm == own)


@given(
    typed=st.lists(VALUES, min_size=1, max_size=6),
    sources=st.lists(st.sampled_from(["1950", "1966", "1967"]), min_size=1, max_size=6),
)
def test_whatever_person_and_source_do_a_persons_last_word_stays(
    typed: list[str | None], sources: list[str]
) -> None:
    field: str | None = None
    own: str | None = None
    persons = False
    for step, authentic in enumerate(sources):
        decision = decide_field(_gegeven(authentic), field, own)
        if decision.schrijf:
            assert not persons, "a person's value was overwritten"
            field = own = authentic
        if step < len(typed) and typed[step] != field:
            field, persons = typed[step], True
            # Typing back what the hub wrote hands the field back to it.
            persons = field != own


TYPED, EMPTIED, OURS, SAME = "typed", "emptied", "written by the hub", "typed the same"
ACCEPTED = Beslissing(aanvaard="1966")
REFUSED = Beslissing(verworpen=frozenset({"1966"}))


@pytest.mark.parametrize(
    ("state", "decided", "authentic", "expected"),
    [
        (TYPED, UNDECIDED, "1966", ("suggestie", False)),
        (TYPED, ACCEPTED, "1966", ("geschreven", True)),
        (TYPED, ACCEPTED, "1967", ("suggestie", False)),
        (TYPED, REFUSED, "1966", ("verworpen", False)),
        (TYPED, REFUSED, "1967", ("suggestie", False)),
        (EMPTIED, UNDECIDED, "1966", ("suggestie", False)),
        (EMPTIED, ACCEPTED, "1966", ("geschreven", True)),
        (EMPTIED, ACCEPTED, "1967", ("suggestie", False)),
        (EMPTIED, REFUSED, "1966", ("verworpen", False)),
        (EMPTIED, REFUSED, "1967", ("suggestie", False)),
        (OURS, UNDECIDED, "1966", ("geschreven", False)),
        (OURS, ACCEPTED, "1966", ("geschreven", False)),
        (OURS, ACCEPTED, "1967", ("geschreven", True)),
        (OURS, REFUSED, "1966", ("geschreven", False)),
        (OURS, REFUSED, "1967", ("geschreven", True)),
        (SAME, UNDECIDED, "1966", ("gelijk", False)),
        (SAME, ACCEPTED, "1966", ("gelijk", False)),
        (SAME, REFUSED, "1966", ("gelijk", False)),
        (SAME, REFUSED, "1967", ("suggestie", False)),
    ],
)
def test_the_decision_table_of_a_suggestion(
    state: str, decided: Beslissing, authentic: str, expected: tuple[str, bool]
) -> None:
    in_crm, own = {
        TYPED: ("1950", None), EMPTIED: (None, "1966"), OURS: ("1966", "1966"),
        SAME: ("1966", None),
    }[state]  # fmt: skip
    decision = decide_field(_gegeven(authentic), in_crm, own, decided)
    assert (decision.soort, decision.schrijf) == expected


def test_a_refused_value_says_nothing_and_takes_another_one_that_still_stands_away() -> None:
    in_crm, hashes = {"bouwjaar": "1950"}, {"bouwjaar": b"1"}
    refused = {"bouwjaar": REFUSED}
    for known in (Eerder("suggestie", b"1", None, "1966"), Eerder("verworpen", b"1", None, "1966")):
        assert decide_fields([_gegeven()], in_crm, {"bouwjaar": known}, hashes, refused) == []
    stale = {"bouwjaar": Eerder("suggestie", b"2", None, "1967")}
    decisions = decide_fields([_gegeven()], in_crm, stale, hashes, refused)
    assert [(d.soort, d.schrijf) for d in decisions] == [("verworpen", False)]


YEARS = st.sampled_from(["1950", "1966", "1967"])


@given(
    authentic=YEARS,
    in_crm=VALUES,
    own=VALUES,
    accepted=VALUES,
    refused=st.frozensets(YEARS),
)
def test_whatever_was_decided_only_an_accepted_value_goes_over_a_persons_word(
    authentic: str,
    in_crm: str | None,
    own: str | None,
    accepted: str | None,
    refused: frozenset[str],
) -> None:
    decision = decide_field(_gegeven(authentic), in_crm, own, Beslissing(accepted, refused))
    if decision.schrijf and in_crm != own:
        assert accepted == authentic
    if decision.soort == "suggestie":
        assert authentic not in refused
        assert authentic != accepted
    if accepted is None and not refused:
        assert decision == decide_field(_gegeven(authentic), in_crm, own)


@given(
    sources=st.lists(YEARS, min_size=1, max_size=8),
    acts=st.lists(st.sampled_from(["accept", "refuse", "type", "nothing"]), max_size=8),
)
def test_over_a_whole_life_a_refused_value_is_never_offered_again(
    sources: list[str], acts: list[str]
) -> None:
    field: str | None = "1900"
    own: str | None = None
    shown: str | None = None
    refused: set[str] = set()
    accepted: str | None = None
    for step, authentic in enumerate(sources):
        decision = decide_field(
            _gegeven(authentic), field, own, Beslissing(accepted, frozenset(refused))
        )
        if decision.schrijf:
            assert field == own or accepted == authentic
            field = own = authentic
        shown = authentic if decision.soort == "suggestie" else None
        assert shown not in refused
        accepted = None
        match acts[step] if step < len(acts) else "nothing":
            case "accept" if shown:
                accepted = shown
                refused.discard(shown)
            case "refuse" if shown:
                refused.add(shown)
            case "type":
                field = "1950"
