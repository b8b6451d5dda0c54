"""The table of partners: only what it names leaves, and a bad table is refused as a whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connectors.aanmelding.mapping import aanmelding_to_json, find_faults, load_contract
from connectors.aanmelding.models import Aanmelding, AanmeldingStand, Intrekking, Ontvangst
from connectors.transport.errors import ContractError
from hub.aanmelding import keep_named
from hub.channels.aanmelding import list_fields
from hub.channels.partner import PartnerKanaal
from hub.ledger.bericht import Bericht
from hub.partners import (
    BEKEND,
    TABLE,
    VERPLICHT,
    Partner,
    PartnersError,
    get_partner,
    list_outside,
    load_partners,
)

RULES = [
    (partner, soort)
    for partner in load_partners(TABLE).values()
    if partner.is_outside
    for soort in partner.soorten
]
words = st.text("abcdé 12-", min_size=1, max_size=12).filter(str.strip)
maybe = st.none() | words


@st.composite
def all_facts(draw: st.DrawFn) -> dict[str, Any]:
    """Everything the hub can know of a profile, a dossier and its dwelling."""
    known: dict[str, str] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "adres_id": st.from_regex(r"[1-9][0-9]{3,8}", fullmatch=True),
                "gebouweenheid_id": st.from_regex(r"[1-9][0-9]{3,8}", fullmatch=True),
                "bouwjaar": st.integers(1500, 2026).map(str),
                "epc_label": st.sampled_from(["A+", "A", "B", "F"]),
                "epc_kengetal": st.integers(-50, 900).map(str),
            },
        )
    )
    return {
        "aanmelding_id": str(draw(st.uuids())),
        "dossiernummer": "RD-0001-000017",
        "gemaakt_op": "2026-11-10T09:15:00+00:00",
        "bewoner": {
            "voornaam": draw(words),
            "naam": draw(words),
            "email": draw(st.none() | st.just("fien@voorbeeld.example")),
            "telefoon": draw(st.none() | st.just("+32 470 00 00 00")),
        },
        "woning": {
            "straat": draw(words),
            "huisnummer": draw(words),
            "busnummer": draw(maybe),
            "postcode": draw(st.none() | st.just("3000")),
            "gemeente": "Leuven",
            **known,
        },
        "vraag": draw(maybe),
    }


class Client:
    """A partner that keeps the bodies as they leave."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, object]] = []

    def put_aanmelding(
        self, *, aanmelding: Aanmelding, idempotency_key: str, correlation_id: UUID | None = None
    ) -> Ontvangst:
        self.bodies.append(aanmelding_to_json(aanmelding))
        return Ontvangst(aanmelding.referentie, datetime(2026, 11, 10, tzinfo=UTC), None)

    def get_aanmelding(
        self, *, referentie: UUID, correlation_id: UUID | None = None
    ) -> AanmeldingStand | None:
        raise AssertionError

    def delete_aanmelding(
        self, *, referentie: UUID, correlation_id: UUID | None = None
    ) -> Intrekking:
        raise AssertionError


def send(partner: Partner, content: dict[str, Any]) -> list[dict[str, object]]:
    client = Client()
    key = f"aanmelding:{content['aanmelding_id']}"
    bericht = Bericht(uuid4(), partner.code, key, "aanmelding", False, True, content)
    PartnerKanaal(partner, client).send(bericht)
    return client.bodies


@pytest.mark.parametrize(("partner", "soort"), RULES, ids=lambda x: getattr(x, "code", x))
@given(facts=all_facts())
def test_only_what_the_table_names_leaves(
    partner: Partner, soort: str, facts: dict[str, Any]
) -> None:
    velden = partner.soorten[soort]
    (body,) = send(partner, keep_named({**facts, "soort": soort}, velden))
    assert set(list_fields(body)) <= velden.keys()
    assert set(list_fields(body)) >= VERPLICHT
    assert find_faults(body) == []


