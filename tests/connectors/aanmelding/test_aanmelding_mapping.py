"""Whatever a sound aanmelding holds, its body keeps the contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.mapping import aanmelding_to_json, find_faults
from connectors.aanmelding.models import Aanmelding, Aanvrager, Gebouw, Soort

texts = st.text(min_size=1, max_size=20)
numbers = st.from_regex(r"[0-9]{1,12}", fullmatch=True)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


aanmeldingen: st.SearchStrategy[Aanmelding] = st.builds(
    Aanmelding,
    referentie=st.uuids(),
    soort=st.sampled_from(Soort),
    dossiernummer=texts,
    ingediend_op=st.datetimes(
        min_value=datetime.fromisoformat("2000-01-01"),
        max_value=datetime.fromisoformat("2100-01-01"),
        timezones=st.timezones(),
    ),
    aanvrager=st.builds(
        Aanvrager, texts, texts, maybe(st.emails()), maybe(st.text(min_size=3, max_size=32))
    ),
    gebouw=st.builds(
        Gebouw,
        straat=texts,
        huisnummer=texts,
        postcode=st.from_regex(r"[1-9][0-9]{3}", fullmatch=True),
        gemeente=texts,
        busnummer=maybe(texts),
        adres_id=maybe(numbers),
        gebouweenheid_id=maybe(numbers),
        bouwjaar=maybe(st.integers(1000, 2200)),
        energielabel=maybe(st.sampled_from(["A+", "A", "B", "C", "D", "E", "F"])),
        kengetal=maybe(st.decimals(-10_000, 100_000, places=2)),
    ),
    vraag=maybe(texts),
)


@given(aanmeldingen)
def test_every_sound_aanmelding_is_a_sound_body(aanmelding: Aanmelding) -> None:
    body = aanmelding_to_json(aanmelding)
    assert find_faults(body) == []
    assert "null" not in kinds_of(body)
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert datetime.fromisoformat(str(body["ingediendOp"])) == (
        aanmelding.ingediend_op.astimezone(UTC)
    )


def kinds_of(body: object) -> list[str]:
    """List the kinds of values in a body, to find what was not left out."""
    if isinstance(body, dict):
        return [kind for value in body.values() for kind in kinds_of(value)]
    return ["null" if body is None else type(body).__name__]
