"""Who kept the last publication learns no more of a hidden count than who did not."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.publicatie.aanval import Uitslag, attack
from hub.publicatie.afschermen import protect
from hub.publicatie.declaratie import load_marts
from hub.publicatie.samenstellen import check, compose
from hub.publicatie.stelsel import build_stelsel
from hub.publicatie.tellen import count_all
from hub.publicatie.vorige import Vorige, join_vorige
from tests.hub.publicatie.cijfers import as_of, finest, make_dossiers

K = 5
NOTHING = Vorige({}, {})


def publish(dossiers: pd.DataFrame, vorige: Vorige, *, linked: bool = True) -> Vorige:
    """Return what is shown of these dossiers, and the truth, for the next publication."""
    tellingen = count_all(load_marts(), finest(dossiers))
    stelsel = build_stelsel(load_marts(), tellingen)
    whole = join_vorige(load_marts(), stelsel, tellingen, vorige) if linked else stelsel
    hidden = protect(whole, k=K).verborgen
    getoond = {
        naam: frame.assign(
            aantal=frame["aantal"].astype("Int64").mask(hidden[stelsel.plaats[naam]])
        )
        for naam, frame in tellingen.items()
    }
    return Vorige(tellingen, getoond)


def attack_both(nu: Vorige, vorige: Vorige) -> Uitslag:
    return attack(
        load_marts(), nu.getoond, k=K, waar=nu.waar, vorige=vorige.getoond, vorige_waar=vorige.waar
    )


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    vragen=st.sampled_from([2, 8, 20]),
    wijken=st.integers(1, 5),
    seed=st.integers(0, 10_000),
    corrections=st.sampled_from([0.0, 0.03]),
)
def test_nothing_is_found_by_who_kept_the_publication_before(
    vragen: int, wijken: int, seed: int, corrections: float
) -> None:
    dossiers = make_dossiers(vragen=vragen, maanden=9, wijken=wijken, seed=seed)
    rng = np.random.default_rng(seed)
    vorige = NOTHING
    for maand in (7, 8):
        # A correction: what was counted before is gone, or of another neighbourhood.
        dossiers = dossiers[rng.random(len(dossiers)) >= corrections]
        moved = rng.random(len(dossiers)) < corrections
        dossiers = dossiers.assign(wijk_code=dossiers.wijk_code.mask(moved, "W00"))
        there = as_of(dossiers, maand)
        if there.empty:
            return
        nu = publish(there, vorige)
        uitslag = attack_both(nu, vorige)
        assert uitslag.vondsten == () and uitslag.onbeslist == 0
        vorige = nu


@pytest.fixture(scope="module")
def months() -> list[pd.DataFrame]:
    dossiers = make_dossiers(vragen=30, maanden=10, wijken=4, seed=11)
    return [as_of(dossiers, 8), as_of(dossiers, 9)]


@pytest.fixture(scope="module")
def first(months: list[pd.DataFrame]) -> Vorige:
    return publish(months[0], NOTHING)


@pytest.fixture(scope="module")
def second(months: list[pd.DataFrame], first: Vorige) -> Vorige:
    return publish(months[1], first)


def test_a_publication_that_forgets_the_one_before_is_found_out(
    months: list[pd.DataFrame], first: Vorige, second: Vorige
) -> None:
    forgetful = publish(months[1], first, linked=False)
    assert attack_both(forgetful, NOTHING).vondsten == (), "by itself it is sound"
    found = attack_both(forgetful, first).vondsten
    assert found
    assert all(vondst.hoog - vondst.laag < K for vondst in found)
    assert attack_both(second, first).vondsten == ()


def test_what_was_hidden_and_did_not_change_stays_hidden(first: Vorige, second: Vorige) -> None:
    marts, kept = load_marts(), 0
    for naam, before in first.getoond.items():
        keys = ["niveau", *marts[naam].sleutels]
        both = pd.concat([before[keys], first.waar[naam]["aantal"].rename("waar")], axis=1)
        both = both.assign(hidden=before["aantal"].isna()).merge(
            second.waar[naam].rename(columns={"aantal": "nu"}), on=keys
        )
        both = both.merge(second.getoond[naam], on=keys)
        same = both[both.hidden & (both.waar == both.nu)]
        assert same["aantal"].isna().all()
        kept += len(same)
    assert kept > 20


def test_the_same_counts_again_hide_hardly_more(months: list[pd.DataFrame], first: Vorige) -> None:
    again = publish(months[0], first)
    hidden = [
        sum(int(f["aantal"].isna().sum()) for f in p.getoond.values()) for p in (first, again)
    ]
    assert hidden[0] <= hidden[1] <= 1.1 * hidden[0]
    assert attack_both(again, first).vondsten == ()


@pytest.mark.parametrize("after", [False, True], ids=["alone", "after another"])
def test_when_time_is_over_more_is_hidden_and_never_less(
    months: list[pd.DataFrame], first: Vorige, after: bool
) -> None:
    vorige = first if after else NOTHING
    tellingen = count_all(load_marts(), finest(months[1]))
    stelsel = build_stelsel(load_marts(), tellingen)
    whole = join_vorige(load_marts(), stelsel, tellingen, vorige)
    begun = time.process_time()
    ended = protect(whole, k=K, seconden=0)
    assert time.process_time() - begun < 5
    calm = protect(whole, k=K)
    assert ended.ruim and not calm.ruim
    assert (ended.verborgen | ~calm.verborgen).all()
    assert not ended.verborgen[whole.waarden == 0].any()


def test_what_is_hidden_when_time_is_over_holds_against_the_attack(
    months: list[pd.DataFrame], first: Vorige
) -> None:
    marts, fijn = load_marts(), finest(months[1])
    for vorige in (NOTHING, first):
        made = compose(marts, fijn, vorige, k=K, seconden=0)
        assert made.ruim
        check(marts, made, vorige, k=K, seconden=120)


def test_an_attack_that_does_not_end_is_no_acquittal(first: Vorige) -> None:
    uitslag = attack(load_marts(), first.getoond, k=K, waar=first.waar, seconden=0)
    assert uitslag.onbeslist > 0
