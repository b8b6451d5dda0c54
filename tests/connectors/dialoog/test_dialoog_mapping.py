"""Dialoog gets what an adviser needs and nothing else."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.feiten import (
    LONGEST_VRAAG,
    AanmeldingFeiten,
    BewonerFeiten,
    WoningFeiten,
)
from connectors.aanmelding.mapping import aanmelding_to_json, find_faults
from connectors.aanmelding.models import Soort
from connectors.dialoog.mapping import map_aanmelding
from connectors.transport.errors import ContractError

FEITEN = AanmeldingFeiten(
    aanmelding_id=UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10"),
    dossiernummer="RD-0001-000017",
    gemaakt_op=datetime(2026, 11, 10, 9, 15, tzinfo=UTC),
    bewoner=BewonerFeiten(" Fien ", "Voorbeeld", "fien.voorbeeld@example.org", "0470 00 00 00"),
    woning=WoningFeiten(
        straat="Naamsestraat",
        huisnummer="12A",
        postcode="3000",
        gemeente="Leuven",
        busnummer="  ",
        adres_id="2550151",
        gebouweenheid_id="7654321",
        bouwjaar=1931,
        epc_label="E",
        epc_kengetal=Decimal("437.5"),
    ),
    vraag="Hoe isoleer ik mijn dak?",
)


def test_the_facts_of_a_dossier_become_an_aanmelding() -> None:
    aanmelding = map_aanmelding(FEITEN)
    assert aanmelding.referentie == FEITEN.aanmelding_id
    assert aanmelding.soort is Soort.DUURZAAM_BOUWADVIES
    assert aanmelding.aanvrager.voornaam == "Fien"
    assert aanmelding.gebouw.busnummer is None
    assert aanmelding.gebouw.energielabel == "E"
    assert find_faults(aanmelding_to_json(aanmelding)) == []


def test_only_these_data_leave_for_dialoog() -> None:
    body = aanmelding_to_json(map_aanmelding(FEITEN))
    body["aanvrager"] = sorted(body["aanvrager"])  # type: ignore[call-overload]
    body["gebouw"] = sorted(body["gebouw"])  # type: ignore[call-overload]
    assert sorted(body) == [
        "aanvrager", "dossierNummer", "gebouw", "ingediendOp", "referentie", "soort", "vraag"
    ]  # fmt: skip
    assert body["aanvrager"] == ["email", "naam", "telefoon", "voornaam"]
    assert body["gebouw"] == [
        "adresId", "bouwjaar", "energielabel", "gebouweenheidId", "gemeente", "huisnummer",
        "kengetal", "postcode", "straat",
    ]  # fmt: skip


def test_the_facts_have_no_place_for_an_insz() -> None:
    names = {
        f.name for kind in (AanmeldingFeiten, BewonerFeiten, WoningFeiten) for f in fields(kind)
    }
    assert "insz" not in names


@pytest.mark.parametrize("blank", [None, "", "  \t"])
@pytest.mark.parametrize("name", ["voornaam", "naam", "straat", "huisnummer", "gemeente"])
def test_without_a_needed_fact_nothing_is_made(name: str, blank: str | None) -> None:
    if name in ("voornaam", "naam"):
        feiten = replace(FEITEN, bewoner=replace(FEITEN.bewoner, **{name: blank}))
    else:
        feiten = replace(FEITEN, woning=replace(FEITEN.woning, **{name: blank}))
    with pytest.raises(ContractError) as caught:
        map_aanmelding(feiten)
    assert f"field {name} is missing" in str(caught.value)
    assert str(FEITEN.aanmelding_id) in str(caught.value)
    assert "Fien" not in str(caught.value)


def test_what_is_not_known_is_left_out() -> None:
    bare = AanmeldingFeiten(
        FEITEN.aanmelding_id,
        FEITEN.dossiernummer,
        FEITEN.gemaakt_op,
        BewonerFeiten("Fien", "Voorbeeld"),
        WoningFeiten("Naamsestraat", "12A", "3000", "Leuven"),
    )
    text = json.dumps(aanmelding_to_json(map_aanmelding(bare)))
    assert find_faults(json.loads(text)) == []
    assert "null" not in text
    assert "vraag" not in text


@given(st.text(max_size=LONGEST_VRAAG + 50))
def test_a_question_of_any_length_fits_the_contract(vraag: str) -> None:
    aanmelding = map_aanmelding(replace(FEITEN, vraag=vraag))
    assert find_faults(aanmelding_to_json(aanmelding)) == []
    assert aanmelding.vraag is None or vraag.strip().startswith(aanmelding.vraag[:-1])


def test_a_question_that_is_too_long_is_cut_where_one_sees_it() -> None:
    exact = map_aanmelding(replace(FEITEN, vraag="x" * LONGEST_VRAAG)).vraag
    cut = map_aanmelding(replace(FEITEN, vraag="x" * (LONGEST_VRAAG + 1))).vraag
    assert exact == "x" * LONGEST_VRAAG
    assert cut == "x" * (LONGEST_VRAAG - 1) + "…"


def test_the_same_facts_give_the_same_body() -> None:
    assert map_aanmelding(FEITEN) == map_aanmelding(replace(FEITEN))


def test_nothing_personal_is_in_a_representation() -> None:
    for text in ("Fien", "Voorbeeld", "example.org", "0470", "Naamsestraat", "dak"):
        assert text not in repr(FEITEN)
