"""A publication replaces all marts in one transaction, or leaves them as they were."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from hub.config import load_config
from hub.publicatie import publiceren, samenstellen
from hub.publicatie.afschermen import protect
from hub.publicatie.declaratie import load_marts
from hub.publicatie.opendata import OpendataError, export_marts
from hub.publicatie.publiceren import keep_back, last_closed_day, publish
from hub.publicatie.samenstellen import PublicatieError
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres

PEIL = date(2026, 10, 31)
STEPS = (
    "vraag", "start", "voorgevuld", "aangemeld", "ontvangen", "huisbezoek", "advies",
    "renovatieplan", "offertes", "opdracht", "uitvoering", "oplevering", "premie", "afgerond",
)  # fmt: skip


def fill(engine: Engine, *, dossiers: int) -> None:
    rng = np.random.default_rng(5)
    with engine.begin() as connection:
        rows = []
        for i in range(dossiers):
            start = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 310)))
            row: dict[str, object] = dict.fromkeys([f"{step}_op" for step in STEPS])
            moment = start
            for step in STEPS[: 1 + int(rng.geometric(0.12))]:
                row[f"{step}_op"] = moment
                moment += timedelta(days=int(rng.integers(0, 9)))
            advies = row["advies_op"]
            row |= {
                "p": f"p{i}",
                "wijk": f"W{rng.integers(0, 4)}",
                "kanaal": ["mail", "balie", None][int(rng.integers(0, 3))],
                "l0": "F",
                "l1": "B",
                "advies": (advies - start).days if isinstance(advies, date) else None,
            }
            rows.append(row)
        columns = ", ".join(f"{s}_op" for s in STEPS)
        values = ", ".join(f":{s}_op" for s in STEPS)
        connection.execute(
            text(
                "INSERT INTO rapportage.fct_dossier (dossier_pseudoniem, wijk_code, kanaal, "
                "start_akkoord, stand, epc_label_start, epc_label_nu, "
                f"dagen_tot_advies, {columns}) "
                f"VALUES (:p, :wijk, :kanaal, TRUE, 'nieuw', :l0, :l1, :advies, {values})"
            ),
            rows,
        )
        for statement in (
            "INSERT INTO rapportage.dim_woning (woning_pseudoniem, geldig_van, bouwjaarklasse, "
            "wijk_code, huidig) SELECT 'w' || i, '2026-01-01', 'onbekend', 'W' || i % 3, TRUE "
            "FROM generate_series(1, 60) AS i",
            "INSERT INTO rapportage.fct_aanbeveling SELECT 'w' || i, s, 1 "
            "FROM generate_series(1, 60) AS i, unnest(ARRAY['dak', 'muur']) AS s "
            "WHERE i % 5 > 0 OR s = 'dak'",
            "INSERT INTO rapportage.fct_aanvraag (aanvraag_pseudoniem, dossier_pseudoniem, "
            "wijk_code, soort, premie_code, aangevraagd_op, beslist_op, status) "
            "SELECT 'a' || i, 'p' || i, 'W' || i % 3, 'premie', 'dak', '2026-03-01'::date + i, "
            "'2026-06-01'::date + i, 'toegekend' FROM generate_series(1, 40) AS i",
            "INSERT INTO rapportage.fct_aanmelding (aanmelding_pseudoniem, dossier_pseudoniem, "
            "partner, wijk_code, stand, gevraagd_op, verzonden_op, ontvangen_op, gepland_op) "
            "SELECT 'm' || i, 'p' || i, 'igo', 'W1', 'gepland', '2026-02-01'::date + i, "
            "'2026-02-02'::date + i, '2026-02-02'::date + i, '2026-02-09'::date + i "
            "FROM generate_series(1, 120) AS i",
            "INSERT INTO rapportage.fct_bericht VALUES "
            "('2026-10-01', 'igo', 'aanmelding', 'bevestigd', 12, 12, 3, 5)",
            "INSERT INTO rapportage.fct_bevraging VALUES ('2026-10-01', 'epc', 'gevonden', 3)",
        ):
            connection.execute(text(statement))


@pytest.fixture
def facts(database: HubDatabase) -> HubDatabase:
    fill(database.engine("hub_eigenaar"), dossiers=300)
    return database


def judged(engine: Engine, *, broken: int) -> None:
    """Note that a rule of severity fail was held against the dossiers."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO hub.regelmeting (model, regel, ernst, run, rijen, gebroken) "
                "VALUES ('fct_dossier', 'pseudoniem_aanwezig', 'fail', 'proef', 300, :broken)"
            ),
            {"broken": broken},
        )


def read(engine: Engine, query: str) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(text(query), connection)


