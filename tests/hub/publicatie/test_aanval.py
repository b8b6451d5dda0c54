"""No published set of tables lets a hidden count be bounded within k; the attack can find one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.publicatie.aanval import Uitslag, attack
from hub.publicatie.afschermen import protect
from hub.publicatie.declaratie import Mart, load_marts
from hub.publicatie.stelsel import build_stelsel
from hub.publicatie.tellen import count_all
from tests.hub.publicatie.cijfers import STAPPEN, finest, make_dossiers

K = 5
Tellingen = Mapping[str, pd.DataFrame]


def hide(tellingen: Tellingen, masks: Mapping[str, np.ndarray]) -> dict[str, pd.DataFrame]:
    return {
        naam: frame.assign(aantal=frame["aantal"].astype("Int64").mask(masks[naam]))
        for naam, frame in tellingen.items()
    }


def protected(marts: Mapping[str, Mart], tellingen: Tellingen) -> dict[str, np.ndarray]:
    stelsel = build_stelsel(marts, tellingen)
    hidden = protect(stelsel, k=K).verborgen
    return {naam: hidden[place] for naam, place in stelsel.plaats.items()}


def primary(tellingen: Tellingen) -> dict[str, np.ndarray]:
    return {
        naam: ((f["aantal"] > 0) & (f["aantal"] < K)).to_numpy() for naam, f in tellingen.items()
    }


def attack_protected(fijn: Mapping[str, pd.DataFrame]) -> Uitslag:
    marts = load_marts()
    tellingen = count_all(marts, fijn)
    masks = protected(marts, tellingen)
    for naam, small in primary(tellingen).items():
        assert masks[naam][small].all(), "a count under k is always hidden"
        assert not masks[naam][tellingen[naam]["aantal"] == 0].any(), "a zero is never hidden"
    return attack(marts, hide(tellingen, masks), k=K, waar=tellingen)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    vragen=st.sampled_from([1, 3, 8, 30]),
    maanden=st.integers(1, 14),
    wijken=st.integers(1, 6),
    seed=st.integers(0, 10_000),
)
def test_nothing_is_found_in_a_city_of_any_size(
    vragen: int, maanden: int, wijken: int, seed: int
) -> None:
    dossiers = make_dossiers(vragen=vragen, maanden=maanden, wijken=wijken, seed=seed)
    if len(dossiers):
        uitslag = attack_protected(finest(dossiers))
        assert uitslag.vondsten == ()


counts = st.one_of(st.sampled_from([0, 0, 1, 4, 5, 6]), st.integers(0, 40))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    table=st.lists(st.lists(counts, min_size=3, max_size=3), min_size=2, max_size=4),
    drop=st.lists(st.integers(0, 6), min_size=6, max_size=6),
)
def test_nothing_is_found_in_tables_made_to_give_counts_away(
    table: list[list[int]], drop: list[int]
) -> None:
    rows = []
    for w, months in enumerate(table):
        for m, aantal in enumerate(months):
            for i, stap in enumerate(STAPPEN[:7]):
                rows.append((f"2025-{m * 3 + 1:02d}-01", f"W{w}", stap, aantal))
                aantal = max(0, aantal - drop[i % len(drop)])
    fijn = pd.DataFrame(rows, columns=["periode", "wijk_code", "stap", "aantal"])
    kanaal = fijn[fijn.stap == "vraag"].rename(columns={"stap": "kanaal"}).assign(kanaal="mail")
    half = kanaal.assign(aantal=kanaal["aantal"] // 2, kanaal="balie")
    kanaal["aantal"] -= half["aantal"]
    uitslag = attack_protected(
        {"mart_trechter": fijn, "mart_kanaal": pd.concat([kanaal, half], ignore_index=True)}
    )
    assert uitslag.vondsten == ()


@pytest.fixture(scope="module")
def city() -> dict[str, pd.DataFrame]:
    dossiers = make_dossiers(vragen=60, maanden=14, wijken=5, seed=11)
    return count_all(load_marts(), finest(dossiers))


def test_hiding_only_what_is_small_is_found_out(city: Tellingen) -> None:
    found = attack(load_marts(), hide(city, primary(city)), k=K, waar=city)
    assert found.vondsten
    for vondst in found.vondsten:
        assert vondst.hoog - vondst.laag < K


def test_what_is_found_holds_the_truth(city: Tellingen) -> None:
    marts = load_marts()
    found = attack(marts, hide(city, primary(city)), k=K, waar=city)
    checked = 0
    for vondst in found.vondsten:
        if vondst.min is not None:
            continue
        frame = city[vondst.mart]
        keys = dict(vondst.cel)
        levels = [n for n, v in marts[vondst.mart].niveaus.items() if v.sleutels == set(keys)]
        same = frame["niveau"].isin(levels)
        for key, value in keys.items():
            same &= frame[key] == value
        values = frame.loc[same, "aantal"].tolist()
        assert any(vondst.laag <= value <= vondst.hoog for value in values)
        checked += 1
    assert checked > 10


@pytest.mark.parametrize("seed", range(3))
def test_showing_one_hidden_cell_more_can_be_found_out(city: Tellingen, seed: int) -> None:
    """The attack sees a suppressor that forgets: a cell in a line with one other."""
    marts = load_marts()
    masks = protected(marts, city)
    rng = np.random.default_rng(seed)
    seen = 0
    for _ in range(12):
        naam = "mart_trechter"
        cel = int(rng.choice(np.flatnonzero(masks[naam])))
        if city[naam]["aantal"].iloc[cel] < K:
            continue
        fewer = {key: mask.copy() for key, mask in masks.items()}
        fewer[naam][cel] = False
        seen += bool(attack(marts, hide(city, fewer), k=K, waar=city).vondsten)
    assert seen, "no secondary cell was of any use: nothing is tested"


def test_the_same_counts_are_hidden_the_same_way(city: Tellingen) -> None:
    first, second = (protected(load_marts(), city) for _ in range(2))
    assert all((first[naam] == second[naam]).all() for naam in city)


def test_a_total_adds_up_over_every_level(city: Tellingen) -> None:
    funnel = city["mart_trechter"]
    asked = funnel[funnel.stap == "vraag"].groupby("niveau")["aantal"].sum()
    assert asked.nunique() == 1
