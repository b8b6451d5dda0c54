"""Finest counts of made-up cities, as the marts count them."""

from __future__ import annotations

import numpy as np
import pandas as pd

STAPPEN = (
    "vraag", "start", "voorgevuld", "aangemeld", "ontvangen", "huisbezoek", "advies",
    "renovatieplan", "offertes", "opdracht", "uitvoering", "oplevering", "premie", "afgerond",
)  # fmt: skip
KANALEN = ("formulier", "telefoon", "mail", "balie")
LABELS = ("A", "B", "C", "D", "E", "F", "onbekend")
_BLIJFT = (1, 0.85, 0.95, 0.75, 0.95, 0.8, 0.85, 0.7, 0.7, 0.6, 0.9, 0.9, 0.7, 0.8)


def make_dossiers(*, vragen: int, maanden: int, wijken: int, seed: int) -> pd.DataFrame:
    """Return dossiers with a month, a neighbourhood, a channel, how far they are and labels."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(vragen, maanden)
    month = np.repeat(np.arange(maanden), count)
    n = len(month)
    starts = pd.date_range("2023-11-01", periods=maanden, freq="MS").strftime("%Y-%m-%d")
    reach, alive = np.zeros(n, int), np.ones(n, bool)
    for i, stays in enumerate(_BLIJFT):
        alive &= rng.random(n) < stays
        reach[alive] = i
    weights = rng.dirichlet(np.full(wijken, 4.0))
    return pd.DataFrame(
        {
            "periode": np.array(starts)[month],
            "wijk_code": [f"W{w:02d}" for w in rng.choice(wijken, n, p=weights)],
            "kanaal": rng.choice(KANALEN, n, p=[0.5, 0.3, 0.15, 0.05]),
            "reach": reach,
            "start": rng.choice(LABELS, n),
            "nu": rng.choice(LABELS, n),
            "sprong": rng.choice(["gelijk", "1 klasse", "2 klassen"], n),
        }
    )


def finest(dossiers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Count the dossiers by the keys of the marts that hang together through the funnel."""
    steps = [dossiers[dossiers.reach >= i].assign(stap=s) for i, s in enumerate(STAPPEN)]
    labels = [dossiers.assign(moment=m, epc_label=dossiers[m]) for m in ("start", "nu")]
    times = [
        dossiers[dossiers.reach >= i].assign(traject=t)
        for t, i in (("start", 1), ("advies", 6), ("afgerond", 13))
    ]
    return {
        "mart_trechter": _count(pd.concat(steps), ["periode", "wijk_code", "stap"]),
        "mart_kanaal": _count(dossiers, ["periode", "wijk_code", "kanaal"]),
        "mart_label": _count(pd.concat(labels), ["periode", "wijk_code", "moment", "epc_label"]),
        "mart_labelsprong": _count(
            dossiers[dossiers.reach >= 11], ["periode", "wijk_code", "sprong"]
        ),
        "mart_doorlooptijd": _count(pd.concat(times), ["periode", "wijk_code", "traject"]),
    }  # fmt: skip


def _count(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.groupby(keys).size().rename("aantal").reset_index()
