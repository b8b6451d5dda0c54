"""The mapping names every table and field once, and converts both ways without loss."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.crm.mapping import CrmMapping, MappingError
from connectors.crm.models import CrmChange

MAPPING = CrmMapping.load()
DOSSIER = UUID("6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10")
PROFIEL = UUID("0f9e7f0a-93c5-4f0b-8f6d-1c3f4f1f7a22")
SECRET = "Fien Voorbeeld"

TABLES = {
    "profiel": ("rh_profielen", None),
    "vraag": ("rh_vragen", None),
    "dossier": ("rh_dossiers", "dossiernummer"),
    "stap": ("rh_stappen", "sleutel"),
    "aanvraag": ("rh_aanvragen", "nummer"),
    "toestemming": ("rh_toestemmingen", None),
    "document": ("rh_documenten", "sleutel"),
    "aanmelding": ("rh_aanmeldingen", None),
    "gegeven": ("rh_gegevens", "sleutel"),
}


def change(tabel: str, **velden: object) -> CrmChange:
    return CrmChange(tabel, DOSSIER, None, velden)


def dossier_row(**changed: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(
        v.kolom for v in MAPPING.table("dossier").fields.values()
    )
    row |= {
        "@odata.etag": 'W/"12"',
        "rh_dossierid": str(DOSSIER),
        "modifiedon": "2026-11-23T12:00:00Z",
        "rh_dossiernummer": "RD-0001-000017",
        "_rh_profiel_value": str(PROFIEL),
        "rh_startakkoord": True,
        "rh_startakkoordop": "2026-11-01T08:00:00Z",
        "rh_bouwjaar": 1931,
        "rh_epckengetal": Decimal("437.5"),
        "rh_epcgeldigtot": "2033-05-01",
    }
    return row | changed


def test_every_table_of_the_crm_is_mapped() -> None:
    assert {n: (t.set, t.alternate_key) for n, t in MAPPING.tables.items()} == TABLES
    assert all(table.key == f"rh_{name}id" for name, table in MAPPING.tables.items())


def test_a_column_is_the_field_without_underscores() -> None:
    for table in MAPPING.tables.values():
        for name, veld in table.fields.items():
            if veld.soort == "lookup":
                assert veld.naam == f"rh_{veld.tabel}"
                assert veld.kolom == f"_rh_{veld.tabel}_value"
            else:
                assert veld.naam == "rh_" + name.replace("_", "")


def test_only_mapped_columns_are_asked_for() -> None:
    columns = MAPPING.columns("toestemming").split(",")
    assert columns == [
        "rh_toestemmingid",
        "modifiedon",
        "_rh_profiel_value",
        "rh_doel",
        "rh_ontvanger",
        "rh_van",
        "rh_tot",
    ]


def test_a_row_becomes_a_typed_record() -> None:
    record = MAPPING.record("dossier", dossier_row())
    assert record.object_id == DOSSIER
    assert record.etag == 'W/"12"'
    assert record.gewijzigd_op == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert record.velden["profiel_id"] == PROFIEL
    assert record.velden["start_akkoord"] is True
    assert record.velden["start_akkoord_op"] == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert record.velden["bouwjaar"] == 1931
    assert record.velden["epc_kengetal"] == Decimal("437.5")
    assert record.velden["epc_geldig_tot"] == date(2033, 5, 1)
    assert record.velden["straat"] is None
    assert set(record.velden) == set(MAPPING.table("dossier").fields)


def test_a_record_does_not_show_its_fields() -> None:
    assert SECRET not in repr(MAPPING.record("dossier", dossier_row(rh_straat=SECRET)))


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("rh_bouwjaar", "1931", "dossier.bouwjaar"),
        ("rh_bouwjaar", True, "dossier.bouwjaar"),
        ("rh_bouwjaar", Decimal("1931.5"), "dossier.bouwjaar"),
        ("rh_epckengetal", "437", "dossier.epc_kengetal"),
        ("rh_epcgeldigtot", "gisteren", "dossier.epc_geldig_tot"),
        ("rh_startakkoord", 1, "dossier.start_akkoord"),
        ("rh_startakkoordop", "2026-11-01T08:00:00", "dossier.start_akkoord_op"),
        ("rh_straat", 7, "dossier.straat"),
        ("_rh_profiel_value", SECRET, "dossier.profiel_id"),
        ("rh_dossierid", None, "a row of dossier has no key"),
        ("modifiedon", None, "a row of dossier has no key"),
        ("@odata.etag", None, "a row of dossier has no etag"),
    ],
)
def test_a_value_of_another_kind_is_named_and_not_shown(
    column: str, value: object, named: str
) -> None:
    with pytest.raises(MappingError) as caught:
        MAPPING.record("dossier", dossier_row(**{column: value}))
    assert named in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_missing_column_is_named() -> None:
    row = dossier_row()
    del row["rh_gemeente"]
    with pytest.raises(MappingError, match="no column rh_gemeente"):
        MAPPING.record("dossier", row)


def test_a_change_becomes_the_columns_of_the_crm() -> None:
    body = MAPPING.body(
        change(
            "dossier",
            profiel_id=PROFIEL,
            vraag_id=None,
            start_akkoord=False,
            start_akkoord_op=datetime(2026, 11, 1, 9, tzinfo=timezone(timedelta(hours=1))),
            bouwjaar="1931",
            epc_kengetal=Decimal("437.5"),
            beschermd_volume="512.25",
            epc_geldig_tot=date(2033, 5, 1),
            busnummer=None,
            straat="Naamsestraat",
        )
    )
    assert body == {
        "rh_profiel@odata.bind": f"/rh_profielen({PROFIEL})",
        "rh_vraag@odata.bind": None,
        "rh_startakkoord": False,
        "rh_startakkoordop": "2026-11-01T08:00:00Z",
        "rh_bouwjaar": 1931,
        "rh_epckengetal": 437.5,
        "rh_beschermdvolume": 512.25,
        "rh_epcgeldigtot": "2033-05-01",
        "rh_busnummer": None,
        "rh_straat": "Naamsestraat",
    }


@pytest.mark.parametrize(
    "velden",
    [
        {"onbekend": 1},
        {"bouwjaar": SECRET},
        {"bouwjaar": 1.5},
        {"epc_kengetal": Decimal("NaN")},
        {"epc_kengetal": SECRET},
        {"epc_kengetal": Decimal("0.1234567890123456789")},
        {"start_akkoord": "true"},
        {"start_akkoord_op": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)},
        {"epc_geldig_tot": datetime(2026, 1, 1, tzinfo=UTC)},
        {"profiel_id": SECRET},
        {"straat": 5},
    ],
)
def test_a_change_that_does_not_fit_is_refused_without_its_value(
    velden: dict[str, object],
) -> None:
    with pytest.raises(MappingError) as caught:
        MAPPING.body(change("dossier", **velden))
    assert SECRET not in str(caught.value)
    assert f"dossier.{next(iter(velden))}" in str(caught.value)


def test_the_alternate_key_stands_in_the_address_only() -> None:
    upsert = CrmChange("gegeven", None, f"{DOSSIER}:bouwjaar", {"sleutel": "x", "waarde": "1931"})
    assert MAPPING.body(upsert) == {"rh_waarde": "1931"}
    assert MAPPING.body(CrmChange("gegeven", DOSSIER, None, {"sleutel": "x"})) == {
        "rh_sleutel": "x"
    }


@pytest.mark.parametrize(
    ("sleutel", "address"),
    [
        ("a:b", "rh_gegevens(rh_sleutel='a%3Ab')"),
        ("d'Artagnan", "rh_gegevens(rh_sleutel='d%27%27Artagnan')"),
        ("x') or (1 eq 1", "rh_gegevens(rh_sleutel='x%27%27%29%20or%20%281%20eq%201')"),
        ("é/ \r\n", "rh_gegevens(rh_sleutel='%C3%A9%2F%20%0D%0A')"),
    ],
)
def test_an_alternate_key_cannot_break_out_of_its_address(sleutel: str, address: str) -> None:
    assert MAPPING.address("gegeven", None, sleutel) == address


def test_a_table_without_alternate_key_has_no_such_address() -> None:
    with pytest.raises(MappingError, match="profiel"):
        MAPPING.address("profiel", None, "x")
    with pytest.raises(MappingError, match="gegeven"):
        MAPPING.address("gegeven", None, "")


def test_a_change_names_exactly_one_row() -> None:
    for object_id, sleutel in ((None, None), (DOSSIER, "x")):
        with pytest.raises(ValueError, match="not both"):
            CrmChange("gegeven", object_id, sleutel, {})
    with pytest.raises(ValueError, match="no version to match"):
        CrmChange("gegeven", None, "x", {}, if_match="*", create_only=True)


moments = st.datetimes(timezones=st.timezones()).filter(lambda m: 1900 < m.year < 2200)
decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@given(
    st.text(),
    st.integers(-(2**31), 2**31 - 1),
    decimals,
    st.dates(),
    moments,
    st.booleans(),
    st.uuids(),
)
def test_what_is_written_reads_back_the_same(
    straat: str,
    bouwjaar: int,
    kengetal: Decimal,
    dag: date,
    moment: datetime,
    akkoord: bool,
    profiel: UUID,
) -> None:
    body = MAPPING.body(
        change(
            "dossier",
            straat=straat,
            bouwjaar=bouwjaar,
            epc_kengetal=kengetal,
            epc_geldig_tot=dag,
            start_akkoord_op=moment,
            start_akkoord=akkoord,
            profiel_id=profiel,
        )
    )
    bound = str(body.pop("rh_profiel@odata.bind"))
    row = dossier_row(**body) | {"_rh_profiel_value": bound[-37:-1]}
    row["rh_epckengetal"] = Decimal(str(row["rh_epckengetal"]))
    velden = MAPPING.record("dossier", row).velden
    assert velden["straat"] == straat
    assert velden["bouwjaar"] == bouwjaar
    assert velden["epc_kengetal"] == kengetal
    assert velden["epc_geldig_tot"] == dag
    assert velden["start_akkoord_op"] == moment.astimezone(UTC)
    assert velden["start_akkoord"] is akkoord
    assert velden["profiel_id"] == profiel


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "the mapping is not a table"),
        ("a: {set: x, key: y, fields: {}}", "a.fields"),
        ("a: {key: y, fields: {b: {naam: n, soort: text}}}", "a.set"),
        ("a: {set: x, key: y, fields: {b: {soort: text}}}", "a.b.naam"),
        ("a: {set: x, key: y, fields: {b: {naam: n, soort: kleur}}}", "a.b is of an unknown kind"),
        ("a: {set: x, key: y, fields: {b: {naam: n, soort: lookup}}}", "a.b.tabel"),
        ("a: {set: x, key: y, fields: {b: {naam: n, soort: lookup, tabel: c}}}", "a.b looks up"),
        ("a: {set: x, key: y, alternate_key: c, fields: {b: {naam: n, soort: text}}}", "alternate"),
        ("a: {set: x, key: y, alternate_key: b, fields: {b: {naam: n, soort: int}}}", "alternate"),
    ],
)
def test_a_mapping_file_that_is_wrong_says_where(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(text)
    with pytest.raises(MappingError) as caught:
        CrmMapping.load(path)
    assert wrong in str(caught.value)


def test_another_crm_is_another_file(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(
        "dossier: {set: files, key: fileid, alternate_key: nummer,"
        " fields: {nummer: {naam: number, soort: text}}}"
    )
    mapping = CrmMapping.load(path)
    key = uuid4()
    assert mapping.address("dossier", key, None) == f"files({key})"
    assert mapping.address("dossier", None, "7") == "files(number='7')"


def test_only_the_chosen_fields_are_asked_and_read() -> None:
    mapping = CrmMapping.load()
    chosen = ("soort", "dossier_id")
    assert mapping.columns("document", chosen) == (
        "rh_documentid,modifiedon,rh_soort,_rh_dossier_value"
    )
    dossier = "6d1c2b7e-4a7b-4f0e-9a51-0c8a6d2f3e10"
    row = {
        "@odata.etag": 'W/"1"',
        "rh_documentid": dossier,
        "modifiedon": "2026-11-24T10:00:00Z",
        "rh_soort": "woningfiche",
        "_rh_dossier_value": dossier,
    }
    record = mapping.record("document", row, chosen)
    assert record.velden == {"soort": "woningfiche", "dossier_id": UUID(dossier)}
    with pytest.raises(MappingError, match="has no column rh_sleutel"):
        mapping.record("document", row)
    with pytest.raises(MappingError, match=r"unknown field document\.kleur"):
        mapping.columns("document", ("kleur",))
