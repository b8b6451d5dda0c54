"""A load: twice, half, under another key, by neighbourhood; and nothing of a person comes along."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.keys import Keyring, KeyringError
from hub.rapportage import load as loading
from hub.rapportage.gebied import GebiedenError
from tests.hub.magazijn_case import FEITEN, KEYRING, Magazijn, key

pytestmark = pytest.mark.postgres
MOMENT = datetime(2026, 2, 1, 10, tzinfo=UTC)
PLANTED = (
    "Annelies Vandewalle", "85073003328", "Bondgenotenlaan", "1372B", "annelies@voorbeeld.be",
    "mijn dak lekt boven het bed",
)  # fmt: skip


def plant(magazijn: Magazijn) -> None:
    """Land one dossier with everything, and what was planted wherever a person can type."""
    naam, insz, straat, nummer, mail, tekst = PLANTED
    magazijn.land("bron.crm_profiel", profiel_id="p1", contact_voorkeur=mail)
    magazijn.land(
        "bron.crm_vraag", vraag_id="v1", profiel_id="p1", kanaal=tekst, ontvangen_op=MOMENT
    )
    magazijn.land(
        "bron.crm_dossier", dossier_id="d1", profiel_id="p1", vraag_id="v1", dossiernummer=insz,
        straat=straat, huisnummer=nummer, busnummer=nummer, postcode=f"{straat} {nummer}",
        gemeente=naam, consulent=naam, status=tekst, start_akkoord=True, start_akkoord_op=MOMENT,
    )  # fmt: skip
    magazijn.land(
        "bron.crm_aanmelding", aanmelding_id="a1", dossier_id="d1", soort=tekst, partner=naam,
        status=mail,
    )  # fmt: skip
    magazijn.land(
        "bron.crm_aanvraag", aanvraag_id="q1", dossier_id="d1", nummer=insz, soort="premie",
        regeling=tekst, status=mail,
    )  # fmt: skip
    magazijn.land(
        "bron.crm_stap", stap_id="s1", dossier_id="d1", soort=tekst, status="gedaan", keuze=mail,
    )  # fmt: skip
    magazijn.land("hub.woning", woning_id="w1", adres_id=straat)
    magazijn.land("hub.dossier_woning", dossier_id="d1", woning_id="w1", pad=straat)
    magazijn.land("hub.gegeven", woning_id="w1", veld="gebouwtype", waarde=f"{straat} {nummer}")
    magazijn.land(
        "hub.gegeven", woning_id="w1", veld="aanbeveling",
        waarde=json.dumps({"categorie": tekst, "omschrijving": naam}),
    )  # fmt: skip
    magazijn.land(
        "hub.bericht", bericht_id="m1@2026-02-01T10:00:00Z", bestemming="crm", sleutel="x",
        soort="voorinvulling", dossier_id="d1", stand="opgegeven", reden=tekst,
        beeindigd_op=MOMENT, ontvangst=mail,
    )  # fmt: skip
    magazijn.land("hub.bronstand", woning_id="w1", bron="epc", uitkomst="geen", gevraagd_op=MOMENT)


def test_nothing_that_was_planted_is_in_any_column(magazijn: Magazijn) -> None:
    plant(magazijn)
    magazijn.load()
    tables = [row[0] for row in magazijn.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'rapportage'"
    )]  # fmt: skip
    assert {*FEITEN, "pseudoniem", "lading"} <= set(tables)
    for model in FEITEN:
        assert magazijn.rows(f"SELECT 1 FROM rapportage.{model} LIMIT 1"), f"{model} is empty"
    keys = [str(key(name)) for name in ("d1", "p1", "v1", "a1", "q1", "s1", "w1")]
    for table in tables:
        told = str(magazijn.rows(f"SELECT row_to_json(rij)::text FROM rapportage.{table} AS rij"))
        found = [value for value in PLANTED if value.lower() in told.lower()]
        assert not found, (table, found)
        # Which key a pseudonym stands for is in the tables that only the load reads.
        if table not in ("pseudoniem", "woning_wijk"):
            assert not [one for one in keys if one in told], table


def test_loading_again_writes_nothing(magazijn: Magazijn) -> None:
    plant(magazijn)
    assert magazijn.load()["nieuw_of_gewijzigd"] > 0
    before = magazijn.content()
    nothing = {"nieuw_of_gewijzigd": 0, "verwijderd": 0}
    assert magazijn.load() == magazijn.load(everything=True) == nothing
    landed = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert magazijn.load(landed=(MOMENT, landed[1])) == nothing
    assert magazijn.content() == before


def test_a_backfill_mends_what_landed_in_its_interval(magazijn: Magazijn) -> None:
    plant(magazijn)
    magazijn.land("bron.crm_dossier", dossier_id="d2")
    magazijn.do("UPDATE bron.crm_dossier SET opgehaald_op = :t WHERE dossier_id = :d",
                t=MOMENT.replace(month=3), d=key("d2"))  # fmt: skip
    magazijn.load()
    whole = magazijn.content()
    magazijn.do("DELETE FROM rapportage.fct_dossier")
    assert magazijn.load()["nieuw_of_gewijzigd"] == 0
    begin = MOMENT.replace(month=3)
    later = begin.replace(hour=11)
    assert magazijn.load(landed=(begin, later))["nieuw_of_gewijzigd"] == 1
    magazijn.load(landed=(later, datetime(2100, 1, 1, tzinfo=UTC)))
    assert magazijn.content() == whole


def test_a_slice_that_fails_leaves_nothing_half(
    magazijn: Magazijn, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(magazijn)
    empty = magazijn.content(FEITEN)
    queue = magazijn.rows("SELECT count(*) FROM hub.te_rapporteren")
    write = loading._write

    def fail(connection: object, model: str, *rest: object) -> None:
        if model == "fct_aanmelding":
            raise RuntimeError("killed")
        write(connection, model, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "_write", fail)
    with pytest.raises(RuntimeError, match="killed"):
        magazijn.load()
    assert magazijn.content(FEITEN) == empty
    assert magazijn.rows("SELECT count(*) FROM hub.te_rapporteren") == queue
    monkeypatch.undo()
    magazijn.load()
    assert magazijn.rows("SELECT count(*) FROM rapportage.fct_aanmelding") == [(1,)]


def test_a_change_that_commits_late_is_not_skipped(magazijn: Magazijn) -> None:
    with magazijn.owner.connect() as slow:
        slow.execute(text(
            "INSERT INTO bron.crm_dossier (dossier_id, voorinvulling, pseudoniem, etag, "
            "inhoud_hash, gewijzigd_op) VALUES (uuidv7(), '{}', 'p', '1', 'h', '2020-01-01')"
        ))  # fmt: skip
        magazijn.land("bron.crm_dossier", dossier_id="d1")
        magazijn.load()
        slow.commit()
    assert magazijn.rows("SELECT count(*) FROM rapportage.fct_dossier") == [(1,)]
    magazijn.load()
    assert magazijn.rows("SELECT count(*) FROM rapportage.fct_dossier") == [(2,)]


def test_what_is_erased_leaves_no_pseudonym(magazijn: Magazijn) -> None:
    plant(magazijn)
    magazijn.load()
    magazijn.do("DELETE FROM bron.crm_dossier")
    magazijn.load()
    for table in ("pseudoniem", "woning_wijk", "fct_dossier", "fct_stap", "dim_woning",
                  "fct_aanmelding", "fct_aanvraag", "fct_aanbeveling"):  # fmt: skip
        assert magazijn.rows(f"SELECT count(*) FROM rapportage.{table}") == [(0,)], table


def test_another_key_gives_other_pseudonyms_and_the_same_figures(magazijn: Magazijn) -> None:
    plant(magazijn)
    magazijn.load()
    before, asked = magazijn.content(), magazijn.rows("SELECT * FROM bron.crm_dossier")
    one = magazijn.rows("SELECT dossier_pseudoniem, stand FROM rapportage.fct_dossier")
    old = KEYRING
    magazijn.keyring = Keyring(
        "k1", old.keys, old.pseudonym_key, ("s20260201000000000000", b"r" * 32)
    )
    assert magazijn.load()["nieuw_of_gewijzigd"] == 0
    other = magazijn.rows("SELECT dossier_pseudoniem, stand FROM rapportage.fct_dossier")
    assert (other[0][0] != one[0][0], other[0][1]) == (True, one[0][1])
    assert magazijn.pseudonym("dossier", "d1") == other[0][0]
    known = {row[0] for row in magazijn.rows("SELECT pseudoniem FROM rapportage.pseudoniem")}
    gone = str(before)
    assert not [pseudonym for pseudonym in known if pseudonym in gone]
    assert magazijn.rows("SELECT * FROM bron.crm_dossier") == asked
    loaded = magazijn.content()
    assert magazijn.load(everything=True) == {"nieuw_of_gewijzigd": 0, "verwijderd": 0}
    assert magazijn.content() == loaded
    magazijn.keyring = old
    with pytest.raises(KeyringError, match="older"):
        magazijn.load()


def test_a_pseudonym_is_of_one_purpose(magazijn: Magazijn) -> None:
    made = {
        magazijn.pseudonym(doel, "x") for doel in ("dossier", "woning", "aanmelding", "aanvraag")
    }
    assert len(made) == 4


def test_a_dwelling_lies_in_its_neighbourhood(
    magazijn: Magazijn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The town hall of Leuven, in Lambert 72.
    plant(magazijn)
    magazijn.land("hub.gegeven", woning_id="w1", veld="positie", waarde="POINT (173660 174170)")
    file = tmp_path / "wijken.geojson"

    def write(west: float, code: str) -> None:
        ring = [[west, 50.8], [west + 0.2, 50.8], [west + 0.2, 51.0], [west, 51.0], [west, 50.8]]
        feature = {
            "type": "Feature", "properties": {"c": code, "n": f"wijk {code}"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }  # fmt: skip
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))

    monkeypatch.setenv("RENOVATIEHUB_WIJKEN", str(file))
    monkeypatch.setenv("RENOVATIEHUB_WIJK_VELDEN", "c,n")
    where = (
        "SELECT wijk_code FROM rapportage.fct_dossier"
        " UNION SELECT wijk_code FROM rapportage.dim_woning"
    )
    for west, code, found in ((4.6, "1", "1"), (4.6, "2", "2"), (5.5, "3", "onbekend")):
        write(west, code)
        magazijn.load()
        assert magazijn.rows(where) == [(found,)]
    assert "173660" not in str(magazijn.content())
    file.write_text("{}")
    with pytest.raises(GebiedenError, match="RENOVATIEHUB_WIJKEN"):
        magazijn.load()