def test_a_publication_from_facts_to_files(
    facts: HubDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, reader = facts.engine("hub_rapportage"), facts.engine("hub_dashboard")
    with pytest.raises(OpendataError, match="Nothing was published"):
        export_marts(reader, tmp_path / "data")
    done = publish(load, peildatum=PEIL)
    assert done is not None and set(done.vernieuwd) == set(load_marts())

    funnel = read(reader, "SELECT * FROM rapportage.mart_trechter")
    total = funnel[(funnel.niveau == "totaal") & (funnel.stap == "vraag")]
    asked = read(
        facts.engine("hub_eigenaar"),
        "SELECT count(*) AS n FROM rapportage.fct_dossier WHERE vraag_op <= '2026-10-31'",
    )
    assert total["aantal"].tolist() == asked["n"].tolist()
    shown = funnel[~funnel.afgeschermd]
    assert not shown["aantal"].between(1, 4).any()
    assert 0 < done.afgeschermd < done.cellen / 2
    times = read(reader, "SELECT * FROM rapportage.mart_partner_tijd WHERE niveau = 'totaal'")
    planned = times[times.fase == "gepland"].iloc[0]
    assert (planned["aantal"], planned["mediaan"], planned["p90"]) == (120, 7, 7)
    koppeling = read(reader, "SELECT orde, geslaagd_procent FROM rapportage.mart_koppeling")
    assert koppeling.to_numpy().tolist() == [["10-99", 100]]

    # The same month again: nothing is done. A correction on demand gives the same rows.
    assert publish(load, peildatum=PEIL) is None
    before = read(reader, "SELECT * FROM rapportage.mart_trechter ORDER BY 1, 2, 3, 4")
    assert publish(load, peildatum=PEIL, again=True) == done
    after = read(reader, "SELECT * FROM rapportage.mart_trechter ORDER BY 1, 2, 3, 4")
    pd.testing.assert_frame_equal(before, after)

    # A rule of severity fail broke for the dossiers: their marts stay, the others are renewed.
    judged(facts.engine("hub_eigenaar"), broken=3)
    held = publish(load, peildatum=date(2026, 9, 30))
    assert (
        held is not None
        and "mart_trechter" in held.behouden
        and "mart_aanbeveling" in held.vernieuwd
    )
    kept = read(reader, "SELECT * FROM rapportage.mart_trechter ORDER BY 1, 2, 3, 4")
    pd.testing.assert_frame_equal(before, kept)
    stand = read(reader, "SELECT mart, peildatum FROM rapportage.mart_stand")
    days = dict(stand.itertuples(index=False, name=None))
    assert (days["mart_trechter"], days["mart_aanbeveling"]) == (PEIL, date(2026, 9, 30))
    judged(facts.engine("hub_eigenaar"), broken=0)
    quality = read(reader, "SELECT * FROM rapportage.mart_kwaliteit")
    assert quality.empty, "it counts closed months"

    # A suppressor that fails: the attack stops the publication, the former one stands.
    def careless(stelsel, *, k, seconden, seed=0):  # type: ignore[no-untyped-def]
        found = protect(stelsel, k=k, seed=seed)
        return replace(found, verborgen=found.verborgen & (stelsel.waarden < k))

    monkeypatch.setattr(samenstellen, "protect", careless)
    with pytest.raises(PublicatieError, match="blijft staan"):
        publish(load, peildatum=date(2026, 8, 31))
    monkeypatch.undo()
    still = read(reader, "SELECT * FROM rapportage.mart_trechter ORDER BY 1, 2, 3, 4")
    pd.testing.assert_frame_equal(before, still)
    open_now = "SELECT tekst FROM hub.incident WHERE soort = 'publicatie_geweigerd' AND opgelost_op"
    owner = facts.engine("hub_eigenaar")
    assert len(read(owner, f"{open_now} IS NULL")) == 1
    assert publish(load, peildatum=PEIL, again=True) is not None
    assert len(read(owner, f"{open_now} IS NULL")) == 0

    # Open data: all marts, and only marts, described; the folder is replaced whole.
    folder = tmp_path / "data"
    written = export_marts(reader, folder)
    assert written["mart_trechter"] == len(before)
    described = json.loads((folder / "kolommen.json").read_text(encoding="utf-8"))
    assert set(described["marts"]) == set(load_marts())
    stems = {path.stem for path in folder.iterdir()}
    assert stems == set(load_marts()) | {"kolommen"}
    csv = pd.read_csv(folder / "mart_trechter.csv")
    assert list(csv.columns) == list(described["marts"]["mart_trechter"]["kolommen"])
    # A hidden number is words: no empty field, no 0; the same words for every hidden number.
    hidden = csv[csv["afgeschermd"]]
    assert len(hidden) == int(before["afgeschermd"].sum()) > 0
    assert set(hidden["aantal"]) == {"minder dan 5 of afgeschermd"}
    assert csv.loc[~csv["afgeschermd"], "aantal"].str.fullmatch("[0-9]+").all()
    parquet = pd.read_parquet(folder / "mart_trechter.parquet")
    assert str(parquet["aantal"].dtype) == "Int64"
    assert (parquet["aantal"].isna() == parquet["afgeschermd"]).all()
    assert parquet["aantal_tekst"].tolist() == csv["aantal"].tolist()
    assert described["marts"]["mart_trechter"]["peildatum"] == "2026-10-31"
    assert export_marts(reader, folder) == written
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    (tmp_path / "ander").mkdir()
    (tmp_path / "ander" / "brief.txt").write_text("x")
    with pytest.raises(OpendataError, match="other files"):
        export_marts(reader, tmp_path / "ander")


def test_a_reader_never_sees_half_a_publication(facts: HubDatabase) -> None:
    load, reader = facts.engine("hub_rapportage"), facts.engine("hub_dashboard")
    days = [date(2026, 9, 30), date(2026, 10, 31)]
    publish(load, peildatum=days[0])
    names = [naam for naam, mart in load_marts().items() if mart.personen]
    seen: set[tuple[object, ...]] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            with reader.execution_options(isolation_level="REPEATABLE READ").connect() as snapshot:
                stand = snapshot.execute(
                    text("SELECT DISTINCT peildatum FROM rapportage.mart_stand")
                ).all()
                counted = [
                    snapshot.execute(
                        text(f"SELECT count(*), sum(aantal) FROM rapportage.{naam}")
                    ).one()
                    for naam in names
                ]
                snapshot.rollback()
            # One statement by itself sees a mart whole too, whatever the transaction.
            with reader.connect() as plain:
                total = plain.execute(
                    text("SELECT count(*) FROM rapportage.mart_trechter WHERE niveau = 'totaal'")
                ).scalar_one()
            seen.add((tuple(row[0] for row in stand), *map(tuple, counted), total))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for day in (days[1], days[0], days[1]):
            publish(load, peildatum=day, again=True)
    finally:
        ended.set()
        thread.join()
    assert all(len(row[0]) == 1 for row in seen), "marts of two publications at once"  # type: ignore[arg-type]
    assert {row[0][0] for row in seen} >= set(days)  # type: ignore[index]
    assert len(seen) <= 4, "each look is one of the publications, whole"
    assert {row[-1] for row in seen} == {len(STEPS)}


def test_a_publication_gives_up_when_the_database_takes_too_long(
    facts: HubDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config("publicatie") | {"opdracht_seconden": 1}
    monkeypatch.setattr(publiceren, "load_config", lambda name: config)
    load, owner = facts.engine("hub_rapportage"), facts.engine("hub_eigenaar")
    with owner.begin() as busy:
        busy.execute(text("LOCK TABLE rapportage.fct_dossier"))
        with pytest.raises(OperationalError, match="statement timeout"):
            publish(load, peildatum=PEIL)
    assert publish(load, peildatum=PEIL) is not None


def test_a_publication_knows_what_the_last_one_showed(facts: HubDatabase) -> None:
    load = facts.engine("hub_rapportage")
    publish(load, peildatum=date(2026, 9, 30))
    marts = {naam: mart for naam, mart in load_marts().items() if mart.personen}
    with load.connect() as connection:
        vorige = publiceren._fetch_vorige(connection, marts)
    assert set(vorige.waar) == set(marts)
    for naam in marts:
        true, shown = vorige.waar[naam], vorige.getoond[naam]
        assert len(true) == len(shown) > 0
        open_now = shown["aantal"].notna()
        keys = ["niveau", *marts[naam].sleutels]
        both = shown[open_now].fillna("").merge(true.fillna(""), on=keys)
        assert len(both) == int(open_now.sum())
        assert (both["aantal_x"] == both["aantal_y"]).all()


def test_marts_that_hang_together_are_held_back_together() -> None:
    marts = load_marts()
    held = keep_back(marts, {"fct_dossier"})
    assert held >= {"mart_trechter", "mart_kanaal", "mart_label", "mart_doorlooptijd"}
    assert not held & {"mart_partner", "mart_koppeling"}
    # A mart that breaks a rule of its own is mended by replacing it.
    assert keep_back(marts, {"mart_kanaal"}) == set()
    assert keep_back(marts, {"fct_aanvraag"}) == {"mart_aanvraag"}
    assert keep_back(marts, set()) == set()


def test_a_month_counts_some_days_after_its_end() -> None:
    assert last_closed_day(date(2026, 11, 5)) == date(2026, 9, 30)
    assert last_closed_day(date(2026, 11, 6)) == date(2026, 10, 31)
    assert last_closed_day(date(2026, 1, 3)) == date(2025, 11, 30)