@given(facts=all_facts(), velden=st.sets(st.sampled_from(sorted(BEKEND - VERPLICHT))))
def test_whatever_the_table_says_the_message_follows_it(
    facts: dict[str, Any], velden: set[str]
) -> None:
    named = dict.fromkeys(VERPLICHT | velden, "omdat het moet")
    partner = Partner("proef", "Proef", "rest", "PROEF", {"renovatiebegeleiding": named})
    content = {**facts, "soort": "renovatiebegeleiding"}
    (body,) = send(partner, keep_named(content, named))
    full = set(list_fields(send(everything(partner), content)[0]))
    assert set(list_fields(body)) == full & named.keys()


def everything(partner: Partner) -> Partner:
    return replace(partner, soorten={"renovatiebegeleiding": dict.fromkeys(BEKEND, "alles")})


@given(facts=all_facts())
def test_a_message_that_holds_more_than_the_table_names_does_not_leave(
    facts: dict[str, Any],
) -> None:
    igo = get_partner("igo")
    facts["vraag"] = "Wat kost dat?"
    with pytest.raises(ContractError) as caught:
        send(igo, {**facts, "soort": "energielening"})
    assert "/vraag" in str(caught.value)
    assert "Wat kost" not in str(caught.value)


def test_the_table_speaks_of_the_fields_of_the_contract() -> None:
    schema = load_contract()["components"]["schemas"]
    fields, needed = set(), set()
    parts = {"aanvrager": "Aanvrager", "gebouw": "Gebouw"}
    for name in schema["Aanmelding"]["properties"]:
        if name not in parts:
            fields.add(f"/{name}")
            needed |= {f"/{name}"} if name in schema["Aanmelding"]["required"] else set()
    for name, part in parts.items():
        fields |= {f"/{name}/{field}" for field in schema[part]["properties"]}
        needed |= {f"/{name}/{field}" for field in schema[part]["required"]}
    assert fields >= BEKEND
    assert needed == VERPLICHT


def test_every_partner_of_the_blueprint_is_in_the_table() -> None:
    assert list_outside() == ["dialoog", "igo"]
    assert set(load_partners()) == {
        "dialoog", "igo", "stad_begeleiding", "stad_erfgoed", "stad_wonen", "stad_ro_milieu"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kanaal": "fax"}, "rest, sftp, crm"),
        ({"verbinding": None}, "verbinding"),
        ({"naam": ""}, "naam"),
        ({"snelheid": 3}, "nothing else"),
        ({"soorten": {}}, "soorten"),
        ({"soorten": {"dakwerken": {"velden": {}}}}, "no kind dakwerken"),
        ({"soorten": {"energielening": {"velden": {"/vraag": "x"}}}}, "/aanvrager/naam"),
        ({"soorten": {"energielening": {"velden": {"/insz": "x"}}}}, "no field /insz"),
        ({"kanaal": "crm", "verbinding": None}, "Take them away"),
    ],
)
def test_a_bad_row_is_refused_with_the_reason(
    change: dict[str, Any], says: str, tmp_path: Path
) -> None:
    document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    document["partners"]["igo"] |= change
    path = tmp_path / "partners.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(PartnersError, match=says):
        load_partners(path)


def test_a_field_without_a_reason_is_refused(tmp_path: Path) -> None:
    document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    document["partners"]["igo"]["soorten"]["energielening"]["velden"]["/vraag"] = ""
    path = tmp_path / "partners.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(PartnersError, match="say why"):
        load_partners(path)


@pytest.mark.parametrize("code", ["crm", "dosis", "berichten", "Minder=Meer"])
def test_a_partner_cannot_take_a_name_of_the_ledger(code: str, tmp_path: Path) -> None:
    document = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    document["partners"][code] = document["partners"]["igo"]
    path = tmp_path / "partners.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(PartnersError, match="no code"):
        load_partners(path)


def test_a_table_that_is_no_table_says_so(tmp_path: Path) -> None:
    path = tmp_path / "partners.yml"
    path.write_text("- niets", encoding="utf-8")
    with pytest.raises(PartnersError, match="no table of partners"):
        load_partners(path)
